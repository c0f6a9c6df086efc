"""A document as loaded: its text, and what the reader knows about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; `start`/`end` count code points of `Source.text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table in the text, row by row; a cell over several rows or columns stands in each of its places.

    When `header` is true the first `header_rows` rows are no data: titles over all columns, and the headings.

    >>> top = (Cell(0, 2, "级别"), Cell(3, 5, "比例"), Cell(3, 5, "比例"))
    >>> low = (Cell(0, 2, "级别"), Cell(9, 11, "在职"), Cell(12, 14, "退休"))
    >>> Table(0, 14, (top, low), header_rows=2).headings
    ('级别', '比例 在职', '比例 退休')
    """

    start: int
    end: int
    rows: tuple[tuple[Cell, ...], ...]
    header: bool = True
    header_rows: int = 1

    @property
    def head(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows above the data."""
        return self.rows[: self.header_rows] if self.header else ()

    @property
    def body(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows of data."""
        return self.rows[len(self.head) :]

    @property
    def title(self) -> str:
        """What rows over all columns say above the headings; empty when there are none."""
        return " ".join(dict.fromkeys(cell.text for row in self.head if is_title(row) for cell in row if cell.text))

    @property
    def headings(self) -> tuple[str, ...]:
        """For each column the headings above it, from the widest to the narrowest; empty where it has none."""
        rows = [_carried(row) for row in self.head if not is_title(row)]
        if rows:
            rows[-1] = [cell.text for cell in self.head[-1]]
        columns = zip_longest(*rows, fillvalue="")
        return tuple(" ".join(dict.fromkeys(filter(None, column))) for column in columns)


def is_title(row: Sequence[Cell]) -> bool:
    """Whether a row of several columns says one thing only."""
    return len(row) > 1 and len({(cell.start, cell.end) for cell in row if cell.text}) == 1


def _carried(row: Sequence[Cell]) -> list[str]:
    """A heading stands for the blank columns on its right too, where the file does not say that they are merged."""
    carried: list[str] = []
    for cell in row:
        carried.append(cell.text or (carried[-1] if carried else ""))
    return carried


@dataclass(frozen=True, slots=True)
class DroppedSpan:
    """A span of `Source.text` the reader recognised as page furniture (navigation, advert, links …)."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """The loaded original: every span in fadu counts code points of `text`.

    Attributes:
        name: path or label the user gave.
        text: the text, never altered after loading; line ends as found, byte-order mark removed.
        sha256: hex digest of the bytes read.
        format: `txt` `md` `csv` `html` `epub` `pdf` `ofd` `docx` `xlsx` `image`, or `doc` `wps` `rtf` `odt` `xls` `et`
            `ods` when a converter read it.
        encoding: codec the bytes were decoded with, None for formats that carry their own.
        encoding_confidence: 0 to 1; 1 for a proven encoding (byte-order mark, strict UTF-8).
        metadata: fields the file states about itself (title, 发文字号, 发布机构, 成文日期 …), keys as found.
        tables: tables in reading order; their text also stands in `text`.
        dropped: page furniture inside `text`, found from markup.
        warnings: what was lost or guessed while reading, one sentence each.
    """

    name: str
    text: str
    sha256: str
    format: str
    encoding: str | None = None
    encoding_confidence: float | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    dropped: tuple[DroppedSpan, ...] = ()
    warnings: tuple[str, ...] = ()
