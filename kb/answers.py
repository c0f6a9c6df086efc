"""The rule records that answer a question about a measure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from ingest.records import Rule
from kb.address import readable_label
from kb.filters import in_force, rule_conditions
from kb.passages import Passage
from kb.question import AskedValue, Question
from kb.rows import record_from_json
from kb.schema import rules, versions
from kb.simplify import simplified
from kb.store import Store
from kb.types import Filters, StoredRule

_GENERIC = re.compile(r"(?:定点|公立)?(?:医疗|医药|卫生)*(?:机构|医院)$")
_EXCLUSIVE = ("institution", "service", "scheme")


def find_answers(
    store: Store,
    question: Question,
    filters: Filters,
    limit: int,
    passages: Sequence[tuple[int, Passage, float]],
) -> tuple[StoredRule, ...]:
    """Rules on the indicators a question asks for, those that fit it best first.

    A rule that states another institution, service or scheme than the question is left out; one that states none
    stays, after those that fit. So is a rule whose number does not lie where the question asks (低于60%).

    Args:
        store: the truth.
        question: what is asked; without indicators there is no answer.
        filters: where to look.
        limit: how many at most.
        passages: (version key, passage, score) of the passages found, whose rules come first among equals.
    """
    if not question.indicators:
        return ()
    query = (
        select(rules, versions.c.title_s, versions.c.region_s.label("document_region"))
        .join(versions, versions.c.id == rules.c.version_id)
        .where(versions.c.id.in_(in_force(filters, by_region=False)), *rule_conditions(filters))
        .where(rules.c.indicator.in_(list(question.indicators)), rules.c.value.is_not(None))
    )
    with store.reading() as connection:
        rows = [row for row in connection.execute(query) if _within(row, question.values)]
    found: dict[int, list[tuple[Passage, float]]] = {}
    for version, passage, score in passages:
        found.setdefault(version, []).append((passage, score))
    scored = [
        (fit + _nearness(row.start, found.get(row.version_id, ())), row)
        for row in rows
        if (fit := _fit(row, question)) is not None
    ]
    scored.sort(key=lambda pair: (-pair[0], pair[1].row))
    best = list({_content(row): row for _, row in reversed(scored)}.values())[::-1][:limit]
    documents = store.documents_by_key(sorted({row.version_id for row in best}))
    return tuple(
        StoredRule(documents[row.version_id], label_of(row.provision), record_from_json(Rule, row.record))
        for row in best
    )


def label_of(path: str | None) -> str | None:
    """The label people quote for a stored provision path."""
    return readable_label(path) if path else None


def _within(row: Row[Any], values: Sequence[AskedValue]) -> bool:
    """Whether a rule's number lies where the question asks: 报销比例低于60%的规定."""
    return all(value.meets(row.kind, row.value, row.unit) for value in values if value.comparator)


def _content(row: Row[Any]) -> tuple[object, ...]:
    """What two rules share that say the same: pages repeat themselves."""
    slots = (row.institution_s, row.service_s, row.population_s, row.scheme_s, row.region_s)
    return (row.version_id, row.provision, row.indicator, row.comparator, row.value, row.unit, *slots)


def _fit(row: Row[Any], question: Question) -> float | None:
    """How many slots of the question a rule meets; None when it contradicts one."""
    fit = 1.0 if row.kind in question.indicators[row.indicator] else 0.0
    fit += any(value.meets(row.kind, row.value, row.unit) for value in question.values)
    for slot in ("institution", "service", "population", "scheme"):
        asked = question.scopes.get(slot)
        if not asked:
            continue
        stated = getattr(row, f"{slot}_s") or (row.title_s if slot == "scheme" else None)
        if stated is None:
            continue
        if any(_same(word, stated) for word in asked):
            fit += 1
        elif slot in _EXCLUSIVE and getattr(row, f"{slot}_s"):
            return None
    places = (row.region_s, row.document_region)
    return fit + any(place and simplified(place)[:2] in question.text for place in places)


def _same(asked: str, stated: str) -> bool:
    """Whether two words for an institution, service or group can mean the same: 三级医院, 三级定点医疗机构."""
    core = _GENERIC.sub("", asked) or asked
    return core in stated or stated in asked


def _nearness(offset: int, passages: Sequence[tuple[Passage, float]]) -> float:
    return max((score for p, score in passages if p.start <= offset < p.end), default=0.0)
