"""Rules from outside, indexed by what they measure, so that a figure meets only those that can speak of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ingest.records import Figure, Rule
from ingest.structure.authority import TIERS
from kb.applicability import Fit, fit, periods_agree, plain_words, schemes_agree, tier_rank
from kb.deeds import Deed, deed_of_rule
from kb.simplify import simplified
from kb.types import DocumentRow, StoredRule

TIMED = frozenset({"date", "duration"})
GENERIC_TIMES = frozenset({"deadline", "other"})
"""Indicators under which unlike lengths of time stand; only what is done tells them apart."""
_TAIWAN = frozenset({"法规命令", "法規命令", "自治规则", "自治規則", "行政规则", "行政規則"})
_TAIWAN_ARTICLE = re.compile(r"第[\d-]+條")
_SCHEMED = frozenset(
    {
        "contribution_rate",
        "benefit_rate",
        "benefit_amount",
        "benefit_period",
        "allocation_ratio",
        "funding_standard",
        "individual_contribution",
        "fiscal_subsidy",
    }
)
MARGIN = 0.2
"""How much worse than the best a fit may be and still count as equally specific."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that speaks of a figure by its scope.

    Attributes:
        rule: the rule.
        fit: how well their slots agree.
        rank: orders candidates, the nearest first: the lowest tier of government, then the most specific.
        bound: a number, equal for rules whose bounds are the same.
        deed: what the time is for, where only that tells which time is meant.
    """

    rule: StoredRule
    fit: Fit
    rank: tuple[float, ...]
    bound: int
    deed: Deed | None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates of figures of one scope; `settled` where neither words nor exceptions can still rule one out."""

    all: tuple[Candidate, ...]
    settled: bool


class Rulebook:
    """Bounded rules by indicator and scope.

    A figure is fitted once with each group of rules of its indicator that no scope tells apart, and figures of one
    scope share the answer. Rules of the other jurisdiction are left out: `tw` for Taiwan, `cn` for the mainland, empty
    where the report does not show which it is of; a scheme named tells by itself. `strict` for rules nobody chose for
    this report: what is set scheme by scheme then needs the scheme named.
    """

    def __init__(self, rules: Iterable[StoredRule], jurisdiction: str = "", *, strict: bool = False) -> None:
        self._strict = strict
        self._groups: dict[str, dict[str, dict[tuple[Any, ...], list[StoredRule]]]] = {}
        for stored in rules:
            if jurisdiction and not stored.record.scope.scheme and jurisdiction_of(stored) not in ("", jurisdiction):
                continue
            if key := _key(stored.record):
                schemes = self._groups.setdefault(key, {})
                same = schemes.setdefault(plain_words(stored.record.scope.scheme), {})
                same.setdefault(_signature(stored), []).append(stored)
        self._candidates: dict[tuple[Any, ...], Candidates] = {}
        self._tiers: dict[str, float] = {}
        self._bounds: dict[tuple[Any, ...], int] = {}

    @property
    def rules(self) -> Iterator[StoredRule]:
        """Every rule, in no order that means anything."""
        schemes = (groups for by_scheme in self._groups.values() for groups in by_scheme.values())
        return (rule for groups in schemes for group in groups.values() for rule in group)

    def deeds(self) -> Iterator[tuple[StoredRule, Deed]]:
        """The rules that set a length of time, each with what for."""
        for rule in self.rules:
            if rule.record.kind == "duration" and rule.record.indicator in GENERIC_TIMES:
                yield rule, deed_of_rule(rule.record)

    def candidates(self, figure: Figure, region: str | None) -> Candidates:
        """The rules that speak of `figure` by its scope.

        Args:
            figure: a reported figure.
            region: the region the report is about.
        """
        signature = (region, *_figure_signature(figure))
        found = self._candidates.get(signature)
        if found is None:
            found = self._candidates[signature] = self._find(figure, region)
        return found

    def _find(self, figure: Figure, region: str | None) -> Candidates:
        out = []
        scheme = plain_words(figure.scheme)
        schemes = self._groups.get(_key(figure), {})
        near = (groups for name, groups in schemes.items() if schemes_agree(scheme, name) is not None)
        for group in (group for groups in near for group in groups.values()):
            found = fit(figure, group[0], region, local=False)
            if found is not None and not (self._strict and _of_no_scheme(figure, group[0])):
                out += [self._candidate(figure, rule, found) for rule in group]
        open_ = any(c.deed or c.rule.record.exceptions for c in out)
        return Candidates(tuple(out) if open_ else tuple(settle(out)), not open_)

    def _candidate(self, figure: Figure, stored: StoredRule, found: Fit) -> Candidate:
        record, document = stored.record, stored.document
        if document.id not in self._tiers:
            tier = tier_rank(document)
            self._tiers[document.id] = float(len(TIERS) if tier is None else tier)
        timed = figure.kind == "date" or (record.kind == "duration" and record.indicator in GENERIC_TIMES)
        bound = (record.comparator, record.value, record.high, record.unit, record.per, record.approx, record.indicator)
        rank = (2.0, self._tiers[document.id], -found.score)
        number = self._bounds.setdefault(bound, len(self._bounds))
        return Candidate(stored, found, rank, number, deed_of_rule(record) if timed else None)


def jurisdiction_of(stored: StoredRule) -> str:
    """Whose law a rule is: `tw`, `cn`, or empty when the document does not show it."""
    record, document = stored.record, stored.document
    if record.unit == "TWD" or document.level in _TAIWAN or _TAIWAN_ARTICLE.search(record.provision or ""):
        return "tw"
    return "cn" if document.script == "hans" and record.provision else ""


def _of_no_scheme(figure: Figure, stored: StoredRule) -> bool:
    return bool(figure.scheme) and not stored.record.scope.scheme and figure.indicator in _SCHEMED


def settle(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Of each document the candidates that agree in the most slots; those of a special service before general ones."""
    by_document: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_document.setdefault(candidate.rule.document.id, []).append(candidate)
    kept = []
    for same in by_document.values():
        best = max(c.fit.score for c in same)
        kept += [c for c in same if c.fit.score >= best - MARGIN]
    return [c for c in kept if "项目" in c.fit.why] or kept


def in_force(rules: Iterable[StoredRule], period: str | None) -> list[StoredRule]:
    """The rules of each document's newest issue that binds `period`, without those of documents repealed by then."""
    rules = list(rules)
    newest: dict[tuple[str, str], str] = {}
    for rule in rules:
        if periods_agree(period, rule.record, rule.document) is not None:
            key = _issue(rule)
            newest[key] = max(newest.get(key, ""), _effective(rule))
    return [
        r for r in rules if not _bygone(r.document, period) and _effective(r) == newest.get(_issue(r), _effective(r))
    ]


def _bygone(document: DocumentRow, period: str | None) -> bool:
    """Whether a document is repealed, and no period is known to reach back to when it was not."""
    return document.status == "已废止" and not (period and document.ended)


def _issue(rule: StoredRule) -> tuple[str, str]:
    document = rule.document
    return simplified(document.title or document.source), simplified(document.issuer or "")


def _effective(rule: StoredRule) -> str:
    return rule.document.effective or rule.document.published or ""


def _key(record: Figure | Rule) -> str:
    """Where a rule or a figure is filed: its indicator, else the words of its own or its base, else nowhere."""
    indicator, text, kind = record.indicator, record.indicator_text or record.base, record.kind
    if kind in TIMED and indicator in GENERIC_TIMES:
        return "deadline"
    if indicator and indicator != "other":
        return indicator
    return f"other {simplified(text)[-2:]}" if text else ""


def _signature(stored: StoredRule) -> tuple[Any, ...]:
    record, document = stored.record, stored.document
    scope = record.scope
    slots = (scope.scheme, scope.institution, scope.service, scope.population, scope.period)
    kinds = (record.kind, record.unit, record.per, record.modality == "penalty")
    words = (record.indicator, record.indicator_text, record.base, record.actor)
    dates = (document.region, document.effective, document.published, document.adopted, document.ended)
    return (*kinds, *words, *slots, *dates)


def _figure_signature(figure: Figure) -> tuple[Any, ...]:
    slots = (figure.scheme, figure.institution, figure.service, figure.population, figure.period)
    measured = (figure.indicator, figure.indicator_text, figure.base, figure.kind, figure.unit, figure.per)
    # Lengths of months and workdays depend on how many there are.
    return (*measured, *slots, figure.value if figure.kind == "duration" else None, figure.high is None)
