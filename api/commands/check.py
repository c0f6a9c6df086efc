"""Check reports: figures against rules, and their own arithmetic. Exit status 1 if anything is violated or wrong.

Of several reports, or a folder of them, one that cannot be read does not stop the others; the exit status is then 2
unless something is violated or wrong in those that could.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from api.options import add_filters, add_format, add_kb, filters_from_args, is_kb_chosen, open_kb, read_source
from api.output import to_json, write_bytes, write_text
from api.screen import Screen

if TYPE_CHECKING:
    from api.reports.checked import Batch, TextOf
    from ingest.records import Extraction
    from kb import KnowledgeBase
    from kb.types import Finding

    Check = Callable[[Extraction], list[Finding]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    told = "report to check, - for standard input; several, a folder or a ZIP archive are checked as a batch"
    parser.add_argument("reports", metavar="REPORT", nargs="+", help=told)
    parser.add_argument(
        "--against",
        metavar="FILE",
        nargs="+",
        action="extend",
        help="take the rules from these files and folders, not from a knowledge base",
    )
    add_kb(parser)
    add_filters(parser)
    add_format(parser, "text", "json", "html", "xlsx")
    parser.add_argument("--explain", action="store_true", help="add to each record its cues and confidence")
    parser.set_defaults(error_status=2)


def run(args: argparse.Namespace) -> int:
    from api.reports.checked import Batch, CheckedReport, check_files
    from ingest.extract import extract

    against = [extract(read_source(path), "regulation") for path in _listed(args.against or ())]
    with ExitStack() as stack:
        check, kb = stack.enter_context(_checker(args, against))
        single = len(args.reports) == 1 and not _holds_files(args.reports[0])
        if single:
            report = extract(read_source(args.reports[0]))
            batch = Batch((CheckedReport(report, tuple(check(report))),))
        else:
            batch = check_files(_listed(args.reports), check)
        texts = text_of(kb, *(checked.report for checked in batch.reports), *against)
        _write(args, batch, single, texts)
    if any(checked.wrong for checked in batch.reports):
        return 1
    return 2 if batch.refused or not batch.reports else 0


def text_of(kb: KnowledgeBase | None, *extractions: Extraction) -> TextOf:
    """Finds the text a record stands in, among documents at hand and those of a knowledge base."""
    texts = {extraction.document.id: extraction.text for extraction in extractions}

    @cache
    def stored(identity: str) -> str:
        return kb.text(identity) if kb is not None else ""

    return lambda record: texts.get(record.document.id) or stored(f"{record.document.id}@{record.document.version}")


@contextmanager
def _checker(args: argparse.Namespace, against: Sequence[Extraction]) -> Iterator[tuple[Check, KnowledgeBase | None]]:
    """How to check one report: by the rules of `--against`, else of the knowledge base, else by itself alone."""
    from kb.check import check_report, rules_from_extractions

    if not args.against and (is_kb_chosen(args) or args.kb.exists()):
        filters = filters_from_args(args)
        with open_kb(args) as kb:
            yield lambda report: kb.check(report, filters), kb
        return
    if not args.against:
        print(
            f"fadu check: no knowledge base at {args.kb}; only the report's own arithmetic and the rules it "
            "quotes are checked",
            file=sys.stderr,
        )
    rules = rules_from_extractions(against)
    yield lambda report: check_report(report, rules), None


def _holds_files(path: str) -> bool:
    """Whether a path is a folder or an archive of documents."""
    from ingest.readers import exists, find_files

    return path != "-" and exists(path) and find_files([path]) != [Path(path)]


def _listed(paths: Sequence[str]) -> list[str]:
    """The files among paths, those of folders and archives one by one.

    Raises:
        ReadError: a path does not exist.
    """
    from ingest.readers import find_files

    return [str(file) for path in paths for file in ([path] if path == "-" else find_files([path]))]


def _write(args: argparse.Namespace, batch: Batch, single: bool, text_of: TextOf) -> None:
    if args.format == "json":
        from api.contract import batch_to_dict, findings_to_dict

        found = (
            findings_to_dict(batch.reports[0].findings, args.explain) if single else batch_to_dict(batch, args.explain)
        )
        write_text(args, to_json(found))
    elif args.format == "html":
        from api.reports.batch_html import batch_to_html
        from api.reports.findings_html import checked_to_html

        write_text(args, checked_to_html(batch.reports[0], text_of) if single else batch_to_html(batch, text_of))
    elif args.format == "xlsx":
        from api.reports.findings_xlsx import batch_to_xlsx

        write_bytes(args, batch_to_xlsx(batch, text_of))
    else:
        from api.findings import draw_batch, draw_findings

        screen = Screen.of_stdout()
        if single:
            write_text(args, draw_findings(batch.reports[0].findings, text_of, screen, args.verbose))
        else:
            write_text(args, draw_batch(batch, text_of, screen, args.verbose))
