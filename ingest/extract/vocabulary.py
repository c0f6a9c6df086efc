"""The field's words, and where they stand in a text.

Tables and packs under `ingest/lexicon/` are read once per process, and once per choice of the user's packs; each
vocabulary is one Aho-Corasick automaton, so finding every word of a document costs one linear pass per vocabulary.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from ahocorasick_rs import AhoCorasick, MatchKind

from ingest.lexicon import load_table
from ingest.lexicon.packs import PLACES, Pack, active_packs, shipped_packs

T = TypeVar("T")
SCOPE_SLOTS = ("scheme", "institution", "service", "population")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One way a document names an indicator.

    Attributes:
        key: canonical key.
        kinds: kinds of quantity it takes, the usual one first.
        units: count units it is limited to; empty for any.
        after: the word follows the number.
        weak: the word decides only when nothing better does.
    """

    key: str
    kinds: tuple[str, ...]
    units: frozenset[str]
    after: bool
    weak: bool


@dataclass(frozen=True, slots=True)
class ScopeTerm:
    """A word that narrows a statement: `slot` is scheme, institution, service or population; `name` its full form."""

    slot: str
    name: str


class Mention(NamedTuple, Generic[T]):
    """A vocabulary word in a text, in code points of that text."""

    start: int
    end: int
    item: T


@dataclass(frozen=True, slots=True)
class Mentions(Generic[T]):
    """The mentions of one vocabulary in one text, sorted by start."""

    found: list[Mention[T]]
    starts: list[int] = field(default_factory=list)

    def between(self, start: int, end: int) -> list[Mention[T]]:
        """Mentions that lie within `[start, end)`."""
        low, high = bisect_left(self.starts, start), bisect_left(self.starts, end)
        return [m for m in self.found[low:high] if m.end <= end]

    def last(self, start: int, end: int) -> Mention[T] | None:
        """The last mention within `[start, end)`, None when there is none."""
        at = bisect_left(self.starts, end)
        while at > 0:
            at -= 1
            mention = self.found[at]
            if mention.start < start:
                return None
            if mention.end <= end:
                return mention
        return None

    def first(self, start: int, end: int) -> Mention[T] | None:
        """The first mention within `[start, end)`, None when there is none."""
        at = bisect_left(self.starts, start)
        if at < len(self.found) and self.found[at].end <= end:
            return self.found[at]
        return None


class Vocabulary(Generic[T]):
    """Words with what they mean, searchable in one pass.

    Args:
        entries: (word, meaning) pairs; a word may have several meanings.
        overlapping: report words inside longer words too; otherwise the leftmost longest word wins.
    """

    def __init__(self, entries: list[tuple[str, T]], overlapping: bool) -> None:
        meanings: dict[str, list[T]] = {}
        for word, meaning in entries:
            meanings.setdefault(word, []).append(meaning)
        self._meanings = list(meanings.values())
        self._overlapping = overlapping
        kind = MatchKind.Standard if overlapping else MatchKind.LeftmostLongest
        self._automaton = AhoCorasick(list(meanings), matchkind=kind)

    def find(self, text: str) -> Mentions[T]:
        """Every word of the vocabulary in `text`."""
        hits = self._automaton.find_matches_as_indexes(text, overlapping=self._overlapping)
        found = [Mention(start, end, item) for word, start, end in hits for item in self._meanings[word]]
        found.sort(key=itemgetter(0))
        return Mentions(found, [m[0] for m in found])


def indicators() -> Vocabulary[Indicator]:
    """The words that name indicators."""
    return _indicators(active_packs())


@lru_cache(maxsize=8)
def _indicators(packs: tuple[Pack, ...]) -> Vocabulary[Indicator]:
    rows = load_table("indicators")["indicator"]
    kinds: dict[str, tuple[str, ...]] = {}
    entries: list[tuple[str, Indicator]] = []
    for row in rows:
        kinds.setdefault(row["key"], tuple(row["kind"]))
        named = {place: row.get(place, ()) for place in PLACES}
        entries += _named(row["key"], tuple(row["kind"]), frozenset(row.get("unit", ())), named)
    known = {(word, item.key, item.kinds) for word, item in entries}
    for added in (entry for pack in (*shipped_packs(), *packs) for entry in pack.indicators):
        own = added.kinds or kinds[added.key]
        kinds.setdefault(added.key, own)
        named = {"before": added.before, "after": added.after, "weak": added.weak}
        for word, item in _named(added.key, own, frozenset(added.units), named):
            if (word, item.key, item.kinds) not in known:
                entries.append((word, item))
    return Vocabulary(entries, overlapping=True)


def _named(
    key: str, kinds: tuple[str, ...], units: frozenset[str], named: Mapping[str, Iterable[str]]
) -> Iterator[tuple[str, Indicator]]:
    for place, words in named.items():
        item = Indicator(key, kinds, units, place == "after", place == "weak")
        yield from ((word, item) for word in words)


def indicator_labels() -> dict[str, str]:
    """Canonical key → the name people read."""
    return _labels(active_packs())


@lru_cache(maxsize=8)
def _labels(packs: tuple[Pack, ...]) -> dict[str, str]:
    labels = {row["key"]: row["label"] for row in load_table("indicators")["indicator"]} | {"other": "其他"}
    added = (entry for pack in (*shipped_packs(), *packs) for entry in pack.indicators)
    return {entry.key: entry.label for entry in added if entry.label} | labels


def scope_terms() -> Vocabulary[ScopeTerm]:
    """The words that narrow statements."""
    return _scope_terms(active_packs())


@lru_cache(maxsize=8)
def _scope_terms(packs: tuple[Pack, ...]) -> Vocabulary[ScopeTerm]:
    table = load_table("scope")
    entries = [(word, ScopeTerm("scheme", row["name"])) for row in table["scheme"] for word in row["terms"]]
    for slot in SCOPE_SLOTS[1:]:
        entries += [(word, ScopeTerm(slot, word)) for word in table[slot]["terms"]]
    for pack in (*shipped_packs(), *packs):
        entries += [(word, ScopeTerm("scheme", name)) for name, word in pack.schemes]
        entries += [(word, ScopeTerm(slot, word)) for slot, word in pack.narrowings]
    return Vocabulary(list(dict.fromkeys(entries)), overlapping=False)


def scope_mentions(text: str) -> dict[str, Mentions[ScopeTerm]]:
    """Slot → the words of `text` that narrow statements in it; 第一级 is a place in a table, no kind of hospital."""
    found: dict[str, list[Mention[ScopeTerm]]] = {slot: [] for slot in SCOPE_SLOTS}
    for mention in scope_terms().find(text).found:
        if mention.item.slot != "institution" or text[mention.start - 1 : mention.start] != "第":
            found[mention.item.slot].append(mention)
    return {slot: Mentions(mentions, [m.start for m in mentions]) for slot, mentions in found.items()}


@cache
def modals() -> Vocabulary[str]:
    """The deontic words; the meaning is a modality, or empty for words that only look modal."""
    table = load_table("signals")
    entries = [(word, modality) for modality, words in table["modal"].items() for word in words]
    entries += [(word, "") for word in table["blocker"]["terms"]]
    return Vocabulary(entries, overlapping=False)
