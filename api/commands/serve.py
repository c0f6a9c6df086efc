"""Serve the knowledge base over HTTP: the API with its documentation at /docs, and a search page at /."""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

from api.errors import UsageError
from api.keys import KeyRing
from api.options import add_kb

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

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
    if args.host not in _LOOPBACK and key is None and not KeyRing(args.kb).all():
        raise UsageError(f"listening on {args.host} needs an API key; set FADU_API_KEY, or: fadu keys make NAME")
    if args.max_upload < 1:
        raise UsageError("--max-upload must be at least 1")
    import uvicorn

    from api.app import create_app
    from api.guard import LOOPBACK
    from api.memory import settle
    from kb import KnowledgeBase

    KnowledgeBase.open(args.kb, create=True).close()  # what is wrong with it is said here, in one line
    hosts = LOOPBACK if args.host in _LOOPBACK and key is None else None
    app = create_app(
        args.kb, api_key=key, max_upload=args.max_upload * 1024 * 1024, hosts=hosts, origins=frozenset(args.origin)
    )
    settle()
    with _listen(args.host, args.port) as listener:
        config = uvicorn.Config(
            app, log_level="info", access_log=args.verbose, server_header=False, timeout_graceful_shutdown=5
        )
        host = f"[{args.host}]" if ":" in args.host else args.host
        print(f"fadu serve: {args.kb} at http://{host}:{listener.getsockname()[1]} (Ctrl-C stops)", file=sys.stderr)
        with contextlib.suppress(KeyboardInterrupt):
            _server(config, app).run(sockets=[listener])
    return 0


def _server(config: uvicorn.Config, app: FastAPI) -> uvicorn.Server:
    """A server that, asked to stop, first ends the work its open requests wait for: it is gone within ten seconds."""
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            super().handle_exit(sig, frame)
            threading.Thread(target=app.state.library.stop, daemon=True).start()

    return Server(config)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}, port {port} ({error.strerror}); choose another --port") from error
