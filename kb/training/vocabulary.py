"""Chooses the vocabulary: frequent characters, frequent bigrams, dictionary words of three and four characters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.ngrams import UNKNOWN, NgramVocabulary

CHARACTERS = 5_200
BIGRAMS = 34_000
WORDS = 8_800
_LAST_FOLDED = 0x2FA20  # end of the CJK compatibility ideographs supplement


def fold_table() -> tuple[str, str]:
    """The characters read as another one, and what they are read as.

    Full width is read as half width, capitals as small letters, and each character as OpenCC's t2s converts it when it
    stands alone, repeated until nothing changes.
    """
    import opencc

    convert = opencc.OpenCC("t2s").convert
    candidates = [chr(point) for point in range(0x21, _LAST_FOLDED) if not 0xD800 <= point <= 0xDFFF]
    folds = {c: chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in candidates}
    for _ in range(3):
        converted = convert("\n".join(folds.values())).lower().split("\n")
        folds = {c: to if len(to) == 1 else c for c, to in zip(folds, converted, strict=True)}
    changed = {c: to for c, to in folds.items() if c != to}
    return "".join(changed), "".join(changed.values())


def choose_vocabulary(groups: Sequence[tuple[float, Sequence[str]]]) -> NgramVocabulary:
    """The vocabulary of weighted groups of texts.

    Args:
        groups: weight and texts of each group; a token's rank is its weighted number of occurrences.
    """
    folded, folds_to = fold_table()
    table = str.maketrans(folded, folds_to)
    texts = [(weight, "\n".join(group).translate(table)) for weight, group in groups]
    singles = np.zeros(0x110000)
    for weight, text in texts:
        singles += weight * np.bincount(_code_points(text), minlength=0x110000)
    singles[[ord(c) for c in " \t\r\n\u3000\xa0" if ord(c) < 0x110000]] = 0
    letters = np.array([chr(p).isalnum() or chr(p) in "%‰℃" for p in range(0xD800)] + [False] * (0x110000 - 0xD800))
    singles[~letters] = 0
    best = np.argsort(-singles, kind="stable")[:CHARACTERS]
    characters = [chr(point) for point in best if singles[point] >= 1]
    bigrams = _best_bigrams(texts, set(characters))
    words = _best_words(texts, folded, folds_to)
    return NgramVocabulary([UNKNOWN, *characters, *bigrams, *words], folded, folds_to)


def _best_bigrams(texts: list[tuple[float, str]], characters: set[str]) -> list[str]:
    allowed = np.zeros(0x110000, dtype=bool)
    allowed[[ord(c) for c in characters]] = True
    keys: list[NDArray[np.int64]] = []
    counts: list[NDArray[np.float64]] = []
    for weight, text in texts:
        points = _code_points(text).astype(np.int64)
        inside = allowed[points[:-1]] & allowed[points[1:]]
        found, number = np.unique((points[:-1] << 21 | points[1:])[inside], return_counts=True)
        keys.append(found)
        counts.append(number * weight)
    distinct, places = np.unique(np.concatenate(keys), return_inverse=True)
    totals = np.bincount(places, weights=np.concatenate(counts))
    best = np.argsort(-totals, kind="stable")[:BIGRAMS]
    return [chr(distinct[i] >> 21) + chr(distinct[i] & 0x1FFFFF) for i in best]


def _best_words(texts: list[tuple[float, str]], folded: str, folds_to: str) -> list[str]:
    import jieba

    table = str.maketrans(folded, folds_to)
    entries = (line.split(" ")[0] for line in (Path(jieba.__file__).parent / "dict.txt").open(encoding="utf-8"))
    words = sorted({entry.translate(table) for entry in entries if 3 <= len(entry) <= 4})
    lookup = NgramVocabulary([UNKNOWN, *words])
    totals = np.zeros(len(lookup))
    for weight, text in texts:
        ids, _ = lookup.find_tokens(text.split("\n"))
        totals += weight * np.bincount(ids, minlength=len(lookup))
    return [lookup.tokens[i] for i in np.argsort(-totals, kind="stable")[:WORDS] if totals[i] > 0]


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
