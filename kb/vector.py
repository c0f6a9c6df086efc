"""Vector indexes: what one does, and the exact one that scans vectors in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_GATHER = 4
"""How many times longer copying a row takes than multiplying it; from there on all rows are multiplied."""
_COARSE_FROM = 20_000
"""Vectors from which a first look at fewer numbers a vector pays."""
_COARSE = 96
_LOOKED_AT = 2_000
"""Of 110,000 passages the 2,000 nearest by 96 numbers of 256 hold 99.8% of the 300 nearest and 99.96% of the first 60;
the scan takes 4 ms instead of 10."""
_SAMPLE = 10_000


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
        coarse: many vectors are first looked at along the directions in which they differ most, and only the nearest
            by these are compared whole; scores stay exact, some passages far down a list may be missed.

    >>> index = ScanIndex(2)
    >>> index.upsert([7, 8], np.array([[1, 0], [0.6, 0.8]], dtype=np.float32))
    >>> [(i, round(s, 1)) for i, s in index.search(np.array([1, 0], dtype=np.float32), 2)]
    [(7, 1.0), (8, 0.6)]
    """

    def __init__(self, dimension: int, *, coarse: bool = False) -> None:
        self._ids: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._vectors: NDArray[np.float32] = np.empty((0, dimension), dtype=np.float32)
        self._coarse = coarse
        self._directions: NDArray[np.float32] | None = None
        self._outlines: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def fill(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Takes all vectors at once, without a copy; ids ascend."""
        self._ids, self._vectors = np.asarray(ids, dtype=np.int64), vectors
        self._outline()

    def copy(self) -> ScanIndex:
        """An index that shares the vectors and not their change."""
        other = ScanIndex(self._vectors.shape[1], coarse=self._coarse)
        other._ids, other._vectors = self._ids, self._vectors
        other._directions, other._outlines = self._directions, self._outlines
        return other

    def upsert(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """See `VectorIndex`."""
        self.delete(ids)
        together = np.concatenate([self._ids, np.asarray(ids, dtype=np.int64)])
        rows = np.concatenate([self._vectors, vectors])
        if (np.diff(together) < 0).any():
            order = np.argsort(together, kind="stable")
            together, rows = together[order], rows[order]
            self._outlines = None
        self._ids, self._vectors = together, rows
        self._outline()

    def delete(self, ids: Sequence[int]) -> None:
        """See `VectorIndex`."""
        keep = ~np.isin(self._ids, np.asarray(ids, dtype=np.int64))
        if not keep.all():
            self._ids, self._vectors = self._ids[keep], self._vectors[keep]
            self._outlines = None if self._outlines is None else self._outlines[keep]

    def search(
        self, vector: NDArray[np.float32], k: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """See `VectorIndex`; equal scores come in order of id.

        Args:
            vector: (dim,) of unit length.
            k: how many.
            within: look only at these ids, ascending.
        """
        rows = None if within is None else self._rows(within)
        many, few = len(self._ids) if rows is None else len(rows), max(_LOOKED_AT, _GATHER * k)
        if self._outlines is not None and self._directions is not None and many > 2 * few:
            likely = _products(self._outlines, vector @ self._directions, rows)
            nearest = np.argpartition(likely, -few)[-few:]
            rows = nearest if rows is None else rows[nearest]
        scores = _products(self._vectors, vector, rows)
        ids = self._ids if rows is None else self._ids[rows]
        k = min(k, len(scores))
        if k <= 0:
            return []
        best = np.argpartition(-scores, k - 1)[:k]
        best = best[np.lexsort((ids[best], -scores[best]))]
        return list(zip(ids[best].tolist(), scores[best].tolist(), strict=True))

    def _rows(self, within: NDArray[np.int64]) -> NDArray[np.intp]:
        if not len(self._ids):
            return np.empty(0, dtype=np.intp)
        first, last = self._ids[[0, -1]]
        if last - first + 1 == len(self._ids):  # no id is missing, as where nothing was ever removed
            at = within - first
            known = (within >= first) & (within <= last)
        else:
            at = np.searchsorted(self._ids, within)
            known = self._ids.take(at, mode="clip") == within
        rows: NDArray[np.intp] = at[known]
        return rows

    def _outline(self) -> None:
        """Keeps the outlines, `(n, _COARSE)`, in step with the vectors."""
        if not self._coarse or len(self._ids) < _COARSE_FROM or self._vectors.shape[1] <= 2 * _COARSE:
            return
        if self._directions is None:
            sample = self._vectors[:: max(1, len(self._vectors) // _SAMPLE)]
            self._directions = np.linalg.eigh(sample.T @ sample)[1][:, -_COARSE:].astype(np.float32)
        known = self._outlines if self._outlines is not None else np.empty((0, _COARSE), dtype=np.float32)
        self._outlines = np.concatenate([known, self._vectors[len(known) :] @ self._directions])

    def ids(self) -> set[int]:
        """See `VectorIndex`."""
        return set(self._ids.tolist())

    def close(self) -> None:
        """See `VectorIndex`."""
        self._ids, self._vectors, self._outlines = self._ids[:0], self._vectors[:0], None


def _products(
    vectors: NDArray[np.float32], vector: NDArray[np.float32], rows: NDArray[np.intp] | None
) -> NDArray[np.float32]:
    """Inner products of some rows, or all, with a vector, by the shorter way."""
    products: NDArray[np.float32]
    if rows is None:
        products = vectors @ vector
    elif _GATHER * len(rows) < len(vectors):
        products = vectors.take(rows, axis=0) @ vector
    else:
        products = (vectors @ vector)[rows]
    return products
