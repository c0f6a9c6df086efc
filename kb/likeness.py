"""How alike two pieces of text are: shared character bigrams, numbers and punctuation aside."""

from __future__ import annotations

import re
from functools import lru_cache

from kb.simplify import simplified

_NOISE = re.compile(r"[\d\s.%％,，。；;：:、“”（）()《》〈〉|]+")


@lru_cache(maxsize=65536)
def bigrams(text: str) -> frozenset[str]:
    """The bigrams of a text in simplified characters, without numbers and punctuation."""
    pieces = _NOISE.split(simplified(text))
    return frozenset(piece[i : i + 2] for piece in pieces for i in range(max(len(piece) - 1, min(len(piece), 1))))


def likeness(a: str, b: str) -> float:
    """Dice coefficient of the bigrams of two texts, from 0 to 1; two empty texts are alike.

    >>> likeness("累计结余不得超过30%", "累計結餘不得超過25%")
    1.0
    """
    left, right = bigrams(a), bigrams(b)
    if not left and not right:
        return 1.0
    return 2 * len(left & right) / (len(left) + len(right))
