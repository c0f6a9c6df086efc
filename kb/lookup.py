"""From an address to the provision it names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import JSON, select, type_coerce

from ingest.records import Part
from kb.address import Levels, readable_label
from kb.filters import in_force
from kb.rows import record_from_json
from kb.schema import documents, others, provisions, versions
from kb.simplify import simplified
from kb.store import Store
from kb.titles import title_rank
from kb.types import Filters, Hit
from kb.validity import view_of

MOST = 20
"""Provisions an address without a title gives at most."""
_PART_TITLE = type_coerce(others.c.record, JSON)["title"].as_string()


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
    found: list[tuple[_Spot, Any]] = []
    for spot in _spots(store, address, filters):
        rows = _chosen(store, spot.key, address, spot.script == "hant")
        found += [(spot, row) for row in rows if spot.start <= row.start < spot.end]
        if len(found) >= MOST:
            break
    rows_of = store.documents_by_key(sorted({spot.key for spot, _ in found}), view_of(filters))
    return [
        Hit(
            rows_of[spot.key],
            row.path,
            readable_label(row.path),
            store.text(spot.key)[row.start : row.end],
            row.start,
            row.end,
            1.0,
            ("address",),
        )
        for spot, row in found[:MOST]
        if spot.key in rows_of
    ]


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where to look for a provision: a version, or the part of it from `start` to `end`."""

    key: int
    script: str | None
    start: float = 0
    end: float = math.inf


def _spots(store: Store, address: Place, filters: Filters) -> list[_Spot]:
    """Where the title of an address leads; everywhere without one."""
    c = versions.c
    query = select(c.id, c.script, c.title_s).join(documents, documents.c.id == c.document_id)
    query = query.where(c.id.in_(in_force(filters))).order_by(c.title_s, documents.c.source, c.version)
    with store.reading() as connection:
        rows = connection.execute(query).all()
    if not address.title:
        return [_Spot(key, script) for key, script, _ in rows]
    ranked = [(title_rank(address.title, title or ""), key, script) for key, script, title in rows]
    best = max((rank for rank, *_ in ranked), default=0)
    if best >= 1:
        return [_Spot(key, script) for rank, key, script in ranked if rank == best]
    return _parts(store, address.title, {key: script for key, script, _ in rows})


def _parts(store: Store, title: str, scripts: dict[int, str | None]) -> list[_Spot]:
    """Articles of compendium pages, which have titles of their own."""
    query = select(others.c.version_id, others.c.row, _PART_TITLE).where(others.c.layer == "parts")
    with store.reading() as connection:
        rows = [row for row in connection.execute(query) if row.version_id in scripts]
        ranked = [(title_rank(title, simplified(name or "")), row) for _, row, name in rows]
        best = max((rank for rank, _ in ranked), default=0)
        chosen = [row for rank, row in ranked if rank == best and best]
        records = connection.execute(select(others.c.version_id, others.c.record).where(others.c.row.in_(chosen))).all()
    parts = [(key, record_from_json(Part, record)) for key, record in records]
    return [_Spot(key, scripts[key], part.start, part.end) for key, part in parts]


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
