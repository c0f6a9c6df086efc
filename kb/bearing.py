"""Which documents bear on which: repeal, amendment, a newer wording. Derived in SQL from what is stored.

Another document counts as the one meant when it has the number that is cited, else its title, began earlier and is not
of another place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, literal, null, or_, select, true

from ingest.records import Citation
from kb.acts import find_acts
from kb.schema import acts, documents, relations, versions
from kb.simplify import simplified
from kb.types import Bearing, Relation
from kb.validity import RENEWS, View, begins

_COLUMNS = ("version_id", "by_id", "kind", "since", "act")
_UNNAMED = ("修改", "修正", "修订", "废止")
"""Titles with these words name an act of the day; one of the same title is no newer wording of it."""


_BY = versions.alias("by_version")


def note_acts(connection: Connection, key: int, text: str, title: str | None, citations: Iterable[Citation]) -> None:
    """Stores what a version, a norm, says it does to others; arguments as `kb.acts.find_acts`."""
    names = ("kind", "since", "start", "end", "quote")
    rows = [
        {n: getattr(act, n) for n in names} | {"version_id": key, "title_key": act.title, "number_key": act.number}
        for act in find_acts(text, simplified(title or ""), citations)
    ]
    if rows:
        connection.execute(insert(acts), rows)


def link(connection: Connection, key: int) -> None:
    """Notes what a new version does to those stored, and what those do to it."""
    of, by = versions.alias("of_version"), versions.alias("by_version")
    for end in (of.c.id == key, by.c.id == key):
        for found in _found(of, by, end):
            connection.execute(insert(relations).from_select(_COLUMNS, found))


def link_anew(connection: Connection) -> None:
    """Notes everything again."""
    connection.execute(delete(relations))
    of, by = versions.alias("of_version"), versions.alias("by_version")
    for found in _found(of, by, true()):
        connection.execute(insert(relations).from_select(_COLUMNS, found))


def in_step(connection: Connection) -> bool:
    """Whether the relations stored are those that follow from the documents."""
    of, by = versions.alias("of_version"), versions.alias("by_version")
    stored = connection.execute(select(*(relations.c[name] for name in _COLUMNS))).all()
    found = [row for query in _found(of, by, true()) for row in connection.execute(query)]
    return sorted(map(repr, stored)) == sorted(map(repr, found))


def relations_query(within: Select[int], view: View) -> Select[Any]:
    """Selects what was or will be done to some versions, by the day it takes effect; read by `find_relations`."""
    by = _BY
    columns = (by.c.document_id, by.c.version, by.c.title, by.c.doc_number, relations.c.since)
    query = (
        select(relations.c.version_id, relations.c.kind, *columns, acts.c.quote, acts.c.start, acts.c.end)
        .select_from(
            relations.join(by, by.c.id == relations.c.by_id)
            .join(documents, documents.c.id == by.c.document_id)
            .outerjoin(acts, acts.c.row == relations.c.act)
        )
        .where(relations.c.version_id.in_(within), by.c.current.is_not(False))  # `= true` makes SQLite begin with it
        .order_by(relations.c.since, relations.c.row)
    )
    if view.collections is not None:
        query = query.where(documents.c.collection.in_(sorted(view.collections)))
    return query


def find_relations(
    connection: Connection, query: Select[Any], values: Mapping[str, Any]
) -> Iterator[tuple[int, Relation]]:
    """(version key, what was or will be done to it), as a `relations_query` and the values of its parameters give."""
    for row in connection.execute(query, values):
        assert row.kind in get_args(Bearing)
        named = (f"{row.document_id}@{row.version}", row.title, row.doc_number, row.since)
        yield row.version_id, Relation(row.kind, *named, row.quote or "", row.start, row.end)


def _found(of: Any, by: Any, end: ColumnElement[bool]) -> Iterator[Select[Any]]:
    """Rows of `relations` between two aliases of `versions`, one query for each way to name a document."""
    others = and_(of.c.document_id != by.c.document_id, of.c.status.is_not(None), _earlier(of.c, by.c), end)
    by_number = and_(acts.c.number_key.is_not(None), acts.c.number_key == of.c.number_key)
    unnumbered = or_(acts.c.number_key.is_(None), of.c.number_key.is_(None))
    by_title = and_(acts.c.title_key == of.c.title_key, unnumbered, _same_place(of.c, by.c))
    for named in (by_number, by_title):
        yield (
            select(of.c.id, by.c.id, acts.c.kind, func.coalesce(acts.c.since, begins(by.c)), acts.c.row)
            .select_from(acts.join(by, by.c.id == acts.c.version_id).join(of, named))
            .where(others)
        )
    wording = (of.c.title_key == by.c.title_key, of.c.kind == "regulation", by.c.kind == "regulation")
    yield (
        select(of.c.id, by.c.id, literal(RENEWS), begins(by.c), null())
        .select_from(of.join(by, and_(*wording)))
        .where(others, begins(of.c).is_not(None), begins(by.c).is_not(None), _same_issuer(of.c, by.c))
        .where(*(~of.c.title_key.contains(word) for word in _UNNAMED))
    )


def _earlier(former: Any, later: Any) -> ColumnElement[bool]:
    """Whether one begins before another, or either day is unknown; 2024 is not before 2024-05-01."""
    a, b = begins(former), begins(later)
    return or_(a.is_(None), b.is_(None), and_(a < b, func.substr(b, 1, func.length(a)) != a))


def _same_place(a: Any, b: Any) -> ColumnElement[bool]:
    within = or_(a.region_s.contains(b.region_s), b.region_s.contains(a.region_s))
    return or_(a.region_s.is_(None), b.region_s.is_(None), within)


def _same_issuer(a: Any, b: Any) -> ColumnElement[bool]:
    """The same body, else the same place; of two that name neither, the title decides."""
    nobody = and_(*(column.is_(None) for column in (a.issuer_s, b.issuer_s, a.region_s, b.region_s)))
    return or_(a.issuer_s == b.issuer_s, a.region_s == b.region_s, nobody)
