"""Examines a knowledge base and mends what is derived."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import func, select

from ingest.errors import StoreError
from kb import sqlite
from kb.bearing import in_step, link_anew
from kb.chroma_place import ChromaPlace
from kb.embed import Embedder
from kb.ingestion import embedding_text
from kb.lexical import LexicalIndex
from kb.rows import RECORD_TABLES, record_from_json
from kb.schema import embeddings, metadata, passages, provisions, texts, versions
from kb.store import Store
from kb.types import Problem

_SHOWN = 5
_RESTORE = "restore the base from a backup or ingest its documents into a new one"


def examine(
    store: Store, lexical: LexicalIndex, place: ChromaPlace, load_embedder: Callable[[], Embedder], *, repair: bool
) -> list[Problem]:
    """What is wrong with a base.

    Args:
        store: open for writing when `repair`.
        lexical: its lexical index.
        place: its Chroma index.
        load_embedder: called when vectors must be compared or made anew.
        repair: rebuild what is derived: relations, vectors, lexical index, Chroma.

    Returns:
        Problems in the order of the parts; a repaired one says so. The truth itself cannot be repaired.
    """
    try:
        with store.reading() as connection:
            damage = sqlite.find_damage(connection)
        damage += [] if damage else list(_untrue_records(store))
    except StoreError as error:
        return [Problem("database", str(error))]
    problems = [Problem("database", f"{message}; {_RESTORE}") for message in damage]
    if problems:
        return problems
    problems += _relations(store, repair)
    problems += _vectors(store, load_embedder(), repair)
    problems += _lexical(store, lexical, repair)
    problems += _chroma(store, place, repair)
    return problems


def _untrue_records(store: Store) -> Iterator[str]:
    """Spans that leave their text or do not hold their quote."""
    with store.reading() as connection:
        keys = connection.execute(select(versions.c.id, versions.c.document_id, versions.c.length)).all()
    for key, document, length in keys:
        text = _text(store, key)
        if text is None or len(text) != length:
            yield f"document {document}: its text is missing or not {length} code points long"
            continue
        wrong = list(_untrue(store, key, text))
        if wrong:
            yield f"document {document}: {len(wrong)} records do not match the text ({', '.join(wrong[:_SHOWN])})"


def _text(store: Store, key: int) -> str | None:
    with store.reading() as connection:
        return connection.execute(select(texts.c.text).where(texts.c.version_id == key)).scalar()


def _untrue(store: Store, key: int, text: str) -> Iterator[str]:
    with store.reading() as connection:
        for name, cls in RECORD_TABLES.items():
            table = metadata.tables[name]
            for record in connection.execute(select(table.c.record).where(table.c.version_id == key)).scalars():
                found = record_from_json(cls, record)
                if text[found.start : found.end] != found.quote:
                    yield f"{table.name} {found.quote!r} at {found.start}"
        for table in (provisions, passages):
            spans = select(table.c.path, table.c.start, table.c.end).where(table.c.version_id == key)
            for path, start, end in connection.execute(spans):
                if not 0 <= start < end <= len(text):
                    yield f"{table.name} {path!r} at {start}"


def _relations(store: Store, repair: bool) -> list[Problem]:
    with store.reading() as connection:
        if in_step(connection):
            return []
    if repair:
        with store.writing() as connection:
            link_anew(connection)
    return [Problem("relations", "what documents do to one another is not what they say", repair)]


def _vectors(store: Store, embedder: Embedder, repair: bool) -> list[Problem]:
    c = embeddings.c
    state = store.state
    per_vector = 2 * state.dimension
    query = (
        select(func.count(), func.min(passages.c.id), func.max(c.first), func.max(func.length(c.vectors)))
        .select_from(passages.outerjoin(embeddings, c.version_id == passages.c.version_id))
        .group_by(passages.c.version_id)
    )
    with store.reading() as connection:
        blocks = connection.execute(query).all()
    total = sum(count for count, *_ in blocks)
    sound = sum(count for count, first, begun, size in blocks if (begun, size) == (first, count * per_vector))
    foreign = total and state.embedder != embedder.name
    if not foreign and sound == total:
        return []
    message = (
        f"made by {state.embedder}, not by {embedder.name}"
        if foreign
        else f"{total - sound} of {total} passages have no sound vector"
    )
    if repair:
        store.embed_anew(embedder.name, embedder.dimension, lambda p: embedder.encode([embedding_text(x) for x in p]))
    return [Problem("vectors", message, repair)]


def _lexical(store: Store, lexical: LexicalIndex, repair: bool) -> list[Problem]:
    with store.reading() as connection:
        expected = set(connection.execute(select(passages.c.id)).scalars())
    behind = _behind(lexical.generation, store.generation)
    held = lexical.ids()
    if not behind and held == expected:
        return []
    message = behind or _difference(held, expected)
    return [_mended("lexical", message, lambda: lexical.catch_up(store, rebuild=True), repair)]


def _chroma(store: Store, place: ChromaPlace, repair: bool) -> list[Problem]:
    message = _behind(place.generation, store.generation)
    if not message:
        try:
            index = place.open(store)
        except StoreError as error:
            index, message = None, str(error)
        if index:
            index.close()
            return []
    message = message or f"{place.name} is damaged or lacks passages"
    return [_mended("chroma", message, lambda: place.catch_up(store, rebuild=True), repair)]


def _behind(held: int | None, wanted: int) -> str:
    if held is None:
        return "not there, damaged or never finished; searches answer without it and say that they are degraded"
    return "" if held == wanted else f"{wanted - held} changes behind the store; the next search brings it in step"


def _difference(held: set[int], expected: set[int]) -> str:
    return f"lacks {len(expected - held)} of {len(expected)} passages and holds {len(held - expected)} that are gone"


def _mended(part: str, message: str, rebuild: Callable[[], object], repair: bool) -> Problem:
    """A problem of an index, which is rebuilt when `repair`; what stands in the way is part of the message."""
    if repair:
        try:
            rebuild()
        except StoreError as error:
            return Problem(part, f"{message}; rebuilding failed: {error}")
    return Problem(part, message, repair)
