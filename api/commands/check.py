"""Check a report: figures against rules, and its own arithmetic. Exit status 1 if anything is violated or wrong."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from api.options import add_filters, add_format, add_kb, filters_from_args, is_kb_chosen, open_kb, read_source
from api.output import to_json, write_bytes, write_text
from api.screen import Screen, plain

if TYPE_CHECKING:
    from api.findings import TextOf
    from ingest.records import Extraction
    from kb import KnowledgeBase
    from kb.types import Finding


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", metavar="REPORT", help="report to check, - for standard input")
    parser.add_argument(
        "--against", metavar="FILE", nargs="+", help="take the rules from these files, not from a knowledge base"
    )
    add_kb(parser)
    add_filters(parser)
    add_format(parser, "text", "json", "html", "xlsx")
    parser.add_argument("--explain", action="store_true", help="add to each record its cues and confidence")
    parser.set_defaults(error_status=2)


def run(args: argparse.Namespace) -> int:
    from ingest.extract import extract
    from kb.check import check_report, rules_from_extractions

    report = extract(read_source(args.report))
    against = [extract(read_source(path)) for path in args.against or ()]
    with ExitStack() as stack:
        kb = None
        if not args.against and (is_kb_chosen(args) or args.kb.exists()):
            kb = stack.enter_context(open_kb(args))
            findings = kb.check(report, filters_from_args(args))
        else:
            if not args.against:
                print(
                    f"fadu check: no knowledge base at {args.kb}; only the report's own arithmetic and the rules it "
                    "quotes are checked",
                    file=sys.stderr,
                )
            findings = check_report(report, rules_from_extractions(against))
        _write(args, report, findings, text_of(kb, report, *against))
    return 1 if any(finding.status in ("violation", "inconsistent") for finding in findings) else 0


def text_of(kb: KnowledgeBase | None, *extractions: Extraction) -> TextOf:
    """Finds the text a record stands in, among documents at hand and those of a knowledge base."""
    texts = {extraction.document.id: extraction.text for extraction in extractions}

    @cache
    def stored(identity: str) -> str:
        return kb.text(identity) if kb is not None else ""

    return lambda record: texts.get(record.document.id) or stored(f"{record.document.id}@{record.document.version}")


def _write(args: argparse.Namespace, report: Extraction, findings: list[Finding], text_of: TextOf) -> None:
    if args.format == "json":
        from api.contract import finding_to_dict

        write_text(args, to_json({"findings": [finding_to_dict(finding, args.explain) for finding in findings]}))
        return
    from api.findings import draw_findings, findings_sheet, findings_to_html

    if args.format == "html":
        name = report.document.title or PurePath(report.document.source).name
        write_text(args, findings_to_html(findings, text_of, f"核查：{plain(name)}"))
    elif args.format == "xlsx":
        from api.sheets import sheets_to_xlsx

        write_bytes(args, sheets_to_xlsx([findings_sheet(findings, text_of)]))
    else:
        write_text(args, draw_findings(findings, text_of, Screen.of_stdout(), args.verbose))
