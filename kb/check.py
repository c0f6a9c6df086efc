"""Checking a report: which figure breaks which rule and by how much, and where its own arithmetic fails.

For every figure the rules that speak of it are found — quoted by the report itself near the figure, or given from
outside — and the nearest is applied: the report's own quotation first, then the lowest level of government, then the
most specific. A pair that cannot be compared is left out; one that lacks what the comparison needs is undetermined.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from ingest.records import Arithmetic, Extraction, Figure, Rule
from ingest.structure.authority import TIERS
from kb.applicability import fit, tier_rank
from kb.asserted import find_asserted
from kb.comparison import holds, margin_of
from kb.explain import explain_bound, explain_slip
from kb.simplify import simplified
from kb.types import DocumentRow, Finding, StoredFigure, StoredRule

_TIMED = frozenset({"date", "duration"})
_NEAR = 260
_RELATES = re.compile(r"规定|要求|上限|下限|限额|标准|目标|封顶|未?超过|未?达到|[低高少多晚早]于|不[足到]|比")
_KIN = 0.5
# Indicators whose set value a report can break by reporting another one.
_SET = frozenset(
    {
        "contribution_rate",
        "reimbursement_ratio",
        "copay_ratio",
        "funding_standard",
        "individual_contribution",
        "fiscal_subsidy",
        "deductible",
        "settlement_quota",
    }
)


@dataclass(frozen=True, slots=True)
class _Match:
    """A rule that speaks of a figure; `rank` orders rules, the smallest first."""

    rule: StoredRule
    margin: Decimal
    kept: bool
    local: bool
    score: float
    rank: tuple[float, ...]
    why: tuple[str, ...]


def check_report(report: Extraction, rules: Iterable[StoredRule]) -> list[Finding]:
    """Findings of one report, in text order; slips of arithmetic stand beside the figures they concern.

    Args:
        report: the report as extracted.
        rules: rules from outside; those the report quotes are taken from the report itself.

    Returns:
        One finding per figure and nearest applicable rule, and one per claim whose arithmetic fails.
    """
    document = document_row(report)
    own = [StoredRule(document, None, rule) for rule in report.rules if rule.comparator]
    given = _in_force([r for r in rules if r.record.comparator and r.record.indicator], _year(report))
    by_indicator: dict[str | None, list[StoredRule]] = {}
    for rule in given:
        by_indicator.setdefault(rule.record.indicator, []).append(rule)
    placed = _Places(report)
    findings: list[Finding] = []
    judged: set[int] = set()
    for figure in report.figures:
        if figure.change is not None and figure.indicator != "growth_rate":
            continue
        matches = [*_own_matches(figure, own, placed), *_given_matches(figure, by_indicator, report)]
        if matches:
            judged.add(figure.start)
            findings.append(_finding(StoredFigure(document, figure), matches))
    findings += _slips(report, document)
    findings += find_asserted(report, document, judged)
    findings.sort(key=lambda f: (f.figure.record.start if f.figure else 0, f.status))
    return findings


def document_row(report: Extraction) -> DocumentRow:
    """The document row of something that is not stored."""
    names = {f.name for f in fields(DocumentRow)} & {f.name for f in fields(report.document)}
    return DocumentRow(**{name: getattr(report.document, name) for name in names})


def rules_from_extractions(extractions: Iterable[Extraction]) -> list[StoredRule]:
    """The bounded rules of documents that are not stored."""
    return [
        StoredRule(document_row(extraction), (rule.provision or "").rpartition("/")[2] or None, rule)
        for extraction in extractions
        for rule in extraction.rules
        if rule.comparator
    ]


class _Places:
    """Lines and parts of a report, to tell what stands close to what."""

    def __init__(self, report: Extraction) -> None:
        self.text = report.text
        self._parts = [part.start for part in report.parts]
        self._figures = [figure.start for figure in report.figures]

    def part(self, at: int) -> int:
        return bisect_right(self._parts, at)

    def close(self, a: int, b: int) -> bool:
        """Whether two positions share a line and stand within a few sentences of each other."""
        low, high = min(a, b), max(a, b)
        return high - low <= _NEAR and "\n" not in self.text[low:high]

    def adjacent(self, figure: Figure, rule: Rule) -> bool:
        """Whether `rule` is the next number behind `figure` in the same sentence: 用时42日，超过30日的规定期限."""
        between = self.text[figure.end : rule.start]
        if not 0 < len(between) <= 24 or any(stop in between for stop in "。；;\n"):
            return False
        if not _RELATES.search(simplified(between)):
            return False
        return bisect_right(self._figures, rule.start) == bisect_right(self._figures, figure.start)


def _own_matches(figure: Figure, own: Sequence[StoredRule], placed: _Places) -> list[_Match]:
    """Rules the report quotes from a document, or names as the very next number behind the figure."""
    matches = []
    for stored in own:
        rule = stored.record
        if rule.start == figure.start or placed.part(rule.start) != placed.part(figure.start):
            continue
        adjacent = (rule.kind, rule.unit) == (figure.kind, figure.unit) and placed.adjacent(figure, rule)
        if not adjacent and (not rule.quoted_from or figure.indicator == "other"):
            continue
        if not adjacent and figure.kind in _TIMED and not placed.close(figure.start, rule.start):
            continue
        found = fit(figure, stored, None, local=True)
        margin = margin_of(figure, rule) if found or adjacent else None
        if margin is None:
            continue
        score = found.score if found else 1.0
        why = found.why if found else ("上下文",)
        rank = (0.0 if adjacent else 1.0, -score, abs(rule.start - figure.start) / 1e6)
        matches.append(_Match(stored, margin, _kept(figure, rule, margin), True, score, rank, why))
    return _most_specific(matches)


def _given_matches(
    figure: Figure, by_indicator: dict[str | None, list[StoredRule]], report: Extraction
) -> list[_Match]:
    """Rules from outside that speak of this figure; set values only where no limit does."""
    if figure.indicator == "other":
        return []
    region = report.document.region or figure.region
    by_document: dict[str, list[_Match]] = {}
    for stored in by_indicator.get(figure.indicator, ()):
        rule = stored.record
        if rule.modality == "target" or (figure.kind in _TIMED and not _kin(figure, stored, report)):
            continue
        found = fit(figure, stored, region, local=False)
        margin = margin_of(figure, rule) if found else None
        if found is None or margin is None:
            continue
        rank = tier_rank(stored.document)
        match = _Match(
            stored,
            margin,
            _kept(figure, rule, margin),
            False,
            found.score,
            (2.0, float(len(TIERS) if rank is None else rank), -found.score),
            found.why,
        )
        by_document.setdefault(stored.document.id, []).append(match)
    matches = [m for group in by_document.values() for m in _of_one_document(_most_specific(group))]
    special = [m for m in matches if "项目" in m.why]
    matches = special or matches
    limits = [m for m in matches if m.rule.record.comparator != "=="]
    return limits or [m for m in matches if m.kept or figure.indicator in _SET]


def _most_specific(matches: list[_Match]) -> list[_Match]:
    """The matches that agree with the figure in the most slots: a special limit overrides a general one."""
    best = max((m.score for m in matches), default=0.0)
    return [m for m in matches if m.score >= best - 0.2]


def _of_one_document(matches: list[_Match]) -> list[_Match]:
    """Of several set values in one document, the one the figure meets; the scope could not tell which is meant."""
    met = [m for m in matches if m.kept and m.rule.record.comparator == "=="]
    if met:
        return met[:1]
    values = {m.rule.record.value for m in matches if m.rule.record.comparator == "=="}
    return [m for m in matches if m.rule.record.comparator != "==" or len(values) == 1]


def _kin(figure: Figure, stored: StoredRule, report: Extraction) -> bool:
    """Whether a deadline and a reported date or duration are about the same act, by the words around both."""
    around = simplified(report.text[max(0, figure.start - 40) : figure.end + 24])
    rule = stored.record
    words = simplified(" ".join(filter(None, (rule.action, rule.scope.condition, rule.actor))))
    grams = {words[i : i + 2] for i in range(len(words) - 1)}
    return bool(grams) and sum(g in around for g in grams) / len(grams) >= _KIN


def _kept(figure: Figure, rule: Rule, margin: Decimal) -> bool:
    """Whether the figure keeps the rule; a figure that is itself a bound is judged by its bound."""
    if rule.comparator == "==" and figure.comparator in (">=", "<="):
        return margin == 0
    if figure.comparator == "<" and rule.comparator in ("<=", "<"):
        return margin <= 0
    return holds(margin, rule)


def _finding(figure: StoredFigure, matches: Sequence[_Match]) -> Finding:
    broken = [m for m in matches if not m.kept]
    local = [m for m in matches if m.local]
    best = min(local or broken or matches, key=lambda m: m.rank)
    record = best.rule.record
    doubtful = record.approx or (
        figure.record.approx and abs(best.margin) < abs(Decimal(record.value or 1)) / 10
        if record.kind not in _TIMED
        else False
    )
    status = "undetermined" if doubtful else "compliant" if best.kept else "violation"
    others = [m.rule for m in broken if m.rule is not best.rule and not m.local]
    return Finding(
        status=status,  # type: ignore[arg-type]
        indicator=record.indicator if record.indicator != "other" else figure.record.indicator,
        figure=figure,
        rule=best.rule,
        margin=f"{best.margin:+f}" if best.margin else "0",
        unit="day" if record.kind == "date" else record.unit,
        explanation=explain_bound(figure, best.rule, best.margin, status, best.why, others),
    )


def _slips(report: Extraction, document: DocumentRow) -> Iterator[Finding]:
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
        other = next(iter(reproduced.get(claim.claim_start, ())), None)
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


def _year(report: Extraction) -> str | None:
    """The latest full year the report's figures belong to."""
    years = [f.period[:4] for f in report.figures if f.period and f.period[:4].isdigit()]
    return max(years, default=None)


def _in_force(rules: Sequence[StoredRule], year: str | None) -> list[StoredRule]:
    """The rules without those of older issues of the same document, and without those repealed."""
    newest: dict[tuple[str, str], str] = {}
    for rule in rules:
        document = rule.document
        effective = document.effective or document.published or ""
        if year and effective[:4] > year:
            continue
        key = (simplified(document.title or document.source), simplified(document.issuer or ""))
        newest[key] = max(newest.get(key, ""), effective)
    out = []
    for rule in rules:
        document = rule.document
        key = (simplified(document.title or document.source), simplified(document.issuer or ""))
        effective = document.effective or document.published or ""
        if document.status == "已废止" or effective != newest.get(key, effective):
            continue
        out.append(rule)
    return out
