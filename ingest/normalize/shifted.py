"""Repair of shifted GBK: of the texts that the damage turns into what was found, the likeliest, if it is so by far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import heappush, heapreplace, nlargest
from math import exp
from typing import NamedTuple

from ingest.normalize.aligned import Edit, Step, step_from_edits
from ingest.normalize.census import Census, character_set
from ingest.normalize.converters import converter
from ingest.normalize.damage import LEADS, MARKS, VANISHING, character_of, damaged, narrowed, pair_of
from ingest.normalize.detect import detect_script
from ingest.normalize.words import WordModel, word_model
from ingest.records import Repair

_SUSPECT = re.compile(r"\?(?=[^\n]{0,2}[\u4e00-\u9fff])")
_LONGEST = 40
_BEAM = 80
_FINALISTS = 60
_FEW = 6
_VANISHED = 3
_CALM = 6
_CONTEXT = 6
_MARGIN = 3.0
_GAIN = 12.0
_FOREIGN = 4.0
_UNPAIRED = 5.0
_CHARACTER = 0.3
# Each trail byte that may close a character, with the lead bytes that may open the next.
_Closings = tuple[tuple[int, tuple[int, ...]], ...]
_ANY_LEAD: _Closings = tuple((trail, ()) for trail in LEADS)


def shifted_step(text: str, census: Census) -> Step | None:
    """The step that mends shifted GBK, or None when there is none or no mending is sure."""
    if not census.total(character_set("?")):
        return None
    search: _Search | None = None
    edits: list[Edit] = []
    repairs: list[Repair] = []
    for found in _SUSPECT.finditer(text):
        at = found.start()
        if (edits and at < edits[-1].end) or not (text[at + 1] in ";!?" or _odd(text[at + 1 : at + 9])):
            continue
        search = search or _Search(text, word_model(), detect_script(text, census).script in ("hant", "mixed"))
        repair = search.mended(at)
        if repair is not None:
            edits.append(Edit(repair.start, repair.end, repair.repaired))
            repairs.append(repair)
    return step_from_edits("shifted-gbk", text, edits, tuple(repairs))


def _odd(text: str) -> bool:
    """True where the text holds a character that running text seldom has."""
    return any("\u3400" <= c <= "\u9fff" and _seldom(c) for c in text)


@cache
def _seldom(character: str) -> bool:
    encoded = _simplified(character).encode("gb2312", "ignore")
    return len(encoded) != 2 or encoded[0] >= 0xD8


@cache
def _simplified(text: str) -> str:
    return converter("t2s").convert(text)


class _Path(NamedTuple):
    """A candidate so far: what was found, and what the lead byte of the next character may be."""

    score: float
    text: str
    leads: tuple[int, ...]
    vanished: int


@dataclass(frozen=True, slots=True)
class _Search:
    """The search for what a damaged text was; `hant` where the text is in traditional characters."""

    text: str
    model: WordModel
    hant: bool

    def mended(self, at: int) -> Repair | None:
        """The repair of the damage that begins at `at`, where one is sure."""
        ranked = self._ranked(at)
        if not ranked or ranked[0][0] < _GAIN:
            return None
        gain, end, candidate = ranked[0]
        margin = gain - ranked[1][0] if len(ranked) > 1 else gain
        if margin < _MARGIN or self._guessed(at, end, candidate):
            return None
        confidence = round(1 / (1 + exp(-margin)), 3)
        return Repair(at, end, self.text[at:end], candidate, "shifted-gbk", confidence, inferred=True)

    def _guessed(self, at: int, end: int, candidate: str) -> bool:
        """True where the first character, whose lead byte is lost, stands alone, so that no word vouches for it."""
        before, after = self.text[max(0, at - _CONTEXT) : at], self.text[end : end + _CONTEXT]
        left, first, right = map(_simplified, (before, candidate[0], candidate[1:] + after))
        apart = self.model.score(left) + self.model.single(first) + self.model.score(right)
        return candidate[0] not in MARKS and apart >= self.model.score(left + first + right)

    def _ranked(self, at: int) -> list[tuple[float, int, str]]:
        """The candidates that reproduce the damage, each outcome once, with how far each explains it, best first."""
        text = self.text
        outcomes: dict[tuple[int, str], float] = {}
        for end, candidate in self._candidates(at):
            if narrowed(damaged(candidate) or "") != narrowed(text[at:end]):
                continue
            gain = self._gain(at, end, candidate)
            while len(candidate) > 1 and end > at + 1 and candidate[-1] == text[end - 1]:
                candidate, end = candidate[:-1], end - 1
            outcomes[end, candidate] = max(gain, outcomes.get((end, candidate), gain))
        return sorted(((gain, end, candidate) for (end, candidate), gain in outcomes.items()), reverse=True)

    def _gain(self, at: int, end: int, candidate: str) -> float:
        """How much likelier the text is with the candidate than as it stands."""
        before, after = self.text[max(0, at - _CONTEXT) : at], self.text[end : end + _CONTEXT]
        mended, seen = (_simplified(before + part + after) for part in (candidate, self.text[at:end]))
        line = self.text[self.text.rfind("\n", 0, at) + 1 : at]
        rest = self.text[end : end + 2 * _LONGEST].partition("\n")[0]
        return (
            self.model.score(mended)
            - self.model.score(seen)
            + sum(map(_worth, candidate))
            - _UNPAIRED * _unpaired(line, candidate, rest)
        )

    def _candidates(self, at: int) -> Iterator[tuple[int, str]]:
        """What may stand behind the text from `at`, with where it ends; the likeliest of each end."""
        paths = [_Path(0.0, "", tuple(LEADS), 0)]
        calm = 0
        for end in range(at + 1, min(at + _LONGEST, len(self.text))):
            seen = self.text[end]
            settled = [path for path in paths if path.vanished < _VANISHED and (len(path.leads) == 1 or not path.text)]
            paths += self._grown(settled, VANISHING, at, _BEAM, vanished=1)
            for path in nlargest(_FINALISTS, self._closed(paths, seen, at, end)):
                yield end + 1, path.text
            pair = pair_of(seen)
            calm = 0 if _odd(seen) else calm + 1
            if pair is None or calm == _CALM:
                return
            paths = self._grown(paths, ((pair[0], (pair[1],)),), at, _BEAM)

    def _grown(
        self, paths: Iterable[_Path], closings: _Closings, at: int, best: int, *, vanished: int = 0
    ) -> list[_Path]:
        """The `best` paths that come of closing the open character of each by one of `closings`.

        `vanished` is 1 for a pair that vanished, which closed one character and opened another.
        """
        before = self.text[max(0, at - 1) : at]
        kept: list[tuple[float, int, str, tuple[int, ...], _Path]] = []
        serial = 0
        for path in paths:
            last = _simplified((path.text or before)[-1:])
            for gain, character, leads in _closings_of(path.leads, closings, last, self.hant):
                score = path.score + gain
                serial -= 1
                if len(kept) < best:
                    heappush(kept, (score, serial, character, leads, path))
                elif score > kept[0][0]:
                    heapreplace(kept, (score, serial, character, leads, path))
                else:
                    break
        kept.sort(reverse=True)
        return [
            _Path(score, path.text + character, leads, path.vanished + vanished)
            for score, _, character, leads, path in kept
        ]

    def _closed(self, paths: list[_Path], seen: str, at: int, end: int) -> Iterator[_Path]:
        """The paths with what was seen taken for the point where the pairs fall into step again."""
        code = 0x80 if seen == "€" else ord(seen)
        if 0x40 <= code <= 0x80:
            yield from self._grown(paths, ((code, ()),), at, _FINALISTS)
        if seen != "?":
            return
        for path in self._swallowing(paths):
            if swallowed := self._swallowed(at, end, path.text):
                for grown in self._grown((path,), _ANY_LEAD, at, _FINALISTS):
                    yield grown._replace(text=grown.text + swallowed)

    @staticmethod
    def _swallowing(paths: list[_Path]) -> Iterable[_Path]:
        """The paths worth closing by an unknown trail byte: those with a known lead, and a few others."""
        yield from (path for path in paths if len(path.leads) == 1)
        yield from nlargest(_FEW, (path for path in paths if len(path.leads) > 1 and path.text))

    def _swallowed(self, at: int, end: int, mended: str) -> str:
        """The ASCII mark a lead byte swallowed, where the text around it tells; otherwise empty."""
        if re.match(r"/?[a-z]{1,6}>", self.text[end + 1 : end + 9]):
            return "<"
        line = self.text[self.text.rfind("\n", 0, at) + 1 : at] + mended
        return ")" if line.count("(") > line.count(")") else ""


@lru_cache(maxsize=1 << 14)
def _closings_of(
    leads: tuple[int, ...], closings: _Closings, last: str, hant: bool
) -> list[tuple[float, str, tuple[int, ...]]]:
    """The likeliest characters of any of the lead bytes and a closing, after `last`: gain, character, next lead bytes.

    A simplified text is written in the characters of GB 2312; a traditional one may hold a simplified character.
    """
    pairs = word_model().pairs
    found = [
        (max(pairs.get(last + plain, -99.0), alone), character, following)
        for trail, following in closings
        for character, plain, alone in _options(leads, trail, hant)
    ]
    return sorted(found, reverse=True)[:_BEAM]


@cache
def _options(leads: tuple[int, ...], trail: int, hant: bool) -> list[tuple[str, str, float]]:
    """The characters of a trail byte and any of the lead bytes: each, its simplified form, its weight alone."""
    characters = [
        c for c in (character_of(lead, trail) for lead in leads) if c and (hant or c.encode("gb2312", "ignore"))
    ]
    return [(c, _simplified(c), word_model().single(_simplified(c)) + _worth(c)) for c in characters]


@cache
def _worth(character: str) -> float:
    """What a character adds to a candidate beside its likelihood: one that only simplified text has loses."""
    foreign = not character.encode("big5", "ignore") and converter("s2t").convert(character) != character
    return _CHARACTER * (character not in MARKS) - _FOREIGN * foreign


_CLOSING = {"”": "“", "’": "‘", "）": "（", ")": "(", "》": "《", "〉": "〈", "】": "【", "〕": "〔"}


def _unpaired(before: str, candidate: str, after: str) -> int:
    """How many brackets and quotation marks of the candidate do not fit those of its line."""
    opened = _left_open(before)[0]
    still_open, alone = _left_open(candidate, opened)
    closing = {mark: after.count(mark) - after.count(_CLOSING[mark]) for mark in _CLOSING}
    return alone + sum(closing[mark] <= 0 for mark in _CLOSING if _CLOSING[mark] in still_open[len(opened) :])


def _left_open(text: str, opened: str = "") -> tuple[str, int]:
    """The marks left open at the end of `text`, outermost first, and how many closing ones met no partner."""
    alone = 0
    for mark in text:
        if mark in _CLOSING.values():
            opened += mark
        elif mark in _CLOSING:
            if opened[-1:] == _CLOSING[mark]:
                opened = opened[:-1]
            else:
                alone += 1
    return opened, alone
