"""What there is to filter by: the values of each slot, with how many documents, rules or figures have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from kb.filters import figure_conditions, in_force, rule_conditions
from kb.schema import documents, figures, rules, versions
from kb.store import Store
from kb.types import Filters

MOST = 200
_DOCUMENTS = ("kind", "level", "region", "issuer", "status", "script")
_RECORDS = ("indicator", "scheme", "institution", "kind")

Counted = tuple[tuple[str, int], ...]
"""(value, count), most frequent first."""


@dataclass(frozen=True, slots=True)
class Facets:
    """Values by slot, at most `MOST` of each; normalized to simplified characters for rules and figures."""

    documents: Mapping[str, Counted]
    rules: Mapping[str, Counted]
    figures: Mapping[str, Counted]


def count_facets(store: Store, filters: Filters) -> Facets:
    """The facets of what matches some filters."""
    here = versions.c.id.in_(in_force(filters))
    near = versions.c.id.in_(in_force(filters, by_region=False))
    columns = {name: versions.c[name] for name in _DOCUMENTS} | {"collection": documents.c.collection}
    ruled = {name: rules.c[_column(name)] for name in _RECORDS} | {"modality": rules.c.modality}
    reported = {name: figures.c[_column(name)] for name in _RECORDS}
    return Facets(
        {name: _count(store, column, here) for name, column in columns.items()},
        {name: _count(store, column, near, *rule_conditions(filters)) for name, column in ruled.items()},
        {name: _count(store, column, near, *figure_conditions(filters)) for name, column in reported.items()},
    )


def _column(name: str) -> str:
    return name if name in ("indicator", "kind") else f"{name}_s"


def _count(store: Store, column: ColumnElement[str], *conditions: ColumnElement[bool]) -> Counted:
    base = versions.join(documents, documents.c.id == versions.c.document_id)
    for table in (rules, figures):
        if getattr(column, "table", None) is table:
            base = base.join(table, table.c.version_id == versions.c.id)
    times = func.count()
    query = select(column, times).select_from(base).where(column.is_not(None), *conditions)
    with store.reading() as connection:
        rows = connection.execute(query.group_by(column).order_by(times.desc(), column).limit(MOST)).all()
    return tuple((str(value), int(number)) for value, number in rows)
