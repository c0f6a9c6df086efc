"""Offer the knowledge base to chatbots as MCP tools on standard input and output."""

from __future__ import annotations

import argparse

from api.options import add_kb, require_kb


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_kb(parser)
    parser.add_argument(
        "--url",
        metavar="URL",
        default="http://127.0.0.1:8000",
        help="where fadu serve is reached, for links (%(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    from ingest.errors import MissingExtraError

    require_kb(args)
    try:
        from api.mcp_server import serve_stdio
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise MissingExtraError("fadu mcp", "mcp") from error
    serve_stdio(args.kb, args.url.rstrip("/"))
    return 0
