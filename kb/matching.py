"""Which rule speaks of a figure: quoted by the report itself near the figure, or given from outside.

The nearest is applied: the report's own quotation first, then the lowest level of government, then the most specific.
A pair that cannot be compared is left out.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from heapq import nsmallest

from ingest.records import Extraction, Figure, Rule
from kb.applicability import fit, institution_levels, plain_words
from kb.comparison import Verdict, compare
from kb.deeds import Deed, same_deed, words_around
from kb.rulebook import MARGIN, TIMED, Candidate, Rulebook, settle
from kb.simplify import simplified
from kb.subjects import share_words
from kb.types import StoredRule

_MOST = 16  # limits kept for one figure, broken ones and nearest first
_LEAST_SHARE = Decimal("0.01")
_NEAR = 260
_RELATES = re.compile(r"规定|要求|上限|下限|限额|标准|目标|封顶|未?超过|未?达到|[低高少多晚早]于|不[足到]|比")
_EXEMPT = re.compile(r"除外|以外|除了?|但|另有规定|可以|不受|限制|不适用")
_HOSPITAL = re.compile(r"((?:[县市省区]|乡镇|镇|社区|村)(?:级|直)?[一-鿿]{0,6}?(?:医院|卫生院|卫生室|服务中心|服务站))")
_SHOP = re.compile(r"[该該本]店")
_PHARMACY = re.compile(r"药[店房]")
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
        "payment_cap",
        "settlement_quota",
        "late_fee_rate",
        "allocation_ratio",
        "reserve_fund_ratio",
        "markup_rate",
        "benefit_rate",
        "leave_days",
        "retention_period",
    }
)


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that speaks of a figure; `rank` orders rules, the smallest first."""

    rule: StoredRule
    verdict: Verdict
    local: bool
    score: float
    rank: tuple[float, ...]
    why: tuple[str, ...]

    @property
    def broken(self) -> bool:
        """Whether the figure breaks the rule beyond doubt."""
        return self.verdict.kept is False


class Places:
    """Lines and parts of a report, to tell what stands close to what."""

    def __init__(self, report: Extraction) -> None:
        self.text = report.text
        self.region = report.document.region
        self.institution = _subject(report)
        self._parts = [part.start for part in report.parts]
        self._figures = [figure.start for figure in report.figures]

    def part(self, at: int) -> int:
        """The number of the part around a position."""
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

    def placed(self, figure: Figure) -> Figure:
        """The figure with the institution its sentence names by example (县人民医院), or the report is about."""
        if figure.institution is not None:
            return figure
        named = _HOSPITAL.findall(self.clause(figure).partition(simplified(figure.quote))[0])
        institution = named[-1] if named else self.institution
        return replace(figure, institution=institution) if institution else figure

    def clause(self, figure: Figure) -> str:
        """The sentence around a figure, simplified."""
        start = max(self.text.rfind(stop, 0, figure.start) for stop in "。；;\n") + 1
        ends = [at for stop in "。；;\n" if (at := self.text.find(stop, figure.end)) >= 0]
        return simplified(self.text[max(start, figure.start - 120) : min(ends, default=len(self.text))][:240])


def _subject(report: Extraction) -> str | None:
    """The one kind of institution a report is about, where it is no level of hospitals: a pharmacy, say."""
    named = {plain_words(figure.institution) for figure in report.figures if figure.institution}
    kinds = {"药店" if _PHARMACY.search(name) else name for name in named}
    if not kinds and (_PHARMACY.search(plain_words(report.document.title)) or _SHOP.search(report.text)):
        return "药店"
    sole = next(iter(kinds)) if len(kinds) == 1 else None
    return sole if sole and not institution_levels(sole) else None


_Judged = tuple[bool, tuple[float, ...], Candidate, Verdict]


class OwnRules:
    """The bounded rules of a report itself: those it quotes from a document, and those next behind a figure."""

    def __init__(self, rules: Sequence[StoredRule], placed: Places) -> None:
        self._placed = placed
        self._all = sorted(rules, key=lambda stored: stored.record.start)
        self._starts = [stored.record.start for stored in self._all]
        self._quoted: dict[tuple[int, str | None], list[StoredRule]] = {}
        for stored in self._all:
            if stored.record.quoted_from:
                key = (placed.part(stored.record.start), stored.record.indicator)
                self._quoted.setdefault(key, []).append(stored)

    @property
    def indicators(self) -> set[str]:
        """What the quoted rules bound."""
        return {indicator for _, indicator in self._quoted if indicator}

    def matches(self, figure: Figure) -> list[Match]:
        """Those that speak of `figure`."""
        part = self._placed.part(figure.start)
        quoted = self._quoted.get((part, figure.indicator), []) if figure.indicator != "other" else []
        at = bisect_right(self._starts, figure.start)
        behind = [s for s in self._all[at : at + 1] if self._placed.part(s.record.start) == part]
        found = (self._match(figure, s) for s in {id(s): s for s in (*quoted, *behind)}.values())
        return _most_specific([match for match in found if match])

    def _match(self, figure: Figure, stored: StoredRule) -> Match | None:
        rule, placed = stored.record, self._placed
        adjacent = (rule.kind, rule.unit) == (figure.kind, figure.unit) and placed.adjacent(figure, rule)
        if rule.start == figure.start or not (adjacent or (rule.quoted_from and figure.indicator != "other")):
            return None
        if not adjacent and figure.kind in TIMED and not placed.close(figure.start, rule.start):
            return None
        found = fit(figure, stored, None, local=True)
        verdict = compare(figure, rule) if found or adjacent else None
        if verdict is None:
            return None
        score = found.score if found else 1.0
        why = found.why if found else ("上下文",)
        rank = (0.0 if adjacent else 1.0, -score, abs(rule.start - figure.start) / 1e6)
        return Match(stored, verdict, True, score, rank, why)


def given_matches(
    figure: Figure, book: Rulebook, placed: Places, slack: Decimal = Decimal(0), *, told: bool = False
) -> list[Match]:
    """Rules from outside that speak of this figure; set values only where no limit does.

    Args:
        figure: a figure of the report.
        book: the rules.
        placed: the report.
        slack: how far a derived value can be off by rounding.
        told: the report states the figure as what holds there, so that a set value binds it whatever it measures.
    """
    found = book.candidates(placed.placed(figure), placed.region or figure.region)
    candidates = found.all if found.settled else settle(_speaking(figure, found.all, placed))
    verdicts: dict[int, Verdict | None] = {}
    limits: list[_Judged] = []
    values: list[Match] = []
    for candidate in candidates:
        bound = candidate.bound
        if bound not in verdicts:
            record = candidate.rule.record
            verdicts[bound] = compare(figure, record, slack) if _of_one_size(figure, record) else None
        verdict = verdicts[bound]
        if verdict is None:
            continue
        if candidate.rule.record.comparator == "==":
            values.append(_match(candidate, verdict))
        else:
            limits.append((verdict.kept is not False, candidate.rank, candidate, verdict))
    if limits:
        nearest = nsmallest(_MOST, limits, key=lambda judged: judged[:2])
        return [_match(candidate, verdict) for _, _, candidate, verdict in nearest]
    by_document: dict[str, list[Match]] = {}
    for match in values:
        by_document.setdefault(match.rule.document.id, []).append(match)
    values = [m for same in by_document.values() for m in _of_one_document(same)]
    return [m for m in values if not m.broken or ((told or figure.indicator in _SET) and _based_alike(figure, m))]


def _match(candidate: Candidate, verdict: Verdict) -> Match:
    fitted = candidate.fit
    return Match(candidate.rule, verdict, False, fitted.score, candidate.rank, fitted.why)


def _speaking(figure: Figure, candidates: Sequence[Candidate], placed: Places) -> Iterator[Candidate]:
    """The candidates that are about the same deed and do not except the figure."""
    around = words_around(figure, placed.text)
    clause = placed.clause(figure)
    known: dict[Deed, bool] = {}
    for candidate in candidates:
        if candidate.deed is not None:
            if candidate.deed not in known:
                known[candidate.deed] = same_deed(around, candidate.deed)
            if not known[candidate.deed]:
                continue
        if candidate.rule.record.exceptions and _exempt(candidate.rule.record, clause):
            continue
        yield candidate


def _of_one_size(figure: Figure, rule: Rule) -> bool:
    """Whether two counts can be of one thing: a limit of five employees says nothing of 84,177 insured."""
    if figure.kind != "count" or not rule.value or not Decimal(figure.value) or not Decimal(rule.value):
        return True
    return _LEAST_SHARE <= Decimal(figure.value) / Decimal(rule.value) <= 1 / _LEAST_SHARE


def _based_alike(figure: Figure, match: Match) -> bool:
    """Whether a set rate is of what the figure is of; the base of one is compared with all the words of the other."""
    record = match.rule.record
    return record.kind != "percent" or not record.base or bool(figure.base) or share_words(figure, record)


def _exempt(rule: Rule, clause: str) -> bool:
    """Whether the sentence of a figure names what the rule excepts: 异地就医除外."""
    for exception in rule.exceptions:
        words = _EXEMPT.sub("", plain_words(exception))
        pairs = {words[i : i + 2] for i in range(len(words) - 1)}
        if pairs and sum(pair in clause for pair in pairs) / len(pairs) >= 0.6:
            return True
    return False


def _most_specific(matches: list[Match]) -> list[Match]:
    """The matches that agree with the figure in the most slots: a special limit overrides a general one."""
    best = max((m.score for m in matches), default=0.0)
    return [m for m in matches if m.score >= best - MARGIN]


def _of_one_document(values: list[Match]) -> list[Match]:
    """Of several set values in one document, the one the figure meets; the scope could not tell which is meant."""
    met = [m for m in values if m.verdict.kept]
    return met[:1] if met else values if len({m.rule.record.value for m in values}) == 1 else []
