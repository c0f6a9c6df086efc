"""Say whether a quote, and each number in it, stands in the knowledge base, and where. Exit status 1 if it does not.

With --numbers the words may be others: each number is held against what the knowledge base has on its matter.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from api.options import add_format, add_kb, open_kb
from api.output import to_json, write_text
from api.present import describe_document, sentence_around
from api.screen import Screen, plain, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb import KnowledgeBase
    from kb.types import NumberCheck, QuoteMatch, Verification

_STYLES = {"exact": "good", "near": "bad", "absent": "bad"}
_WORDS = {"exact": "found", "near": "not found; on this matter there is", "absent": "not found"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="sentence to verify, - for standard input")
    parser.add_argument("--numbers", action="store_true", help="verify only its numbers, whatever the words")
    add_kb(parser)
    add_format(parser, "text", "json")
    parser.set_defaults(error_status=2)


def run(args: argparse.Namespace) -> int:
    text = sys.stdin.read() if args.text == "-" else args.text
    with open_kb(args) as kb:
        if args.numbers:
            return _verify_numbers(args, kb, text)
        verification = kb.verify(text)
    if args.format == "json":
        from api.contract import verification_to_dict

        write_text(args, to_json(verification_to_dict(verification)))
    else:
        write_text(args, _draw(verification, Screen.of_stdout()))
    return 0 if verification.verified else 1


def _verify_numbers(args: argparse.Namespace, kb: KnowledgeBase, text: str) -> int:
    numbers = kb.verify_number(text)
    verified = bool(numbers) and all(number.found for number in numbers)
    if args.format == "json":
        from api.contract import number_to_dict

        found = [number_to_dict(number) for number in numbers]
        write_text(args, to_json({"verified": verified, "text": text, "numbers": found}))
    else:
        write_text(args, _draw_numbers(kb, numbers, Screen.of_stdout()))
    return 0 if verified else 1


def _draw(verification: Verification, screen: Screen) -> str:
    verdict = screen.style("verified", "good") if verification.verified else screen.style("not verified", "bad")
    lines = [verdict]
    for match in verification.matches:
        lines.append(f"{match.match} ({match.similarity:.0%})  {_place(match)}")
        lines.append(wrap(plain(match.quote), screen.columns, "   "))
        for change in match.differences:
            said, held = (plain(words) or "∅" for words in (change.old_quote, change.new_quote))
            lines.append(f"   {screen.style('- ' + said, 'bad')}  {screen.style('+ ' + held, 'good')}")
    for number in verification.numbers:
        found = screen.style("found", "good") if number.found else screen.style("not found", "bad")
        where = f"  {_place(number.places[0])}" if number.places else ""
        lines.append(f"{plain(number.quote)}: {found}{where}")
    if not verification.matches:
        lines.append("no passage of the knowledge base resembles it")
    return "\n".join(lines)


def _draw_numbers(kb: KnowledgeBase, numbers: Sequence[NumberCheck], screen: Screen) -> str:
    lines = [] if numbers else ["there is no number in it"]
    for number in numbers:
        about = f"  {screen.style(number.indicator, 'dim')}" if number.indicator else ""
        lines.append(f"{plain(number.quote)}: {screen.style(_WORDS[number.match], _STYLES[number.match])}{about}")
        for place in number.places or number.near:
            text = kb.text(f"{place.document.id}@{place.document.version}")
            before, quote, after = map(plain, sentence_around(text, place.start, place.end))
            lines.append(f"   {_place(place)}")
            lines.append(wrap(before + screen.style(quote, "mark") + after, screen.columns, "      "))
    return "\n".join(lines)


def _place(match: QuoteMatch) -> str:
    return f"{describe_document(match.document)}  {plain(match.path or match.label)}  [{match.start}-{match.end}]"
