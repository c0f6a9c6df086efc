"""The text of a whole document as HTML: its lines with marks, in blocks sent one by one as they are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from api.web.marks import Mark, pieces_of
from api.web.script import without_marks

_BLOCK = 40
"""Lines a browser lays out together when they come into view."""
_SENT = 4
"""Blocks made and sent together."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document: where it starts, its HTML, and the ids it is linked by."""

    start: int
    html: str
    anchors: tuple[str, ...] = ()


def sheet_of(
    text: str, marks: Sequence[Mark], anchors: Sequence[tuple[int, str]], heads: Mapping[str, str]
) -> Iterator[str]:
    """The HTML of a document in its own script, some blocks at a time.

    Args:
        text: as for `lines_of`.
        marks: as for `lines_of`.
        anchors: as for `lines_of`.
        heads: the class of the line where an anchor stands: of titles and divisions.
    """
    block: list[str] = []
    sent: list[str] = []
    for line in lines_of(without_marks(text), marks, anchors):
        block += [f'<span id="{anchor}"></span>' for anchor in line.anchors]
        head = next((f' class="{heads[anchor]}"' for anchor in line.anchors if anchor in heads), "")
        block.append(f'<p data-at="{line.start}"{head}>{line.html}</p>\n')
        if len(block) >= _BLOCK:
            sent.append(f'<div class="block">{"".join(block)}</div>\n')
            block = []
            if len(sent) == _SENT:
                yield "".join(sent)
                sent = []
    yield "".join([*sent, f'<div class="block">{"".join(block)}</div>\n'])


def lines_of(text: str, marks: Sequence[Mark], anchors: Sequence[tuple[int, str]]) -> Iterator[Line]:
    """The lines of a document, blank ones left out.

    Args:
        text: the whole document.
        marks: sorted by start.
        anchors: (offset, id), sorted; each goes to the line that holds its offset.
    """
    at = first = anchor = 0
    active: list[Mark] = []
    for line in text.splitlines(keepends=True):
        end = at + len(line)
        active = [m for m in active if m.end > at]
        while first < len(marks) and marks[first].start < end:
            active.append(marks[first])
            first += 1
        ids: list[str] = []
        while anchor < len(anchors) and anchors[anchor][0] < end:
            ids.append(anchors[anchor][1])
            anchor += 1
        if line.strip() or ids:
            html = "".join(pieces_of(text, at, at + len(line.rstrip("\r\n")), active))
            yield Line(at, html, tuple(ids))
        at = end
