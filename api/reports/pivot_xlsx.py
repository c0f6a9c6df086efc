"""A cross table as a workbook: the table, and where each of its values stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.present import describe_bound, describe_document
from api.reports.checked import describe_provision, indicator_name
from api.reports.pivot_chart import AXIS_WORDS
from api.reports.workbook import Page, pages_to_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb.pivot import Pivot


def pivot_to_xlsx(indicator: str, table: Pivot, words_of: Callable[[Pivot, str, str], str]) -> bytes:
    """The workbook.

    Args:
        indicator: the canonical key, the name of the first sheet.
        table: the cross table.
        words_of: what a cell says, from its row and column; empty for an empty one.
    """
    rows = tuple((row, *(words_of(table, row, column) or None for column in table.columns)) for row in table.rows)
    cross = Page(indicator_name(indicator), (AXIS_WORDS[table.rows_axis], *table.columns), rows)
    sources = tuple(
        (
            row,
            column,
            describe_bound(stored.record),
            stored.record.value,
            stored.record.quote,
            describe_document(stored.document),
            describe_provision(stored.record.provision),
            f"{stored.record.start + 1}–{stored.record.end}字",
        )
        for row in table.rows
        for column in table.columns
        for stored in table.cell(row, column)
    )
    axes = (AXIS_WORDS[table.rows_axis], AXIS_WORDS[table.columns_axis])
    heads = (*axes, "限值", "数值", "原文", "出处文件", "条款", "位置")
    return pages_to_xlsx([cross, Page("出处", heads, sources, frozenset({"数值"}))])
