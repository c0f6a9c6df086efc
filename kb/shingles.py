"""How alike two passages are: MinHash over the character shingles of their normalized text.

Alike is not the same: two passages that differ in a number or in a negation state different rules however many
characters they share. So the numbers and negations, in order, are part of every near-duplicate key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEAR = 0.8
"""Jaccard similarity of shingles from which passages count as near-duplicates: about 2.5 characters changed in 100."""
SHORTEST = 30
"""Passages of fewer letters and digits say too little alone: they are alike only word for word and in like context."""
SHINGLE = 4
BANDS, ROWS = 8, 4
"""8 bands of 4 hashes: a pair of similarity 0.8 shares a band with probability 0.985, one of 0.9 with 0.9998."""

_UNWRITTEN = re.compile(r"[^\w%‰]+|_+")
_NUMBER = r"[\d〇零一二两三四五六七八九十百千万亿]+"
_LABEL = re.compile(
    rf"第{_NUMBER}(?:[-–]\d+)?(?:条(?:之{_NUMBER})?|[编章节款项])|[（(]{_NUMBER}[)）]|{_NUMBER}[、.．](?!\d)"
)
_DECISIVE = re.compile(r"[\d.%‰〇零一二两三四五六七八九十百千万亿半不未无非勿禁免]")
_PRIME = np.uint64(0x100000001B3)
_MIXERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_FACTORS = np.random.default_rng(0xFAD0).integers(0, 1 << 63, size=BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + (
    np.uint64(1)
)


@dataclass(frozen=True, slots=True)
class Body:
    """What of a passage is compared.

    Attributes:
        words: its letters and digits, without its own label: 第三条, （二）.
        decisive: its numbers and negations in order.
    """

    words: str
    decisive: str


def body_from_text(text: str) -> Body:
    """The comparable body of a normalized passage.

    >>> body_from_text("第三条 统筹基金结余不得超过25%。")
    Body(words='统筹基金结余不得超过25%', decisive='不25%')
    """
    stripped = text.lstrip()
    label = _LABEL.match(stripped)
    kept = stripped[label.end() :] if label else stripped
    return Body(_UNWRITTEN.sub("", kept), "".join(_DECISIVE.findall(kept)))


def similarity(a: Body, b: Body) -> float:
    """Jaccard coefficient of the shingles of two bodies; 0 where their numbers or negations differ.

    >>> similarity(body_from_text("第一条 比例为80%"), body_from_text("第九条 比例为82%"))
    0.0
    """
    if a.decisive != b.decisive:
        return 0.0
    if a.words == b.words:
        return 1.0
    mine, theirs = _shingles(a.words), _shingles(b.words)
    shared = len(mine & theirs)
    return shared / (len(mine) + len(theirs) - shared)


def passage_key_rows(bodies: Sequence[Body], contexts: Sequence[str]) -> NDArray[np.int64]:
    """The keys of passages: those that say the same share one, almost surely.

    Args:
        bodies: of the passages.
        contexts: what stands around each; a short passage shares its key with none of another context.

    Returns:
        (len(bodies), BANDS) int64.
    """
    keys = np.empty((len(bodies), BANDS), dtype=np.int64)
    long = [i for i, body in enumerate(bodies) if len(body.words) >= SHORTEST]
    keys[long] = band_keys([bodies[i] for i in long])
    for i in set(range(len(bodies))).difference(long):
        keys[i] = _digest(f"{bodies[i].words}\n{contexts[i]}")
    return keys


def band_keys(bodies: Sequence[Body]) -> NDArray[np.int64]:
    """Keys of which near-duplicates share at least one, almost surely.

    Args:
        bodies: each of at least `SHORTEST` letters and digits.

    Returns:
        (len(bodies), BANDS) int64.
    """
    if not bodies:
        return np.empty((0, BANDS), dtype=np.int64)
    points = np.frombuffer("".join(body.words for body in bodies).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    hashes = np.zeros(len(points) - SHINGLE + 1, dtype=np.uint64)
    for at in range(SHINGLE):
        hashes = hashes * _PRIME + points[at : at + len(hashes)]
    lengths = np.fromiter((len(body.words) for body in bodies), dtype=np.int64, count=len(bodies))
    ends = np.cumsum(lengths)
    within = np.ones(len(hashes), dtype=bool)
    for at in range(1, SHINGLE):
        within[ends[:-1] - at] = False  # shingles that would run into the next passage
    hashes = _mixed(hashes[within])
    starts = np.concatenate(([0], np.cumsum(lengths - SHINGLE + 1)[:-1]))
    least = np.stack([np.minimum.reduceat(hashes * factor, starts) for factor in _FACTORS])
    decisive = np.array([_digest(body.decisive) for body in bodies], dtype=np.int64).view(np.uint64)
    sums = np.zeros((BANDS, len(bodies)), dtype=np.uint64) + np.arange(BANDS, dtype=np.uint64)[:, None]
    for row in least.reshape(BANDS, ROWS, -1).transpose(1, 0, 2):
        sums = _mixed(sums * _PRIME + row)
    return _mixed(sums ^ decisive).view(np.int64).T


def _shingles(words: str) -> set[str]:
    return {words[at : at + SHINGLE] for at in range(max(1, len(words) - SHINGLE + 1))}


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of each number spread over all of its bits (the finalizer of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * _MIXERS[0]
    values = (values ^ (values >> np.uint64(27))) * _MIXERS[1]
    return values ^ (values >> np.uint64(31))


def _digest(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
