"""Checked reports as a workbook for the reviewer: every finding with room for a verdict, and its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from api.present import (
    describe_bound,
    describe_figure,
    describe_quantity,
    describe_rule,
    describe_unit,
    sentence_around,
)
from api.reports.checked import (
    STATUS_WORDS,
    Batch,
    CheckedReport,
    TextOf,
    describe_provision,
    describe_value,
    finding_title,
    indicator_name,
    sorted_findings,
)
from api.reports.matrix import matrix_of
from api.reports.workbook import Page, pages_to_xlsx
from kb.flat import Value

if TYPE_CHECKING:
    from kb.types import Finding, StoredFigure, StoredRule

VERDICTS = ("属实", "误报", "待核实", "已整改")
"""What a reviewer may answer to a finding."""
_OPEN = ("复核结论", "复核意见", "复核人")


def batch_to_xlsx(batch: Batch, text_of: TextOf) -> bytes:
    """A workbook of 核查结果, 规定, 数据, 计算 and 缺失数字; for several reports also 汇总 and 未能读取."""
    reports = batch.reports
    pages = [_summary(batch)] if len(reports) + len(batch.refused) > 1 else []
    pages += [_findings(reports, text_of), _rules(reports), _figures(reports), _arithmetic(reports)]
    if any(checked.report.missing for checked in reports):
        pages.append(_missing(reports))
    if batch.refused:
        rows = tuple((refusal.source, refusal.message.said("zh")) for refusal in batch.refused)
        pages.append(Page("未能读取", ("文件", "原因"), rows))
    return pages_to_xlsx(pages)


def _summary(batch: Batch) -> Page:
    matrix = matrix_of(batch.reports)
    heads = [f"{c.label} {c.bound} {c.place}".strip() for c in matrix.columns]
    columns = ("报告", "文件", *(f"{n}. {head}" for n, head in enumerate(heads, start=1)))
    rows = tuple(
        (checked.title, checked.report.document.source, *(_word(matrix.status(row, c)) for c in range(len(heads))))
        for row, checked in enumerate(batch.reports)
    )
    return Page("汇总", columns, rows, upright=2)


def _word(status: str | None) -> str | None:
    return STATUS_WORDS[status] if status else None


def _findings(reports: tuple[CheckedReport, ...], text_of: TextOf) -> Page:
    columns = (
        "序号", "结论", *_OPEN, "事项", "报告数值", "规定", "差额", "单位", "重算结果", "把握", "说明",
        "报告原文", "规定原文", "规定出处", "报告", "报告位置", "规定位置",
    )  # fmt: skip
    rows: list[tuple[Value, ...]] = []
    for checked in reports:
        for finding in sorted_findings(checked.findings):
            rows.append(
                (len(rows) + 1, STATUS_WORDS[finding.status], *(None,) * 3, *_finding(checked, finding, text_of))
            )
    numeric = frozenset({"差额", "重算结果"})
    return Page("核查结果", columns, tuple(rows), numeric, {"复核结论": VERDICTS}, frozenset(_OPEN))


def _finding(checked: CheckedReport, finding: Finding, text_of: TextOf) -> tuple[Value, ...]:
    figure, rule = finding.figure, finding.rule
    said, place = _quoted(figure, text_of)
    ruled, source, source_place = _cited(rule, text_of)
    unit = describe_unit("pp" if finding.unit == "%" else finding.unit) if finding.margin else None
    return (
        finding_title(finding),
        describe_value(finding) or None,
        describe_bound(rule.record) if rule else None,
        finding.margin.removeprefix("+") if finding.margin else None,
        unit,
        finding.recomputed,
        round(finding.confidence, 2) if rule else None,
        finding.explanation,
        said,
        ruled,
        source,
        checked.title,
        place,
        source_place,
    )


def _quoted(stored: StoredFigure | None, text_of: TextOf) -> tuple[Value, Value]:
    if stored is None:
        return None, None
    record = stored.record
    words = "".join(sentence_around(text_of(stored), record.start, record.end))
    return words, f"{describe_provision(record.provision)} {_span(stored)}".strip()


def _cited(stored: StoredRule | None, text_of: TextOf) -> tuple[Value, Value, Value]:
    if stored is None:
        return None, None, None
    record, document = stored.record, stored.document
    words = "".join(sentence_around(text_of(stored), record.start, record.end))
    return words, f"《{document.title or document.source}》{describe_provision(record.provision)}", _span(stored)


def _span(stored: StoredFigure | StoredRule) -> str:
    return f"{stored.record.start + 1}–{stored.record.end}字"


def _rules(reports: tuple[CheckedReport, ...]) -> Page:
    """Each rule that a finding rests on, once, with how many findings do."""
    used: dict[tuple[str, int, int], tuple[StoredRule, int]] = {}
    for checked in reports:
        for finding in checked.findings:
            if finding.rule is not None:
                key = finding.rule.document.id, finding.rule.record.start, finding.rule.record.end
                used[key] = finding.rule, used.get(key, (None, 0))[1] + 1
    rows = tuple(
        (
            f"《{rule.document.title or rule.document.source}》",
            rule.document.doc_number,
            rule.document.effective,
            describe_provision(rule.record.provision),
            indicator_name(rule.record.indicator, rule.record.indicator_text),
            describe_rule(rule.record),
            describe_bound(rule.record),
            rule.record.quote,
            _span(rule),
            count,
        )
        for rule, count in used.values()
    )
    return Page(
        "规定", ("文件", "文号", "施行日期", "条款", "指标", "适用", "限值", "原文", "位置", "核查结果数"), rows
    )


def _figures(reports: tuple[CheckedReport, ...]) -> Page:
    columns = ("报告", "指标", "数据", "报告数值", "数值", "单位", "所属期间", "基数", "条目", "原文", "位置")
    return Page("数据", columns, tuple(_figure_rows(reports)), frozenset({"数值"}))


def _figure_rows(reports: tuple[CheckedReport, ...]) -> Iterator[tuple[Value, ...]]:
    for checked in reports:
        for f in checked.report.figures:
            name = indicator_name(f.indicator, f.indicator_text)
            where = describe_provision(f.provision), f.quote, f"{f.start + 1}–{f.end}字"
            value = describe_quantity(f), f.value, describe_unit(f.unit)
            yield (checked.title, name, describe_figure(f), *value, f.period, f.base, *where)


def _arithmetic(reports: tuple[CheckedReport, ...]) -> Page:
    from kb.explain import recomputed_amount, spelled_formula

    rows = tuple(
        (
            checked.title,
            "相符" if claim.consistent else "不符",
            claim.claim,
            spelled_formula(checked.report, claim),
            recomputed_amount(claim),
            claim.stated,
            claim.recomputed,
            f"{claim.claim_start + 1}字起",
        )
        for checked in reports
        for claim in sorted(checked.report.arithmetic, key=lambda c: (c.consistent, c.claim_start))
    )
    columns = ("报告", "核对", "文中所称", "算式", "重算结果", "所称数值", "重算数值", "位置")
    return Page("计算", columns, rows, frozenset({"所称数值", "重算数值"}))


def _missing(reports: tuple[CheckedReport, ...]) -> Page:
    rows = tuple(
        (
            checked.title,
            indicator_name(one.indicator, one.indicator_text),
            "".join(sentence_around(checked.report.text, one.start, one.end)),
            f"{one.start + 1}–{one.end}字",
        )
        for checked in reports
        for one in checked.report.missing
    )
    return Page("缺失数字", ("报告", "数据", "原文", "位置"), rows)
