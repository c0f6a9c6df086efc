"""Tables in running text: rows of cells parted by `|` or tabs, the first row naming the columns."""

from __future__ import annotations

import re

Span = tuple[int, int]
_RULE = re.compile(r"^[\s|:+-]*$")
_MOST_ROWS = 400


def find_column_head(n: str, at: int) -> Span | None:
    """The head cell of the table column that position `at` stands in, None outside tables and in head rows.

    Args:
        n: normalized text.
        at: a position in a cell.
    """
    start, end = _line(n, at)
    line = n[start:end]
    mark = "\t" if "\t" in line else "|" if line.count("|") >= 2 else None
    if mark is None:
        return None
    cells = line.count(mark)
    column = n.count(mark, start, at)
    head: Span | None = None
    for _ in range(_MOST_ROWS):
        if start == 0:
            break
        start, end = _line(n, start - 1)
        row = n[start:end]
        if row.count(mark) != cells:
            if row.strip():
                break
            continue
        if not _RULE.match(row):
            head = (start, end)
    return _cell(n, head, mark, column) if head else None


def _line(n: str, at: int) -> Span:
    end = n.find("\n", at)
    return n.rfind("\n", 0, at) + 1, len(n) if end < 0 else end


def _cell(n: str, row: Span, mark: str, column: int) -> Span:
    start = row[0]
    for _ in range(column):
        start = n.index(mark, start) + 1
    end = n.find(mark, start, row[1])
    return start, row[1] if end < 0 else end
