"""Rules and figures for a table: narrowed, counted by facet, sorted, one page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.web.columns import Stored, TableName

if TYPE_CHECKING:
    from kb import KnowledgeBase
    from kb.types import Filters

_FACETS: Mapping[TableName, tuple[tuple[str, str], ...]] = {
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
    """One page of the records that match; `total` counts all of them."""

    records: Sequence[Stored]
    total: int


def find_records(
    kb: KnowledgeBase, name: TableName, filters: Filters, sort: str, offset: int = 0, limit: int | None = None
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
    find = kb.rules if name == "rules" else kb.figures
    found = find(filters, limit=limit, offset=offset, distinct=True, sort=sort)
    return RecordPage(found.records, found.total)


def find_facets(kb: KnowledgeBase, name: TableName, filters: Filters) -> list[FacetCounts]:
    """What the records could be narrowed by; repetitions count each time."""
    facets = kb.facets(filters, of=(name,))
    counted = facets.rules if name == "rules" else facets.figures
    return [FacetCounts(slot, label, counted[slot][:_VALUES]) for slot, label in _FACETS[name] if counted[slot]]
