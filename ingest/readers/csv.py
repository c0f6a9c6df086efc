"""Tables as text with delimiters (CSV, TSV): encoding and delimiter are found out, rows become tab-separated lines."""

from __future__ import annotations

import csv
from collections import Counter

from ingest.errors import ReadError
from ingest.messages import say
from ingest.readers.encoding import decode
from ingest.readers.layout import TextBuilder
from ingest.source import Source

DELIMITERS = ",\t;|，"
"""What may part cells, the likelier first; exports of Chinese programs use the full-width comma too."""

SAMPLE_LINES = 200
"""Lines the delimiter is judged on."""

_LONGEST_CELL = 1024 * 1024


def sniff(data: bytes, suffix: str) -> bool:
    """Named as such: prose has commas too."""
    return suffix in (".csv", ".tsv")


def read(data: bytes, name: str) -> Source:
    """Read a table; a file in which no delimiter makes columns is read as lines of text.

    Args:
        data: the whole file.
        name: path or label, for messages.

    Raises:
        ReadError: the bytes are not text, or the quotes in it never close.
    """
    decoded = decode(data, name)
    lines = decoded.text.splitlines(keepends=True)
    delimiter = None
    if lines and lines[0].startswith("sep=") and len(lines[0].strip()) == 5:
        delimiter = lines.pop(0)[4]
    delimiter = delimiter or find_delimiter("".join(lines[:SAMPLE_LINES]))
    builder = TextBuilder()
    if delimiter is None:
        for line in lines:
            builder.add_block(line.rstrip("\r\n"))
    else:
        grid = _cells(lines, delimiter, name)
        width = max((index for row in grid for index, cell in enumerate(row, 1) if cell), default=0)
        builder.add_table([row[:width] for row in grid])
    encoding = (decoded.encoding, decoded.confidence)
    return builder.source(name, data, "csv", encoding=encoding, warnings=decoded.warnings)


def find_delimiter(sample: str) -> str | None:
    """The delimiter that makes most rows equally wide, None when none makes columns.

    >>> find_delimiter("级别;比例\\n三级;70,5%\\n二级;80,5%\\n")
    ';'
    """
    best, judged = None, (0.5, 0)
    for delimiter in DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(sample.splitlines(), delimiter=delimiter) if row)
        except csv.Error:
            continue
        width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        found = (round(rows / max(widths.total(), 1), 1), width)
        if width > 1 and found > judged:
            best, judged = delimiter, found
    return best


def _cells(lines: list[str], delimiter: str, name: str) -> list[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error as error:
        raise ReadError(name, say("csv_broken", error=str(error))) from error
    return [row for row in rows if any(row)]
