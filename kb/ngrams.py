"""The text handling of the default embedder: script folding and overlapping character n-grams, in numpy.

A text is read code point by code point through a folding table (traditional → simplified, full width → half width,
capital → small), and every run of one to four folded characters that the vocabulary knows is a token. The table and
the vocabulary ship with the model, so the same text gives the same tokens whatever else is installed.
"""

from __future__ import annotations

from collections import defaultdict
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
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_ROOM = 4


class NgramVocabulary:
    """Finds the known character n-grams of texts, overlaps included.

    Args:
        tokens: the vocabulary in id order; token 0 is `[UNK]` and stands for a text without any known character.
        folded: characters that are read as another one.
        folds_to: what each character of `folded` is read as, same length.

    Attributes:
        lengths: characters of each token, `(len(tokens),)`.

    >>> vocabulary = NgramVocabulary(["[UNK]", "医", "保", "医保"], "醫A", "医a")
    >>> vocabulary.expand("醫保卡")
    '医 医保 保'
    """

    def __init__(self, tokens: Sequence[str], folded: str = "", folds_to: str = "") -> None:
        self.tokens = tuple(tokens)
        self.folded = folded
        self.folds_to = folds_to
        self.lengths = np.fromiter(map(len, self.tokens), dtype=np.int8, count=len(self.tokens))
        lengths = self.lengths[1:]
        of_length: defaultdict[int, list[str]] = defaultdict(list)
        for token in self.tokens[1:]:
            of_length[len(token)].append(token)
        points = [_code_points("".join(of_length[n])) for n in _LENGTHS]
        alphabet = np.unique(np.concatenate(points))
        self._codes = np.zeros(_CODE_POINTS, dtype=np.uint16)
        self._codes[alphabet] = np.arange(1, len(alphabet) + 1)
        self._single = np.full(len(alphabet) + 1, -1, dtype=np.int32)
        self._single[self._codes[points[0]]] = np.flatnonzero(lengths == 1) + 1
        self._sieve = np.zeros(1 << _SIEVE_BITS, dtype=bool)
        keys, ids = [], []
        for n in _LENGTHS[1:]:
            key = np.zeros(len(points[n - 1]) // n, dtype=np.uint64)
            for column in self._codes[points[n - 1]].reshape(-1, n).T:
                key = key << np.uint64(_CODE_BITS) | column
            keys.append(key)
            ids.append((np.flatnonzero(lengths == n) + 1).astype(np.int32))
            if n > 2:
                self._sieve[_slots(key >> np.uint64(_CODE_BITS * (n - 2)), _SIEVE_BITS)] = True
        self._table = _Table(np.concatenate(keys), np.concatenate(ids))
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
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        codes = self._codes[_code_points("\n".join(texts))].astype(np.uint64)
        grid = np.full((len(codes), LONGEST), -1, dtype=np.int32)
        grid[:, 0] = self._single[codes]
        pairs = codes[:-1] << np.uint64(_CODE_BITS) | codes[1:]
        whole = np.flatnonzero((codes[:-1] != 0) & (codes[1:] != 0))
        keys = pairs[whole]
        hits, ids = self._table.look_up(keys)
        grid[whole[hits], 1] = ids
        promising = self._sieve[_slots(keys, _SIEVE_BITS)]
        starts, keys = whole[promising], keys[promising]
        for length in range(3, LONGEST + 1):
            inside = starts + length - 1 < len(codes)
            starts, keys = starts[inside], keys[inside]
            following = codes[starts + length - 1]
            starts, keys = starts[following != 0], keys[following != 0]
            keys = keys << np.uint64(_CODE_BITS) | following[following != 0]
            hits, ids = self._table.look_up(keys)
            grid[starts[hits], length - 1] = ids
        flat = grid.ravel()
        known = np.flatnonzero(flat >= 0)
        ends = np.minimum(np.cumsum(lengths + 1) - 1, len(codes))
        offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.searchsorted(known, LONGEST * ends)))
        return flat[known], offsets

    def expand(self, text: str) -> str:
        """The tokens of one text joined by spaces, for a plain whitespace word-level tokenizer."""
        ids, _ = self.find_tokens([text])
        return " ".join(self.tokens[index] for index in ids) if len(ids) else UNKNOWN


class _Table:
    """Ids by key, in an open-addressed table that is asked for many keys at once; four times faster than bisection.

    Args:
        keys: distinct, none of them 0.
        ids: theirs.
    """

    def __init__(self, keys: NDArray[np.uint64], ids: NDArray[np.int32]) -> None:
        self._bits = max(len(keys) * _ROOM, 1).bit_length()
        self._keys = np.zeros(1 << self._bits, dtype=np.uint64)
        self._ids = np.full(1 << self._bits, -1, dtype=np.int32)
        slots = _slots(keys, self._bits)
        while len(keys):
            free = np.flatnonzero(self._keys[slots] == 0)
            placed = free[np.unique(slots[free], return_index=True)[1]]
            self._keys[slots[placed]], self._ids[slots[placed]] = keys[placed], ids[placed]
            waiting = np.ones(len(keys), dtype=bool)
            waiting[placed] = False
            keys, ids, slots = keys[waiting], ids[waiting], self._next(slots[waiting])

    def look_up(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """The places of the keys that are held, and their ids."""
        slots = _slots(keys, self._bits)
        held = self._keys[slots]
        met = held == keys
        crowded = np.flatnonzero(~met & (held != 0))
        while len(crowded):
            slots[crowded] = self._next(slots[crowded])
            held = self._keys[slots[crowded]]
            met[crowded] = held == keys[crowded]
            crowded = crowded[(held != keys[crowded]) & (held != 0)]
        hits = np.flatnonzero(met)
        return hits, self._ids[slots[hits]]

    def _next(self, slots: NDArray[np.uint64]) -> NDArray[np.uint64]:
        return (slots + np.uint64(1)) & np.uint64((1 << self._bits) - 1)


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _slots(keys: NDArray[np.uint64], bits: int) -> NDArray[np.uint64]:
    return (keys * _FACTOR) >> np.uint64(64 - bits)
