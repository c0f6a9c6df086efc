"""Every table of a knowledge base as flat rows, read a document at a time: a large base needs no more memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

from ingest.errors import QueryError
from ingest.records import Citation, Figure, Provision, Quantity, Rule
from ingest.serialize import record_to_dict
from kb.answers import label_of
from kb.filters import figure_conditions, in_force, rule_conditions
from kb.flat import FlatTable, Row, flatten, record_columns
from kb.schema import citations, figures, passages, provisions, quantities, rules, versions
from kb.store import Store
from kb.types import DocumentRow, Filters, Relation
from kb.validity import view_of

_FIRST = ("title", "doc_number", "region", "effective", "status")
_LAST = ("id", "version", "source")
_Cells = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Spec:
    """A table of records: its columns between the document's, what it is read from, and a record from a row."""

    table: Table
    columns: tuple[str, ...]
    record: Callable[[Any], _Cells]
    conditions: Callable[[Filters], list[ColumnElement[bool]]] | None = None


def _stored(row: Any) -> _Cells:
    return {key: value for key, value in json.loads(row.record).items() if key not in ("cues", "confidence")}


def _plain(row: Any) -> _Cells:
    return dict(row._mapping)


def _labelled(row: Any) -> _Cells:
    return {"provision_label": label_of(row.provision), **_stored(row)}


_SPECS: Mapping[str, _Spec] = {
    "rules": _Spec(rules, ("provision_label", *record_columns(Rule)), _labelled, rule_conditions),
    "figures": _Spec(figures, record_columns(Figure), _stored, figure_conditions),
    "quantities": _Spec(quantities, record_columns(Quantity), _stored),
    "citations": _Spec(citations, record_columns(Citation), _stored),
    "provisions": _Spec(provisions, record_columns(Provision), _plain),
    "passages": _Spec(passages, ("path", "label", "start", "end", "quote"), _plain),
}
NAMES = ("documents", "versions", "relations", *_SPECS)
"""The tables there are: what is current, its history, what documents do to one another, and what was read in them."""


def export_table(store: Store, name: str, filters: Filters) -> FlatTable:
    """One table of what matches some filters.

    Args:
        store: the truth.
        name: one of `NAMES`.
        filters: as for a search; those that speak of contents narrow rules and figures alone.

    Raises:
        QueryError: there is no such table.
    """
    if name in _SPECS:
        return _of_records(store, name, filters)
    if name == "relations":
        return _of_relations(store, filters)
    if name not in NAMES:
        raise QueryError(f"{name!r} is no table; choose from {', '.join(NAMES)}")
    within = in_force(filters)
    if name == "versions":
        of = select(versions.c.document_id).where(versions.c.id.in_(within))
        within = select(versions.c.id).where(versions.c.document_id.in_(of))
    columns = record_columns(DocumentRow)
    return FlatTable(name, columns, _count(store, within), lambda: _rows(_documents(store, within, filters), columns))


def _of_records(store: Store, name: str, filters: Filters) -> FlatTable:
    spec = _SPECS[name]
    within = in_force(filters, by_region=spec.conditions is None)
    conditions = spec.conditions(filters) if spec.conditions else []
    counted = (
        select(spec.table.c.version_id)
        .join(versions, versions.c.id == spec.table.c.version_id)
        .where(spec.table.c.version_id.in_(within), *conditions)
    )
    columns = (*(f"document.{name}" for name in _FIRST), *spec.columns, *(f"document.{name}" for name in _LAST))

    def read() -> Iterator[_Cells]:
        for key, document in store.documents(within, view_of(filters)):
            shared = {f"document.{name}": getattr(document, name) for name in (*_FIRST, *_LAST)}
            with store.reading() as connection:
                rows = _records(connection, spec, key, conditions)
            text = store.text(key) if rows and name == "passages" else ""
            for row in rows:
                record = spec.record(row)
                quote = {"quote": text[row.start : row.end]} if text else {}
                yield {**record, **quote, **shared}

    return FlatTable(name, columns, _count(store, counted), lambda: _rows(read(), columns))


def _records(connection: Connection, spec: _Spec, key: int, conditions: list[ColumnElement[bool]]) -> list[Any]:
    query = select(spec.table).join(versions, versions.c.id == spec.table.c.version_id)
    order = spec.table.c.id if spec.table is passages else spec.table.c.row
    return list(connection.execute(query.where(versions.c.id == key, *conditions).order_by(order)).all())


def _of_relations(store: Store, filters: Filters) -> FlatTable:
    within = in_force(filters)
    own = (*(f"document.{name}" for name in _FIRST), "document.id", "document.version")
    columns = (*own, "kind", "since", "by.title", "by.doc_number", "by.id", "quote", "start", "end")

    def read() -> Iterator[_Cells]:
        for document, one in _related(store, within, filters):
            by = {"by.title": one.title, "by.doc_number": one.doc_number, "by.id": one.document}
            place = {name: getattr(one, name) for name in ("kind", "since", "quote", "start", "end")}
            yield {**by, **place, **{name: getattr(document, name.partition(".")[2]) for name in own}}

    return FlatTable(
        "relations", columns, sum(1 for _ in _related(store, within, filters)), lambda: _rows(read(), columns)
    )


def _related(store: Store, within: Select[int], filters: Filters) -> Iterator[tuple[DocumentRow, Relation]]:
    for _, document in store.documents(within, view_of(filters)):
        for relation in document.relations:
            yield document, relation


def _documents(store: Store, within: Select[int], filters: Filters) -> Iterator[_Cells]:
    for _, document in store.documents(within, view_of(filters)):
        yield {key: value for key, value in record_to_dict(document).items() if key != "relations"}


def _rows(records: Iterator[_Cells], columns: tuple[str, ...]) -> Iterator[Row]:
    for record in records:
        row = flatten(record)
        yield tuple(row.get(column) for column in columns)


def _count(store: Store, query: Select[Any]) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
