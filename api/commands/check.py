"""Check a report: figures against rules, and its own arithmetic. Exit status 1 if anything is violated or wrong."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from api.options import add_filters, add_format, add_kb

if TYPE_CHECKING:
    pass


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", metavar="REPORT", help="report to check, - for standard input")
    parser.add_argument(
        "--against", metavar="FILE", nargs="+", help="check against the rules of these files, not of a knowledge base"
    )
    add_kb(parser)
    add_filters(parser)
    add_format(parser, "text", "json", "html", "xlsx")
    parser.add_argument("--explain", action="store_true", help="add to each record its cues and confidence")
    parser.set_defaults(error_status=2)
