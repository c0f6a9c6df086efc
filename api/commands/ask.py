"""Answer a question in the documents' own words, each line with its source; says so when the base holds nothing on it.

No model writes the answer: it quotes rules and provisions, and is refused where they hold too little of the question.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from api.options import add_filters, add_format, add_kb, filters_from_args, open_kb
from api.output import to_json, write_text
from api.present import describe_document
from api.screen import Screen, plain, shorten, wrap

if TYPE_CHECKING:
    from kb.ask import Answer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", metavar="QUESTION", help="a question, or an address such as 社会保险法第二十三条")
    add_kb(parser)
    add_filters(parser)
    add_format(parser, "text", "json")


def run(args: argparse.Namespace) -> int:
    from kb.ask import answer

    with open_kb(args) as kb:
        found = answer(kb, args.question, filters_from_args(args))
    if args.format == "json":
        write_text(args, to_json(answer_to_dict(found)))
    else:
        write_text(args, _draw(found, Screen.of_stdout()))
    return 0


def answer_to_dict(answer: Answer) -> dict[str, Any]:
    """The object `fadu ask --format json` prints."""
    from api.contract import document_to_dict, stored_to_dict

    return {
        "question": answer.question,
        "supported": answer.supported,
        "support": round(answer.support, 4),
        "text": answer.text,
        "sources": [
            {
                "number": source.number,
                "document": document_to_dict(source.document),
                "label": source.label,
                "path": source.path,
                "quote": source.quote,
                "start": source.start,
                "end": source.end,
            }
            for source in answer.sources
        ],
        "rules": [stored_to_dict(rule) for rule in answer.rules],
    }


def _draw(answer: Answer, screen: Screen) -> str:
    lines = [wrap(plain(line), screen.columns) for line in answer.text.splitlines() if line.strip()]
    if answer.sources:
        lines.append("")
    for source in answer.sources:
        place = f"{describe_document(source.document)} {plain(source.label)} [{source.start}-{source.end}]"
        quote = shorten(plain(source.quote), screen.columns - 4)
        lines += [f"〔{source.number}〕 {screen.style(place, 'bold')}", screen.style(f"    {quote}", "dim")]
    return "\n".join(lines)
