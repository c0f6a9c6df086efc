"""Vector indexes: what one does, and the exact one that scans vectors in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_GATHER = 4
"""How many times longer copying a row takes than multiplying it; from there on all rows are multiplied."""


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

    def __len__(self) -> int:
        return len(self._ids)

    def fill(self, blocks: Sequence[tuple[int, NDArray[np.float32]]]) -> None:
        """Takes blocks in, in order of their ids: each the id of its first vector, the others follow, and vectors."""
        self._ids = np.concatenate([self._ids, *(np.arange(first, first + len(rows)) for first, rows in blocks)])
        self._vectors = np.concatenate([self._vectors, *(rows for _, rows in blocks)])

    def copy(self) -> ScanIndex:
        """An index that shares the vectors and not their change."""
        other = ScanIndex(self._vectors.shape[1])
        other._ids, other._vectors = self._ids, self._vectors
        return other

    def upsert(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """See `VectorIndex`."""
        self.delete(ids)
        together = np.concatenate([self._ids, np.asarray(ids, dtype=np.int64)])
        rows = np.concatenate([self._vectors, vectors])
        if (np.diff(together) < 0).any():
            order = np.argsort(together, kind="stable")
            together, rows = together[order], rows[order]
        self._ids, self._vectors = together, rows

    def delete(self, ids: Sequence[int]) -> None:
        """See `VectorIndex`."""
        keep = ~np.isin(self._ids, np.asarray(ids, dtype=np.int64))
        if not keep.all():
            self._ids, self._vectors = self._ids[keep], self._vectors[keep]

    def search(
        self, vector: NDArray[np.float32], k: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """See `VectorIndex`; equal scores come in order of id.

        Args:
            vector: (dim,) of unit length.
            k: how many.
            within: look only at these ids.
        """
        ids, scores = self._scored(vector, within)
        k = min(k, len(scores))
        if k <= 0:
            return []
        best = np.argpartition(-scores, k - 1)[:k]
        best = best[np.lexsort((ids[best], -scores[best]))]
        return [(int(ids[i]), float(scores[i])) for i in best]

    def _scored(
        self, vector: NDArray[np.float32], within: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        if within is None:
            return self._ids, self._vectors @ vector
        at = np.searchsorted(self._ids, within)
        rows = at[self._ids.take(at, mode="clip") == within] if len(self._ids) else at[:0]
        if _GATHER * len(rows) < len(self._ids):
            return self._ids[rows], self._vectors[rows] @ vector
        return self._ids[rows], (self._vectors @ vector)[rows]

    def ids(self) -> set[int]:
        """See `VectorIndex`."""
        return set(self._ids.tolist())

    def close(self) -> None:
        """See `VectorIndex`."""
        self._ids, self._vectors = self._ids[:0], self._vectors[:0]
