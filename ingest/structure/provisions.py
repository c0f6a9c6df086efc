"""Provisions: the numbered divisions of regulations and reports, addressed by path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from ingest.records import Part, Provision
from ingest.structure.labels import Label, end_of_text
from ingest.structure.outline import find_outline
from ingest.structure.regulation import find_regulation
from ingest.structure.style import is_taiwan


def find_provisions(n: str, parts: Sequence[Part]) -> list[Provision]:
    """Every numbered division of every part, outermost first.

    Args:
        n: normalized text.
        parts: the real articles of the page; neighbours of the same title are read as one.

    Returns:
        Provisions sorted by start, outer before inner. `path` joins the labels by `/` (第二章/第五条/第一款/(一),
        Taiwan 第二章/第5条/第一项/一); a paragraph of an article is the only label that the text does not spell.
        `id` is the path, followed by `#2`, `#3` … where a document has the same path again.

    >>> n = "第一条 甲。\\n\\n第二条 乙：\\n（一）丙；\\n（二）丁。"
    >>> [p.path for p in find_provisions(n, [Part(0, len(n), "")])]
    ['第一条', '第二条', '第二条/（一）', '第二条/（二）']
    """
    taiwan = is_taiwan(n)
    seen: Counter[str] = Counter()
    provisions: list[Provision] = []
    for _, group in groupby(parts, key=lambda part: part.title):
        pieces = list(group)
        start, end = pieces[0].start, pieces[-1].end
        text = _without_gaps(n, pieces)
        labels = find_regulation(text, start, end, taiwan=taiwan) or find_outline(text, start, end)
        for label, path, stop in _addressed(labels, end):
            seen[path] += 1
            identity = path if seen[path] == 1 else f"{path}#{seen[path]}"
            stop = end_of_text(n, label.start, stop)
            provisions.append(Provision(identity, path, label.label, label.heading, label.start, stop))
    return provisions


def _without_gaps(n: str, pieces: Sequence[Part]) -> str:
    """The text with blanks in place of what interrupts a part."""
    for before, after in pairwise(pieces):
        n = n[: before.end] + " " * (after.start - before.end) + n[after.start :]
    return n


def _addressed(labels: Sequence[Label], end: int) -> Iterator[tuple[Label, str, int]]:
    """Each label with its path and the start of the next division that is not inside it."""
    stops = [end] * len(labels)
    open_at: list[int] = []
    for i, label in enumerate(labels):
        while open_at and labels[open_at[-1]].rank >= label.rank:
            stops[open_at.pop()] = label.start
        open_at.append(i)
    stack: list[tuple[int, str]] = []
    for label, stop in zip(labels, stops, strict=True):
        while stack and stack[-1][0] >= label.rank:
            stack.pop()
        path = f"{stack[-1][1]}/{label.label}" if stack else label.label
        stack.append((label.rank, path))
        yield label, path, stop
