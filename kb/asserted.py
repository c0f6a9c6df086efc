"""Violations a report itself asserts: amounts it holds against a rule it quotes (不符合《…》“…”之规定)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from ingest.records import Extraction, Figure, Rule
from kb.simplify import simplified
from kb.types import DocumentRow, Finding, StoredFigure, StoredRule

_HELD = re.compile(r"不符合|违反了?|不符")
_WRONG = re.compile(r"重复|未[签按经]|违规|越级|超|乱|不明细|挪用|骗取|套取")
_PREFERENCE = ("prohibition", "obligation", "definition", "entitlement", "standard", "permission")


def find_asserted(report: Extraction, document: DocumentRow, judged: set[int]) -> Iterator[Finding]:
    """One finding for each amount of a paragraph that the paragraph holds against a quoted rule without a number.

    Args:
        report: the report.
        document: its document row.
        judged: starts of the figures already compared with a bound.
    """
    for start, end in _lines(report.text):
        line = simplified(report.text[start:end])
        held = _HELD.search(line)
        if held is None or len(line) != end - start:
            continue
        inside = [r for r in report.rules if start <= r.start < end and r.quoted_from]
        if not inside or any(r.comparator for r in inside):
            continue
        rule = min(inside, key=lambda r: _PREFERENCE.index(r.modality) if r.modality in _PREFERENCE else 9)
        for figure in report.figures:
            if (
                start <= figure.start < start + held.start()
                and figure.start not in judged
                and _is_wrong(line, figure, start)
            ):
                yield _finding(document, figure, rule)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.split("\n"):
        yield at, at + len(line)
        at += len(line) + 1


def _is_wrong(line: str, figure: Figure, start: int) -> bool:
    """Whether the words around a figure, outside brackets, call it wrong."""
    at = figure.start - start
    ahead = line[:at]
    if ahead.count("(") + ahead.count("（") > ahead.count(")") + ahead.count("）"):
        return False
    clause = max(ahead.rfind(mark) for mark in "，,。；;：:") + 1
    stop = re.compile(r"[，,。；;（(]").search(line, figure.end - start)
    around = line[clause : stop.start() if stop else len(line)]
    if figure.indicator == "institution_count":
        return False
    return figure.kind in ("money", "count") and bool(_WRONG.search(around))


def _finding(document: DocumentRow, figure: Figure, rule: Rule) -> Finding:
    return Finding(
        status="violation",
        indicator=figure.indicator,
        figure=StoredFigure(document, figure),
        rule=StoredRule(document, None, rule),
        margin=f"{Decimal(figure.value):+f}",
        unit=figure.unit,
        explanation=f"报告认定{figure.quote}不符合{rule.quoted_from}“{rule.quote}”的规定；该规定未设数量限额，按零计差额。",
    )
