"""Which vector index answers: Chroma in a process that stays, the exact scan everywhere else.

A one-shot command never imports Chroma: 1.6 s of import and up to 3 s for its first query are more than loading
and scanning 100,000 vectors takes. A resident process asks Chroma once it holds at least `CHROMA_FROM` passages and
only while Chroma is in step with the store; until then, and for every filtered search, it scans.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kb.chroma import FOLDER, chroma_generation, open_chroma
from kb.schema import versions
from kb.vector import ScanIndex, VectorIndex

if TYPE_CHECKING:
    from kb.store import Store

CHROMA_FROM = 1_000
"""Current passages from which a resident process asks Chroma; below, the scan is faster and exact."""


class DenseSearch:
    """Nearest current passages of a store, in step with it.

    Args:
        store: the truth.
        resident: the process answers many queries.
    """

    def __init__(self, store: Store, *, resident: bool) -> None:
        self._store = store
        self._resident = resident
        self._index: VectorIndex | None = None
        self._held: tuple[int, bool] | None = None
        self._backend = "scan"
        self._switch = threading.Lock()

    @property
    def backend(self) -> str:
        """`chroma` or `scan`: what the last search asked."""
        return self._backend

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """(passage id, cosine) of the nearest passages; `vector` is (dim,) of unit length."""
        with self._switch:
            generation = self._store.generation
            state = (generation, self._resident and chroma_generation(self._store.folder / FOLDER) == generation)
            if self._index is None or self._held != state:
                self.close()
                self._index, self._held = self._open(chroma_in_step=state[1]), state
            return self._index.search(vector, k)

    def close(self) -> None:
        """Gives the index back."""
        if self._index:
            self._index.close()
        self._index = self._held = None

    def _open(self, *, chroma_in_step: bool) -> VectorIndex:
        large = chroma_in_step and self._store.count_current() >= CHROMA_FROM
        chroma = open_chroma(self._store.folder / FOLDER) if large else None
        if chroma:
            self._backend = "chroma"
            return chroma
        self._backend = "scan"
        ids, vectors = self._store.vectors_where(versions.c.current)
        index = ScanIndex(vectors.shape[1])
        index.upsert(ids, vectors)
        return index
