"""Make, list and revoke the API keys of a knowledge base. A key is shown once; only its hash is kept."""

from __future__ import annotations

import argparse
import re

from api.errors import UsageError
from api.options import add_kb, require_kb
from api.screen import Screen

_COLLECTION = re.compile(r"[\w-]{1,40}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("make", "list", "revoke"), help="what to do")
    parser.add_argument("name", metavar="NAME", nargs="?", help="whose key it is; it stands in the audit log")
    parser.add_argument(
        "--role", choices=("read", "write", "admin"), default="read", help="look, change documents, see the log (read)"
    )
    parser.add_argument(
        "--collection", metavar="NAME", action="append", help="a collection the key may see, repeatable (all)"
    )
    add_kb(parser)


def run(args: argparse.Namespace) -> int:
    from api.keys import KeyRing

    require_kb(args)
    ring = KeyRing(args.kb)
    if args.action == "list":
        rows = [(k.name, k.role, " ".join(k.collections) if k.collections else "all", k.created) for k in ring.all()]
        print(Screen.of_stdout().table(("name", "role", "collections", "made"), rows) if rows else "no keys")
        return 0
    if not args.name:
        raise UsageError(f"fadu keys {args.action} needs a NAME")
    if args.action == "revoke":
        if not ring.revoke(args.name):
            raise UsageError(f"there is no key named {args.name!r}; fadu keys list names them")
        print(f"revoked {args.name}")
        return 0
    for name in args.collection or ():
        if not _COLLECTION.fullmatch(name):
            raise UsageError(f"{name!r} is no name of a collection; use up to 40 letters, digits, _ and -")
    print(ring.make(args.name, args.role, tuple(args.collection) if args.collection else None))
    return 0
