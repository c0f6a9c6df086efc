"""Where results go: standard output or a file, as JSON, lines of JSON, CSV or a workbook."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from api.errors import UsageError


def to_json(value: Any, indent: int | None = 2) -> str:
    """`value` as JSON with Chinese left readable."""
    return json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)


def to_jsonl(values: Iterable[Any]) -> str:
    """One JSON value per line."""
    return "".join(to_json(value, indent=None) + "\n" for value in values)


def write_text(args: argparse.Namespace, text: str) -> None:
    """Writes `text`, ended by a line break, to `--output` or standard output."""
    write_bytes(args, (text if text.endswith("\n") or not text else text + "\n").encode("utf-8", "backslashreplace"))


def write_bytes(args: argparse.Namespace, data: bytes) -> None:
    """Writes `data` to `--output`, complete or not at all, or to standard output.

    Raises:
        UsageError: a workbook would go to a terminal.
    """
    output: Path | None = args.output
    if output is not None:
        replace_file(output, data)
    elif args.format in ("xlsx", "parquet") and sys.stdout.isatty():
        raise UsageError(f"a file of format {args.format} is not for a terminal; add --output FILE")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def replace_file(path: Path, data: bytes) -> None:
    """Puts `data` at `path` in one step, so that no reader sees half a file."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to be written, which takes its place at `path` when all of it is there, and else leaves nothing."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
