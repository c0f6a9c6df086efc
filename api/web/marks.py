"""Original text with what was found in it marked: words of a query, records, and layers one over another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from api.web.script import original


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of a text, in code points, with the layer it belongs to and what a pointer resting on it is told."""

    start: int
    end: int
    layer: str
    note: str = ""


def find_words(text: str, words: Iterable[str], offset: int = 0) -> list[Mark]:
    """Where normalized words stand in an original: searched in its normalized form, given in its own offsets.

    >>> [(m.start, m.end) for m in find_words("住院報銷比例", ["报销比例"])]
    [(2, 6)]
    """
    from ingest.normalize import normalize

    aligned = normalize(text)
    plain = aligned.text.casefold()
    found: list[Mark] = []
    for word in sorted({word for word in words if word}, key=len, reverse=True):
        at = plain.find(word)
        while at >= 0:
            start, end = aligned.to_source(at, at + len(word))
            if not any(start < mark.end and mark.start < end for mark in found):
                found.append(Mark(start, end, "hit"))
            at = plain.find(word, at + len(word))
    return sorted((Mark(m.start + offset, m.end + offset, m.layer) for m in found), key=lambda m: m.start)


def marked(text: str, start: int, end: int, marks: Sequence[Mark]) -> Markup:
    """`text[start:end]` as HTML in its own script; where marks overlap, a piece carries the classes of all.

    >>> str(marked("a<b", 0, 3, [Mark(1, 3, "hit")])).strip("\\ufdd0\\ufdd1")
    'a<mark class="m-hit">&lt;b</mark>'
    """
    inside = [m for m in marks if m.start < end and m.end > start and m.start < m.end]
    return original(Markup("".join(pieces_of(text, start, end, inside))))


def paragraphs(text: str, start: int, end: int, marks: Sequence[Mark]) -> Markup:
    """`text[start:end]` as `marked` gives it, a paragraph a line, blank lines left out."""
    at, found = start, []
    for line in text[start:end].splitlines(keepends=True):
        if line.strip():
            found.append(Markup("<p>{}</p>").format(marked(text, at, at + len(line.rstrip()), marks)))
        at += len(line)
    return Markup("").join(found)


def pieces_of(text: str, start: int, end: int, marks: Sequence[Mark]) -> Iterator[str]:
    """HTML of `text[start:end]`, cut wherever one of `marks`, which all reach into it, begins or ends."""
    edges = {start, end}
    for mark in marks:
        edges.add(max(mark.start, start))
        edges.add(min(mark.end, end))
    for left, right in pairwise(sorted(edges)):
        over = [m for m in marks if m.start <= left and right <= m.end]
        piece = escape(text[left:right])
        if not over:
            yield piece
            continue
        classes = " ".join(dict.fromkeys(f"m-{m.layer}" for m in over))
        notes = "；".join(dict.fromkeys(m.note for m in over if m.note))
        title = f' title="{escape(notes)}"' if notes else ""
        yield f'<mark class="{classes}"{title}>{piece}</mark>'
