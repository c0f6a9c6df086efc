"""The text handling of the default embedder: script folding and overlapping character n-grams, in numpy.

A text is read code point by code point through a folding table (traditional → simplified, full width → half width,
capital → small), and every run of one to four folded characters that the vocabulary knows is a token. The table and
the vocabulary ship with the model, so the same text gives the same tokens whatever else is installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

LONGEST = 4
UNKNOWN = "[UNK]"
_LENGTHS = tuple(range(1, LONGEST + 1))
_CODE_BITS = 15
_CODE_POINTS = 0x110000
_SIEVE_BITS = 17
_SIEVE_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class NgramVocabulary:
    """Finds the known character n-grams of texts, overlaps included.

    Args:
        tokens: the vocabulary in id order; token 0 is `[UNK]` and stands for a text without any known character.
        folded: characters that are read as another one.
        folds_to: what each character of `folded` is read as, same length.

    >>> vocabulary = NgramVocabulary(["[UNK]", "医", "保", "医保"], "醫A", "医a")
    >>> vocabulary.expand("醫保卡")
    '医 医保 保'
    """

    def __init__(self, tokens: Sequence[str], folded: str = "", folds_to: str = "") -> None:
        self.tokens = tuple(tokens)
        self.folded = folded
        self.folds_to = folds_to
        points = [_code_points("".join(token for token in self.tokens[1:] if len(token) == n)) for n in _LENGTHS]
        alphabet = np.unique(np.concatenate(points))
        self._codes = np.zeros(_CODE_POINTS, dtype=np.uint16)
        self._codes[alphabet] = np.arange(1, len(alphabet) + 1)
        lengths = np.fromiter((len(token) for token in self.tokens[1:]), dtype=np.int64, count=len(self.tokens) - 1)
        self._single = np.full(len(alphabet) + 1, -1, dtype=np.int32)
        self._single[self._codes[points[0]]] = np.flatnonzero(lengths == 1) + 1
        self._keys: dict[int, NDArray[np.uint64]] = {}
        self._ids: dict[int, NDArray[np.int32]] = {}
        self._sieve = np.zeros(1 << _SIEVE_BITS, dtype=bool)
        for n in _LENGTHS[1:]:
            keys = np.zeros(len(points[n - 1]) // n, dtype=np.uint64)
            for column in self._codes[points[n - 1]].reshape(-1, n).T:
                keys = keys << np.uint64(_CODE_BITS) | column
            order = np.argsort(keys)
            self._keys[n] = keys[order]
            self._ids[n] = (np.flatnonzero(lengths == n) + 1).astype(np.int32)[order]
            if n > 2:
                self._sieve[_sieve_slots(keys >> np.uint64(_CODE_BITS * (n - 2)))] = True
        self._codes[_code_points(folded)] = self._codes[_code_points(folds_to)]

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def _fold_table(self) -> dict[int, int]:
        return str.maketrans(self.folded, self.folds_to)

    def fold(self, text: str) -> str:
        """The text as the vocabulary reads it, character for character (same length)."""
        return text.translate(self._fold_table)

    def find_tokens(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Token ids of each text in order of position, shorter n-grams first.

        Returns:
            ids: all texts' token ids, one after another.
            offsets: `(len(texts) + 1,)`; text `i` has `ids[offsets[i]:offsets[i + 1]]`, possibly none.
        """
        lengths = np.fromiter((len(text) for text in texts), dtype=np.int64, count=len(texts))
        codes = self._codes[_code_points("\n".join(texts))].astype(np.uint64)
        grid = np.full((len(codes), LONGEST), -1, dtype=np.int32)
        grid[:, 0] = self._single[codes]
        pairs = codes[:-1] << np.uint64(_CODE_BITS) | codes[1:]
        whole = np.flatnonzero((codes[:-1] != 0) & (codes[1:] != 0))
        self._look_up(grid, 2, whole, pairs[whole])
        starts = whole[self._sieve[_sieve_slots(pairs[whole])]]
        keys = pairs[starts]
        for length in range(3, LONGEST + 1):
            inside = starts + length - 1 < len(codes)
            starts, keys = starts[inside], keys[inside]
            following = codes[starts + length - 1]
            starts, keys = starts[following != 0], keys[following != 0]
            keys = keys << np.uint64(_CODE_BITS) | following[following != 0]
            self._look_up(grid, length, starts, keys)
        flat = grid.ravel()
        known = flat >= 0
        ends = np.cumsum(lengths + 1) - 1
        found = np.concatenate(([0], np.cumsum(known.reshape(-1, LONGEST).sum(axis=1, dtype=np.int64))))
        offsets = np.concatenate((np.zeros(1, dtype=np.int64), found[np.minimum(ends, len(codes))]))
        return flat[known], offsets

    def _look_up(
        self, grid: NDArray[np.int32], length: int, starts: NDArray[np.int64], keys: NDArray[np.uint64]
    ) -> None:
        known = self._keys[length]
        if not len(known) or not len(keys):
            return
        places = np.searchsorted(known, keys)
        places[places == len(known)] = 0
        hits = known[places] == keys
        grid[starts[hits], length - 1] = self._ids[length][places[hits]]

    def expand(self, text: str) -> str:
        """The tokens of one text joined by spaces, for a plain whitespace word-level tokenizer."""
        ids, _ = self.find_tokens([text])
        return " ".join(self.tokens[index] for index in ids) if len(ids) else UNKNOWN


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _sieve_slots(pairs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (pairs * _SIEVE_FACTOR) >> np.uint64(64 - _SIEVE_BITS)
