"""Where a document's records stand, without reading what they say; and what stands at one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import literal, select, union_all

from ingest.records import Citation, Figure, Rule
from kb.rows import OTHER_LAYERS, record_from_json
from kb.schema import citations, figures, others, rules
from kb.store import Store

_TABLES = {"figures": (figures, Figure), "rules": (rules, Rule), "citations": (citations, Citation)}
_OTHERS = {"repairs": "repairs", "missing": "missing", "boilerplate": "dropped"}


@dataclass(frozen=True, slots=True)
class Span:
    """A span of the original, in code points; `layer` is figures, rules, citations, repairs, missing or dropped."""

    layer: str
    start: int
    end: int


def find_spans(store: Store, key: int) -> list[Span]:
    """The spans of all records of a version, by start; the longer of two that start together first."""
    parts = [
        select(literal(name).label("layer"), table.c.start, table.c.end).where(table.c.version_id == key)
        for name, (table, _) in _TABLES.items()
    ]
    with store.reading() as connection:
        found = [Span(*row) for row in connection.execute(union_all(*parts))]
    found += [Span(layer, record.start, record.end) for layer, record in _others(store, key)]
    return sorted(found, key=lambda span: (span.start, -span.end))


def records_at(store: Store, key: int, offset: int) -> list[tuple[str, Any]]:
    """(layer, record) of what a version says at one place of its original."""
    found: list[tuple[str, Any]] = []
    with store.reading() as connection:
        for name, (table, cls) in _TABLES.items():
            here = (table.c.version_id == key, table.c.start <= offset, table.c.end > offset)
            rows = connection.execute(select(table.c.record).where(*here).order_by(table.c.row)).scalars()
            found += [(name, record_from_json(cls, row)) for row in rows]
    return found + [(layer, r) for layer, r in _others(store, key) if r.start <= offset < r.end]


def _others(store: Store, key: int) -> list[tuple[str, Any]]:
    wanted = (others.c.version_id == key, others.c.layer.in_(_OTHERS))
    with store.reading() as connection:
        rows = connection.execute(select(others.c.layer, others.c.record).where(*wanted).order_by(others.c.row)).all()
    return [(_OTHERS[layer], record_from_json(OTHER_LAYERS[layer], record)) for layer, record in rows]
