"""The output of `fadu rules` and `fadu figures`, and the sheets they and `fadu export` share."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from api.options import add_format
from api.output import to_json, to_jsonl, write_bytes, write_text
from api.screen import Screen

if TYPE_CHECKING:
    from api.sheets import Sheet
    from kb.types import StoredFigure, StoredRule, Table

_DOCUMENT_COLUMNS = (
    "document.title",
    "document.doc_number",
    "document.region",
    "document.effective",
    "document.status",
)
_LAST_COLUMNS = ("count", "document.id", "document.source")


def add_table_format(parser: argparse.ArgumentParser) -> None:
    """Adds `--format`, `--output` and `--explain` of a table of records."""
    add_format(parser, "text", "json", "jsonl", "csv", "xlsx", "parquet")
    parser.add_argument("--explain", action="store_true", help="add to each record its cues and confidence")


def stored_sheet(title: str, stored: Iterable[StoredRule | StoredFigure], explain: bool = False) -> Sheet:
    """Stored rules (`title` rules) or figures (`figures`) as a sheet, the document's columns first."""
    from api.contract import stored_to_dict
    from api.sheets import sheet_from_records
    from ingest.records import Figure, Rule
    from kb.flat import record_columns

    own = record_columns(Rule, explain) if title == "rules" else record_columns(Figure, explain)
    label = ("provision_label",) if title == "rules" else ()
    columns = (*_DOCUMENT_COLUMNS, *label, *own, *_LAST_COLUMNS)
    return sheet_from_records(title, columns, (stored_to_dict(one, explain) for one in stored))


def write_table(
    args: argparse.Namespace,
    title: str,
    stored: Table[StoredRule] | Table[StoredFigure],
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> None:
    """Writes stored records in `args.format`; `headers` and `rows` are their form for a terminal."""
    if args.format == "text":
        table = Screen.of_stdout().table(headers, rows) if rows else f"no {title} match; try fewer filters"
        more = f"\n{len(rows)} of {stored.total} {title}" if rows and stored.total > len(rows) else ""
        write_text(args, table + more)
        return
    from api.contract import stored_to_dict
    from api.sheets import sheet_to_csv, sheet_to_parquet, sheets_to_xlsx

    if args.format in ("json", "jsonl"):
        records = [stored_to_dict(one, args.explain) for one in stored]
        write_text(args, to_json({title: records}) if args.format == "json" else to_jsonl(records))
        return
    sheet = stored_sheet(title, stored, args.explain)
    if args.format == "csv":
        write_bytes(args, sheet_to_csv(sheet))
    elif args.format == "parquet":
        write_bytes(args, sheet_to_parquet(sheet))
    else:
        write_bytes(args, sheets_to_xlsx([sheet]))
