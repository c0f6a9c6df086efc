"""Putting a document's text together while keeping the spans of its tables and page furniture."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.source import Cell, DroppedSpan, Source, Table, is_title

MAX_SPAN = 64
"""Columns one merged cell may cover: wider spans come from broken or hostile files and only multiply empty cells."""

LAYOUT_CELL = 1500
"""Characters above which a cell is a page of prose and its table mere layout, written as blocks."""

GridItem = str | tuple[int, int]
"""A cell's text, or (row, column) of the merged cell that covers this place, above or to the left of it."""

_BREAKS = re.compile(r"[ \t\r\n\f\v]*[\t\r\n\f\v][ \t\r\n\f\v]*")
_NUMERIC = re.compile(r"[-+]?[\d,，.．]+\s*[%％‰元人万萬亿億户戶家年个個]?")
_YEAR = re.compile(r"(?:19|20)\d\d\s*年?")


class TextBuilder:
    """Grows a text block by block, one block a line, one table row a line with tab-separated cells.

    >>> builder = TextBuilder()
    >>> builder.add_block("首页 > 政策", drop="navigation")
    (0, 7)
    >>> builder.add_table([["医院", "比例"], ["三级", "70%"]])
    (8, 20)
    >>> builder.text
    '首页 > 政策\\n医院\\t比例\\n三级\\t70%\\n'
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._tables: list[Table] = []
        self._dropped: list[DroppedSpan] = []

    @property
    def text(self) -> str:
        """The text so far, ending with a line break unless empty."""
        return "".join(self._pieces)

    def add_block(self, text: str, drop: str | None = None) -> tuple[int, int]:
        """Append a block on its own line; `drop` is the reason when it is page furniture. Returns its span."""
        start = self._length
        self._write(text)
        end = self._length
        self._write("\n")
        if drop and text:
            self._drop(start, end, drop)
        return start, end

    def add_table(self, grid: Sequence[Sequence[GridItem]], drop: str | None = None) -> tuple[int, int]:
        """Append a table; cells covered by a merged cell share that cell's span. Returns the table's span."""
        start = self._length
        rows: list[tuple[Cell, ...]] = []
        for items in grid:
            row: list[Cell] = []
            for column, item in enumerate(items):
                if column:
                    self._write("\t")
                row.append(self._cell(item, rows, row))
            rows.append(tuple(row))
            self._write("\n")
        end = self._length - 1 if rows else start
        header_rows = count_header_rows(rows)
        table = Table(start, end, tuple(rows), header=header_rows > 0, header_rows=header_rows)
        self._tables.append(table)
        if drop:
            self._drop(start, end, drop)
        return start, end

    def add_source(self, source: Source) -> None:
        """Append a document read by itself, with its tables and dropped spans."""
        by = self._length
        self._write(source.text if source.text.endswith("\n") or not source.text else source.text + "\n")
        for table in source.tables:
            rows = tuple(tuple(Cell(c.start + by, c.end + by, c.text) for c in row) for row in table.rows)
            self._tables.append(replace(table, start=table.start + by, end=table.end + by, rows=rows))
        self._dropped += [replace(span, start=span.start + by, end=span.end + by) for span in source.dropped]

    def source(
        self,
        name: str,
        data: bytes,
        form: str,
        *,
        encoding: tuple[str, float] | None = None,
        metadata: Mapping[str, str] | None = None,
        warnings: Sequence[str] = (),
    ) -> Source:
        """Finish: the source with everything added so far.

        Args:
            name: path or label the user gave.
            data: the bytes read, for their digest.
            form: the format's name.
            encoding: codec and confidence, for formats decoded by fadu.
            metadata: what the file states about itself.
            warnings: what was lost or guessed.
        """
        return Source(
            name=name,
            text=self.text,
            sha256=hashlib.sha256(data).hexdigest(),
            format=form,
            encoding=encoding[0] if encoding else None,
            encoding_confidence=encoding[1] if encoding else None,
            metadata=dict(metadata or {}),
            tables=tuple(self._tables),
            dropped=tuple(self._dropped),
            warnings=tuple(warnings),
        )

    def _cell(self, item: GridItem, rows: Sequence[Sequence[Cell]], row: Sequence[Cell]) -> Cell:
        if isinstance(item, tuple):
            return (*rows, row)[item[0]][item[1]]
        text = clean_cell(item)
        start = self._length
        self._write(text)
        return Cell(start, self._length, text)

    def _write(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)

    def _drop(self, start: int, end: int, reason: str) -> None:
        """Record a dropped span, joined to the one before it when only a line break lies between."""
        last = self._dropped[-1] if self._dropped else None
        if last is not None and last.reason == reason and last.end == start - 1:
            self._dropped[-1] = DroppedSpan(last.start, end, reason)
        else:
            self._dropped.append(DroppedSpan(start, end, reason))


def clean_cell(text: str) -> str:
    """Make a cell fit on a tab-separated line: line breaks and tabs become one space."""
    return _BREAKS.sub(" ", text).strip(" \t\r\n")


def grid_from_spans(rows: Sequence[Sequence[tuple[str, int, int]]]) -> list[list[GridItem]]:
    """Lay cells with column and row spans out on a grid.

    Args:
        rows: for each row its own cells as (text, columns covered, rows covered), as HTML writes them; rows
            without cells are left out.

    >>> grid_from_spans([[("级别", 1, 2), ("比例", 2, 1)], [("门诊", 1, 1), ("住院", 1, 1)]])
    [['级别', '比例', (0, 1)], [(0, 0), '门诊', '住院']]
    """
    rows = [row for row in rows if row]
    grid: list[dict[int, GridItem]] = [{} for _ in rows]
    for r, cells in enumerate(rows):
        column = 0
        for text, width, height in cells:
            while column in grid[r]:
                column += 1
            for below in range(r, min(r + max(height, 1), len(rows))):
                for right in range(column, column + min(max(width, 1), MAX_SPAN)):
                    grid[below].setdefault(right, (r, column))
            grid[r][column] = text
            column += min(max(width, 1), MAX_SPAN)
    return [[row.get(column, "") for column in range(max(row) + 1)] for row in grid]


def count_header_rows(rows: Sequence[Sequence[Cell]]) -> int:
    """How many rows at the top of a table are titles or headings: none when data begins at once or nothing follows."""
    titles = next((number for number, row in enumerate(rows) if not is_title(row)), 0)
    if titles >= len(rows) - 1 or _has_number(rows[titles]):
        return titles
    count = titles + 1
    while count < len(rows) - 1 and _goes_on(rows[count - 1], rows[count], rows[count + 1]):
        count += 1
    return count


def _goes_on(above: Sequence[Cell], row: Sequence[Cell], below: Sequence[Cell]) -> bool:
    """Whether a row divides the headings above it: it has something to say only below headings of several columns."""
    if _has_number(row) or len(row) != len(above) or is_title(row):
        return False
    kept = [not cell.text or cell.start == over.start for cell, over in zip(row, above, strict=True)]
    wide = [_is_wide(above, column) for column in range(len(above))]
    return (
        not all(kept)
        and all(same or broad for same, broad in zip(kept, wide, strict=True))
        and (any(kept) or _has_number(below))
    )


def _is_wide(row: Sequence[Cell], column: int) -> bool:
    """Whether a heading covers several columns, merged or with blanks on its right."""
    right = row[column + 1] if column + 1 < len(row) else None
    starts = [cell.start for cell in row[max(column - 1, 0) : column + 2]]
    merged = starts.count(row[column].start) > 1
    return merged or not row[column].text or (right is not None and not right.text)


def _has_number(row: Sequence[Cell]) -> bool:
    """Whether a row holds data: a cell that is a number, unless its numbers are years in the heads of columns."""
    numbers = [cell.text for cell in row if _NUMERIC.fullmatch(cell.text)]
    years = all(_YEAR.fullmatch(number) for number in numbers)
    return bool(numbers) and not (years and row[0].text not in numbers)
