"""A batch of checked reports as one page: the matrix of reports and rules, then each report."""

from __future__ import annotations

from html import escape
from pathlib import PurePath

from api.reports.checked import STATUS_SIGNS, STATUS_WORDS, Batch, CheckedReport, TextOf, count_statuses, describe_value
from api.reports.findings_html import checked_sections, verdict
from api.reports.matrix import Matrix, matrix_of
from api.reports.page import page, section, table
from api.reports.quotes import script_of
from api.screen import plain

_MOST_COLUMNS = 15
"""Rules side by side, as many as fit a landscape page."""


def batch_to_html(batch: Batch, text_of: TextOf) -> str:
    """All reports of a batch on one page that stands alone."""
    findings = [finding for checked in batch.reports for finding in checked.findings]
    worst, sentence = verdict(count_statuses(findings))
    wrong = sum(checked.wrong for checked in batch.reports)
    counted = f"共核查 {len(batch.reports)} 份报告，其中 {wrong} 份有问题"
    refused = f"；{len(batch.refused)} 份未能读取" if batch.refused else ""
    head = (
        '<header><p class="kicker">合规核查报告</p><h1>批量核查汇总</h1></header>'
        f'<p class="verdict {worst}">{counted}{refused}。{sentence}</p>'
    )
    parts = [head, section("matrix", "报告与规定对照", None, _matrix(batch.reports, matrix_of(batch.reports)))]
    parts.append(section("refused", "未能读取的文件", len(batch.refused), _refused(batch)))
    for number, checked in enumerate(batch.reports, start=1):
        language = script_of(checked.report.document.script)
        title = f'<h1 id="report-{number}"{language}>{number}. {escape(checked.title)}</h1>'
        inner = checked_sections(checked, text_of, f"r{number}-")
        parts.append(f'<article class="report">{title}{"".join(inner)}</article>')
    return page("批量核查汇总", parts)


def _refused(batch: Batch) -> str:
    rows = [(escape(PurePath(r.source).name), escape(plain(r.message.said("zh")))) for r in batch.refused]
    return table(("文件", "原因"), rows) if rows else ""


def _matrix(reports: tuple[CheckedReport, ...], matrix: Matrix) -> str:
    if not matrix.columns:
        return ""
    width = _MOST_COLUMNS
    blocks = [range(n, min(n + width, len(matrix.columns))) for n in range(0, len(matrix.columns), width)]
    signs = "　".join(f"{STATUS_SIGNS[s]} {STATUS_WORDS[s]}" for s in STATUS_SIGNS)
    note = f'<p class="note">{signs}　· 报告未涉及</p>'
    return "".join(_block(reports, matrix, block) for block in blocks) + note


def _block(reports: tuple[CheckedReport, ...], matrix: Matrix, columns: range) -> str:
    heads = "".join(
        f'<th class="rule" scope="col" title="{escape(c.place)}"><b>{escape(c.label)}</b> {escape(c.bound)}'
        f"<br>{escape(c.place)}</th>"
        for c in matrix.columns[columns.start : columns.stop]
    )
    rows = "".join(
        f'<tr><th scope="row"><a href="#report-{row + 1}">{row + 1}. {escape(checked.title)}</a></th>'
        + "".join(_cell(matrix, row, column) for column in columns)
        + "</tr>"
        for row, checked in enumerate(reports)
    )
    return (
        f'<div class="scroll"><table class="matrix"><thead><tr><th>报告</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _cell(matrix: Matrix, row: int, column: int) -> str:
    found = matrix.cells.get((row, column), ())
    if not found:
        return '<td><span class="blank">·</span></td>'
    status = found[0].status
    alike = [f for f in found if f.status == status]
    several = f"×{len(alike)}" if len(alike) > 1 else ""
    value = "" if several else escape(describe_value(found[0]))
    label = f'<span class="tint {status}" title="{STATUS_WORDS[status]}">{STATUS_SIGNS[status]}{several}</span>'
    return f"<td>{label}<small>{value}</small></td>"
