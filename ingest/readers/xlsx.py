"""Excel workbooks: each sheet a table, cells as Excel shows them (percentages with %, dates in ISO 8601)."""

from __future__ import annotations

import datetime
import io
import re
from bisect import bisect_left, bisect_right
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from ingest.errors import ReadError
from ingest.messages import say
from ingest.readers.archive import Archive, is_excel, member_names
from ingest.readers.layout import GridItem, TextBuilder
from ingest.source import Source

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MAX_SHEET_BYTES = 32 * 1024 * 1024
"""XML of all sheets: about a million cells, which take a minute and 800 MB."""

MAX_GRID = 4_000_000
"""Rows times columns of a sheet, counting those that hold anything: real sheets are densely filled."""

_UNSTORED = re.compile(rb"(?:</f>|<f[^<>]*/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]')
_UNNAMED = re.compile(r"(?:sheet|工作表)\s*\d*$", re.I)
_NOISE = re.compile(r"\[[^\]]*\]|_.|\*.")
_PROPERTIES = ("title", "subject", "creator")


def sniff(data: bytes, suffix: str) -> bool:
    """A ZIP archive with a workbook."""
    return is_excel(member_names(data))


def read(data: bytes, name: str) -> Source:
    """Read a workbook: a line with each sheet's name, then its rows; hidden sheets are dropped text.

    Args:
        data: the whole file.
        name: path or label, for messages.

    Raises:
        ReadError: damaged, encrypted, too large, or built to exhaust memory.
    """
    archive = Archive(data, name)
    archive.check_xml()
    unstored = _check_sheets(archive, name)
    book = _open_workbook(data, name)
    builder = TextBuilder()
    for sheet in book.worksheets:
        reason = None if sheet.sheet_state == "visible" else "hidden sheet"
        grid = _grid_of(sheet, name)
        if grid:
            builder.add_block(sheet.title, drop=reason or ("sheet name" if _UNNAMED.match(sheet.title) else None))
            builder.add_table(grid, drop=reason)
    found = {key: str(getattr(book.properties, key, None) or "").strip() for key in _PROPERTIES}
    metadata = {key: value for key, value in found.items() if value and value != "openpyxl"}
    warnings = [f"{unstored} formulas have no stored result: open and save the workbook in Excel"] if unstored else []
    return builder.source(name, data, "xlsx", metadata=metadata, warnings=warnings)


def format_value(value: object, number_format: str) -> str:
    """Write a cell's value as its number format shows it.

    Args:
        value: what the cell stores.
        number_format: Excel's format code.

    >>> format_value(0.4124, "0.00%"), format_value(12500, '#,##0"元"'), format_value(0.1 + 0.2, "General")
    ('41.24%', '12,500元', '0.3')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "minutes") if value.time() != datetime.time() else value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, int | float):
        return _format_number(value, number_format)
    return str(value)


def _check_sheets(archive: Archive, name: str) -> int:
    """Refuse workbooks too large for memory; count the formulas whose result Excel has not stored."""
    total = unstored = 0
    for member in sorted(archive.members):
        if member.startswith("xl/worksheets/") and member.endswith(".xml"):
            xml = archive.read(member)
            total += len(xml)
            unstored += len(_UNSTORED.findall(xml))
    if total > MAX_SHEET_BYTES:
        raise ReadError(name, say("excel_too_large", size=total // 1024**2, most=MAX_SHEET_BYTES // 1024**2))
    return unstored


def _open_workbook(data: bytes, name: str) -> Any:
    import warnings

    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:
        raise ReadError(name, say("excel_broken", error=type(error).__name__)) from error


def _grid_of(sheet: Worksheet, name: str) -> list[list[GridItem]]:
    """The rows and columns of a sheet that hold anything.

    Only stored cells are touched: a cell at the far corner does not make a billion empty ones.
    """
    texts: dict[int, dict[int, GridItem]] = {}
    for (row, column), cell in sorted(sheet._cells.items()):
        text = format_value(cell.value, cell.number_format).strip()
        if text:
            texts.setdefault(row, {})[column] = text
    rows = {row: index for index, row in enumerate(texts)}
    columns = {column: index for index, column in enumerate(sorted({c for cells in texts.values() for c in cells}))}
    if len(rows) * len(columns) > MAX_GRID:
        raise ReadError(name, say("excel_spread", sheet=sheet.title, rows=len(rows), columns=len(columns)))
    row_list, column_list = list(rows), list(columns)
    for merged in sheet.merged_cells.ranges:
        if merged.min_col not in texts.get(merged.min_row, {}):
            continue
        origin = (rows[merged.min_row], columns[merged.min_col])
        for row in _between(row_list, merged.min_row, merged.max_row):
            for column in _between(column_list, merged.min_col, merged.max_col):
                texts[row].setdefault(column, origin)
    return [[cells.get(column, "") for column in columns] for cells in texts.values()]


def _between(ordered: list[int], low: int, high: int) -> list[int]:
    return ordered[bisect_left(ordered, low) : bisect_right(ordered, high)]


def _format_number(value: float, number_format: str) -> str:
    """Apply the part of a number format that changes what is read: %, decimals, thousands, literal text."""
    section = number_format.split(";")[0]
    literals = [next(filter(None, match.groups()), "") for match in _LITERAL.finditer(section)]
    bare = _NOISE.sub("", _LITERAL.sub("\0", section))
    number = Decimal(format(value, ".15g")) if isinstance(value, float) else Decimal(value)
    digits = re.search(r"[0#?][0#?,]*(?:\.([0#?]*))?(%?)", bare)
    if digits is None or "E" in bare or "/" in bare:
        return _plain(number)
    if "%" in bare:
        number *= 100
    decimals = len(digits.group(1) or "")
    shown = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{shown:,f}" if "," in digits.group() else f"{shown:f}"
    before, after = bare[: digits.start()], bare[digits.end() :]
    fill = iter(literals)
    prefix = "".join(next(fill) if char == "\0" else char for char in before)
    suffix = "".join(next(fill) if char == "\0" else char for char in after)
    return prefix.strip() + text + digits.group(2) + suffix.strip()


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
