"""What there is to filter by: the values of each slot, with how many documents, rules or figures have them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, func, select

from kb.filters import figure_conditions, in_force, rule_conditions
from kb.schema import documents, figures, rules, versions
from kb.store import Store
from kb.types import Filters
from kb.validity import status_on, view_of

MOST = 200
PARTS = ("documents", "rules", "figures")
_DOCUMENTS = ("kind", "level", "region", "issuer", "script")

Counted = tuple[tuple[str, int], ...]
"""(value, count), most frequent first."""


@dataclass(frozen=True, slots=True)
class Facets:
    """Values by slot, at most `MOST` of each; normalized to simplified characters for rules and figures."""

    documents: Mapping[str, Counted]
    rules: Mapping[str, Counted]
    figures: Mapping[str, Counted]


def count_facets(store: Store, filters: Filters, of: Collection[str] = PARTS) -> Facets:
    """The facets of what matches some filters.

    Args:
        store: the truth.
        filters: what to count.
        of: which of `PARTS` are wanted; the others stay empty.
    """
    here = versions.c.id.in_(in_force(filters))
    near = versions.c.id.in_(in_force(filters, by_region=False))
    status = status_on(view_of(filters))
    counted: dict[str, dict[str, Counted]] = {part: {} for part in PARTS}
    if "documents" in of:
        columns: dict[str, ColumnElement[str]] = {name: versions.c[name] for name in _DOCUMENTS}
        columns |= {"status": status, "collection": documents.c.collection}
        counted["documents"] = {name: _count(store, column, None, here) for name, column in columns.items()}
    if "rules" in of:
        slots = _slots(rules, status) | {"modality": rules.c.modality}
        conditions = rule_conditions(filters)
        counted["rules"] = {name: _count(store, column, rules, near, *conditions) for name, column in slots.items()}
    if "figures" in of:
        conditions = figure_conditions(filters)
        counted["figures"] = {
            name: _count(store, column, figures, near, *conditions) for name, column in _slots(figures, status).items()
        }
    return Facets(**counted)


def _slots(table: Table, status: ColumnElement[str]) -> dict[str, ColumnElement[str]]:
    """What rules and figures are counted by; a record that names no place has its document's."""
    return {
        **{name: table.c[name] for name in ("indicator", "kind")},
        **{name: table.c[f"{name}_s"] for name in ("scheme", "institution")},
        "region": func.coalesce(table.c.region_s, versions.c.region_s),
        "status": status,
    }


def _count(store: Store, column: ColumnElement[str], table: Table | None, *conditions: ColumnElement[bool]) -> Counted:
    base = versions.join(documents, documents.c.id == versions.c.document_id)
    if table is not None:
        base = base.join(table, table.c.version_id == versions.c.id)
    times = func.count()
    query = select(column, times).select_from(base).where(column.is_not(None), *conditions)
    with store.reading() as connection:
        rows = connection.execute(query.group_by(column).order_by(times.desc(), column).limit(MOST)).all()
    return tuple((str(value), int(number)) for value, number in rows)
