"""List figures as a table: the numbers documents report, with indicator, period, place and quote."""

from __future__ import annotations

import argparse

from api.options import add_all, add_filters, add_kb, add_paging, filters_from_args, open_kb
from api.present import describe_bound, describe_document, describe_figure
from api.tables import add_table_format, write_table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_kb(parser)
    add_filters(parser)
    add_paging(parser)
    add_all(parser)
    add_table_format(parser)


def run(args: argparse.Namespace) -> int:
    with open_kb(args) as kb:
        figures = kb.figures(filters_from_args(args), limit=args.limit, offset=args.offset, distinct=not args.all)
    rows = [
        (
            describe_bound(figure.record),
            describe_figure(figure.record),
            figure.record.indicator,
            figure.record.period or "",
            describe_document(figure.document),
            f"{figure.record.start}-{figure.record.end}",
            f"{figure.count}×" if figure.count > 1 else "",
        )
        for figure in figures
    ]
    headers = ("value", "figure", "indicator", "period", "document", "span", "repeated")
    write_table(args, "figures", figures, headers, rows)
    return 0
