"""Records as rows of a table, and tables as CSV, workbooks and Parquet that a spreadsheet can be trusted with."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ingest.errors import MissingExtraError

Value = str | int | float | bool | None

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_NUMERIC = frozenset({"value", "high", "margin", "recomputed", "stated"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CELL_LIMIT = 32_767  # characters a cell of an Excel workbook may hold
_EXACT_DIGITS = 15  # digits an Excel number keeps


@dataclass(frozen=True, slots=True)
class Sheet:
    """A named table: `rows` hold one value per column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def flatten(record: Mapping[str, Any], prefix: str = "") -> dict[str, Value]:
    """A nested record as one row; inner keys are joined by a dot, lists by ；.

    >>> flatten({"value": "70", "scope": {"scheme": "职工医保"}, "exceptions": ["甲", "乙"]})
    {'value': '70', 'scope.scheme': '职工医保', 'exceptions': '甲；乙'}
    """
    row: dict[str, Value] = {}
    for key, value in record.items():
        if isinstance(value, Mapping):
            row |= flatten(value, f"{prefix}{key}.")
        elif isinstance(value, (list, tuple)):
            row[prefix + key] = "；".join(str(item) for item in value)
        else:
            row[prefix + key] = value
    return row


def record_columns(cls: type, explain: bool = False) -> tuple[str, ...]:
    """The columns a dataclass of `ingest.records` flattens to, present in every row or not."""
    from ingest.records import Scope

    names: list[str] = []
    for field in fields(cls):
        if field.name == "scope":
            names += [f"scope.{inner.name}" for inner in fields(Scope)]
        elif field.name not in ("cues", "confidence") or explain:
            names.append(field.name)
    return tuple(names)


def sheet_from_records(title: str, columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> Sheet:
    """A sheet with `columns`; slots a record lacks are empty, keys outside `columns` are left out."""
    rows = tuple(tuple(row.get(column) for column in columns) for row in map(flatten, records))
    return Sheet(title, tuple(columns), rows)


def sheet_to_csv(sheet: Sheet) -> bytes:
    """CSV in UTF-8 with a byte-order mark, as Excel needs it for Chinese.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(sheet.columns)
    for row in sheet.rows:
        writer.writerow([_csv_cell(value) for value in row])
    return ("\ufeff" + out.getvalue()).encode("utf-8", "backslashreplace")


def _csv_cell(value: Value) -> Value:
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


def sheets_to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook with a frozen header row per sheet; text stays text, values that fit exactly become numbers."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.title[:31])
        page.freeze_panes = "A2"
        for number, column in enumerate(sheet.columns, start=1):
            page.column_dimensions[get_column_letter(number)].width = _column_width(sheet, column, number - 1)
        header = []
        for column in sheet.columns:
            cell = WriteOnlyCell(page, column)
            cell.font = Font(bold=True)
            header.append(cell)
        page.append(header)
        for row in sheet.rows:
            page.append([_xlsx_cell(page, c, v) for c, v in zip(sheet.columns, row, strict=True)])
    if not sheets:
        book.create_sheet("empty")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _column_width(sheet: Sheet, column: str, index: int) -> int:
    from api.screen import text_width

    sample = [text_width(str(row[index])) for row in sheet.rows[:200] if row[index] is not None]
    return min(max([text_width(column), *sample]) + 2, 60)


def _xlsx_cell(page: Any, column: str, value: Value) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str):
        return value
    if column.rpartition(".")[2] in _NUMERIC and fits_number(value):
        return float(value) if "." in value else int(value)
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
    """The sheet as Parquet, every column of text.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("Parquet", "notebooks") from error
    columns = {
        name: pyarrow.array([None if row[i] is None else str(row[i]) for row in sheet.rows], type=pyarrow.string())
        for i, name in enumerate(sheet.columns)
    }
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), out)
    return out.getvalue()
