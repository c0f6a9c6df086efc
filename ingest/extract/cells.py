"""Numbers in table cells whose unit stands in the head of their column (起付标准（元）) or above (单位：万元)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.extract.quantities import find_quantities
from ingest.records import Quantity

Span = tuple[int, int]
_HEAD_UNIT = re.compile(r"[（(](?:单位[:：]?\s?)?(?P<unit>[^（()）\d]{1,8})[)）]\s*$")
_TABLE_UNIT = re.compile(r"单位\s?[:：]\s?(?P<unit>[^\s\d，,。；;)）|]{1,8})")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_RULED = re.compile(r"[\s|:+-]*")
_CONFIDENCE = 0.8
_FAR = 120


def with_cells(n: str, quantities: list[Quantity], currency: str) -> list[Quantity]:
    """The quantities of a text together with those of table cells that leave their unit to the head.

    Args:
        n: normalized text.
        quantities: what was found with a unit of its own.
        currency: ISO 4217 code of a bare 元.

    Returns:
        All of them, sorted by start, not overlapping.
    """
    if "\t" not in n and "|" not in n:
        return quantities
    taken = {q.start for q in quantities}
    found = [
        cell
        for table in _tables(n)
        for cell in _cells(n, table, currency)
        if not taken & set(range(cell.start, cell.end))
    ]
    return sorted([*quantities, *found], key=lambda q: q.start) if found else quantities


def _tables(n: str) -> Iterator[list[list[Span]]]:
    """Runs of lines with the same number of cells, as spans of their trimmed cells."""
    rows: list[list[Span]] = []
    at = 0
    for line in n.split("\n"):
        mark = "\t" if "\t" in line else "|" if line.count("|") >= 2 else ""
        cells = _split(line, mark, at) if mark else []
        if rows and len(cells) != len(rows[0]):
            if len(rows) > 1:
                yield rows
            rows = []
        if cells and not (mark == "|" and _RULED.fullmatch(line)):
            rows.append(cells)
        at += len(line) + 1
    if len(rows) > 1:
        yield rows


def _split(line: str, mark: str, at: int) -> list[Span]:
    spans = []
    for cell in line.split(mark):
        start = at + len(cell) - len(cell.lstrip())
        spans.append((start, start + len(cell.strip())))
        at += len(cell) + 1
    return spans


def _cells(n: str, rows: Sequence[Sequence[Span]], currency: str) -> Iterator[Quantity]:
    heads = [n[start:end] for start, end in rows[0]]
    above = _TABLE_UNIT.search(n, max(0, rows[0][0][0] - _FAR), rows[0][0][0])
    for row in rows[1:]:
        for head, (start, end) in zip(heads, row, strict=True):
            number = n[start:end]
            if not _NUMBER.fullmatch(number):
                continue
            named = _HEAD_UNIT.search(head) or above
            if named:
                whole = find_quantities(number + named.group("unit"), currency=currency)
                if len(whole) == 1 and whole[0].start == 0:
                    yield replace(whole[0], start=start, end=end, quote=number, confidence=_CONFIDENCE)
