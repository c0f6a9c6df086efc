"""Records as rows of a table, and tables as CSV, workbooks and Parquet that a spreadsheet can be trusted with."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, Any

from api.errors import UsageError
from api.output import to_jsonl
from kb.flat import Value, arrow_batches, arrow_schema, flatten, import_arrow

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_NUMERIC = frozenset({"value", "high", "margin", "recomputed", "stated"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CELL_LIMIT = 32_767  # characters a cell of an Excel workbook may hold
MOST_ROWS = 1_048_575  # rows of a sheet of an Excel workbook, its header aside
_SAMPLE = 200  # rows that widths of columns are judged by
_ROWS_AT_ONCE = 500
_EXACT_DIGITS = 15  # digits an Excel number keeps


@dataclass(frozen=True, slots=True)
class Sheet:
    """A named table: `rows` hold one value per column, and may be read once only."""

    title: str
    columns: tuple[str, ...]
    rows: Iterable[tuple[Value, ...]]


def sheet_from_records(title: str, columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> Sheet:
    """A sheet with `columns`; slots a record lacks are empty, keys outside `columns` are left out."""
    rows = tuple(tuple(row.get(column) for column in columns) for row in map(flatten, records))
    return Sheet(title, tuple(columns), rows)


def sheet_to_csv(sheet: Sheet) -> bytes:
    """The whole of `csv_chunks`."""
    return b"".join(csv_chunks(sheet))


def csv_chunks(sheet: Sheet) -> Iterator[bytes]:
    """CSV in UTF-8 with a byte-order mark, as Excel needs it for Chinese, some rows at a time.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers.
    """
    rows = iter(sheet.rows)
    lines: list[Sequence[Value]] = [sheet.columns]
    mark = "\ufeff"
    while lines:
        out = io.StringIO(newline="")
        csv.writer(out).writerows([_csv_cell(value) for value in line] for line in lines)
        yield (mark + out.getvalue()).encode("utf-8", "backslashreplace")
        lines, mark = list(islice(rows, _ROWS_AT_ONCE)), ""


def jsonl_chunks(sheet: Sheet) -> Iterator[bytes]:
    """A JSON object a row in UTF-8, some rows at a time."""
    rows = iter(sheet.rows)
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        yield to_jsonl(dict(zip(sheet.columns, row, strict=True)) for row in some).encode("utf-8", "backslashreplace")


def _csv_cell(value: Value) -> Value:
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


def sheets_to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """The workbook of `write_xlsx`."""
    out = io.BytesIO()
    write_xlsx(sheets, out)
    return out.getvalue()


def write_xlsx(sheets: Sequence[Sheet], file: IO[bytes]) -> None:
    """Writes a workbook with a frozen header row per sheet; text stays text, values that fit exactly become numbers.

    Raises:
        UsageError: a sheet has more rows, or a cell more characters, than Excel takes.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    try:
        for sheet in sheets:
            _write_sheet(book, sheet)
    except UsageError:
        book.save(os.devnull)  # so that openpyxl closes and removes the temporary files it has begun
        raise
    if not sheets:
        book.create_sheet("empty")
    book.save(file)


def _write_sheet(book: Any, sheet: Sheet) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(sheet.title[:31])
    page.freeze_panes = "A2"
    rows = iter(sheet.rows)
    first = list(islice(rows, _SAMPLE))
    for number, column in enumerate(sheet.columns, start=1):
        width = _column_width(column, [row[number - 1] for row in first])
        page.column_dimensions[get_column_letter(number)].width = width
    header = []
    for column in sheet.columns:
        cell = WriteOnlyCell(page, column)
        cell.font = Font(bold=True)
        header.append(cell)
    page.append(header)
    for count, row in enumerate(chain(first, rows), start=1):
        check_rows(sheet.title, count)
        page.append([_xlsx_cell(page, sheet.title, c, v) for c, v in zip(sheet.columns, row, strict=True)])


def check_rows(title: str, count: int) -> None:
    """Nothing, if a sheet of so many rows fits a workbook.

    Raises:
        UsageError: it does not.
    """
    if count > MOST_ROWS:
        raise UsageError(
            f"{title} has more than the {MOST_ROWS:,} rows an Excel sheet holds; narrow it with filters, "
            "or choose csv, parquet or jsonl"
        )


def _column_width(column: str, values: Iterable[Value]) -> int:
    from api.screen import text_width

    return min(max([text_width(column), *(text_width(str(v)) for v in values if v is not None)]) + 2, 60)


def _xlsx_cell(page: Any, title: str, column: str, value: Value) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str):
        return value
    if column.rpartition(".")[2] in _NUMERIC and fits_number(value):
        return float(value) if "." in value else int(value)
    if len(value) > _CELL_LIMIT:
        raise UsageError(
            f"{title}: a cell of {column} has {len(value):,} characters, more than the {_CELL_LIMIT:,} an Excel cell "
            f"holds ({value[:20]}…); choose csv, parquet or jsonl"
        )
    cell = WriteOnlyCell(page, text_cell_value(value))
    cell.data_type = "s"
    return cell


def text_cell_value(text: str) -> str:
    """`text` as a cell of a workbook can hold it: no control characters, not too long."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    kept: str = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text).encode("utf-8", "replace").decode("utf-8")
    return kept if len(kept) <= _CELL_LIMIT else kept[: _CELL_LIMIT - 1] + "…"


def fits_number(value: str) -> bool:
    """Whether a decimal string loses nothing as a number of a workbook."""
    return bool(_NUMBER.fullmatch(value)) and len(value.strip("-0.").replace(".", "")) <= _EXACT_DIGITS


def sheet_to_parquet(sheet: Sheet) -> bytes:
    """The file of `write_parquet`."""
    out = io.BytesIO()
    write_parquet(sheet, out)
    return out.getvalue()


def write_parquet(sheet: Sheet, file: IO[bytes]) -> None:
    """Writes the sheet as Parquet, typed as `kb.flat.arrow_schema` says.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    import_arrow()
    from pyarrow import parquet

    with parquet.ParquetWriter(file, arrow_schema(sheet.columns)) as writer:
        for batch in arrow_batches(sheet.columns, iter(sheet.rows)):
            writer.write_batch(batch)
