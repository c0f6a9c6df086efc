"""The statements that describe documents: their rows with their status of a day, and what was done to them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from kb.bearing import relations_query
from kb.schema import documents, versions
from kb.validity import View, status_on

DOCUMENT = select(
    documents.c.id,
    documents.c.source,
    documents.c.collection,
    *(c for c in versions.c if c.name not in ("id", "status")),
).join(versions, documents.c.id == versions.c.document_id)


def describing(within: Select[int], view: View) -> tuple[Select[Any], Select[Any]]:
    """Selects the rows of the documents some versions belong to, and what was done to them."""
    query = DOCUMENT.add_columns(versions.c.id.label("key"), status_on(view).label("status"))
    query = query.where(versions.c.id.in_(within))
    in_order = query.order_by(versions.c.title_s, documents.c.source, versions.c.version)
    return in_order, relations_query(within, view)


@lru_cache(maxsize=64)
def describing_keys(view: View) -> tuple[Select[Any], Select[Any]]:
    """`describing` of the versions with the ids `keys`; to put it together takes longer than to carry it out."""
    return describing(select(versions.c.id).where(versions.c.id.in_(bindparam("keys", expanding=True))), view)
