"""The words of a question: those of the vocabularies and everyday speech whole, the rest as a dictionary cuts them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, MatchKind

from ingest.extract.vocabulary import Indicator, Mention, ScopeTerm, indicators, scope_terms
from ingest.lexicon import load_table

if TYPE_CHECKING:
    from rjieba import Jieba

_GENERIC = re.compile(r"(?:期限|时限|年限|标准|比例|比率|金额|额度|限额|最[长高低多少大]|[上下]限|为限|不?超过)+")
_NOUNS = ("n", "j", "l", "i", "e")
_VERBS = ("v",)
_EMPTY = ("r", "u", "p", "c", "y", "x", "m", "q", "k", "o")
"""First letters of the dictionary's tags: what names things, what names deeds, what names neither."""
_NOUN, _VERB, _OTHER, _SHORT = 1.0, 0.7, 0.4, 0.4
"""What a word weighs by its kind; a single character says little whatever it is."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question.

    Attributes:
        start, end: its span.
        text: as asked.
        formal: what documents say for it, besides the word itself.
        weight: what it counts, 0 to 1.
        noun: whether it names a thing.
        measures: keys of the indicators it names.
        slot: what it narrows (`scheme` `institution` `service` `population` `place`), empty for other words.
        name: the full name of what it narrows to.
    """

    start: int
    end: int
    text: str
    formal: tuple[str, ...]
    weight: float
    noun: bool
    measures: tuple[str, ...] = ()
    slot: str = ""
    name: str = ""


def find_words(text: str, asking: Sequence[tuple[int, int]]) -> list[Word]:
    """The words of normalized `text` with content, in order.

    Args:
        text: a question.
        asking: spans of what only asks, or is looked at elsewhere; longer words win against them.
    """
    narrowing = {(m.start, m.end): m for m in scope_terms().find(text).found}
    measuring: dict[tuple[int, int], list[Mention[Indicator]]] = {}
    for mention in indicators().find(text).found:
        if text[mention.start] != "的" and not any(mention.start < end < mention.end for _, end in narrowing):
            measuring.setdefault((mention.start, mention.end), []).append(mention)
    single = {(s, s + 1) for s, e in asking if s and text[s - 1] in everyday()}
    known = {*narrowing, *measuring, *(span for span in _everyday_spans(text) if span[1] - span[0] > 1), *asking}
    begins = {start for start, _, _ in _cut(text, 0, len(text))}
    known = {span for span in known if span[1] - span[0] > 2 or span[0] in begins or span in asking}
    known |= {(end - 1, end) for end, _ in single}
    found: list[Word] = []
    at = 0
    for start, end in _longest(known):
        found += _plain_words(text, at, start)
        if (start, end) not in asking:
            found.append(_known_word(text, start, end, narrowing.get((start, end)), measuring.get((start, end), [])))
        at = end
    found += _plain_words(text, at, len(text))
    return [word for word in found if word.weight]


def _longest(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans that remain when longer ones win, and the earlier of equal ones."""
    taken: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda s: (s[0] - s[1], s[0])):
        if all(end <= other[0] or start >= other[1] for other in taken):
            taken.append((start, end))
    return sorted(taken)


def _known_word(
    text: str, start: int, end: int, narrowing: Mention[ScopeTerm] | None, measuring: list[Mention[Indicator]]
) -> Word:
    said = text[start:end]
    weight = 0.0 if said in _light() or _GENERIC.fullmatch(said) else _SHORT if len(said) == 1 else _NOUN
    measures = tuple(dict.fromkeys(m.item.key for m in measuring))
    formal = everyday().get(said, ())
    if narrowing is None:
        cut = list(_cut(text, start, end))
        noun = _names_thing(said, cut[0][2]) if len(cut) == 1 else len(said) > 1
        return Word(start, end, said, formal, weight, noun, measures)
    name = narrowing.item.name
    return Word(start, end, said, (*formal, name), weight, True, measures, narrowing.item.slot, name)


def _plain_words(text: str, start: int, end: int) -> Iterator[Word]:
    for place, said, tag in _cut(text, start, end):
        weight = 0.0 if said in _light() else _weight(said, tag)
        formal, noun = everyday().get(said, ()), _names_thing(said, tag)
        yield Word(place, place + len(said), said, formal, weight, noun, slot="place" if tag == "ns" and noun else "")


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, str, str]]:
    """Where the dictionary's words begin in a part of a text, the words and their tags."""
    at = start
    for said, tag in _jieba().tag(text[start:end], False) if end > start else ():
        yield at, said, tag
        at += len(said)


def tagged(text: str) -> list[tuple[str, str]]:
    """The dictionary's words of a text with their tags."""
    return [(said, tag) for _, said, tag in _cut(text, 0, len(text))]


def _names_thing(said: str, tag: str) -> bool:
    return len(said) > 1 and tag.startswith(_NOUNS)


def _weight(said: str, tag: str) -> float:
    if tag.startswith(_EMPTY) and not tag.startswith("vn"):
        return 0.0
    if len(said) == 1:  # an adverb or a word for a time says something from two characters on
        return _SHORT if tag.startswith((*_NOUNS, *_VERBS)) else 0.0
    return _NOUN if tag.startswith(_NOUNS) or tag == "vn" else _VERB if tag.startswith(_VERBS) else _OTHER


@cache
def _jieba() -> Jieba:
    from rjieba import Jieba

    return Jieba()


@cache
def everyday() -> dict[str, tuple[str, ...]]:
    """What people say, and the words documents have for it."""
    return {said: tuple(formal) for said, formal in load_table("lay")["words"].items()}


@cache
def _light() -> frozenset[str]:
    return frozenset(load_table("lay")["light"]["words"])


@cache
def _automaton() -> AhoCorasick:
    return AhoCorasick(list(everyday()), matchkind=MatchKind.Standard)


def _everyday_spans(text: str) -> Iterator[tuple[int, int]]:
    return ((start, end) for _, start, end in _automaton().find_matches_as_indexes(text, overlapping=True))
