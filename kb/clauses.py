"""Two texts clause by clause: what was replaced, inserted and deleted, with spans in both originals."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from ingest.records import Extraction
from kb.applicability import plain_words
from kb.likeness import likeness

_CLAUSE = re.compile(r"[^，。；：！？,;!?\n\r]*[，。；：！？,;!?\n\r]*")
_STOPS = "，。；：！？,;!?\n\r"
_EDGES = " \t\u3000" + _STOPS
_WORD = re.compile(r"\w")
_UNLIKE = 0.3
"""Clauses less alike are not one clause changed."""
_REACH = 1000
_LARGEST_BLOCK = 10_000
"""Pairs of clauses tried at most in one replaced block."""


@dataclass(frozen=True, slots=True)
class TextChange:
    """Clauses that differ; spans count code points of each original.

    `old_start == old_end` for what was inserted, and the other way round for what was deleted. The paths name the
    innermost provision of each side, empty outside every provision.
    """

    kind: Literal["replaced", "inserted", "deleted"]
    old_start: int
    old_end: int
    old_quote: str
    old_path: str
    new_start: int
    new_end: int
    new_quote: str
    new_path: str


@dataclass(frozen=True, slots=True)
class _Clause:
    start: int
    end: int
    words: str


def clause_around(text: str, start: int, end: int) -> str:
    """The clause that holds `[start, end)`, at most `_REACH` characters each way, without that span itself."""
    first, last = max(0, start - _REACH), end + _REACH
    left = max(first, *(text.rfind(stop, first, start) + 1 for stop in _STOPS))
    rights = [at for stop in _STOPS if (at := text.find(stop, end, last)) >= 0]
    return text[left:start] + text[end : min(rights, default=last)]


def provision_text(extraction: Extraction) -> dict[str, str]:
    """Path of each provision → its text without its label, normalized and without blanks."""
    return {
        p.path: plain_words(extraction.text[p.start : p.end]).removeprefix(plain_words(p.label))
        for p in reversed(extraction.provisions)
    }


def find_text_changes(a: Extraction, b: Extraction) -> tuple[TextChange, ...]:
    """The clauses of `a` and `b` that differ, in order; labels, blanks, width and script aside."""
    old, new = list(_clauses(a)), list(_clauses(b))
    matcher = SequenceMatcher(None, [c.words for c in old], [c.words for c in new], autojunk=False)
    sides = _Side(a, old), _Side(b, new)
    changes: list[TextChange] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "replace":
            blocks = _paired([c.words for c in old[i:j]], [c.words for c in new[k:m]])
            changes += [_change(sides, (i + p, i + q), (k + r, k + s)) for p, q, r, s in blocks]
        elif tag != "equal":
            changes.append(_change(sides, (i, j), (k, m)))
    return tuple(changes)


def _paired(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """A replaced block as `(old from, to, new from, to)`: like clauses in pairs, what has no like one alone.

    The pairing is the one of the greatest total likeness that keeps the order of both sides.
    """
    if len(old) * len(new) > _LARGEST_BLOCK:
        return [(0, len(old), 0, len(new))]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = best[i + 1][j + 1] + likeness(old[i], new[j]) - _UNLIKE
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    i = j = 0
    start = (0, 0)
    blocks = []
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            blocks += [(start[0], i, start[1], j), (i, i + 1, j, j + 1)]
            i, j = i + 1, j + 1
            start = (i, j)
    blocks.append((start[0], len(old), start[1], len(new)))
    return [block for block in blocks if block[0] < block[1] or block[2] < block[3]]


class _Side:
    """One document's clauses with the provisions they stand in."""

    def __init__(self, extraction: Extraction, clauses: Sequence[_Clause]) -> None:
        self._text = extraction.text
        self._clauses = clauses
        self._provisions = sorted(extraction.provisions, key=lambda p: (p.start, -p.end))
        self._starts = [p.start for p in self._provisions]

    def span(self, first: int, last: int) -> tuple[int, int, str, str]:
        """Span, quote and path of the clauses `first` to `last`; without any, the point behind the last one before."""
        if first == last:
            before = self._clauses[first - 1] if first else None
            at = before.end if before else 0
            return at, at, "", self._path(before.start) if before else ""
        start, end = self._clauses[first].start, self._clauses[last - 1].end
        return start, end, self._text[start:end], self._path(start)

    def _path(self, at: int) -> str:
        for number in range(bisect_right(self._starts, at) - 1, -1, -1):
            provision = self._provisions[number]
            if at < provision.end:
                return provision.path
        return ""


def _change(sides: tuple[_Side, _Side], old: tuple[int, int], new: tuple[int, int]) -> TextChange:
    kind: Literal["replaced", "inserted", "deleted"] = "replaced"
    if old[0] == old[1]:
        kind = "inserted"
    elif new[0] == new[1]:
        kind = "deleted"
    return TextChange(kind, *sides[0].span(*old), *sides[1].span(*new))


def _clauses(extraction: Extraction) -> Iterator[_Clause]:
    """Clauses of the real text, labels left out."""
    text = extraction.text
    labels = {p.start: p.start + len(p.label) for p in extraction.provisions if _labelled(text, p.start, p.label)}
    for start, end in [(p.start, p.end) for p in extraction.parts] or [(0, len(text))]:
        at = start
        for cut in [*sorted(label for label in labels if start <= label < end), end]:
            for match in _CLAUSE.finditer(text, at, cut):
                yield from _trimmed(text, match.start(), match.end())
            at = max(at, labels.get(cut, cut))


def _labelled(text: str, start: int, label: str) -> bool:
    return bool(label) and text.startswith(label, start)


def _trimmed(text: str, start: int, end: int) -> Iterator[_Clause]:
    quote = text[start:end]
    left = start + len(quote) - len(quote.lstrip(_EDGES))
    right = end - len(quote) + len(quote.rstrip(_EDGES))
    if left < right and _WORD.search(text, left, right):
        yield _Clause(left, right, plain_words(text[left:right]))
