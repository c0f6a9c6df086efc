"""What a model wrote, held against the sources it was given: every number, title and article they lack is marked."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from api.citing import cited
from ingest.structure.ordinals import CHINESE, ordinal_from_text

if TYPE_CHECKING:
    from kb.quoting import Source

UNVERIFIED = "〔未核实〕"
_IMAGE = re.compile(r"!\[[^\[\]]{0,500}\](?:\([^()]{0,500}\)|\[[^\[\]]{0,500}\])")
_LINK = re.compile(r"\[([^\[\]]{0,500})\]\((?!/)[^()]{0,500}\)")
_ADDRESS = re.compile(r"(?:https?://|www\.|javascript:)[\w./?=&#%:;@+~!$*(),-]{1,2000}", re.ASCII | re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]{0,2000}>?", re.IGNORECASE)
_SENTENCE = re.compile(r"[^。；！？;!?\n]{0,1000}[。；！？;!?\n]{0,10}(?:\s?〔\d{1,3}〕){0,10}")
_MARKER = re.compile(r"〔(\d{1,3})〕")
_TITLE = re.compile(r"《([^《》]{1,200})》|〈([^〈〉]{1,200})〉")
_SHORTEST = 4
"""Characters at least of a title's end that may stand for it: 医疗保险办法 for that of a city."""
_DAY = re.compile(
    rf"(?P<year>\d{{2,4}}|[〇○零一二三四五六七八九]{{4}})年(?:(?P<month>\d{{1,2}}|[{CHINESE}]{{1,2}})月"
    rf"(?:(?P<day>\d{{1,2}}|[{CHINESE}]{{1,3}})[日号])?)?"
)
_WHOLE_YEAR = 4
_UNCOUNTED = re.compile(r"〔\d{1,3}〕|(?:^|(?<=\n))[ \t#*-]{0,10}[（(]?\d{1,2}[.、)）](?!\d)")
_DIGITS = re.compile(r"\d{1,40}(?:[.,]\d{1,40}){0,10}")
Fact = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """Something that can be true or invented, at `[start, end)` of a normalized text."""

    start: int
    end: int
    fact: Fact


def checked(text: str, sources: Sequence[Source]) -> str:
    """What a model wrote, with every number, 《title》, article and 〔source〕 marked that its sources do not hold.

    A sentence, up to its semicolon, that names its sources must be held by these, another by any. Images, addresses
    elsewhere and markup are taken out: a document could have made the model write them.
    """
    from ingest.normalize import normalize

    plain = _TAG.sub("", _ADDRESS.sub("", _LINK.sub(r"\1", _IMAGE.sub("", text))))
    aligned = normalize(plain)
    marks = {aligned.to_source(0, end)[1] for end in _unsupported(aligned.text, sources)}
    ends = [0, *sorted(marks), len(plain)]
    return UNVERIFIED.join(plain[start:end] for start, end in pairwise(ends)).strip()


def _unsupported(text: str, sources: Sequence[Source]) -> Iterator[int]:
    """Where what no source holds ends in a normalized text."""
    from ingest.normalize import normalize

    evidence = {s.number: normalize(f"{cited(s.document, s.label)}\n{s.quote}").text for s in sources}
    held = {number: {said.fact for said in _facts(words)} for number, words in evidence.items()}
    anywhere = frozenset().union(*held.values())
    said = deque(_facts(text))
    for sentence in _SENTENCE.finditer(text):
        named = {int(number) for number in _MARKER.findall(sentence[0])}
        known = frozenset().union(*(held[n] for n in named & held.keys())) if named & held.keys() else anywhere
        while said and said[0].start < sentence.end():
            one = said.popleft()
            if not _is_held(one.fact, known):
                yield one.end
    yield from (m.end() for m in _MARKER.finditer(text) if int(m[1]) not in held)


def _is_held(fact: Fact, held: Iterable[Fact]) -> bool:
    """Whether facts hold one: as it is, a title by its end, a day by its month or year."""
    if fact in held:
        return True
    if fact[0] == "title":
        title = str(fact[1])
        return len(title) >= _SHORTEST and any(f[0] == "title" and str(f[1]).endswith(title) for f in held)
    return fact[0] == "day" and any(f[: len(fact)] == fact for f in held)


def _facts(text: str) -> list[_Said]:
    """Titles, articles, numbers of documents, quantities, days and other numbers of a normalized text, each once."""
    from ingest.extract.quantities import find_quantities
    from ingest.structure.document_numbers import find_document_numbers
    from kb.address import find_addresses
    from kb.titles import number_key, short_title

    found = [_Said(*m.span(), ("title", short_title(m[1] or m[2]))) for m in _TITLE.finditer(text)]
    read = bytearray(len(text))
    for start, end in [*((one.start, one.end) for one in found), *(m.span() for m in _UNCOUNTED.finditer(text))]:
        read[start:end] = b"\1" * (end - start)
    addresses = ((text.find("第", a.start, a.end), a) for a in find_addresses(text))
    others = [_Said(start, a.end, ("article", a.article)) for start, a in addresses if start >= 0]
    others += [_Said(s, e, ("number", number_key(text[s:e]))) for s, e in find_document_numbers(text)]
    days = (m for m in _DAY.finditer(text) if m["month"] or len(m["year"]) == _WHOLE_YEAR)
    others += [_Said(*m.span(), ("day", *_day(m))) for m in days]
    others += [_Said(q.start, q.end, (q.kind, q.value, q.high)) for q in find_quantities(text)]
    others += [_Said(*m.span(), ("digits", m[0].replace(",", ""))) for m in _DIGITS.finditer(text)]
    for one in others:
        if not any(read[one.start : one.end]):
            found.append(one)
            read[one.start : one.end] = b"\1" * (one.end - one.start)
    return sorted(found, key=lambda one: one.start)


def _day(match: re.Match[str]) -> Iterator[int]:
    """Year, month and day, as far as they are given."""
    for part in match.group("year", "month", "day"):
        if part is not None:
            yield ordinal_from_text(part.replace("○", "〇"))
