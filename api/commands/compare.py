"""Say what differs between two documents: rules added, removed and changed, provisions that moved, and the text."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from api.options import add_format, add_kb, is_kb_chosen, open_kb, read_source
from api.output import to_json, write_bytes, write_text
from api.present import describe_bound, describe_rule
from api.screen import Screen, plain

if TYPE_CHECKING:
    from api.sheets import Sheet
    from ingest.records import DocumentInfo, Extraction, Rule
    from kb.compare import Comparison

_HEADERS = ("change", "old", "new", "rule", "old provision", "new provision")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="A", help="old document: a file, or an id (id@version) of the knowledge base")
    parser.add_argument("new", metavar="B", help="new document, as A")
    add_kb(parser)
    add_format(parser, "text", "json", "csv", "xlsx", "html")
    parser.add_argument("--explain", action="store_true", help="add to each record its cues and confidence")
    parser.set_defaults(error_status=2)


def run(args: argparse.Namespace) -> int:
    from kb.compare import compare_documents

    old, new = _extraction(args, args.old), _extraction(args, args.new)
    comparison = compare_documents(old, new)
    if args.format == "json":
        from api.differences import comparison_to_dict

        write_text(args, to_json(comparison_to_dict(comparison, args.explain)))
    elif args.format == "text":
        write_text(args, _draw(comparison, Screen.of_stdout()))
    elif args.format == "csv":
        from api.sheets import sheet_to_csv

        write_bytes(args, sheet_to_csv(_rules_sheet(comparison)))
    else:
        from api.reports.comparison import comparison_to_html, comparison_to_xlsx

        if args.format == "html":
            write_text(args, comparison_to_html(comparison, old.text, new.text))
        else:
            write_bytes(args, comparison_to_xlsx(comparison, old.text, new.text))
    return 0


def _extraction(args: argparse.Namespace, name: str) -> Extraction:
    """The document of a file, else of the knowledge base."""
    if name == "-" or Path(name).exists() or not (is_kb_chosen(args) or args.kb.exists()):
        from ingest.extract import extract

        return extract(read_source(name))
    with open_kb(args) as kb:
        return kb.extraction(name)


def _rows(comparison: Comparison) -> Iterator[tuple[str, Rule | None, Rule | None]]:
    yield from ((change.direction, change.old, change.new) for change in comparison.changed)
    yield from (("added", None, rule) for rule in comparison.added)
    yield from (("removed", rule, None) for rule in comparison.removed)


def _cells(change: str, old: Rule | None, new: Rule | None) -> tuple[str, ...]:
    from kb.address import readable_label

    about = new or old
    words = describe_rule(about) if about is not None else ""
    if change == "reworded" and old is not None and new is not None:
        words = f"{plain(old.quote)} → {plain(new.quote)}"
    bounds = [describe_bound(rule) if rule else "" for rule in (old, new)]
    return (change, *bounds, words, *(readable_label(rule.provision or "") if rule else "" for rule in (old, new)))


def _draw(comparison: Comparison, screen: Screen) -> str:
    lines = [f"old  {_describe(comparison.old)}", f"new  {_describe(comparison.new)}"]
    if comparison.identical:
        return "\n".join([*lines, "no difference"])
    rows = [_cells(*row) for row in _rows(comparison)]
    counts = f"{len(comparison.changed)} changed, {len(comparison.added)} added, {len(comparison.removed)} removed"
    lines += ["", screen.style(f"rules: {counts}, {comparison.unchanged} unchanged", "bold")]
    if rows:
        lines.append(screen.table(_HEADERS, rows))
    if comparison.moved:
        lines += ["", screen.style(f"moved under another number: {len(comparison.moved)}", "bold")]
        lines += [f"{plain(m.old.path)} → {plain(m.new.path)}" for m in comparison.moved]
    if comparison.text:
        lines += ["", screen.style(f"text: {len(comparison.text)} differences", "bold")]
        for change in comparison.text:
            lines.append(screen.style(plain(change.old_path or change.new_path) or "outside every provision", "dim"))
            if change.old_quote:
                lines.append(screen.style(f"  - {plain(change.old_quote)}", "bad"))
            if change.new_quote:
                lines.append(screen.style(f"  + {plain(change.new_quote)}", "good"))
    return "\n".join(lines)


def _describe(document: DocumentInfo) -> str:
    date = document.effective or document.published
    facts = [document.doc_number, f"in force from {document.effective}" if document.effective else date]
    return "  ".join([plain(document.title or document.source), *(plain(fact) for fact in facts if fact)])


def _rules_sheet(comparison: Comparison) -> Sheet:
    from api.sheets import Sheet

    columns = (*_HEADERS, "old quote", "new quote", "old start", "old end", "new start", "new end")
    rows = tuple(
        (
            *_cells(change, old, new),
            old.quote if old else None,
            new.quote if new else None,
            *(getattr(rule, end) if rule else None for rule in (old, new) for end in ("start", "end")),
        )
        for change, old, new in _rows(comparison)
    )
    return Sheet("rules", columns, rows)
