"""Text for a terminal and tables for a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from api.screen import Screen, plain, shorten, text_width, wrap
from api.sheets import Sheet, sheet_from_records, sheet_to_csv, sheet_to_parquet, sheets_to_xlsx
from kb.flat import flatten

EXAMPLE = Sheet(
    "rules",
    ("value", "quote", "document.id"),
    (("70", "=HYPERLINK(1)", "12345678"), ("-5.5", "+86", "0012"), (None, "不得超过\x0b25%", "1e5")),
)


@given(st.text(), st.integers(1, 40))
def test_shortened_text_fits(text: str, columns: int) -> None:
    assert text_width(shorten(text, columns)) <= max(columns, 1)


@given(st.text(alphabet="甲乙丙ab1", max_size=200), st.integers(12, 60))
def test_wrapping_loses_nothing_and_fits(text: str, columns: int) -> None:
    lines = wrap(text, columns).split("\n")
    assert "".join(lines) == text
    assert all(text_width(line) <= columns for line in lines)


@given(st.text())
def test_plain_text_cannot_control_a_terminal(text: str) -> None:
    shown = plain(text)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066\u200b" for c in shown)


def test_table_aligns_wide_characters() -> None:
    lines = Screen(False, 80).table(("机构", "ratio"), [("三级医院", "70%"), ("社区", "90%")]).split("\n")
    assert {
        text_width(line[: line.index(cell)]) for line, cell in zip(lines, ("ratio", "70%", "90%"), strict=True)
    } == {10}


def test_wide_table_is_shortened_to_the_screen() -> None:
    table = Screen(False, 40).table(("a", "b"), [("字" * 50, "x" * 50)])
    assert max(map(text_width, table.split("\n"))) <= 40


def test_no_style_without_colour() -> None:
    assert Screen(False, 80).style("x", "bad") == "x"
    assert Screen(True, 80).style("x", "bad") == "\x1b[1;31mx\x1b[0m"


def test_flatten_joins_names_and_lists() -> None:
    assert flatten({"a": {"b": {"c": 1}}, "d": ["x", "y"]}) == {"a.b.c": 1, "d": "x；y"}


def test_sheet_keeps_columns_that_no_record_has() -> None:
    sheet = sheet_from_records("t", ("a", "scope.scheme"), [{"a": 1, "b": 2}])
    assert sheet.rows == ((1, None),)


def test_csv_opens_in_excel_and_runs_no_formula() -> None:
    data = sheet_to_csv(EXAMPLE)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[1] == ["70", "'=HYPERLINK(1)", "12345678"]
    assert rows[2][:2] == ["-5.5", "'+86"]


def test_workbook_keeps_text_text_and_values_numbers() -> None:
    page = load_workbook(io.BytesIO(sheets_to_xlsx([EXAMPLE])))["rules"]
    rows = list(page.iter_rows(min_row=2))
    assert [row[0].value for row in rows] == [70, -5.5, None]
    assert rows[0][1].value == "=HYPERLINK(1)"
    assert rows[0][1].data_type == "s"
    assert [row[2].value for row in rows] == ["12345678", "0012", "1e5"]
    assert rows[2][1].value == "不得超过\ufffd25%"
    assert page.freeze_panes == "A2"


def test_workbook_without_sheets_opens() -> None:
    assert load_workbook(io.BytesIO(sheets_to_xlsx([]))).sheetnames == ["empty"]


def test_parquet_keeps_every_cell() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(sheet_to_parquet(EXAMPLE)))
    assert table.column("value").to_pylist() == ["70", "-5.5", None]
