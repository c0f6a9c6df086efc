"""A document as loaded: its text, and what the reader knows about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; `start`/`end` count code points of `Source.text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table in the text, row by row; the first row holds the headers when `header` is true."""

    start: int
    end: int
    rows: tuple[tuple[Cell, ...], ...]
    header: bool = True


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
        format: `txt` `md` `html` `pdf` `docx` `xlsx`.
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
