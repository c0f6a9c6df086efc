"""Write every table of the knowledge base: one workbook, or a folder of csv, parquet or jsonl files."""

from __future__ import annotations

import argparse
from pathlib import Path

from api.errors import UsageError
from api.options import add_filters, add_kb, filters_from_args, open_kb


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_kb(parser)
    add_filters(parser)
    parser.add_argument("--format", choices=("xlsx", "csv", "parquet", "jsonl"), default="xlsx", help="(xlsx)")
    parser.add_argument(
        "--table", metavar="NAME", action="append", help="this table alone; may be repeated (every table)"
    )
    parser.add_argument(
        "-o", "--output", metavar="PATH", type=Path, help="file for xlsx, folder otherwise (fadu-export[.xlsx])"
    )


def run(args: argparse.Namespace) -> int:
    from api.exports import write_export
    from kb.export import NAMES

    output = args.output or Path("fadu-export.xlsx" if args.format == "xlsx" else "fadu-export")
    if output.is_dir() if args.format == "xlsx" else output.is_file():
        wanted = "a file" if args.format == "xlsx" else "a folder"
        raise UsageError(f"{output}: {args.format} is written to {wanted}; choose another --output")
    with open_kb(args) as kb:
        tables = [kb.table(name, filters_from_args(args)) for name in args.table or NAMES]
        write_export(tables, args.format, output)
    print(f"{output}: {', '.join(f'{len(table)} {table.name}' for table in tables)}")
    return 0
