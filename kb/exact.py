"""What a query names and must be met to the letter: documents by their number, quoted words, values with units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, select

from kb.filters import in_force
from kb.question import AskedValue
from kb.schema import passages, quantities, versions
from kb.scope import Scope
from kb.titles import number_key
from kb.types import Filters, Hit
from kb.validity import view_of

if TYPE_CHECKING:
    from kb.lexical import LexicalIndex
    from kb.store import Store

_BLANK = re.compile(r"\s+")
_TEXTS = select(passages.c.id, passages.c.context_s, passages.c.text_s).where(
    passages.c.id.in_(bindparam("ids", expanding=True))
)
_HELD = 5_000
"""Passages that hold quoted words or a value looked at; who asks for more common ones adds words."""


def find_numbered(store: Store, numbers: Sequence[str], filters: Filters) -> list[Hit]:
    """The opening passage of each document with one of the numbers, as its `doc_number`."""
    if not numbers:
        return []
    wanted = {number_key(number) for number in numbers}
    query = select(versions.c.id).where(versions.c.number_key.in_(wanted), versions.c.id.in_(in_force(filters)))
    with store.reading() as connection:
        keys = list(connection.execute(query.order_by(versions.c.id)).scalars())
        p = passages.c
        firsts = [
            (key, row)
            for key in keys
            if (row := connection.execute(select(passages).where(p.version_id == key).order_by(p.id).limit(1)).first())
        ]
    documents = store.documents_by_key(sorted(keys), view_of(filters))
    return [
        Hit(
            documents[key],
            row.path,
            row.label,
            store.text(key)[row.start : row.end],
            row.start,
            row.end,
            1.0,
            ("number",),
        )
        for key, row in firsts
    ]


def find_quoting(store: Store, index: LexicalIndex, phrases: Sequence[str], scope: Scope | None) -> NDArray[np.int64]:
    """Ids, ascending, of the passages that hold every phrase as it stands, blanks aside."""
    ids = [i for i, _ in index.search(" ".join(phrases), _HELD, scope, every=True)]
    bare = [_BLANK.sub("", phrase) for phrase in phrases]
    with store.reading() as connection:
        read = connection.execute(_TEXTS, {"ids": ids}).all()
    found = []
    for i, context, text in read:
        said = f"{context}\n{text}"
        if all(phrase in said for phrase in bare) or all(phrase in _BLANK.sub("", said) for phrase in bare):
            found.append(i)
    return np.array(sorted(found), dtype=np.int64)


def find_valued(store: Store, values: Sequence[AskedValue], scope: Scope | None) -> NDArray[np.int64]:
    """Ids, ascending, of the passages that state every one of some values, however written; none for no values."""
    if not values:
        return np.empty(0, dtype=np.int64)
    found = [_stating(store, value) for value in values]
    if scope is not None:
        found.append(scope.ids)
    together: NDArray[np.int64] = reduce(np.intersect1d, found)
    return together


def _stating(store: Store, value: AskedValue) -> NDArray[np.int64]:
    asked, c, p = value.quantity, quantities.c, passages.c
    same = [c.value == asked.value, c.kind == asked.kind]
    if asked.kind != "money":
        same.append(c.unit == asked.unit)
    query = (
        select(p.id)
        .join(quantities, (c.version_id == p.version_id) & (c.start >= p.start) & (c.end <= p.end))
        .where(*same)
        .distinct()
        .limit(_HELD)
    )
    with store.reading() as connection:
        return np.sort(np.fromiter(connection.execute(query).scalars(), dtype=np.int64))
