"""How likely a string of simplified Chinese is, by the word frequencies of jieba's dictionary and of the field."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import log
from pathlib import Path

from ingest.errors import FaduError
from ingest.lexicon import load_table

_LONGEST = 6
_UNKNOWN = -17.0
_OUTSIDE = -8.0
_MARKS = {"，": -4.0, "。": -4.5, "、": -5.0, "“": -6.0, "”": -6.0, "；": -6.0, "：": -6.0, ",": -4.0}
_FIELD_FREQUENCY = 2000


@dataclass(frozen=True, slots=True)
class WordModel:
    """Log-probabilities of words, and of a character after the one before it in a word."""

    words: dict[str, float]
    pairs: dict[str, float]

    def score(self, text: str) -> float:
        """The log-probability of the likeliest segmentation of `text`; characters that are not Chinese weigh alike."""
        best = [0.0] * (len(text) + 1)
        words = self.words
        for end in range(1, len(text) + 1):
            last = text[end - 1]
            top = best[end - 1] + self.single(last)
            for start in range(max(0, end - _LONGEST), end - 1):
                word = words.get(text[start:end])
                if word is not None and best[start] + word > top:
                    top = best[start] + word
            best[end] = top
        return best[len(text)]

    def single(self, character: str) -> float:
        """The log-probability of one character standing alone."""
        if "\u3400" <= character <= "\u9fff" or character > "\uffff":
            return self.words.get(character, _UNKNOWN)
        return _MARKS.get(character, _OUTSIDE)


@cache
def word_model() -> WordModel:
    """The model, read on first use in about a second.

    Raises:
        FaduError: jieba is not installed.
    """
    found = find_spec("jieba")
    if found is None or found.origin is None:
        raise FaduError("repair of damaged text: the dictionary of jieba is missing; run pip install jieba")
    fields = Path(found.origin).with_name("dict.txt").read_text(encoding="utf-8").split()
    counts = dict(zip(fields[::3], map(int, fields[1::3]), strict=True))
    for phrase in field_phrases():
        for word in (phrase.replace(" ", ""), *phrase.split()):
            counts[word] = max(counts.get(word, 0), _FIELD_FREQUENCY)
    total = log(sum(counts.values()))
    pairs: defaultdict[str, int] = defaultdict(int)
    heads: defaultdict[str, int] = defaultdict(int)
    for word, count in counts.items():
        for at in range(len(word) - 1):
            pairs[word[at : at + 2]] += count
    for pair, count in pairs.items():
        heads[pair[0]] += count
    return WordModel(
        {word: log(count or 1) - total for word, count in counts.items()},
        {pair: log(count or 1) - log(heads[pair[0]] or 1) - 1.0 for pair, count in pairs.items()},
    )


@cache
def field_phrases() -> tuple[str, ...]:
    """The phrases of the field, their words parted by spaces."""
    return tuple(phrase for entry in load_table("phrases")["group"] for phrase in entry["phrases"])
