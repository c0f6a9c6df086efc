"""Pages of two columns whose file lists the lines across them: found by the empty strip between, read column by column.

Most programs write one column after the other, and PDFium keeps that order; then there is nothing to do.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points, as PDFium gives them; y grows upwards."""

MIN_LINES = 6
"""Lines side by side that make columns."""

MIN_EMPTY = 0.6
"""Share of the lines that keep the strip empty among those that reach over it."""

MIN_FULL = 0.3
"""Share of a column's lines that fill it: lists have a third, prose two thirds, cells of a table hardly one."""

FILLED = 0.8
"""Share of a column's width that a full line takes."""

MIN_TURNS = 4
"""Changes of side in the order of the file from which its order is across the columns."""

MAX_BOXES = 5_000
"""Pieces of text on a page above which columns are not looked for."""

STEP = 2.0
"""Points by which the strip is looked for: narrow ones have about 12."""


class Columns:
    """The columns of a document's pages: what one page proves holds for those that could have the same."""

    def __init__(self) -> None:
        self._middle: float | None = None

    def texts(self, textpage: PdfTextPage, width: float) -> list[str] | None:
        """The text of a page of two columns written line across line, piece by piece in reading order; else None.

        Args:
            textpage: the page's text.
            width: the page's width in points.
        """
        count = textpage.count_rects()
        if not 2 * MIN_LINES <= count <= MAX_BOXES:
            return None
        boxes = [textpage.get_rect(index) for index in range(count)]
        rows = _rows(boxes)
        middle = _strip(rows, width)
        if middle is None or not _is_across(boxes, middle):
            return None
        if self._middle is None or not _parts_most(rows, self._middle):
            if not _is_prose(rows, middle):
                return None
            self._middle = middle
        return list(_read_by_column(textpage, rows, self._middle, width))


def _read_by_column(textpage: PdfTextPage, rows: Sequence[Sequence[Box]], middle: float, width: float) -> Iterator[str]:
    for crossing, band in itertools.groupby(rows, key=lambda row: _crosses(row, middle)):
        inside = list(itertools.chain.from_iterable(band))
        low, high = min(box[1] for box in inside) - 0.1, max(box[3] for box in inside) + 0.1
        for left, right in [(0.0, width)] if crossing else [(0.0, middle), (middle, width)]:
            yield textpage.get_text_bounded(left, low, right, high)


def _is_across(boxes: Sequence[Box], middle: float) -> bool:
    """Whether the file goes from side to side, line by line."""
    sides = [box[0] > middle for box in boxes if not box[0] < middle < box[2]]
    return sum(left != right for left, right in itertools.pairwise(sides)) >= MIN_TURNS


def _rows(boxes: Sequence[Box]) -> list[list[Box]]:
    """Boxes side by side, rows from top to bottom."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: -(box[1] + box[3])):
        last = rows[-1][0] if rows else None
        if last is not None and (box[1] + box[3]) / 2 > last[1]:
            rows[-1].append(box)
        else:
            rows.append([box])
    return rows


def _strip(rows: Sequence[Sequence[Box]], width: float) -> float | None:
    """The middle of the strip in the page's middle part that most rows which reach over it leave empty."""
    places = [width * 0.3 + STEP * index for index in range(int(width * 0.4 / STEP))]
    votes = [sum(_parts(row, place) for row in rows) for place in places]
    most = max(votes, default=0)
    best = [place for place, found in zip(places, votes, strict=True) if found == most]
    middle = best[len(best) // 2] if best else 0.0
    return middle if most >= MIN_LINES and _parts_most(rows, middle) else None


def _parts_most(rows: Sequence[Sequence[Box]], place: float) -> bool:
    parted, crossing = sum(_parts(row, place) for row in rows), sum(_crosses(row, place) for row in rows)
    return parted > 0 and parted >= MIN_EMPTY * (parted + crossing)


def _parts(row: Sequence[Box], place: float) -> bool:
    return not _crosses(row, place) and any(b[2] <= place for b in row) and any(b[0] >= place for b in row)


def _crosses(row: Sequence[Box], place: float) -> bool:
    return any(box[0] - STEP < place < box[2] + STEP for box in row)


def _is_prose(rows: Sequence[Sequence[Box]], middle: float) -> bool:
    """Whether the lines of both columns mostly fill them, as prose does and the cells of a table do not."""
    for right in (False, True):
        parts = [[box for box in row if (box[0] > middle) == right] for row in rows if not _crosses(row, middle)]
        lines = [(min(box[0] for box in part), max(box[2] for box in part)) for part in parts if part]
        start, end = min(line[0] for line in lines), max(line[1] for line in lines)
        full = sum(line[1] - line[0] >= FILLED * (end - start) for line in lines)
        if full < max(MIN_LINES, MIN_FULL * len(lines)):
            return False
    return True
