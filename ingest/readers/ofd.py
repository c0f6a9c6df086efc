"""OFD, the Chinese government's page format (GB/T 33190): the text of each page, put in lines by its position."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import ReadError
from ingest.messages import say
from ingest.readers.archive import Archive, member_names
from ingest.readers.layout import TextBuilder
from ingest.readers.pdf_furniture import find_furniture
from ingest.source import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_PAGES = 5_000
"""Pages of one document, as in PDF."""

MAX_RUNS = 50_000
"""Pieces of text on one page: a page set character by character has about 2,000."""

_SAME_LINE = 0.5
"""Share of the letters' height by which a baseline may lie lower and still be on the same line."""

_GAP = 0.6
"""Share of the letters' height that a gap is a blank from."""

_REPEAT = re.compile(r"g\s+(\d+)\s+(\S+)")
_PROPERTIES = ("Title", "Author", "Subject", "CreationDate")


@dataclass(frozen=True, slots=True)
class _Run:
    """A piece of text with its baseline; millimetres from the page's upper left corner."""

    left: float
    right: float
    base: float
    size: float
    text: str


def sniff(data: bytes, suffix: str) -> bool:
    """A ZIP archive with the entry file of OFD."""
    return "OFD.xml" in member_names(data)


def read(data: bytes, name: str) -> Source:
    """Read an OFD document: a line of text a line; running headers, footers and page numbers dropped, after the pages.

    Args:
        data: the whole file.
        name: path or label, for messages.

    Raises:
        ReadError: damaged, encrypted, too long, or without text, as scans and pages of outlines are.
    """
    archive = Archive(data, name)
    entry = archive.parse_xml("OFD.xml")
    pages: list[list[str]] = []
    for body in entry.iter("{*}DocBody"):
        root = _resolved("", _text(body, "DocRoot"))
        if root not in archive.members:
            raise ReadError(name, say("ofd_without_document"))
        pages += _pages(archive, root, name)
    if not any(pages):
        raise ReadError(name, say("ofd_pictures"))
    builder = TextBuilder()
    dropped = find_furniture(pages)
    for number, lines in enumerate(pages):
        for index, line in enumerate(lines):
            if (number, index) not in dropped:
                builder.add_block(line)
    for (number, index), reason in sorted(dropped.items()):
        builder.add_block(pages[number][index], drop=reason)
    found = {key: _text(entry, key) for key in _PROPERTIES}
    return builder.source(name, data, "ofd", metadata={key: value for key, value in found.items() if value})


def _pages(archive: Archive, root: str, name: str) -> Iterator[list[str]]:
    document = archive.parse_xml(root)
    listed = list(document.iterfind("{*}Pages/{*}Page"))
    if len(listed) > MAX_PAGES:
        raise ReadError(name, say("pdf_too_long", pages=len(listed), most=MAX_PAGES))
    templates = {
        page.get("ID", ""): _resolved(root, page.get("BaseLoc", "")) for page in document.iter("{*}TemplatePage")
    }
    for page in listed:
        member = _resolved(root, page.get("BaseLoc", ""))
        if member not in archive.members:
            raise ReadError(name, say("ofd_page_missing"))
        content = archive.parse_xml(member)
        runs = list(_runs(content))
        for used in content.iterfind("{*}Template"):
            template = templates.get(used.get("TemplateID", ""), "")
            if template in archive.members:
                runs += _runs(archive.parse_xml(template))
        if len(runs) > MAX_RUNS:
            raise ReadError(name, say("ofd_pieces", pieces=len(runs)))
        yield _lines(runs)


def _runs(content: _Element) -> Iterator[_Run]:
    for item in content.iter("{*}TextObject"):
        x, y, *_ = [*_numbers(item.get("Boundary", "")), 0.0, 0.0]
        a, b, c, d, e, f = (_numbers(item.get("CTM", "")) + [0.0] * 6)[:6] if item.get("CTM") else (1, 0, 0, 1, 0, 0)
        size = next(iter(_numbers(item.get("Size", ""))), 4.0) * (abs(d) or abs(b) or 1.0)
        left = base = 0.0
        for code in item.iter("{*}TextCode"):
            left = next(iter(_numbers(code.get("X", ""))), left)
            base = next(iter(_numbers(code.get("Y", ""))), base)
            text = (code.text or "").strip("\r\n")
            if not text.strip():
                continue
            steps = _deltas(code.get("DeltaX", ""), len(text) - 1)
            width = sum(steps) if steps else (len(text) - 1) * size
            start = x + a * left + c * base + e
            yield _Run(start, start + abs(a or 1.0) * width + size, y + b * left + d * base + f, size, text)


def _lines(runs: list[_Run]) -> list[str]:
    """Runs side by side are one line, from left to right; lines from top to bottom."""
    rows: list[list[_Run]] = []
    for run in sorted(runs, key=lambda run: run.base):
        if rows and run.base - rows[-1][0].base < _SAME_LINE * max(run.size, rows[-1][0].size):
            rows[-1].append(run)
        else:
            rows.append([run])
    return [_line(sorted(row, key=lambda run: run.left)) for row in rows]


def _line(row: list[_Run]) -> str:
    pieces = [row[0].text]
    right = row[0].right
    for run in row[1:]:
        if run.left - right > _GAP * run.size and not pieces[-1].endswith(" "):
            pieces.append(" ")
        pieces.append(run.text)
        right = max(right, run.right)
    return "".join(pieces).rstrip()


def _deltas(steps: str, count: int) -> list[float]:
    """The advances between letters; `g 3 5.0` stands for three of 5.0."""

    def repeated(match: re.Match[str]) -> str:
        return f"{match[2]} " * min(int(match[1]), count)

    return _numbers(_REPEAT.sub(repeated, steps))[:count]


def _numbers(text: str) -> list[float]:
    found = []
    for word in text.split():
        try:
            found.append(float(word))
        except ValueError:
            return found
    return found


def _text(element: _Element, name: str) -> str:
    return next((found.text or "" for found in element.iter(f"{{*}}{name}")), "").strip()


def _resolved(base: str, location: str) -> str:
    """A location as member name: absolute ones from the archive's root, others from the file that names them."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(base), location)).lstrip("/")
