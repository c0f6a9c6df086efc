"""Serve the knowledge base over HTTP: the API with its documentation at /docs, and a search page at /."""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import sys

from api.errors import UsageError
from api.options import add_kb

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_kb(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=_parse_port, default=8000, help="port to listen on (8000)")
    parser.add_argument("--api-key", metavar="KEY", help="key every request must carry (better: FADU_API_KEY)")
    parser.add_argument(
        "--origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="origin whose pages may call the API from a browser, repeatable, e.g. https://chat.example (none)",
    )
    parser.add_argument(
        "--max-upload", metavar="MB", type=int, default=32, help="size a request may have, in megabytes (32)"
    )


def _parse_port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)


def run(args: argparse.Namespace) -> int:
    key = args.api_key or os.environ.get("FADU_API_KEY") or None
    if args.host not in _LOOPBACK and key is None:
        raise UsageError(f"listening on {args.host} needs an API key; set FADU_API_KEY")
    if args.max_upload < 1:
        raise UsageError("--max-upload must be at least 1")
    import uvicorn

    from api.app import create_app
    from api.guard import LOOPBACK
    from kb import KnowledgeBase

    KnowledgeBase.open(args.kb, create=True).close()  # what is wrong with it is said here, in one line
    hosts = LOOPBACK if args.host in _LOOPBACK and key is None else None
    app = create_app(
        args.kb, api_key=key, max_upload=args.max_upload * 1024 * 1024, hosts=hosts, origins=frozenset(args.origin)
    )
    with _listen(args.host, args.port) as listener:
        config = uvicorn.Config(app, log_level="info", server_header=False, timeout_graceful_shutdown=10)
        host = f"[{args.host}]" if ":" in args.host else args.host
        print(f"fadu serve: {args.kb} at http://{host}:{listener.getsockname()[1]} (Ctrl-C stops)", file=sys.stderr)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}, port {port} ({error.strerror}); choose another --port") from error
