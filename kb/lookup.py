"""From an address to the provision it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import select

from ingest.records import Part
from kb.address import Levels, readable_label
from kb.filters import in_force
from kb.rows import record_from_json
from kb.schema import others, provisions
from kb.simplify import simplified
from kb.store import Store
from kb.titles import title_rank
from kb.types import DocumentRow, Filters, Hit
from kb.validity import view_of

MOST = 20
"""Provisions an address without a title gives at most."""


class Place(Protocol):
    """What names a provision: an address as typed, or a citation."""

    @property
    def title(self) -> str:
        """Words that name the document, empty for any."""
        ...

    @property
    def article(self) -> str:
        """`23`, `19-1`."""
        ...

    def readings(self, taiwan: bool) -> list[Levels]:
        """The levels it may mean, likeliest first."""
        ...


def find_provisions_at(store: Store, address: Place, filters: Filters) -> list[Hit]:
    """The provisions an address names, in the documents its title names best.

    Without a title, the provision is given for every document the filters allow, up to `MOST`.
    """
    hits: list[Hit] = []
    for key, document, span in _places(store, address, filters):
        text = None
        for row in _chosen(store, key, address, document.script == "hant"):
            if span and not span[0] <= row.start < span[1]:
                continue
            text = text or store.text(key)
            quote = text[row.start : row.end]
            label = readable_label(row.path)
            hits.append(Hit(document, row.path, label, quote, row.start, row.end, 1.0, ("address",)))
        if len(hits) >= MOST:
            break
    return hits[:MOST]


def _places(store: Store, address: Place, filters: Filters) -> list[tuple[int, DocumentRow, tuple[int, int] | None]]:
    documents = store.documents(in_force(filters), view_of(filters))
    if not address.title:
        return [(key, row, None) for key, row in documents]
    ranked = [(title_rank(address.title, simplified(row.title or "")), key, row) for key, row in documents]
    best = max((rank for rank, *_ in ranked), default=0)
    if best >= 1:
        return [(key, row, None) for rank, key, row in ranked if rank == best]
    return _parts(store, address.title, dict(documents))


def _parts(
    store: Store, title: str, documents: dict[int, DocumentRow]
) -> list[tuple[int, DocumentRow, tuple[int, int] | None]]:
    """Articles of compendium pages, which have titles of their own."""
    query = select(others.c.version_id, others.c.record).where(others.c.layer == "parts")
    with store.reading() as connection:
        rows = connection.execute(query).all()
    parts = [(key, record_from_json(Part, record)) for key, record in rows if key in documents]
    ranked = [(title_rank(title, simplified(part.title)), key, part) for key, part in parts]
    best = max((rank for rank, *_ in ranked), default=0)
    if best == 0:
        return []
    return [(key, documents[key], (part.start, part.end)) for rank, key, part in ranked if rank == best]


def _chosen(store: Store, key: int, address: Place, taiwan: bool) -> Sequence[Any]:
    c = provisions.c
    query = select(c.path, c.start, c.end, c.article, c.paragraph, c.item, c.subitem)
    query = query.where(c.version_id == key, c.article == address.article).order_by(c.row)
    with store.reading() as connection:
        rows = connection.execute(query).all()
    for wanted in address.readings(taiwan):
        if chosen := [row for row in rows if _meets(wanted, Levels(*row[3:]), rows)]:
            return chosen
    return []


def _meets(wanted: Levels, levels: Levels, siblings: Sequence[Any]) -> bool:
    """Whether a provision is the one meant. An article of one paragraph has none in its path: it is paragraph 1."""
    if wanted.paragraph == "1" and not any(row.paragraph for row in siblings):
        wanted = wanted._replace(paragraph=None)
    deepest = max((i for i, number in enumerate(wanted) if number), default=0)
    above = all(asked is None or asked == own for asked, own in zip(wanted[: deepest + 1], levels, strict=False))
    return above and not any(levels[deepest + 1 :])
