"""Which vector index answers: Chroma in a process that stays, the exact scan everywhere else.

A one-shot command never imports Chroma: 1.6 s of import and up to 3 s for its first query are more than loading
and scanning 100,000 vectors takes. A resident process asks Chroma once it holds at least `CHROMA_FROM` passages and
only while Chroma is in step with the store; until then, and for every filtered search, it scans.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.errors import StoreError
from kb.chroma import ChromaIndex
from kb.chroma_place import ChromaPlace
from kb.scope import Scope
from kb.vector import ScanIndex

if TYPE_CHECKING:
    from kb.store import State, Store

CHROMA_FROM = 1_000
"""Passages from which a resident process asks Chroma; below, the scan is faster and exact."""


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Every vector of the base in one state, history included."""

    state: State
    index: ScanIndex
    blocks: dict[int, range]


class DenseSearch:
    """Nearest passages of a store, in step with it; safe from several threads.

    Chroma is opened in the background, which takes seconds the first time; the scan answers meanwhile.

    Args:
        store: the truth.
        place: where Chroma lies.
        resident: the process answers many queries.
    """

    def __init__(self, store: Store, place: ChromaPlace, *, resident: bool) -> None:
        self._store = store
        self._place = place
        self._resident = resident
        self._matrix: _Matrix | None = None
        self._chroma: ChromaIndex | None = None
        self._chroma_held: int | None = None
        self._opening: threading.Thread | None = None
        self._backend = "scan"
        self._switch = threading.Lock()

    @property
    def backend(self) -> str:
        """`chroma` or `scan`: what the last search asked."""
        return self._backend

    def search(
        self, vector: NDArray[np.float32], k: int, scope: Scope | None = None, *, state: State
    ) -> list[tuple[int, float]]:
        """(passage id, cosine) of the nearest passages.

        Args:
            vector: (dim,) of unit length.
            k: how many.
            scope: where to look.
            state: the store's.
        """
        with self._switch:
            matrix = self._current_matrix(state)
            if scope is None and self._chroma_is_ready(matrix) and (found := self._asked(vector, k)) is not None:
                return found
        self._backend = "scan"
        return matrix.index.search(vector, k, None if scope is None else scope.ids)

    def _asked(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]] | None:
        """What Chroma finds; None where it fails, and then it is no longer believed."""
        assert self._chroma is not None
        try:
            found = self._chroma.search(vector, k)
        except StoreError:
            self._place.distrust()
            self._close_chroma()
            return None
        self._backend = "chroma"
        return found

    def warm(self) -> None:
        """Loads what searches need, and returns when it is loaded."""
        with self._switch:
            self._chroma_is_ready(self._current_matrix(self._store.state))
            opening = self._opening
        if opening is not None:
            opening.join()

    def close(self) -> None:
        """Gives the indexes back."""
        if self._opening is not None:
            self._opening.join()
        with self._switch:
            self._close_chroma()
            self._matrix = None

    def _current_matrix(self, state: State) -> _Matrix:
        held = self._matrix
        if held is None or held.state.generation > state.generation or held.state.embedder != state.embedder:
            self._matrix = self._loaded(state)
        elif held.state.generation < state.generation:
            self._matrix = self._advanced(held, state)
        assert self._matrix is not None
        return self._matrix

    def _loaded(self, state: State) -> _Matrix:
        places, vectors = self._store.vectors_in_order()
        index = ScanIndex(state.dimension, coarse=self._resident)
        index.fill([i for _, ids in places for i in ids], vectors)
        return _Matrix(state, index, dict(places))

    def _advanced(self, held: _Matrix, state: State) -> _Matrix:
        """What changed since is taken in; the former matrix stays as it is for those who search it."""
        changed, removed = self._store.changed_since(held.state.generation)
        index, blocks = held.index.copy(), dict(held.blocks)
        gone = [i for version in (*changed, *removed) for i in blocks.pop(version, ())]
        if gone:
            index.delete(gone)
        for version, first, vectors in self._store.vector_blocks(changed):
            blocks[version] = range(first, first + len(vectors))
            index.upsert(blocks[version], vectors)
        return _Matrix(state, index, blocks)

    def _chroma_is_ready(self, matrix: _Matrix) -> bool:
        """Whether Chroma is open and in step; opening starts where it is in step, worth asking and not yet open."""
        generation = matrix.state.generation
        wanted = self._resident and len(matrix.index) >= CHROMA_FROM and self._in_step(generation)
        if self._chroma_held != generation or not wanted:
            self._close_chroma()
        if wanted and self._chroma is None and not (self._opening and self._opening.is_alive()):
            self._opening = threading.Thread(target=self._open, args=(generation,), name="fadu-chroma", daemon=True)
            self._opening.start()
        return self._chroma is not None

    def _open(self, generation: int) -> None:
        try:
            index = self._place.open(self._store)
        except StoreError:
            self._place.distrust()
            return
        if index is None:
            return
        with self._switch:
            if self._in_step(generation):
                self._chroma, self._chroma_held = index, generation
                return
        index.close()

    def _in_step(self, generation: int) -> bool:
        return self._place.generation == generation

    def _close_chroma(self) -> None:
        if self._chroma:
            self._chroma.close()
        self._chroma = self._chroma_held = None
