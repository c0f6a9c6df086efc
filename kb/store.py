"""The truth: documents with all their versions, records, passages and vectors, one transaction a document."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Row, Select, Table, delete, func, insert, select, update
from sqlalchemy.exc import DatabaseError, OperationalError

from ingest.errors import StoreError
from ingest.records import Coverage, Extraction, Provision
from kb import schema, sqlite
from kb.bearing import find_relations, link, note_acts
from kb.blocks import packed, unpacked
from kb.counters import advance, next_generation, set_value
from kb.describing import DOCUMENT, describing, describing_keys
from kb.duplicates import KeyIndex, link_duplicates
from kb.lock import WriterLock
from kb.passages import Passage
from kb.rows import (
    OTHER_LAYERS,
    RECORD_TABLES,
    PassagePlaces,
    document_from_row,
    info_from_row,
    record_from_json,
    record_rows,
    version_row,
)
from kb.schema import documents, embeddings, meta, passages, removals, texts, versions
from kb.types import DocumentRow, Relation
from kb.validity import TODAY, View

DATABASE = "fadu.sqlite"
LOCK = "writer.lock"
_TEXTS_HELD = 64
_LONGEST_NUMBER = 18
"""Digits of a version's number at most; a database takes no larger ones."""
_VARIABLES = 10_000
"""Most values in one query; databases limit them."""


_META = select(meta.c.key, meta.c.value)


@dataclass(frozen=True, slots=True)
class State:
    """What tells whether anything derived from a base is in step with it.

    Attributes:
        generation: counts the transactions that changed documents or vectors.
        embedder: the model that made the vectors, None before the first.
        dimension: length of the vectors, 0 before the first.
    """

    generation: int
    embedder: str | None
    dimension: int


def document_id(source: str) -> str:
    """The stable id of the document a source names: 12 hex digits.

    >>> document_id("/data/失业保险条例.txt")
    '2e65c50b6499'
    """
    return hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:12]


class Store:
    """One knowledge base on disk. Safe to read from several threads; one writer in all processes.

    Args:
        folder: the knowledge base's folder.
        engine: an engine on its database.
        lock: the writer lock, None for a reader.
    """

    def __init__(self, folder: Path, engine: Engine, lock: WriterLock | None) -> None:
        self.folder = folder
        self.engine = engine
        self._lock = lock
        self._keys: KeyIndex | None = None
        self._thread = threading.local()
        self._text = lru_cache(maxsize=_TEXTS_HELD)(self._load_text)

    @classmethod
    def open(cls, folder: Path, *, create: bool = False, write: bool = False) -> Self:
        """Opens the base in `folder`.

        Args:
            folder: where the base lies.
            create: make folder and base if they are missing.
            write: take the writer lock; `create` implies it only while creating.

        Raises:
            StoreError: there is none, it is damaged, foreign or newer; nothing was changed.
            LockedError: it is to be written and another process is writing.
        """
        path = folder / DATABASE
        if not path.exists() and not create:
            raise StoreError(f"{folder}: no knowledge base here; make one with fadu ingest PATH --kb {folder}")
        lock = None
        try:
            if write or not path.exists():
                folder.mkdir(parents=True, exist_ok=True)
                lock = WriterLock(folder / LOCK).take()
                if not path.exists():
                    sqlite.create_base(path)
                if not write:
                    lock.release()
                    lock = None
            return cls(folder, sqlite.open_engine(path, write=write), lock)
        except (OSError, OperationalError) as error:
            if lock:
                lock.release()
            raise StoreError(f"{folder}: cannot be opened ({error}); check the path and its permissions") from error
        except StoreError:
            if lock:
                lock.release()
            raise

    def close(self) -> None:
        """Closes the database and gives the lock back."""
        self.engine.dispose()
        if self._lock:
            self._lock.release()

    @property
    def writable(self) -> bool:
        """Whether this store holds the writer lock."""
        return self._lock is not None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection whose queries all see the same state.

        Raises:
            StoreError: the database is damaged.
        """
        held: Connection | None = getattr(self._thread, "connection", None)
        if held is not None:
            yield held
            return
        try:
            with self.engine.connect() as connection:
                yield connection
        except DatabaseError as error:
            raise StoreError(f"{self.folder}: could not be read ({error.orig}); run fadu doctor") from error

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Lets everything this thread reads inside the block see one state, over one connection.

        Raises:
            StoreError: the database is damaged.
        """
        with self.reading() as connection:
            former, self._thread.connection = getattr(self._thread, "connection", None), connection
            try:
                yield
            finally:
                self._thread.connection = former

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, committed at the end or not at all.

        Raises:
            StoreError: the base was opened for reading, or the disk refuses.
        """
        if not self._lock:
            raise StoreError(f"{self.folder}: opened for reading; open it with write=True to change it")
        try:
            with self.engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            raise StoreError(
                f"{self.folder}: could not be written ({error.orig}); nothing of this document was stored; "
                "free disk space or check permissions"
            ) from error

    @property
    def state(self) -> State:
        """What the base holds now."""
        with self.reading() as connection:
            held = {row.key: row.value for row in connection.execute(_META)}
        return State(int(held.get("generation", 0)), held.get("embedder"), int(held.get("dimension", 0)))

    @property
    def generation(self) -> int:
        """Counts the transactions that changed documents; what the indexes are compared with."""
        return self.state.generation

    def use_embedder(self, name: str, dimension: int) -> None:
        """Binds the base to an embedder at its first use.

        Raises:
            StoreError: its vectors were made by another one.
        """
        state = self.state
        if state.embedder is None:
            with self.writing() as connection:
                set_value(connection, "embedder", name)
                set_value(connection, "dimension", str(dimension))
        else:
            self.check_embedder(state, name, dimension)

    def check_embedder(self, state: State, name: str, dimension: int) -> None:
        """Nothing, if an embedder made the vectors the base holds.

        Raises:
            StoreError: another one did.
        """
        if (state.embedder, state.dimension) != (name, dimension):
            raise StoreError(
                f"{self.folder}: its vectors were made by {state.embedder} ({state.dimension} dimensions), "
                f"not by {name} ({dimension}); run fadu doctor --repair to embed everything anew, "
                "or configure the former model"
            )

    def known_hash(self, source: str) -> str | None:
        """The SHA-256 of the current version of a source, None for a new source."""
        query = select(versions.c.sha256).where(versions.c.document_id == document_id(source), versions.c.current)
        with self.reading() as connection:
            return connection.execute(query).scalar()

    def save(
        self,
        source: str,
        extraction: Extraction,
        found: Sequence[Passage],
        embedded: NDArray[np.float32],
        collection: str = "default",
    ) -> DocumentRow:
        """Stores a document as the current version of its source; an older version stays as history.

        Args:
            source: what names the document for good.
            extraction: everything found in it.
            found: its passages.
            embedded: their vectors, (len(found), dim) float32, unit length.
            collection: what a new document belongs to; a known one stays where it is.
        """
        identity = document_id(source)
        with self.writing() as connection:
            generation = next_generation(connection)
            former = connection.execute(
                select(func.max(versions.c.version)).where(versions.c.document_id == identity)
            ).scalar()
            if former is None:
                connection.execute(insert(documents), {"id": identity, "source": source, "collection": collection})
            connection.execute(update(versions).where(versions.c.document_id == identity).values(current=False))
            row = version_row(extraction.document, source, extraction) | {
                "document_id": identity,
                "version": (former or 0) + 1,
                "current": True,
                "generation": generation,
                "ingested_at": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            key = _inserted_key(connection, versions, row)
            connection.execute(insert(texts), {"version_id": key, "text": extraction.text})
            first = _save_passages(connection, key, found, embedded)
            for name, rows in record_rows(extraction, PassagePlaces.of(found, first)).items():
                _insert_all(connection, schema.metadata.tables[name], [{"version_id": key} | r for r in rows])
            if row["status"]:
                note_acts(connection, key, extraction.text, row["title"], extraction.citations)
            link(connection, key)
            index = self._keys or KeyIndex.load(connection)
            keys = link_duplicates(connection, index, key, first, found)
        index.add(first, keys)
        self._keys = index
        return self.documents_by_key([key])[key]

    def remove(self, identity: str) -> bool:
        """Deletes a document with its history; false when there is none."""
        self._keys = None
        with self.writing() as connection:
            keys = connection.execute(select(versions.c.id).where(versions.c.document_id == identity)).scalars().all()
            if keys:
                generation = next_generation(connection)
                _insert_all(connection, removals, [{"version_id": k, "generation": generation} for k in keys])
                connection.execute(delete(documents).where(documents.c.id == identity))
        return bool(keys)

    def documents(self, within: Select[int], view: View = TODAY) -> list[tuple[int, DocumentRow]]:
        """(version key, row) of the versions a query selects, by title and source.

        Args:
            within: selects keys of versions.
            view: the day their status is told for.
        """
        return self._described(describing(within, view), {}, view)

    def _described(
        self, queries: tuple[Select[Any], Select[Any]], values: Mapping[str, Any], view: View
    ) -> list[tuple[int, DocumentRow]]:
        rows_of, relations_of = queries
        related: dict[int, list[Relation]] = {}
        with self.reading() as connection:
            for key, relation in find_relations(connection, relations_of, values):
                related.setdefault(key, []).append(relation)
            rows = connection.execute(rows_of, values)
            return [(row.key, document_from_row(row._asdict(), related.get(row.key, ()), view.day)) for row in rows]

    def documents_by_key(self, keys: Sequence[int], view: View = TODAY) -> dict[int, DocumentRow]:
        """Rows by version key."""
        rows: dict[int, DocumentRow] = {}
        queries = describing_keys(view.settled)
        for at in range(0, len(keys), _VARIABLES):
            rows.update(self._described(queries, {"keys": keys[at : at + _VARIABLES]}, view))
        return rows

    def version_key(self, name: str) -> int | None:
        """The key of `id` (its current version) or `id@version`, None when there is none."""
        identity, _, number = name.partition("@")
        if len(number) > _LONGEST_NUMBER:
            return None
        named = number.isascii() and number.isdigit()
        query = select(versions.c.id).where(versions.c.document_id == identity)
        query = query.where(versions.c.version == int(number) if named else versions.c.current)
        with self.reading() as connection:
            return connection.execute(query).scalar()

    def text(self, key: int) -> str:
        """The original text of a version."""
        return self._text(key)

    def _load_text(self, key: int) -> str:
        with self.reading() as connection:
            return str(connection.execute(select(texts.c.text).where(texts.c.version_id == key)).scalar_one())

    def extraction(self, key: int) -> Extraction:
        """Everything stored of a version, as it was extracted; `document` has the id and source of the store."""
        with self.reading() as connection:
            row = (
                connection.execute(DOCUMENT.add_columns(versions.c.status).where(versions.c.id == key)).one()._asdict()
            )
            layers = {
                name: _records(connection, schema.metadata.tables[name], cls, key)
                for name, cls in RECORD_TABLES.items()
            }
            others: dict[str, list[Any]] = {name: [] for name in OTHER_LAYERS}
            c = schema.others.c
            for layer, record in connection.execute(
                select(c.layer, c.record).where(c.version_id == key).order_by(c.row)
            ):
                others[layer].append(record_from_json(OTHER_LAYERS[layer], record))
        return Extraction(
            text=self.text(key),
            document=info_from_row(row),
            provisions=self.provisions(key),
            coverage=Coverage(row["kept"], row["dropped"]),
            **layers,
            **{name: tuple(records) for name, records in others.items()},
        )

    def provisions(self, key: int) -> tuple[Provision, ...]:
        """The provisions of a version, in order."""
        c = schema.provisions.c
        query = select(c.id, c.path, c.label, c.heading, c.start, c.end).where(c.version_id == key).order_by(c.row)
        with self.reading() as connection:
            return tuple(Provision(*row) for row in connection.execute(query))

    def passages(self, keys: Sequence[int]) -> list[tuple[int, int, Passage]]:
        """(passage id, version key, passage), in the order of `keys`, unknown ids left out."""
        query = select(passages).where(passages.c.id.in_(keys))
        with self.reading() as connection:
            rows = {row.id: row for row in connection.execute(query)}
        return [(k, rows[k].version_id, _passage(rows[k])) for k in keys if k in rows]

    def changed_since(self, generation: int) -> tuple[list[int], list[int]]:
        """Keys of the versions stored after a generation, and of those removed after it."""
        with self.reading() as connection:
            stored = connection.execute(select(versions.c.id).where(versions.c.generation > generation)).scalars()
            gone = connection.execute(select(removals.c.version_id).where(removals.c.generation > generation))
            return list(stored), list(gone.scalars())

    def superseded(self) -> list[int]:
        """Keys of the versions that are history."""
        with self.reading() as connection:
            return list(connection.execute(select(versions.c.id).where(~versions.c.current)).scalars())

    def passage_texts(self, keys: Sequence[int]) -> Iterator[tuple[int, int, str, str]]:
        """(passage id, version key, context, text) of the passages of some versions, one version at a time."""
        c = passages.c
        for key in keys:
            with self.reading() as connection:
                query = select(c.id, c.version_id, c.context_s, c.text_s).where(c.version_id == key)
                yield from (tuple(row) for row in connection.execute(query).all())

    def current_passage_ids(self) -> set[int]:
        """Ids of the passages of current versions."""
        query = select(passages.c.id).join(versions, versions.c.id == passages.c.version_id)
        with self.reading() as connection:
            return set(connection.execute(query.where(versions.c.current)).scalars())

    def count_current(self) -> int:
        """How many passages current versions have."""
        query = select(func.count()).select_from(passages.join(versions, versions.c.id == passages.c.version_id))
        with self.reading() as connection:
            return connection.execute(query.where(versions.c.current)).scalar_one()

    def vectors(self, ids: Sequence[int]) -> tuple[list[int], NDArray[np.float32]]:
        """The ids that have a vector, ascending, and the vectors, (n, dim) float32."""
        query = select(passages.c.version_id).where(passages.c.id.in_(ids)).distinct()
        with self.reading() as connection:
            blocks = self.vector_blocks(list(connection.execute(query).scalars()))
        found: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = []
        for _, first, block in blocks:
            rows = np.intersect1d(np.asarray(ids) - first, np.arange(len(block)))
            found.append((rows + first, block[rows]))
        found.append((np.empty(0, dtype=np.int64), np.empty((0, self.state.dimension), dtype=np.float32)))
        return np.concatenate([i for i, _ in found]).tolist(), np.concatenate([v for _, v in found])

    def vector_blocks(self, keys: Sequence[int] | None = None) -> list[tuple[int, int, NDArray[np.float32]]]:
        """(version key, id of its first passage, vectors (n, dim) float32) of some versions or all, by first id."""
        places, vectors = self.vectors_in_order(keys)
        ends = np.cumsum([len(ids) for _, ids in places]).tolist()
        return [(key, ids.start, vectors[end - len(ids) : end]) for (key, ids), end in zip(places, ends, strict=True)]

    def vectors_in_order(
        self, keys: Sequence[int] | None = None
    ) -> tuple[list[tuple[int, range]], NDArray[np.float32]]:
        """The vectors of some versions or all, (n, dim) float32, by id; and each version's key with its ids."""
        dimension = self.state.dimension
        c = embeddings.c
        query = select(c.version_id, c.first, c.vectors).order_by(c.first)
        with self.reading() as connection:
            rows = connection.execute(query if keys is None else query.where(c.version_id.in_(keys))).all()
        vectors = unpacked([row.vectors for row in rows], dimension)
        size = 2 * dimension
        return [(key, range(first, first + len(block) // size)) for key, first, block in rows], vectors

    def embed_anew(self, name: str, dimension: int, encode: Callable[[Sequence[Passage]], NDArray[np.float32]]) -> None:
        """Replaces every vector, in one transaction, and binds the base to the embedder that made them."""
        with self.writing() as connection:
            connection.execute(delete(embeddings))
            set_value(connection, "embedder", name)
            set_value(connection, "dimension", str(dimension))
            for key in connection.execute(select(versions.c.id)).scalars().all():
                query = select(passages).where(passages.c.version_id == key).order_by(passages.c.id)
                rows = connection.execute(query).all()
                if rows:
                    block = packed(encode([_passage(row) for row in rows]))
                    connection.execute(insert(embeddings), {"version_id": key, "first": rows[0].id, "vectors": block})
            advance(connection, "generation", 1)


def _passage(row: Row[Any]) -> Passage:
    return Passage(row.path, row.label, row.start, row.end, row.context_s, row.text_s)


def _records(connection: Connection, table: Table, cls: type[Any], key: int) -> tuple[Any, ...]:
    query = select(table.c.record).where(table.c.version_id == key).order_by(table.c.row)
    return tuple(record_from_json(cls, record) for record in connection.execute(query).scalars())


def _inserted_key(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    key = connection.execute(insert(table), row).inserted_primary_key
    assert key is not None
    return int(key[0])


def _insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _save_passages(
    connection: Connection, version: int, found: Sequence[Passage], embedded: NDArray[np.float32]
) -> int:
    """Stores passages with their vectors; returns the id of the first, which the others follow."""
    if len(found) != len(embedded):
        raise ValueError(f"{len(found)} passages came with {len(embedded)} vectors")
    first = advance(connection, "passages", len(found)) - len(found) + 1
    names = ("path", "label", "start", "end", "context_s", "text_s")
    rows = [{"id": first + i, "version_id": version} | {n: getattr(p, n) for n in names} for i, p in enumerate(found)]
    _insert_all(connection, passages, rows)
    if rows:
        connection.execute(insert(embeddings), {"version_id": version, "first": first, "vectors": packed(embedded)})
    return first
