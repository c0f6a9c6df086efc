"""Rules and figures for a table: narrowed, counted by facet, sorted, one page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.web.columns import COLUMNS, Stored, TableName, amount_of

if TYPE_CHECKING:
    from kb import KnowledgeBase
    from kb.types import Filters

FACETS = {
    "rules": (("modality", "性质"), ("indicator", "指标"), ("scheme", "险种"), ("region", "地区"), ("status", "时效")),
    "figures": (("indicator", "指标"), ("scheme", "险种"), ("region", "地区"), ("kind", "单位类别")),
}
_VALUES = 10


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """A slot, and how many of the records have each value, the commonest first."""

    name: str
    label: str
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of the records that match, with what they could be narrowed by."""

    records: Sequence[Stored]
    total: int
    facets: tuple[FacetCounts, ...]


def find_records(
    kb: KnowledgeBase, name: TableName, filters: Filters, sort: str, offset: int, limit: int | None
) -> RecordPage:
    """Records that match all filters, repetitions folded.

    Args:
        kb: an open knowledge base.
        name: which table.
        filters: what to keep.
        sort: key of a column, `-key` for descending, empty for the order of documents.
        offset: records to skip.
        limit: page size, None for all.
    """
    records: list[Stored] = list(
        kb.rules(filters, distinct=True) if name == "rules" else kb.figures(filters, distinct=True)
    )
    if sort:
        records = _sorted(name, records, sort)
    end = None if limit is None else offset + limit
    facets = tuple(_facet(slot, label, records) for slot, label in FACETS[name])
    return RecordPage(records[offset:end], len(records), tuple(f for f in facets if f.values))


def _sorted(name: TableName, records: Sequence[Stored], sort: str) -> list[Stored]:
    key, descending = sort.lstrip("-"), sort.startswith("-")
    column = next((c for c in COLUMNS[name] if c.key == key), None)
    if column is None:
        return list(records)
    if key == "value":
        numbered = [r for r in records if amount_of(r) is not None]
        numbered.sort(key=lambda r: amount_of(r) or 0.0, reverse=descending)
        return [*numbered, *(r for r in records if amount_of(r) is None)]
    show = column.show
    filled = sorted((r for r in records if show(r)), key=show, reverse=descending)
    return [*filled, *(r for r in records if not show(r))]


def _facet(slot: str, label: str, records: Sequence[Stored]) -> FacetCounts:
    if slot in ("modality", "indicator", "kind"):
        counted = Counter(value for r in records if (value := getattr(r.record, slot, None)))
    else:
        show = next(c.show for c in COLUMNS["rules"] if c.key == slot)
        counted = Counter(value for r in records if (value := show(r)))
    return FacetCounts(slot, label, tuple(counted.most_common(_VALUES)))
