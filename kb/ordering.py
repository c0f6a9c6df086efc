"""The order a table of rules or figures is given in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func

from kb.schema import documents, versions
from kb.validity import View, status_on

_STARTS = func.coalesce(versions.c.effective, versions.c.published, versions.c.adopted)
_OF_DOCUMENTS: dict[str, ColumnElement[Any]] = {
    "document": versions.c.title_s,
    "doc_number": versions.c.doc_number_s,
    "effective": _STARTS,
}
_OF_RECORDS = {
    "value": "amount",
    "modality": "modality",
    "indicator": "indicator",
    "kind": "kind",
    "period": "period",
    "scheme": "scheme_s",
    "population": "population_s",
    "institution": "institution_s",
    "service": "service_s",
}


def natural_order(table: Any) -> tuple[ColumnElement[Any], ...]:
    """By document and place."""
    title = func.coalesce(versions.c.title_s, "")
    return (title, documents.c.source, versions.c.version, table.c.start, table.c.row)


def order_by(table: Any, sort: str, view: View) -> tuple[ColumnElement[Any], ...]:
    """By one slot, then by document and place; records without it come last. An unknown slot changes nothing.

    Args:
        table: `rules` or `figures`, joined with `versions` and `documents`.
        sort: the slot, behind `-` for the largest first; empty for the natural order.
        view: the day that status is told for.
    """
    column = _column(table, sort.removeprefix("-"), view)
    if column is None:
        return natural_order(table)
    return (column.is_(None), column.desc() if sort.startswith("-") else column.asc(), *natural_order(table))


def _column(table: Any, slot: str, view: View) -> ColumnElement[Any] | None:
    if slot == "region":
        return func.coalesce(table.c.region_s, versions.c.region_s)
    if slot == "status":
        return status_on(view)
    if slot in _OF_DOCUMENTS:
        return _OF_DOCUMENTS[slot]
    name = _OF_RECORDS.get(slot)
    return table.c[name] if name is not None and name in table.c else None
