"""Workbooks to work on: wrapped text, a frozen header with filters, choices to pick from, pages that print."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from api.screen import text_width
from api.sheets import fits_number, text_cell_value
from kb.flat import Value

_HEADER = "2F4858"
_NARROWEST, _WIDEST = 5, 38
_ROOM = 18  # characters, of a column to write in
_LINE = 15.0  # points
_MOST_LINES = 12
_WIDE_PAGE = 170  # characters, from which a sheet is printed on A3
_TINTS = {"违反规定": "F8D7D3", "自相矛盾": "E9DCF1", "无法判定": "FBEBC8", "符合规定": "DCEFE2"}


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet for people: `rows` hold one value per column.

    `numeric` names the columns whose decimal strings become numbers; `choices` gives a column its allowed values;
    `open` names columns left for the reader to fill in, set off by their header; `upright` turns the headers from
    that column on (counted from 0) upright.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    numeric: frozenset[str] = frozenset()
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    upright: int | None = None


def pages_to_xlsx(pages: Sequence[Page]) -> bytes:
    """The workbook; text is never taken for a formula, numbers keep every digit or stay text."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for one in pages:
        _fill(book.create_sheet(one.title[:31]), one)
    if not pages:
        book.create_sheet("空")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet, page: Page) -> None:  # type: ignore[no-untyped-def]
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    edge = Side(style="thin", color="D0D0CC")
    border = Border(left=edge, right=edge, top=edge, bottom=edge)
    widths = [_width(page, number) for number in range(len(page.columns))]
    for number, name in enumerate(page.columns, start=1):
        cell = sheet.cell(1, number, name)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="7A5C1E" if name in page.open else _HEADER)
        turned = page.upright is not None and number > page.upright
        cell.alignment = Alignment(vertical="center", wrap_text=True, textRotation=255 if turned else 0)
        cell.border = border
        sheet.column_dimensions[get_column_letter(number)].width = widths[number - 1]
    for line, row in enumerate(page.rows, start=2):
        for number, (name, value) in enumerate(zip(page.columns, row, strict=True), start=1):
            cell = sheet.cell(line, number)
            if isinstance(value, str) and name in page.numeric and fits_number(value):
                cell.value = float(value) if "." in value else int(value)
            elif isinstance(value, str):
                cell.value = text_cell_value(value)
                cell.data_type = "s"
            else:
                cell.value = value
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.border = border
            if isinstance(value, str) and value in _TINTS:
                cell.fill = PatternFill("solid", fgColor=_TINTS[value])
        sheet.row_dimensions[line].height = _LINE * _lines(row, widths) + 3
    _arrange(sheet, page, sum(widths))


def _arrange(sheet, page: Page, width: float) -> None:  # type: ignore[no-untyped-def]
    """Header, filters, choices and the printed page."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    last = max(len(page.rows) + 1, 2)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(page.columns))}{last}"
    sheet.row_dimensions[1].height = 170 if page.upright is not None else 24
    for name, allowed in page.choices.items():
        letter = get_column_letter(page.columns.index(name) + 1)
        rule = DataValidation(type="list", formula1=f'"{",".join(allowed)}"', allow_blank=True)
        rule.errorTitle, rule.error = name, f"请从列表中选择：{'、'.join(allowed)}"
        rule.promptTitle, rule.prompt = name, "从列表中选择"
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{last}")
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3 if width > _WIDE_PAGE else sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    sheet.oddFooter.center.text = "&P / &N"


def _width(page: Page, index: int) -> int:
    """The width of a column in characters."""
    if page.upright is not None and index >= page.upright:
        return 11
    name = page.columns[index]
    sample = [text_width(str(row[index])) for row in page.rows[:200] if row[index] is not None]
    written = 0 if any(sample) or name not in page.open or name in page.choices else _ROOM
    return min(max([_NARROWEST, written, text_width(name) + 3, *sample]) + 2, _WIDEST)


def _lines(row: Sequence[Value], widths: Sequence[int]) -> int:
    """Lines the fullest cell of a row takes; spreadsheets do not all measure wrapped text themselves."""
    needed = (-(-text_width(str(v)) // max(w - 2, 1)) for v, w in zip(row, widths, strict=True) if v is not None)
    return min(max(needed, default=1), _MOST_LINES)
