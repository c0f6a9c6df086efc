"""Print a document's text cleaned and converted to one script; as JSON with the map back to the original."""

from __future__ import annotations

import argparse

from api.options import add_format, read_source
from api.output import to_json, write_bytes, write_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="document to read, - for standard input")
    parser.add_argument(
        "--to",
        choices=("hans", "hant", "tw", "hk"),
        default="hans",
        help="simplified, traditional, traditional of Taiwan or of Hong Kong (hans)",
    )
    add_format(parser, "text", "json")


def run(args: argparse.Namespace) -> int:
    from api.contract import aligned_to_dict
    from ingest.normalize import normalize

    source = read_source(args.file)
    aligned = normalize(source.text, to=args.to)
    if args.format == "json":
        write_text(args, to_json(aligned_to_dict(aligned, args.to)))
    else:
        write_bytes(args, aligned.text.encode("utf-8", "backslashreplace"))
    return 0
