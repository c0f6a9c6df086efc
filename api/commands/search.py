"""Search the knowledge base, in either script: passages and rules, best first, each with its document and place."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from api.options import add_filters, add_format, add_kb, filters_from_args, open_kb, parse_count
from api.output import to_json, to_jsonl, write_text
from api.present import describe_bound, describe_document, describe_relation, describe_rule
from api.screen import Screen, plain, shorten, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.types import Article, Hit, SearchResult

_DEGRADED = "an index is being brought up to date: what was added last may rank too low or be missing; search again"
_PLACES = 3
"""Other places of a passage that are named on a terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", metavar="QUERY", help="words, a question, or an address such as 社会保险法第二十三条")
    parser.add_argument("-k", metavar="N", type=parse_count, default=10, help="how many passages (10)")
    parser.add_argument("--explain", action="store_true", help="say why each passage was found")
    add_kb(parser)
    add_filters(parser)
    add_format(parser, "text", "json", "jsonl")


def run(args: argparse.Namespace) -> int:
    with open_kb(args) as kb:
        result = kb.search(args.query, k=args.k, filters=filters_from_args(args))
    if args.format == "text":
        write_text(args, _draw(result, Screen.of_stdout(), args.explain, args.verbose))
        return 0
    from api.contract import hit_to_dict, search_to_dict

    if args.format == "json":
        write_text(args, to_json(search_to_dict(result, args.explain)))
    else:
        write_text(args, to_jsonl(hit_to_dict(hit) for hit in result.hits))
    return 0


def _draw(result: SearchResult, screen: Screen, explain: bool, full: bool) -> str:
    if not result.hits and not result.rules:
        nothing = "nothing found; try fewer words, or fewer filters"
        return f"{_DEGRADED}\n{nothing}" if result.degraded else nothing
    lines: list[str] = []
    if result.degraded:
        lines.append(screen.style(_DEGRADED, "doubt"))
    if result.missing:
        said = f"{', '.join(result.missing)}: in no document here; what follows only resembles it"
        lines.append(screen.style(said, "doubt"))
    for number, hit in enumerate(result.hits, start=1):
        head = f"{number}. {describe_document(hit.document)}"
        place = f"{hit.path or hit.label}  [{hit.start}-{hit.end}]"
        lines.append(f"{screen.style(head, 'bold')}  {screen.style(plain(place), 'dim')}")
        for relation in hit.document.relations:
            lines.append(screen.style(wrap(describe_relation(relation), screen.columns, "   "), "doubt"))
        quote = shorten(plain(hit.reading or hit.quote), screen.columns * (40 if full else 3))
        lines.append(wrap(quote, screen.columns, "   "))
        if hit.article:
            lines.append(_around(hit, hit.article, screen, full))
        if hit.also:
            lines.append(screen.style(f"   {_elsewhere(hit.also)}", "dim"))
        if explain:
            lines.append(screen.style(f"   score {hit.score:.3f}: {', '.join(hit.why)}", "dim"))
    if result.rules:
        lines.append("")
        lines.append(screen.style("rules", "bold"))
        rows = [
            [
                describe_bound(rule.record),
                describe_rule(rule.record),
                describe_document(rule.document),
                rule.provision_label or "",
            ]
            for rule in result.rules
        ]
        lines.append(screen.table(("bound", "rule", "document", "provision"), rows))
    return "\n".join(lines)


def _around(hit: Hit, article: Article, screen: Screen, full: bool) -> str:
    """The article a hit is a part of: its place, and when all is wanted its text with the hit marked."""
    place = screen.style(f"   in {plain(article.label)} [{article.start}-{article.end}]", "dim")
    if not full:
        return place
    at, end = hit.start - article.start, hit.end - article.start
    pieces = (article.quote[:at], article.quote[at:end], article.quote[end:])
    before, inside, after = (plain(piece) for piece in pieces)
    marked = screen.style(inside, "mark") if screen.colour else f"【{inside}】"
    return f"{place}\n{wrap(before + marked + after, screen.columns, '   | ')}"


def _elsewhere(places: Sequence[str]) -> str:
    more = len(places) - _PLACES
    return f"also in: {plain('; '.join(places[:_PLACES]))}" + (f"; {more} more" if more > 0 else "")
