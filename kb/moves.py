"""How what an older fadu stored comes to lie where the newest schema wants it; used by `migrations` alone."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, bindparam, insert, select, update
from sqlalchemy import text as sql

from ingest.records import Citation
from kb.bearing import link_anew, note_acts
from kb.rows import PassagePlaces, keys_of, record_from_json
from kb.schema import citations, embeddings, passages, texts, versions

_VECTORS = sql(
    "SELECT p.id, v.vector FROM passages p LEFT JOIN vectors v ON v.passage_id = p.id "
    "WHERE p.version_id = :version ORDER BY p.id"
)


def block_stored(connection: Connection) -> None:
    """Joins vectors stored one by one to one block a version; a version that lacks one gets none.

    `fadu doctor --repair` embeds what has no vector.
    """
    for version in _versions(connection):
        rows = connection.execute(_VECTORS, {"version": version}).all()
        if all(vector is not None for _, vector in rows):
            block = b"".join(vector for _, vector in rows)
            connection.execute(insert(embeddings), {"version_id": version, "first": rows[0][0], "vectors": block})


def place_stored(connection: Connection, table: Table) -> None:
    """Notes the passage each record of `rules` or `figures` stands in."""
    c = passages.c
    placed = update(table).where(table.c.row == bindparam("at")).values(passage=bindparam("inside"))
    for version in _versions(connection):
        spans = connection.execute(select(c.start, c.end, c.id).where(c.version_id == version).order_by(c.id)).all()
        places = PassagePlaces([(start, end, key) for start, end, key in spans])
        rows = connection.execute(select(table.c.row, table.c.start).where(table.c.version_id == version)).all()
        if rows:
            connection.execute(placed, [{"at": row, "inside": places.at(start)} for row, start in rows])


def relate_stored(connection: Connection) -> None:
    """Notes by what each document can be named, what it does to others, and what they do to it."""
    c = versions.c
    for row in connection.execute(select(c.id, c.title, c.title_s, c.doc_number, c.status)).all():
        connection.execute(update(versions).where(c.id == row.id).values(**keys_of(row.title_s, row.doc_number)))
        if row.status:
            text = connection.execute(select(texts.c.text).where(texts.c.version_id == row.id)).scalar_one()
            found = connection.execute(select(citations.c.record).where(citations.c.version_id == row.id)).scalars()
            note_acts(connection, row.id, text, row.title, [record_from_json(Citation, one) for one in found])
    link_anew(connection)


def _versions(connection: Connection) -> Iterator[int]:
    yield from connection.execute(select(passages.c.version_id).distinct()).scalars().all()
