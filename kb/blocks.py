"""Vectors as they are stored: one block of half-precision numbers for all passages of a version."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

_STORED = np.dtype("<f2")
_BITS = np.dtype("<u2")


def packed(vectors: NDArray[np.float32]) -> bytes:
    """Vectors, (n, dim), as they are stored: little-endian half precision, one after the other."""
    return vectors.astype(_STORED).tobytes()


def unpacked(blocks: Sequence[bytes], dimension: int) -> NDArray[np.float32]:
    """The vectors of some blocks one after the other, (n, dimension) float32.

    >>> unpacked([packed(np.array([[0.5, -2.0]], dtype=np.float32))], 2).tolist()
    [[0.5, -2.0]]
    """
    numbers = np.empty(sum(map(len, blocks)) // _BITS.itemsize, dtype=np.float32)
    at = 0
    for block in blocks:
        bits = np.frombuffer(block, _BITS)
        _singles().take(bits, out=numbers[at : at + len(bits)], mode="clip")
        at += len(bits)
    return numbers.reshape(-1, dimension) if dimension else numbers.reshape(0, 0)


@cache
def _singles() -> NDArray[np.float32]:
    """The single-precision number of every half-precision bit pattern; looking up is faster than converting."""
    return np.arange(1 << 16, dtype=_BITS).view(_STORED).astype(np.float32)
