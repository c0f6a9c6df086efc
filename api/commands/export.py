"""Write every table of the knowledge base: one workbook, or a folder of csv, parquet or jsonl files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import UsageError
from api.options import add_filters, add_kb, filters_from_args, open_kb
from api.output import replace_file, to_jsonl

if TYPE_CHECKING:
    from api.sheets import Sheet
    from kb import KnowledgeBase
    from kb.types import Filters


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_kb(parser)
    add_filters(parser)
    parser.add_argument("--format", choices=("xlsx", "csv", "parquet", "jsonl"), default="xlsx", help="(xlsx)")
    parser.add_argument(
        "-o", "--output", metavar="PATH", type=Path, help="file for xlsx, folder otherwise (fadu-export[.xlsx])"
    )


def run(args: argparse.Namespace) -> int:
    from api.sheets import sheet_to_csv, sheet_to_parquet, sheets_to_xlsx

    output = args.output or Path("fadu-export.xlsx" if args.format == "xlsx" else "fadu-export")
    if output.is_dir() if args.format == "xlsx" else output.is_file():
        wanted = "a file" if args.format == "xlsx" else "a folder"
        raise UsageError(f"{output}: {args.format} is written to {wanted}; choose another --output")
    with open_kb(args) as kb:
        sheets = export_sheets(kb, filters_from_args(args))
    if args.format == "xlsx":
        replace_file(output, sheets_to_xlsx(sheets))
    else:
        output.mkdir(parents=True, exist_ok=True)
        for sheet in sheets:
            if args.format == "csv":
                data = sheet_to_csv(sheet)
            elif args.format == "parquet":
                data = sheet_to_parquet(sheet)
            else:
                rows = (dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows)
                data = to_jsonl(rows).encode("utf-8", "backslashreplace")
            replace_file(output / f"{sheet.title}.{args.format}", data)
    counts = ", ".join(f"{len(sheet.rows)} {sheet.title}" for sheet in sheets)
    print(f"{output}: {counts}")
    return 0


def export_sheets(kb: KnowledgeBase, filters: Filters) -> list[Sheet]:
    """Rules, figures, provisions and documents that match `filters`."""
    from api.contract import document_to_dict
    from api.sheets import record_columns, sheet_from_records
    from api.tables import stored_sheet
    from ingest.records import Provision
    from ingest.serialize import record_to_dict
    from kb.types import DocumentRow

    documents = kb.documents(filters)
    provisions = (
        {"document": document_to_dict(document), **record_to_dict(provision)}
        for document in documents
        for provision in kb.provisions(document.id)
    )
    columns = ("document.title", *record_columns(Provision), "document.id", "document.source")
    return [
        stored_sheet("rules", kb.rules(filters)),
        stored_sheet("figures", kb.figures(filters)),
        sheet_from_records("provisions", columns, provisions),
        sheet_from_records("documents", record_columns(DocumentRow), map(document_to_dict, documents)),
    ]
