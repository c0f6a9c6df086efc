"""Show one indicator as a cross table or a chart (svg), by default documents against levels of hospital."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.errors import UsageError
from api.options import add_filters, add_format, add_kb, filters_from_args, open_kb
from api.output import to_json, write_bytes, write_text
from api.present import describe_bound
from api.screen import Screen, plain

if TYPE_CHECKING:
    from api.sheets import Sheet
    from kb.pivot import Pivot, Record

_AXES = ("document", "region", "level", "institution", "scheme", "service", "population", "period", "year")
_NARROWS = ("service", "population", "institution", "condition")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("measure", metavar="INDICATOR", help="key or name, e.g. reimbursement_ratio, 报销比例")
    parser.add_argument("--rows", choices=_AXES, default="document", help="what the rows are (document)")
    parser.add_argument("--columns", choices=_AXES, default="institution", help="what the columns are (institution)")
    parser.add_argument("--figures", action="store_true", help="figures that reports state, not rules")
    add_kb(parser)
    add_filters(parser)
    add_format(parser, "text", "json", "csv", "xlsx", "svg", "html")


def run(args: argparse.Namespace) -> int:
    from ingest.errors import QueryError
    from kb.pivot import parse_indicator, pivot

    if args.indicator:
        raise UsageError("the indicator is named twice; leave out --indicator")
    try:
        indicator = parse_indicator(args.measure)
        with open_kb(args) as kb:
            filters = replace(filters_from_args(args), indicator=indicator)
            found = kb.figures(filters) if args.figures else kb.rules(filters)
        table = pivot(found.records, args.rows, args.columns)
    except QueryError as error:
        raise UsageError(str(error)) from error
    if args.format == "json":
        write_text(args, to_json(pivot_to_dict(indicator, table)))
    elif args.format == "text":
        write_text(args, _draw(table, Screen.of_stdout()))
    elif args.format == "svg":
        from api.reports.pivot_chart import pivot_to_svg

        write_text(args, pivot_to_svg(indicator, table))
    elif args.format == "html":
        from api.reports.pivot_html import pivot_to_html

        write_text(args, pivot_to_html(indicator, table, _cell))
    elif args.format == "csv":
        from api.sheets import sheet_to_csv

        write_bytes(args, sheet_to_csv(_cross_sheet(indicator, table)))
    else:
        from api.reports.pivot_xlsx import pivot_to_xlsx

        write_bytes(args, pivot_to_xlsx(indicator, table, _cell))
    return 0


def pivot_to_dict(indicator: str, table: Pivot) -> dict[str, Any]:
    """The object `fadu table --format json` prints; cells without records are left out."""
    from api.contract import stored_to_dict

    return {
        "indicator": indicator,
        "rows_axis": table.rows_axis,
        "columns_axis": table.columns_axis,
        "rows": list(table.rows),
        "columns": list(table.columns),
        "cells": [
            {"row": row, "column": column, "records": [stored_to_dict(record) for record in records]}
            for (row, column), records in table.cells.items()
        ],
    }


def _draw(table: Pivot, screen: Screen) -> str:
    if not table.rows:
        return "no record of this indicator matches; try fewer filters"
    lines = [[row, *(_cell(table, row, column) for column in table.columns)] for row in table.rows]
    return screen.table(("", *table.columns), lines)


def _cell(table: Pivot, row: str, column: str) -> str:
    """The values, each once; with what tells them apart where there are several."""
    records = table.cell(row, column)
    values = dict.fromkeys(describe_bound(r.record) for r in records)
    if len(values) < 2:
        return "".join(values)
    slots = [name for name in _NARROWS if name not in (table.rows_axis, table.columns_axis)]
    told = (f"{describe_bound(r.record)}{_narrowed(r, slots)}" for r in records)
    return "；".join(dict.fromkeys(told))


def _narrowed(record: Record, slots: Sequence[str]) -> str:
    holder = getattr(record.record, "scope", record.record)
    words = [plain(word) for name in slots if (word := getattr(holder, name, None))]
    return f"（{' '.join(words)}）" if words else ""


def _cross_sheet(indicator: str, table: Pivot) -> Sheet:
    from api.sheets import Sheet

    rows = tuple((row, *(_cell(table, row, column) or None for column in table.columns)) for row in table.rows)
    return Sheet(indicator, (table.rows_axis, *table.columns), rows)
