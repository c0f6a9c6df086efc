"""How what an older fadu stored comes to lie where the newest schema wants it; used by `migrations` alone."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, bindparam, insert, select, text, update

from kb.rows import PassagePlaces
from kb.schema import embeddings, passages

_VECTORS = text(
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


def _versions(connection: Connection) -> Iterator[int]:
    yield from connection.execute(select(passages.c.version_id).distinct()).scalars().all()
