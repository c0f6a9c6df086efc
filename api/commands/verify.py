"""Say whether a quote, and each number in it, stands in the knowledge base, and where. Exit status 1 if it does not."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from api.options import add_format, add_kb, open_kb
from api.output import to_json, write_text
from api.present import describe_document
from api.screen import Screen, plain, wrap

if TYPE_CHECKING:
    from kb.types import QuoteMatch, Verification


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="sentence to verify, - for standard input")
    add_kb(parser)
    add_format(parser, "text", "json")
    parser.set_defaults(error_status=2)


def run(args: argparse.Namespace) -> int:
    text = sys.stdin.read() if args.text == "-" else args.text
    with open_kb(args) as kb:
        verification = kb.verify(text)
    if args.format == "json":
        from api.contract import verification_to_dict

        write_text(args, to_json(verification_to_dict(verification)))
    else:
        write_text(args, _draw(verification, Screen.of_stdout()))
    return 0 if verification.verified else 1


def _draw(verification: Verification, screen: Screen) -> str:
    verdict = screen.style("verified", "good") if verification.verified else screen.style("not verified", "bad")
    lines = [verdict]
    for match in verification.matches:
        lines.append(f"{match.match} ({match.similarity:.0%})  {_place(match)}")
        lines.append(wrap(plain(match.quote), screen.columns, "   "))
    for number in verification.numbers:
        found = screen.style("found", "good") if number.found else screen.style("not found", "bad")
        where = f"  {_place(number.places[0])}" if number.places else ""
        lines.append(f"{plain(number.quote)}: {found}{where}")
    if not verification.matches:
        lines.append("no passage of the knowledge base resembles it")
    return "\n".join(lines)


def _place(match: QuoteMatch) -> str:
    return f"{describe_document(match.document)}  {plain(match.path or match.label)}  [{match.start}-{match.end}]"
