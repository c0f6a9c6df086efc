"""A checked report as a page: what is wrong first, with both quotes; what could not be decided, and why; what holds."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import PurePath
from typing import TYPE_CHECKING

from api.present import describe_bound, describe_document, describe_figure, describe_quantity, sentence_around
from api.reports.charts import findings_chart, limit_chart
from api.reports.checked import (
    STATUS_SIGNS,
    STATUS_WORDS,
    STATUSES,
    CheckedReport,
    TextOf,
    count_statuses,
    describe_margin,
    describe_value,
    finding_title,
    indicator_name,
    sorted_findings,
)
from api.reports.page import facts, page, section, table
from api.reports.quotes import marked, place_in_words, quote_block, script_of
from api.screen import plain

if TYPE_CHECKING:
    from ingest.records import Arithmetic
    from kb.types import DocumentRow, Finding, FindingStatus, StoredFigure

_MOST_UNCOMPARED = 200


def checked_to_html(checked: CheckedReport, text_of: TextOf) -> str:
    """One report's findings as a page that stands alone."""
    return page(f"核查报告：{checked.title}", [_head(checked), *checked_sections(checked, text_of)])


def checked_sections(checked: CheckedReport, text_of: TextOf, prefix: str = "") -> list[str]:
    """The parts of a checked's page below its head; `prefix` keeps anchors of several reports apart."""
    found = sorted_findings(checked.findings)
    numbered = list(enumerate(found, start=1))
    parts = [_summary(checked, prefix)]
    for status in STATUSES[:3]:
        cards = [_card(checked, n, f, text_of, prefix) for n, f in numbered if f.status == status]
        extra = _undecided(checked) if status == "undetermined" else ""
        parts.append(section(f"{prefix}{status}", STATUS_WORDS[status], len(cards), *cards, extra))
    kept = [f for f in found if f.status == "compliant"]
    parts.append(section(f"{prefix}compliant", STATUS_WORDS["compliant"], len(kept), _kept(kept)))
    claims = checked.report.arithmetic
    parts.append(section(f"{prefix}arithmetic", "报告自身的计算", len(claims), _arithmetic(checked, claims)))
    return parts


def _head(checked: CheckedReport) -> str:
    document = checked.report.document
    head = f'<p class="kicker">合规核查报告</p><h1{script_of(document.script)}>{escape(checked.title)}</h1>'
    return f"<header>{head}{facts(_about(checked))}</header>"


def _about(checked: CheckedReport) -> list[tuple[str, str | None]]:
    document = checked.report.document
    used = {describe_document(f.rule.document): None for f in checked.findings if f.rule}
    own = describe_document(_row(checked)) if checked.findings else ""
    sources = [name for name in used if name != own]
    return [
        ("文号", document.doc_number),
        ("发文机关", document.issuer or document.region),
        ("成文日期", document.published or document.adopted),
        ("文件", f"{PurePath(document.source).name}（SHA-256 {document.sha256[:12]}…）" if document.sha256 else None),
        ("所依规定", "；".join(sources) or ("报告自身所引" if used else "无")),
    ]


def _row(checked: CheckedReport) -> DocumentRow:
    from kb.check import document_row

    return document_row(checked.report)


def verdict(counts: dict[FindingStatus, int]) -> tuple[FindingStatus, str]:
    """The gravest status there is, and one sentence on all of them."""
    said = [f"{STATUS_WORDS[status]} {counts[status]} 项" for status in STATUSES if counts[status]]
    worst: FindingStatus = next((status for status in STATUSES if counts[status]), "undetermined")
    if not said:
        return worst, "没有可与规定比较的数据，也没有可复算的计算。"
    wrong = counts["violation"] + counts["inconsistent"]
    opening = f"发现 {wrong} 项问题：" if wrong else "未发现违反规定或自相矛盾之处："
    return worst, opening + "，".join(said) + "。"


def _summary(checked: CheckedReport, prefix: str) -> str:
    counts = count_statuses(checked.findings)
    worst, sentence = verdict(counts)
    tiles = "".join(_tile(status, count, prefix) for status, count in counts.items())
    chart = f"<figure>{findings_chart(checked.findings, f'{prefix}summary')}</figure>" if checked.findings else ""
    return f'<p class="verdict {worst}">{sentence}</p><ul class="tiles">{tiles}</ul>{chart}'


def _tile(status: FindingStatus, count: int, prefix: str) -> str:
    empty = "" if count else " none"
    sign = f'<span class="sign tint" aria-hidden="true">{STATUS_SIGNS[status]}</span>'
    inner = f'<b class="tint">{count}</b>{sign} {STATUS_WORDS[status]}'
    return f'<li class="{status}{empty}">' + (f'<a href="#{prefix}{status}">{inner}</a>' if count else inner) + "</li>"


def _card(checked: CheckedReport, number: int, finding: Finding, text_of: TextOf, prefix: str) -> str:
    status = finding.status
    margin = f'<span class="margin tint">{escape(describe_margin(finding))}</span>' if finding.margin else ""
    sign = f'<span class="sign" aria-hidden="true">{STATUS_SIGNS[status]}</span>'
    head = (
        f'<header><span class="number">{number}</span><h3>{escape(finding_title(finding))}</h3>'
        f'<span class="tint">{sign}{STATUS_WORDS[status]}</span>{margin}</header>'
    )
    claims = _claims_of(checked, finding)
    operands = [span for claim in claims for span in _operand_spans(checked, claim)]
    operands += [(o.record.start, o.record.end) for o in finding.operands]
    quotes = "".join(
        quote_block(name, stored, text_of, operands if own else [], own=own)
        for name, stored, own in (("报告原文", finding.figure, True), (_rule_heading(finding), finding.rule, False))
        if stored is not None
    )
    quotes += "".join(
        quote_block("取数原文", operand, text_of, own=True) for operand in _operands_elsewhere(finding, text_of)
    )
    working = _claim_table(checked, claims) if claims else _working(finding)
    again = f'<div class="recomputed">{working}</div>' if working else ""
    chart = limit_chart(finding, f"{prefix}limit{number}")
    sure = f'<p class="note">匹配把握 {finding.confidence:.0%}</p>' if finding.rule else ""
    body = f'<p>{escape(finding.explanation)}</p>{chart}{again}<div class="quotes">{quotes}</div>{sure}'
    return f'<article class="card {status}" id="{prefix}finding-{number}">{head}{body}</article>'


def _operands_elsewhere(finding: Finding, text_of: TextOf) -> list[StoredFigure]:
    """The numbers a finding is computed from that stand outside the sentence it is shown at."""
    if finding.figure is None:
        return []
    record = finding.figure.record
    before, _, after = sentence_around(text_of(finding.figure), record.start, record.end)
    first, last = record.start - len(before), record.end + len(after)
    return [o for o in finding.operands if not first <= o.record.start < last]


def _rule_heading(finding: Finding) -> str:
    own = finding.rule and finding.figure and finding.rule.document.id == finding.figure.document.id
    return "报告所引规定" if own else "规定原文"


def _claims_of(checked: CheckedReport, finding: Finding) -> list[Arithmetic]:
    """The recomputations of the number a finding is about, where it is about arithmetic."""
    if finding.figure is None or finding.recomputed is None or finding.operands:
        return []
    at = finding.figure.record.start
    return sorted((c for c in checked.report.arithmetic if c.claim_start == at), key=lambda c: c.consistent)


def _operand_spans(checked: CheckedReport, claim: Arithmetic) -> list[tuple[int, int]]:
    return [(q.start, q.end) for q in checked.report.quantities if q.start in claim.operands]


def _claim_table(checked: CheckedReport, claims: Sequence[Arithmetic]) -> str:
    from kb.explain import recomputed_amount, spelled_formula

    rows = [
        (
            escape(plain(claim.claim)),
            escape(spelled_formula(checked.report, claim)),
            escape(recomputed_amount(claim)),
            '<span class="tint compliant">✓ 相符</span>'
            if claim.consistent
            else '<span class="tint inconsistent">≠ 不符</span>',
        )
        for claim in claims
    ]
    return table(("文中所称", "算式", "重算结果", "核对"), rows, ("value", "formula", "value", ""))


def _working(finding: Finding) -> str:
    """How a number that the report does not state came about."""
    from kb.explain import formula_of

    if not finding.operands or not finding.formula or not finding.recomputed:
        return ""
    spelled = formula_of(finding.formula, [plain(operand.record.quote) for operand in finding.operands])
    return table(("算式", "结果"), [(escape(spelled), escape(describe_value(finding)))], ("formula", "value"))


def _arithmetic(checked: CheckedReport, claims: Sequence[Arithmetic]) -> str:
    return _claim_table(checked, sorted(claims, key=lambda c: (c.consistent, c.claim_start))) if claims else ""


def _kept(findings: Sequence[Finding]) -> str:
    rows = [
        (
            escape(finding_title(f)),
            escape(describe_value(f)),
            escape(describe_bound(f.rule.record)) if f.rule else "",
            escape(describe_margin(f)),
            escape(place_in_words(f.rule)) if f.rule else "",
        )
        for f in findings
    ]
    return (
        table(("指标", "报告数值", "规定", "差额", "规定出处"), rows, ("name", "value", "value", "value", ""))
        if rows
        else ""
    )


def _undecided(checked: CheckedReport) -> str:
    """Numbers the copy lost, and figures no rule speaks of."""
    report = checked.report
    lost = [
        (escape(indicator_name(m.indicator, m.indicator_text)), marked(report.text, m.start, m.end))
        for m in report.missing
    ]
    parts = []
    if lost:
        parts.append(f'<p class="note">原文缺失 {len(lost)} 个数字，未作推测：</p>' + table(("数据", "原文"), lost))
    compared = {f.figure.record.start for f in checked.findings if f.figure}
    rest = [f for f in report.figures if f.start not in compared and f.indicator not in ("other", "share")]
    if rest:
        rows = [(escape(describe_figure(f)), escape(describe_quantity(f))) for f in rest[:_MOST_UNCOMPARED]]
        more = f"（列出前 {_MOST_UNCOMPARED} 项）" if len(rest) > _MOST_UNCOMPARED else ""
        parts.append(
            f"<details><summary>另有 {len(rest)} 项数据没有可比的规定{more}</summary>"
            + table(("数据", "数值"), rows, ("", "value"))
            + "</details>"
        )
    return "".join(parts)
