"""Rules from outside, indexed by what they measure, so that a figure meets only those that can speak of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.records import Figure
from kb.applicability import Fit, fit, periods_agree
from kb.deeds import Deed, deed_of_rule
from kb.simplify import simplified
from kb.types import StoredRule

TIMED = frozenset({"date", "duration"})
GENERIC_TIMES = frozenset({"deadline", "other"})
"""Indicators under which unlike lengths of time stand; only what is done tells them apart."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that no figure can tell apart but by their bounds; `deeds` has the words of each where time is bound."""

    rules: tuple[StoredRule, ...]
    deeds: tuple[Deed, ...]


class Rulebook:
    """Bounded rules by indicator and scope.

    A figure is fitted once with each group of rules of its indicator, and figures of one scope share the answer.
    """

    def __init__(self, rules: Iterable[StoredRule]) -> None:
        grouped: dict[str, dict[tuple[Any, ...], list[StoredRule]]] = {}
        for stored in rules:
            if key := _key(stored.record.indicator, stored.record.indicator_text, stored.record.kind):
                grouped.setdefault(key, {}).setdefault(_signature(stored), []).append(stored)
        self._groups = {key: [_group(same) for same in by.values()] for key, by in grouped.items()}
        self._fits: dict[tuple[Any, ...], list[tuple[Group, Fit]]] = {}

    @property
    def groups(self) -> Iterator[Group]:
        """Every group of rules."""
        return (group for groups in self._groups.values() for group in groups)

    @property
    def rules(self) -> Iterator[StoredRule]:
        """Every rule, in no order that means anything."""
        return (rule for group in self.groups for rule in group.rules)

    def fitting(self, figure: Figure, region: str | None) -> Sequence[tuple[Group, Fit]]:
        """The groups of rules that speak of `figure`, each with how well.

        Args:
            figure: a reported figure.
            region: the region the report is about.
        """
        signature = (region, *_figure_signature(figure))
        if signature not in self._fits:
            key = _key(figure.indicator, figure.indicator_text, figure.kind)
            found = ((group, fit(figure, group.rules[0], region, local=False)) for group in self._groups.get(key, ()))
            self._fits[signature] = [(group, fits) for group, fits in found if fits]
        return self._fits[signature]


def in_force(rules: Iterable[StoredRule], period: str | None) -> list[StoredRule]:
    """The rules of each document's newest issue that binds `period`, without those of documents repealed."""
    rules = list(rules)
    newest: dict[tuple[str, str], str] = {}
    for rule in rules:
        if periods_agree(period, rule.record, rule.document) is not None:
            key = _issue(rule)
            newest[key] = max(newest.get(key, ""), _effective(rule))
    return [r for r in rules if r.document.status != "已废止" and _effective(r) == newest.get(_issue(r), _effective(r))]


def _issue(rule: StoredRule) -> tuple[str, str]:
    document = rule.document
    return simplified(document.title or document.source), simplified(document.issuer or "")


def _effective(rule: StoredRule) -> str:
    return rule.document.effective or rule.document.published or ""


def _key(indicator: str | None, text: str | None, kind: str | None) -> str:
    """Where a rule or a figure is filed: its indicator, else the words of its own, else nowhere."""
    if kind in TIMED and indicator in GENERIC_TIMES:
        return "deadline"
    if indicator and indicator != "other":
        return indicator
    return f"other {simplified(text)[-3:]}" if text else ""


def _signature(stored: StoredRule) -> tuple[Any, ...]:
    record, document = stored.record, stored.document
    scope = record.scope
    slots = (scope.scheme, scope.institution, scope.service, scope.population, scope.period)
    kinds = (record.kind, record.unit, record.per, record.modality == "penalty")
    words = (record.indicator, record.indicator_text, record.base, record.actor)
    dates = (document.region, document.effective, document.published, document.adopted, document.repealed)
    return (*kinds, *words, *slots, *dates)


def _figure_signature(figure: Figure) -> tuple[Any, ...]:
    slots = (figure.scheme, figure.institution, figure.service, figure.population, figure.period)
    measured = (figure.indicator, figure.indicator_text, figure.base, figure.kind, figure.unit, figure.per)
    # Lengths of months and workdays depend on how many there are.
    return (*measured, *slots, figure.value if figure.kind == "duration" else None, figure.high is None)


def _group(rules: Sequence[StoredRule]) -> Group:
    timed = rules[0].record.kind in TIMED
    return Group(tuple(rules), tuple(deed_of_rule(rule.record) for rule in rules) if timed else ())
