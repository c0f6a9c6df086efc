"""Arguments that several commands share, and what they become."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import UsageError

if TYPE_CHECKING:
    from ingest.source import Source
    from kb import KnowledgeBase
    from kb.types import Filters

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_FILTERS = {
    "document": "id of a document, or words of its title or source",
    "region": "place, e.g. 浙江省",
    "level": "level of the document, e.g. 法律, 行政法规",
    "issuer": "issuing body",
    "scheme": "insurance scheme, e.g. 职工医保",
    "indicator": "indicator key, e.g. reimbursement_ratio",
    "kind": "kind of quantity (percent, money, duration, …) or of document",
    "modality": "obligation, prohibition, entitlement, standard, …",
    "institution": "level of institution, e.g. 三级医院",
    "status": "有效, 已修改, 已废止, 尚未施行 or 日期不明, today or on --as-of",
}


def parse_date(text: str) -> str:
    """An ISO date, month or year as typed.

    Raises:
        argparse.ArgumentTypeError: `text` is none of them.
    """
    if not _DATE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write 2024, 2024-03 or 2024-03-31")
    return text


def parse_count(text: str) -> int:
    """A whole number of at least 1.

    Raises:
        argparse.ArgumentTypeError: `text` is not one.
    """
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 1000000")
    return int(text)


def add_kb(parser: argparse.ArgumentParser) -> None:
    """Adds `--kb DIR`."""
    default = Path(os.environ.get("FADU_KB") or "fadu-kb")
    parser.add_argument("--kb", metavar="DIR", type=Path, default=default, help=f"knowledge base ({default})")
    parser.set_defaults(default_kb=default)


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Adds one option per field of `kb.types.Filters`."""
    group = parser.add_argument_group("filters", "all must hold; text matches in part and in either script")
    for name, text in _FILTERS.items():
        group.add_argument(f"--{name}", metavar=name.upper(), help=text)
    group.add_argument("--date-from", metavar="DATE", type=parse_date, help="in effect, else published, on or after")
    group.add_argument("--date-to", metavar="DATE", type=parse_date, help="in effect, else published, on or before")
    group.add_argument(
        "--as-of", metavar="DATE", type=parse_date, help="the version of each document in force on that date"
    )


def add_paging(parser: argparse.ArgumentParser) -> None:
    """Adds `--limit` and `--offset`."""
    parser.add_argument("--limit", metavar="N", type=parse_count, help="at most so many records")
    parser.add_argument("--offset", metavar="N", type=parse_count, default=0, help="leave out the first N records")


def add_all(parser: argparse.ArgumentParser) -> None:
    """Adds `--all`."""
    parser.add_argument("--all", action="store_true", help="list what a document repeats word for word every time")


def add_format(parser: argparse.ArgumentParser, *formats: str) -> None:
    """Adds `--format` (the first is the default) and, where a file format is among them, `--output`."""
    parser.add_argument("--format", choices=formats, default=formats[0], help=f"form of the output ({formats[0]})")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write there instead of standard output")


def filters_from_args(args: argparse.Namespace) -> Filters:
    """The filters the user gave; None where there are none of a kind."""
    from kb.types import Filters

    names = (*_FILTERS, "date_from", "date_to", "as_of")
    return Filters(**{name: getattr(args, name, None) for name in names})


def is_kb_chosen(args: argparse.Namespace) -> bool:
    """Whether the user named a knowledge base, on the line or in the environment."""
    return args.kb is not args.default_kb or bool(os.environ.get("FADU_KB"))


def require_kb(args: argparse.Namespace) -> None:
    """Nothing, if there is a knowledge base at `--kb`.

    Raises:
        UsageError: there is none.
    """
    if not args.kb.exists():
        raise UsageError(f"there is no knowledge base at {args.kb}; make one with: fadu ingest PATH --kb {args.kb}")


def open_kb(args: argparse.Namespace, *, write: bool = False) -> KnowledgeBase:
    """The knowledge base of `--kb`, for reading unless `write`.

    Raises:
        UsageError: there is none.
        StoreError: it cannot be opened.
    """
    require_kb(args)
    from kb import KnowledgeBase

    return KnowledgeBase.open(args.kb, write=write)


def read_source(path: str) -> Source:
    """The document at `path`, which may be `archive.zip!/member`, or on standard input for `-`.

    Raises:
        UsageError: there is no such file.
        ReadError: the file was refused.
    """
    from ingest.readers import exists, read

    if path == "-":
        return read(sys.stdin.buffer.read(), name="-")
    if not exists(path):
        raise UsageError(f"{path}: no such file; check the path")
    return read(path)
