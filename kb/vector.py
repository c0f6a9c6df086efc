"""Vector indexes: what one does, and the exact one that scans vectors in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class VectorIndex(Protocol):
    """Nearest passages by inner product. Vectors are (n, dim) float32 of unit length; ids are passage ids."""

    def upsert(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Adds vectors; an id that is known gets the new one."""

    def delete(self, ids: Sequence[int]) -> None:
        """Takes ids out; unknown ids are no error."""

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """(id, cosine) of the at most `k` nearest, nearest first. `vector` is (dim,) of unit length."""

    def ids(self) -> set[int]:
        """Every id in the index."""

    def close(self) -> None:
        """Gives back what the index holds open."""


class ScanIndex:
    """The exact index: one matrix product a query, nothing on disk.

    Args:
        dimension: length of the vectors.

    >>> index = ScanIndex(2)
    >>> index.upsert([7, 8], np.array([[1, 0], [0.6, 0.8]], dtype=np.float32))
    >>> [(i, round(s, 1)) for i, s in index.search(np.array([1, 0], dtype=np.float32), 2)]
    [(7, 1.0), (8, 0.6)]
    """

    def __init__(self, dimension: int) -> None:
        self._ids: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._vectors: NDArray[np.float32] = np.empty((0, dimension), dtype=np.float32)

    def upsert(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """See `VectorIndex`."""
        self.delete(ids)
        self._ids = np.concatenate([self._ids, np.asarray(ids, dtype=np.int64)])
        self._vectors = np.concatenate([self._vectors, vectors])

    def delete(self, ids: Sequence[int]) -> None:
        """See `VectorIndex`."""
        keep = ~np.isin(self._ids, np.asarray(ids, dtype=np.int64))
        if not keep.all():
            self._ids, self._vectors = self._ids[keep], self._vectors[keep]

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """See `VectorIndex`; equal scores come in order of id."""
        scores = self._vectors @ vector
        k = min(k, len(scores))
        if k <= 0:
            return []
        best = np.argpartition(-scores, k - 1)[:k]
        best = best[np.lexsort((self._ids[best], -scores[best]))]
        return [(int(self._ids[i]), float(scores[i])) for i in best]

    def ids(self) -> set[int]:
        """See `VectorIndex`."""
        return set(self._ids.tolist())

    def close(self) -> None:
        """See `VectorIndex`."""
        self._ids, self._vectors = self._ids[:0], self._vectors[:0]
