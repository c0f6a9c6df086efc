"""The rule records that answer a question about a measure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kb.address import readable_label
from kb.columns import RuleColumns
from kb.question import Question
from kb.types import Filters, StoredRule
from kb.validity import view_of

if TYPE_CHECKING:
    from kb.engine import Engine
    from kb.passages import Passage

Near = Mapping[int, Sequence[tuple["Passage", float]]]
_GENERIC = re.compile(r"(?:定点|公立)?(?:医疗|医药|卫生)*(?:机构|医院)$")
_SECOND = ("已废止", "已修改", None)
_OLDER = 1.0
"""What a rule no longer in force, or told by a document that is no norm, must fit better by to come before others."""
_POOL = 4
"""Times as many rules as are wanted are looked at for whether they are in force."""
_EXCLUSIVE = ("institution", "service", "scheme")


def find_answers(
    engine: Engine, question: Question, filters: Filters, limit: int, passages: Iterable[tuple[int, Passage, float]]
) -> tuple[StoredRule, ...]:
    """Rules on the indicators a question asks for, those that fit it best first.

    A rule that states another institution, service or scheme than the question is left out; one that states none
    stays, after those that fit. So is a rule whose number does not lie where the question asks (低于60%).

    Args:
        engine: the store and what is held of it.
        question: what is asked; without indicators there is no answer.
        filters: where to look.
        limit: how many at most.
        passages: (version key, passage, score) of the passages found, whose rules come first among equals.
    """
    generation = engine.state.generation
    near: dict[int, list[tuple[Passage, float]]] = {}
    for version, passage, score in passages:
        near.setdefault(version, []).append((passage, score))
    ranked: list[tuple[float, int, tuple[str, int]]] = []
    for indicator, kinds in question.indicators.items():
        columns = engine.held.rules_on(indicator, filters, generation)
        fit = _fit(columns, question, kinds) + _nearness(columns, near)
        for i in _best(fit, columns, _POOL * limit):
            ranked.append((-float(fit[i]), int(columns.rows[i]), (indicator, int(columns.contents[i]))))
    best: dict[tuple[str, int], tuple[int, float]] = {}
    for worse, row, content in sorted(ranked):
        best.setdefault(content, (row, worse))
    fits = dict(list(best.values())[: _POOL * limit])
    found = engine.held.rules(fits, generation, view_of(filters))
    ordered = sorted(found, key=lambda row: fits[row] + _OLDER * (found[row].document.status in _SECOND))
    return tuple(found[row] for row in ordered[:limit])


def label_of(path: str | None) -> str | None:
    """The label people quote for a stored provision path."""
    return readable_label(path) if path else None


def _fit(columns: RuleColumns, question: Question, kinds: Sequence[str]) -> NDArray[np.float64]:
    """How many slots of the question each rule meets; minus infinity when it contradicts one."""
    fit = columns.measures.judged(lambda measure: measure[0] in kinds)
    if question.values:
        fit += columns.measures.judged(lambda measure: any(value.meets(*measure) for value in question.values))
        bounds = [value for value in question.values if value.comparator]
        fit += columns.measures.judged(lambda m: 0.0 if all(value.meets(*m) for value in bounds) else -np.inf)
    for slot, column in columns.slots.items():
        if asked := question.scopes.get(slot):
            fit += column.judged(partial(_agreement, asked, slot in _EXCLUSIVE))
    return fit + columns.places.judged(lambda places: any(place and place in question.text for place in places))


def _agreement(asked: Sequence[str], exclusive: bool, statement: tuple[str | None, bool]) -> float:
    """1 where a rule states what is asked for, minus infinity where it states something else itself, 0 elsewhere."""
    stated, own = statement
    if stated is None:
        return 0.0
    if any(_same(word, stated) for word in asked):
        return 1.0
    return -np.inf if exclusive and own else 0.0


def _nearness(columns: RuleColumns, near: Near) -> NDArray[np.float64]:
    """The score of the best passage found that holds each rule."""
    nearness = np.zeros(len(columns.rows))
    for i in np.flatnonzero(np.isin(columns.versions, list(near))).tolist():
        start = columns.starts[i]
        scores = (score for p, score in near[int(columns.versions[i])] if p.start <= start < p.end)
        nearness[i] = max(scores, default=0.0)
    return nearness


def _best(fit: NDArray[np.float64], columns: RuleColumns, limit: int) -> NDArray[np.intp]:
    """The first `limit` rules that say different things, by fit and then by row."""
    order = np.lexsort((columns.rows, -fit))
    order = order[np.isfinite(fit[order])]
    firsts = np.sort(np.unique(columns.contents[order], return_index=True)[1])
    return order[firsts[:limit]]


def _same(asked: str, stated: str) -> bool:
    """Whether two words for an institution, service or group can mean the same: 三级医院, 三级定点医疗机构."""
    core = _GENERIC.sub("", asked) or asked
    return core in stated or stated in asked
