"""A cross table as a page: the chart, the table, and where each of its values stands."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from api.present import describe_bound
from api.reports.checked import indicator_name
from api.reports.page import page, section, table
from api.reports.pivot_chart import AXIS_WORDS, pivot_to_svg
from api.reports.quotes import place_in_words
from api.screen import plain

if TYPE_CHECKING:
    from kb.pivot import Pivot


def pivot_to_html(indicator: str, pivot: Pivot, words_of: Callable[[Pivot, str, str], str]) -> str:
    """The page.

    Args:
        indicator: the canonical key.
        pivot: the cross table.
        words_of: what a cell says, from its row and column; empty for an empty one.
    """
    name = indicator_name(indicator)
    axes = AXIS_WORDS[pivot.rows_axis], AXIS_WORDS[pivot.columns_axis]
    rows = [
        (escape(plain(row)), *(escape(words_of(pivot, row, column)) for column in pivot.columns)) for row in pivot.rows
    ]
    kinds = ("about", *("cell" for _ in pivot.columns))
    sources = [
        (escape(plain(row)), escape(plain(column)), escape(describe_bound(s.record)), escape(place_in_words(s)))
        for row in pivot.rows
        for column in pivot.columns
        for s in pivot.cell(row, column)
    ]
    head = f'<header><p class="kicker">指标比较</p><h1>{escape(name)}</h1></header>'
    if not rows:
        return page(name, [head, '<p class="verdict">没有符合条件的记录。</p>'])
    drawn = f"<figure>{pivot_to_svg(indicator, pivot, alone=False)}</figure>"
    cross = section("table", f"{axes[0]}与{axes[1]}", None, table((axes[0], *pivot.columns), rows, kinds))
    listed = table((*axes, "限值", "出处"), sources, ("about", "", "value", ""))
    return page(name, [head, drawn, cross, section("sources", "出处", len(sources), listed)])
