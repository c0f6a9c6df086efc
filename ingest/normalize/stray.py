"""Stray marks inside words and clauses, as copying pages put them there: 医保中。心, 不必要的.检查."""

from __future__ import annotations

import re
from functools import cache

from ingest.normalize.aligned import Edit, Step, step_from_edits
from ingest.normalize.census import Census, character_set
from ingest.normalize.converters import converter
from ingest.normalize.words import field_phrases
from ingest.records import Repair

_HAN = "\u4e00-\u9fff"
_ASCII = re.compile(rf"(?P<mark>[.'`?*^~_·])(?<=[{_HAN}].)(?=[{_HAN}])")
_STOP = re.compile(rf"。(?<=[{_HAN}]。)(?=[{_HAN}])")
_TRIGGERS = ".'`?*^~_·"
_UNFINISHED = frozenset("的和与與及或将將把被对對为為从從向以")
_REACH = 8
_SENTENCE = 10


def stray_step(text: str, census: Census) -> Step | None:
    """The step that takes out stray marks, or None when there are none.

    A mark is stray where it parts the characters of one word of the field; a full stop only where a whole phrase of
    several words stands around it. A quote or grave accent between two Chinese characters is stray where it has no
    partner in its line, a point where the clause before it cannot end so, in a text that ends its sentences with 。.

    >>> stray_step("医保中。心", Census.of("医保中。心")).text
    '医保中心'
    """
    repairs: list[Repair] = []
    if census.total(character_set(_TRIGGERS)):
        points = text.count(".") + 1
        chinese = text.count("。") >= _SENTENCE and text.count("。") * 2 >= points
        repairs += [r for found in _ASCII.finditer(text) if (r := _judged(text, found.start("mark"), chinese))]
    if census.total(character_set("。")):
        split = _split_words()
        for found in _STOP.finditer(text):
            at = found.start()
            if text[at - 1] + text[at + 1] in split and _inside_phrase(text, at, 2):
                repairs.append(Repair(at, at + 1, text[at], "", "stray-mark", 0.95, inferred=True))
    repairs.sort(key=lambda repair: repair.start)
    return step_from_edits("stray", text, [Edit(r.start, r.end, "") for r in repairs], tuple(repairs))


def _judged(text: str, at: int, chinese: bool) -> Repair | None:
    """The removal of the ASCII mark at `at`, where it is stray."""
    mark = text[at]
    if _inside_phrase(text, at, 1):
        return Repair(at, at + 1, mark, "", "stray-mark", 0.98, inferred=True)
    if mark in "'`":
        line = text[text.rfind("\n", 0, at) + 1 : (text.find("\n", at) + 1 or len(text) + 1) - 1]
        if line.count(mark) == 1:
            return Repair(at, at + 1, mark, "", "stray-mark", 0.95, inferred=True)
    if mark == "." and chinese and text[at - 1] in _UNFINISHED:
        return Repair(at, at + 1, mark, "", "stray-mark", 0.85, inferred=True)
    return None


def _inside_phrase(text: str, at: int, words: int) -> bool:
    """True where a phrase of the field, `words` words or longer, stands around `at` and the mark splits a word."""
    left, right = text[max(0, at - _REACH) : at], text[at + 1 : at + 1 + _REACH]
    return any(
        left.endswith(head) and right.startswith(tail)
        for head, tail, size in _split_words().get(left[-1:] + right[:1], ())
        if size >= words
    )


@cache
def _split_words() -> dict[str, list[tuple[str, str, int]]]:
    """Every way a mark can split a word of a phrase, in either script, by the two characters around it."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for phrase in field_phrases():
        words = phrase.split()
        for whole in {"".join(words), converter("s2t").convert("".join(words))}:
            start = 0
            for word in words:
                for cut in range(start + 1, start + len(word)):
                    found.setdefault(whole[cut - 1 : cut + 1], []).append((whole[:cut], whole[cut:], len(words)))
                start += len(word)
    return found
