"""Print everything found in one file: quantities, figures, rules, citations, missing figures and where they stand."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.options import add_format, open_kb, read_source
from api.output import to_json, to_jsonl, write_bytes, write_text

if TYPE_CHECKING:
    from api.sheets import Sheet
    from ingest.records import Extraction

LAYERS = (
    "rules",
    "figures",
    "quantities",
    "citations",
    "provisions",
    "missing",
    "arithmetic",
    "repairs",
    "parts",
    "boilerplate",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="document to read, - for standard input")
    add_format(parser, "json", "jsonl", "csv", "xlsx", "text", "html")
    parser.add_argument("--layer", choices=LAYERS, default="rules", help="which records a csv holds (rules)")
    parser.add_argument("--kb", metavar="DIR", type=Path, help="say of each citation what it means in this base (json)")
    told = "add to each record its cues (the words that made it, with their spans) and confidence"
    parser.add_argument("--explain", action="store_true", help=told)


def run(args: argparse.Namespace) -> int:
    from ingest.extract import extract
    from ingest.serialize import extraction_to_dict

    extraction = extract(read_source(args.file))
    if args.format == "json":
        found = extraction_to_dict(extraction, args.explain)
        if args.kb is not None:
            _add_targets(args, extraction, found["citations"])
        write_text(args, to_json(found))
    elif args.format == "jsonl":
        found = extraction_to_dict(extraction, args.explain)
        lines = [{"layer": "document", **found["document"]}]
        lines += [{"layer": layer, **record} for layer in LAYERS for record in found[layer]]
        write_text(args, to_jsonl(lines))
    elif args.format == "html":
        from api.reports.extraction_html import extraction_to_html

        write_text(args, extraction_to_html(extraction))
    elif args.format == "text":
        from api.reports.extraction_text import extraction_to_text

        write_text(args, extraction_to_text(extraction, args.explain))
    else:
        from api.sheets import sheet_to_csv, sheets_to_xlsx

        sheets = extraction_sheets(extraction, args.explain)
        if args.format == "csv":
            write_bytes(args, sheet_to_csv(next(sheet for sheet in sheets if sheet.title == args.layer)))
        else:
            write_bytes(args, sheets_to_xlsx(sheets))
    return 0


def _add_targets(args: argparse.Namespace, extraction: Extraction, citations: list[dict[str, Any]]) -> None:
    """Adds `target` to each citation whose document the knowledge base has."""
    with open_kb(args) as kb:
        for citation, record in zip(extraction.citations, citations, strict=True):
            target = kb.resolve(citation)
            if target is not None:
                place = {"provision": target.path, "label": target.label, "start": target.start, "end": target.end}
                known = {name: value for name, value in place.items() if value is not None}
                record["target"] = {"document": target.document.id, "title": target.document.title, **known}


def extraction_sheets(extraction: Extraction, explain: bool) -> list[Sheet]:
    """One sheet per layer, the document's own fields last."""
    from api.sheets import Sheet, sheet_from_records
    from ingest import records
    from ingest.serialize import extraction_to_dict
    from kb.flat import flatten, record_columns

    found = extraction_to_dict(extraction, explain)
    kinds = {
        "rules": records.Rule,
        "figures": records.Figure,
        "quantities": records.Quantity,
        "citations": records.Citation,
        "provisions": records.Provision,
        "missing": records.Missing,
        "arithmetic": records.Arithmetic,
        "repairs": records.Repair,
        "parts": records.Part,
        "boilerplate": records.Boilerplate,
    }
    sheets = [sheet_from_records(layer, record_columns(kinds[layer], explain), found[layer]) for layer in LAYERS]
    return [*sheets, Sheet("document", ("field", "value"), tuple(flatten(found["document"]).items()))]
