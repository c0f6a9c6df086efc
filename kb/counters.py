"""The values of the table `meta`; counters among them only go up."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from kb.schema import meta


def set_value(connection: Connection, key: str, value: str) -> None:
    """Sets a value."""
    if connection.execute(update(meta).where(meta.c.key == key).values(value=value)).rowcount == 0:
        connection.execute(insert(meta), {"key": key, "value": value})


def next_generation(connection: Connection) -> int:
    """Counts a change of the knowledge base; returns its number."""
    return advance(connection, "generation", 1)


def advance(connection: Connection, key: str, by: int) -> int:
    """Adds to a counter of `meta` and returns its new value; counters never go back, so no id is given twice."""
    known = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    value = int(known or 0) + by
    set_value(connection, key, str(value))
    return value
