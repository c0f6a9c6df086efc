"""Ruled tables of a PDF page: cells from the drawn lines, text from PDFium, so nothing is lost or doubled.

pdfplumber's geometry (lines to cells to tables) is used on the lines PDFium reports; pdfminer, which a small hostile
file can make take gigabytes, never sees the file.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.readers.layout import GridItem

if TYPE_CHECKING:
    from pypdfium2 import PdfObject, PdfPage, PdfTextPage

MIN_EDGES = 4
"""Lines a table has at least."""

MAX_SEGMENTS = 20_000
"""Path segments on a page above which it holds a drawing, not a table."""

MAX_CROSSINGS = 3_000
"""Horizontal times vertical lines above which no tables are looked for: the search is quadratic in them; a table of 100
rows and 20 columns has 2,121."""

SNAP = 3.0
"""Points within which lines are one: pdfplumber's default, about a millimetre."""

MIN_CELL = 4.0
"""Width and height in points below which a cell holds no text: the gap of a double line."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points; y grows downwards."""


@dataclass(frozen=True, slots=True)
class RuledTable:
    """The cells of a table; `height` is the page's, to turn PDFium's upward y into theirs."""

    cells: tuple[Box, ...]
    height: float


def find_tables(page: PdfPage) -> list[RuledTable]:
    """Find the tables that lines are drawn around.

    Args:
        page: an open pypdfium2 page.

    Returns:
        Tables of at least two cells, top to bottom.
    """
    height = page.get_height()
    edges = list(_find_edges(page, height))
    if not MIN_EDGES <= len(edges) <= MAX_SEGMENTS:
        return []
    from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

    merged = merge_edges(edges, SNAP, SNAP, SNAP, SNAP)
    upright = sum(edge["orientation"] == "v" for edge in merged)
    if len(merged) < MIN_EDGES or upright * (len(merged) - upright) > MAX_CROSSINGS:
        return []
    cells = [
        cell
        for cell in intersections_to_cells(edges_to_intersections(merged, SNAP, SNAP))
        if cell[2] - cell[0] >= MIN_CELL and cell[3] - cell[1] >= MIN_CELL
    ]
    return [RuledTable(tuple(found), height) for found in cells_to_tables(cells) if len(found) > 1]


def split_by_tables(textpage: PdfTextPage, tables: Sequence[RuledTable]) -> list[str | list[list[GridItem]]]:
    """Give every character of a page to the cell its middle lies in, or to the lines around the tables.

    Args:
        textpage: the page's text.
        tables: from `find_tables`.

    Returns:
        Lines and tables in reading order; a table stands where its first character did.
    """
    from ingest.readers.pdf import lines_of

    places = [(number, cell, box) for number, table in enumerate(tables) for cell, box in enumerate(table.cells)]
    height = tables[0].height
    texts: dict[tuple[int, int], list[str]] = {}
    items: list[str | list[list[GridItem]] | int] = []
    outside: list[str] = []
    current: tuple[int, int] | None = None
    for char, x, y in _characters(textpage):
        if x is not None and y is not None:
            current = _place_of(places, x, height - y)
        if current is None:
            outside.append(char)
            continue
        if current[0] not in items:
            items.extend(lines_of("".join(outside)))
            outside = []
            items.append(current[0])
        texts.setdefault(current, []).append(char)
    items.extend(lines_of("".join(outside)))
    return [item if not isinstance(item, int) else _grid(tables[item], item, texts) for item in items]


def _place_of(places: Sequence[tuple[int, int, Box]], x: float, y: float) -> tuple[int, int] | None:
    for table, cell, (left, top, right, bottom) in places:
        if left <= x < right and top <= y < bottom:
            return table, cell
    return None


def _grid(table: RuledTable, number: int, texts: dict[tuple[int, int], list[str]]) -> list[list[GridItem]]:
    """Lay the cells on the grid their corners span; a cell over several places is a merged one."""
    columns = _distinct(edge for cell in table.cells for edge in (cell[0], cell[2]))
    rows = _distinct(edge for cell in table.cells for edge in (cell[1], cell[3]))
    grid: list[list[GridItem]] = [["" for _ in columns[1:]] for _ in rows[1:]]
    for index, (left, top, right, bottom) in enumerate(table.cells):
        first, last = _slot(rows, top), _slot(rows, bottom)
        start, end = _slot(columns, left), _slot(columns, right)
        for row in range(first, last):
            for column in range(start, end):
                grid[row][column] = (first, start)
        if first < last and start < end:
            grid[first][start] = "".join(texts.get((number, index), ())).replace("\ufffe", "-").strip()
    return grid


def _distinct(edges: Iterator[float]) -> list[float]:
    """Coordinates in order, those within `MIN_CELL` of each other taken as one."""
    found: list[float] = []
    for edge in sorted(edges):
        if not found or edge - found[-1] >= MIN_CELL:
            found.append(edge)
    return found


def _slot(edges: Sequence[float], edge: float) -> int:
    return min(bisect_left(edges, edge - MIN_CELL + 0.01), len(edges) - 1)


def _characters(textpage: PdfTextPage) -> Iterator[tuple[str, float | None, float | None]]:
    """Each character with its middle in page points (y upwards), or without for the breaks PDFium puts in."""
    from pypdfium2 import raw

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    lead = 0
    for index in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(textpage, index)
        if 0xD800 <= code < 0xDC00:
            lead = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((lead - 0xD800) << 10) + (code - 0xDC00) if lead else 0xFFFD
        lead = 0
        generated = raw.FPDFText_IsGenerated(textpage, index) == 1
        if generated or not raw.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
            yield chr(code), None, None
        else:
            yield chr(code), (left.value + right.value) / 2, (bottom.value + top.value) / 2


def _find_edges(page: PdfPage, height: float) -> Iterator[dict[str, Any]]:
    """Horizontal and vertical line segments of the page's paths, as pdfplumber's functions take them."""
    from pypdfium2 import raw

    budget = MAX_SEGMENTS
    for path in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=4):
        budget -= raw.FPDFPath_CountSegments(path)
        if budget < 0:
            return
        for (x0, y0), (x1, y1) in _segments(path):
            left, right, low, high = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
            if high - low <= 1 < right - left:
                yield {"x0": left, "x1": right, "top": height - low, "bottom": height - low, "orientation": "h"}
            elif right - left <= 1 < high - low:
                yield {"x0": left, "x1": left, "top": height - high, "bottom": height - low, "orientation": "v"}


def _segments(path: PdfObject) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """The straight segments of a path, in page points."""
    from pypdfium2 import raw

    matrix = path.get_matrix()
    container = path.container
    while container is not None:
        matrix = matrix.multiply(container.get_matrix())
        container = container.container
    x, y = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    for index in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.on_point(x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == raw.FPDF_SEGMENT_LINETO:
            yield last, point
        last = point
        if raw.FPDFPathSegment_GetClose(segment):
            yield point, start
            last = start
