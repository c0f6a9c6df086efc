"""What a base holds of each version, table by table, without the keys that hang on the order of ingestion."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping

from sqlalchemy import Table, func, select

from kb.chroma_place import ChromaPlace
from kb.lexical import LexicalIndex
from kb.schema import documents, metadata, passages, versions
from kb.store import Store

Name = tuple[str, str]
"""Source and SHA-256 of a version."""
Contents = dict[str, tuple[int, str]]
"""By table: how many rows, and what is in them as a digest."""

_OF_THE_BASE = {"id", "document_id", "version", "current", "generation", "ingested_at"}
_OF_OTHERS = {"removals", "relations"}
_PASSAGE_KEYS = {
    "passages": "id",
    "rules": "passage",
    "figures": "passage",
    "embeddings": "first",
    "passage_keys": "first",
}


def contents(store: Store) -> dict[Name, Contents]:
    """Everything a base holds of every version, history included."""
    tables = [table for table in metadata.sorted_tables if "version_id" in table.c and table.name not in _OF_OTHERS]
    with store.reading() as connection:
        rows = connection.execute(select(documents.c.source, versions).join(versions)).mappings().all()
        firsts = select(passages.c.version_id, func.min(passages.c.id)).group_by(passages.c.version_id)
        first = {row[0]: row[1] for row in connection.execute(firsts)}
        held: dict[int, Contents] = defaultdict(dict)
        for table in tables:
            found: dict[int, list[str]] = defaultdict(list)
            order = list(table.primary_key.columns)
            for row in connection.execute(select(table).order_by(*order)).mappings():
                found[row["version_id"]].append(_plain(table, row, first.get(row["version_id"], 0)))
            for row in rows:
                held[row["id"]][table.name] = _digest(found[row["id"]])
    for row in rows:
        own = {name: value for name, value in row.items() if name not in _OF_THE_BASE}
        held[row["id"]]["versions"] = _digest([repr(own)])
    return {(row["source"], row["sha256"]): held[row["id"]] for row in rows}


def find_faults(store: Store) -> Iterator[str]:
    """What is wrong with the row of versions of each document, and with indexes that say they are in step."""
    with store.reading() as connection:
        found = connection.execute(select(versions.c.document_id, versions.c.version, versions.c.current)).all()
        known = set(connection.execute(select(documents.c.id)).scalars())
        every = set(connection.execute(select(passages.c.id)).scalars())
    numbers: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for document, version, current in found:
        numbers[document].append((version, current))
    yield from (f"document {document} has no version" for document in known - numbers.keys())
    for document, held in numbers.items():
        count = len(held)
        if sorted(held) != [(i, i == count) for i in range(1, count + 1)]:
            yield f"document {document} has the versions {held}"
    lexical = LexicalIndex(store.folder / "lexical")
    if lexical.generation == store.generation and lexical.ids() != every:
        yield f"the lexical index differs from the store in {len(lexical.ids() ^ every)} passages"
    place = ChromaPlace(store.folder)
    if place.generation == store.generation:
        index = place.open(store)
        if index:
            index.close()
        else:
            yield "Chroma says it is in step and is not"


def _plain(table: Table, row: Mapping[str, object], first: int) -> str:
    key = _PASSAGE_KEYS.get(table.name)
    kept = {name: value for name, value in row.items() if name not in ("row", "version_id")}
    if key and (number := kept[key]) is not None:
        kept[key] = int(str(number)) - first
    return repr(sorted(kept.items()))


def _digest(rows: list[str]) -> tuple[int, str]:
    return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]
