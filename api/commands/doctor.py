"""Verify the knowledge base; with --repair rebuild what can be rebuilt. Exit status 1 if a problem remains."""

from __future__ import annotations

import argparse

from api.options import add_format, add_kb, open_kb
from api.output import to_json, write_text
from api.screen import Screen, plain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--repair", action="store_true", help="rebuild indexes and vectors that are damaged or behind")
    add_kb(parser)
    add_format(parser, "text", "json")


def run(args: argparse.Namespace) -> int:
    with open_kb(args, write=args.repair) as kb:
        problems = kb.doctor(repair=args.repair)
        documents = len(kb.documents())
    if args.format == "json":
        found = [{"part": p.part, "message": p.message, "repaired": p.repaired} for p in problems]
        write_text(args, to_json({"kb": str(args.kb), "documents": documents, "problems": found}))
    else:
        screen = Screen.of_stdout()
        lines = [
            f"{screen.style('repaired', 'good') if p.repaired else screen.style('problem', 'bad')}  "
            f"{p.part}: {plain(p.message)}"
            for p in problems
        ]
        write_text(args, "\n".join([*lines, f"{args.kb}: {documents} documents, {len(problems)} problems"]))
    return 1 if any(not p.repaired for p in problems) else 0
