"""Plain text and Markdown."""

from __future__ import annotations

import hashlib
import itertools
import re
from pathlib import PurePath

from ingest.readers.encoding import decode
from ingest.source import Cell, Source, Table

_PIPE = re.compile(r"(?<!\\)\|")
_RULE_CHARACTERS = frozenset("|-: \t\r\n")


def sniff(data: bytes, suffix: str) -> bool:
    """Every file that no other reader claims is tried as text."""
    return True


def read(data: bytes, name: str) -> Source:
    """Decode a text file; the text stands as found, pipe tables of Markdown files are recorded.

    Args:
        data: the whole file.
        name: path or label; `.md` and `.markdown` make it Markdown.

    Raises:
        ReadError: the bytes are not text.
    """
    decoded = decode(data, name)
    markdown = PurePath(name).suffix.lower() in (".md", ".markdown")
    return Source(
        name=name,
        text=decoded.text,
        sha256=hashlib.sha256(data).hexdigest(),
        format="md" if markdown else "txt",
        encoding=decoded.encoding,
        encoding_confidence=decoded.confidence,
        tables=tuple(_find_pipe_tables(decoded.text)) if markdown else (),
        warnings=decoded.warnings,
    )


def _find_pipe_tables(text: str) -> list[Table]:
    """Markdown tables: a header line, a rule of dashes under it, and the lines with pipes that follow."""
    tables: list[Table] = []
    rows: list[tuple[Cell, ...]] = []
    start = end = above = position = 0
    for line in text.splitlines(keepends=True):
        if rows and "|" in line:
            rows.append(_cells_of_line(line, position))
            end = position + len(line.rstrip("\r\n"))
        else:
            if rows:
                tables.append(Table(start, end, tuple(rows)))
                rows = []
            if "|" in line and "--" in line and _RULE_CHARACTERS.issuperset(line) and "|" in text[above:position]:
                start, end = above, position + len(line.rstrip("\r\n"))
                rows = [_cells_of_line(text[above:position], above)]
        above, position = position, position + len(line)
    if rows:
        tables.append(Table(start, end, tuple(rows)))
    return tables


def _cells_of_line(line: str, offset: int) -> tuple[Cell, ...]:
    """The cells between the pipes of a line that starts at `offset`; outer pipes are optional in Markdown."""
    bounds = [-1, *(match.start() for match in _PIPE.finditer(line)), len(line)]
    spans = [(left + 1, right) for left, right in itertools.pairwise(bounds)]
    if not line[slice(*spans[0])].strip():
        spans = spans[1:]
    if spans and not line[slice(*spans[-1])].strip():
        spans = spans[:-1]
    cells = []
    for left, right in spans:
        word = line[left:right].strip()
        at = offset + line.find(word, left)
        cells.append(Cell(at, at + len(word), word))
    return tuple(cells)
