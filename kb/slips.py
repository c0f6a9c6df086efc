"""Where a report's own arithmetic fails: claims its numbers do not give, and numbers it calls different itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ingest.records import Arithmetic, Extraction, Figure
from kb.explain import explain_slip
from kb.types import DocumentRow, Finding, StoredFigure


def find_slips(report: Extraction, document: DocumentRow) -> Iterator[Finding]:
    """Claims whose arithmetic fails, and numbers the text itself calls different."""
    figures = {f.start: f for f in report.figures}
    reproduced: dict[int, list[Arithmetic]] = {}
    for claim in report.arithmetic:
        if claim.consistent:
            reproduced.setdefault(claim.claim_start, []).append(claim)
    for claim in report.arithmetic:
        share = "/" in claim.formula
        if claim.consistent:
            if claim.formula == "o1-o2" and "不一致" in report.text[max(0, claim.claim_start - 12) : claim.claim_start]:
                yield from _disagreement(report, document, figures, claim.operands)
            continue
        if not share and any(set(c.operands) < set(claim.operands) for c in reproduced.get(claim.claim_start, ())):
            continue
        figure = figures.get(claim.claim_start) or _figure_at(report, claim.claim_start)
        if figure is None:
            continue
        computed = (c for c in reproduced.get(claim.claim_start, ()) if len(c.operands) > 1)  # one is a repetition
        other = next(computed, None)
        yield Finding(
            status="inconsistent",
            indicator=figure.indicator,
            figure=StoredFigure(document, figure),
            rule=None,
            margin=f"{Decimal(claim.stated) - Decimal(claim.recomputed):+f}",
            unit=figure.unit,
            explanation=explain_slip(report, claim, other),
            recomputed=claim.recomputed,
        )


def _disagreement(
    report: Extraction, document: DocumentRow, figures: dict[int, Figure], operands: Sequence[int]
) -> Iterator[Finding]:
    pair = sorted((figures[at] for at in operands if at in figures), key=lambda f: f.start)
    if len(pair) == 2:
        first, second = pair
        margin = Decimal(second.value) - Decimal(first.value)
        yield Finding(
            status="inconsistent",
            indicator=second.indicator,
            figure=StoredFigure(document, second),
            rule=None,
            margin=f"{margin:+f}",
            unit=second.unit,
            explanation=f"同一数据两处不一致：一处为{first.quote}，一处为{second.quote}，相差{abs(margin):f}{second.unit}。",
            recomputed=first.value,
        )


def _figure_at(report: Extraction, at: int) -> Figure | None:
    for q in report.quantities:
        if q.start == at:
            return Figure(q.start, q.end, q.quote, q.kind, q.value, q.unit, q.high, q.per, q.approx)
    return None
