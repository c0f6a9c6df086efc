"""An open knowledge base: its store and indexes kept together, and what of it may be seen."""

from __future__ import annotations

import os
from copy import copy
from dataclasses import replace
from pathlib import Path
from threading import Semaphore
from types import TracebackType
from typing import Self

from ingest.errors import QueryError
from ingest.messages import say
from kb.chroma_place import ChromaPlace
from kb.dense import DenseSearch
from kb.embed import Embedder
from kb.embedders import embedder_from_environment
from kb.engine import Engine
from kb.held import Held
from kb.lexical import FOLDER as LEXICAL
from kb.lexical import LexicalIndex
from kb.scope import Scopes
from kb.store import Store
from kb.types import Filters
from kb.upkeep import Upkeep
from kb.validity import View


class Opened:
    """A knowledge base that is open, with what it answers from: the store, the indexes, the embedder.

    Args:
        store: the truth.
        embedder: makes the vectors; None loads what `FADU_EMBEDDER` names, else the shipped model, when first needed.
        place: where its Chroma index lies.
        resident: the process answers many queries.
    """

    def __init__(self, store: Store, embedder: Embedder | None, place: ChromaPlace, *, resident: bool) -> None:
        self._store = store
        self._embedder = embedder
        self._resident = resident
        self._collections: frozenset[str] | None = None
        self._lexical = LexicalIndex(store.folder / LEXICAL)
        self._chroma = place
        self._dense = DenseSearch(store, self._chroma, resident=resident)
        self._scopes = Scopes(store)
        self._held = Held(store)
        self._turns = Semaphore(os.cpu_count() or 1)
        self._upkeep = Upkeep(store, self._lexical, self._chroma, chroma=resident)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        create: bool = False,
        write: bool = False,
        embedder: Embedder | None = None,
        resident: bool = False,
    ) -> Self:
        """Opens a knowledge base; indexes that lag are brought in step, for a resident process in the background.

        Args:
            path: its folder.
            create: make it if it is missing.
            write: ingest, remove and repair; one writer at a time.
            embedder: another model than `FADU_EMBEDDER` names, else the shipped one; a base keeps to its first.
            resident: the process answers many queries (a server): Chroma is used, and numpy computes each of them on
                one thread, which halves the processor time of many at once.

        Raises:
            StoreError: there is no base, or it is damaged, foreign or newer; it was not touched.
            LockedError: `write`, and another process is writing.
        """
        place = ChromaPlace.of(Path(path))
        base = cls(Store.open(Path(path), create=create, write=write), embedder, place, resident=resident)
        if resident:
            from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

            threadpool_limits(1, "blas")
        try:
            base._catch_up_on_opening()
        except BaseException:
            base.close()
            raise
        return base

    def limited_to(self, collections: frozenset[str]) -> Self:
        """This base with nothing in it but some collections, whatever is asked of it; it shares what is open."""
        limited = copy(self)
        limited._collections = collections
        return limited

    def close(self) -> None:
        """Closes everything and gives the writer lock back."""
        self._upkeep.close()
        self._dense.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def state(self) -> int:
        """A number that changes with every change of the documents."""
        return self._store.generation

    def catch_up(self) -> None:
        """Brings the indexes in step with what was saved; only a base opened for writing may."""
        self._upkeep.catch_up(chroma=True)

    @property
    def index_failure(self) -> str:
        """Why an index could not be brought in step the last time it was tried, empty if it could."""
        return self._upkeep.failure

    def _any_embedder(self) -> Embedder:
        self._embedder = self._embedder or embedder_from_environment()
        return self._embedder

    def _bound_embedder(self) -> Embedder:
        """The embedder, refused when the base was made with another one."""
        embedder = self._any_embedder()
        self._store.use_embedder(embedder.name, embedder.dimension)
        return embedder

    def _engine(self) -> Engine:
        state = self._store.state
        degraded = self._upkeep.behind(state.generation)
        if degraded and self._resident:
            self._upkeep.start()

        def embedder() -> Embedder:
            found = self._any_embedder()
            self._store.check_embedder(state, found.name, found.dimension)
            return found

        load = None if state.embedder is None else embedder
        return Engine(self._store, state, self._lexical, self._dense, self._scopes, self._held, load, degraded)

    def _key(self, identity: str) -> int:
        key = self._store.version_key(identity)
        if key is None or not self._is_seen(key):
            raise unknown_document(identity)
        return key

    def _is_seen(self, key: int) -> bool:
        if self._collections is None:
            return True
        return self._store.documents_by_key([key])[key].collection in self._collections

    @property
    def _view(self) -> View:
        """Today, with what may be seen."""
        return View(None, self._collections)

    def _narrowed(self, filters: Filters) -> Filters:
        """Filters that look only where this base may."""
        if self._collections is None:
            return filters
        asked = filters.collections
        return replace(filters, collections=self._collections if asked is None else asked & self._collections)

    def _catch_up_on_opening(self) -> None:
        """Brings the indexes in step, in the background where the process stays; a writer does so after it has written.

        Where nothing can be written, what the indexes hold answers.
        """
        if self._store.writable or not self._upkeep.behind(self._store.generation):
            return
        if not self._resident or self._upkeep.quick():
            self._upkeep.catch_up(chroma=False)
        if self._resident:
            self._upkeep.start()


def unknown_document(identity: str) -> QueryError:
    """The error of a document that is not here, or not to be seen."""
    return QueryError(say("no_document", identity=identity))
