"""List rules of different documents that disagree: contradictory, replaced by a newer issue, or stricter locally."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from api.commands.check import text_of as texts_of
from api.options import add_filters, add_format, add_kb, filters_from_args, open_kb
from api.output import to_json, to_jsonl, write_bytes, write_text
from api.present import describe_bound, describe_document
from api.screen import Screen, plain, wrap

if TYPE_CHECKING:
    from api.reports.checked import TextOf
    from api.sheets import Sheet
    from kb.conflicts import Conflict
    from kb.types import StoredRule

_KINDS = ("contradictory", "superseded", "stricter-local")
_STYLE = {"contradictory": "bad", "superseded": "doubt", "stricter-local": "good"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_kb(parser)
    add_filters(parser)
    parser.add_argument("--only", choices=_KINDS, help="conflicts of this kind alone")
    add_format(parser, "text", "json", "jsonl", "csv", "xlsx", "html")
    parser.add_argument("--explain", action="store_true", help="add to each record its cues and confidence")


def run(args: argparse.Namespace) -> int:
    from kb.conflicts import find_conflicts

    with open_kb(args) as kb:
        conflicts = find_conflicts(kb.rules(filters_from_args(args)))
        conflicts = [c for c in conflicts if args.only in (None, c.kind)]
        if args.format in ("html", "xlsx"):
            _write_report(args, conflicts, texts_of(kb))
            return 0
    if args.format == "text":
        write_text(args, _draw(conflicts, Screen.of_stdout()))
        return 0
    from api.differences import conflict_to_dict

    if args.format == "csv":
        from api.sheets import sheet_to_csv

        write_bytes(args, sheet_to_csv(_sheet(conflicts)))
        return 0
    found = [conflict_to_dict(conflict, args.explain) for conflict in conflicts]
    write_text(args, to_json({"conflicts": found}) if args.format == "json" else to_jsonl(found))
    return 0


def _write_report(args: argparse.Namespace, conflicts: list[Conflict], text_of: TextOf) -> None:
    from api.reports.conflicts import conflicts_to_html, conflicts_to_xlsx

    if args.format == "html":
        write_text(args, conflicts_to_html(conflicts, text_of))
    else:
        write_bytes(args, conflicts_to_xlsx(conflicts, text_of))


def _draw(conflicts: list[Conflict], screen: Screen) -> str:
    lines = []
    for conflict in conflicts:
        lines.append(f"{screen.style(conflict.kind.upper(), _STYLE[conflict.kind])}  {conflict.indicator}")
        lines.append(wrap(plain(conflict.explanation), screen.columns, "   "))
        lines += [screen.style(f"   {_place(rule)}", "dim") for rule in (conflict.senior, conflict.junior)]
        lines.append("")
    counts = (f"{sum(c.kind == kind for c in conflicts)} {kind}" for kind in _KINDS)
    return "\n".join([*lines, ", ".join(counts)])


def _place(rule: StoredRule) -> str:
    record, document = rule.record, rule.document
    facts = [document.level, document.effective and f"in force from {document.effective}"]
    about = "  ".join(plain(fact) for fact in facts if fact)
    place = plain(record.provision or "")
    return f"{describe_bound(record):<10} {describe_document(document)} {place} [{record.start}-{record.end}]  {about}"


def _sheet(conflicts: list[Conflict]) -> Sheet:
    from api.sheets import Sheet

    sides = ("document", "level", "effective", "provision", "value", "quote", "start", "end")
    columns = ("kind", "indicator", "explanation", *(f"{s}.{n}" for s in ("senior", "junior") for n in sides))
    rows = tuple((c.kind, c.indicator, c.explanation, *_cells(c.senior), *_cells(c.junior)) for c in conflicts)
    return Sheet("conflicts", columns, rows)


def _cells(rule: StoredRule) -> tuple[str | int | None, ...]:
    record, document = rule.record, rule.document
    known = (describe_document(document), document.level, document.effective, record.provision)
    return (*known, describe_bound(record), record.quote, record.start, record.end)
