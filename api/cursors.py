"""Cursors: where the next page of a list begins, whatever was added before it meanwhile."""

from __future__ import annotations

import base64

from ingest.errors import QueryError


def cursor_from(place: str | int) -> str:
    """An opaque cursor for the record a page ends with.

    >>> place_from(cursor_from("2e65c50b6499@1"))
    '2e65c50b6499@1'
    """
    return base64.urlsafe_b64encode(f"1:{place}".encode()).decode().rstrip("=")


def place_from(cursor: str) -> str:
    """What a cursor was made of.

    Raises:
        QueryError: it was not made by `cursor_from`.
    """
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        text = ""
    kind, _, place = text.partition(":")
    if kind != "1" or not place:
        raise QueryError("the cursor is none of this server; begin again without one")
    return place


def row_from(cursor: str | None) -> int | None:
    """The row a cursor of records was made of, None without a cursor.

    Raises:
        QueryError: it is no cursor of records.
    """
    if cursor is None:
        return None
    place = place_from(cursor)
    if not (place.isascii() and place.isdigit() and len(place) < 16):
        raise QueryError("the cursor is of another list; begin again without one")
    return int(place)
