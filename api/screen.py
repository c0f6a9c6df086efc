"""Text for a terminal: column widths of Chinese, aligned tables, restrained colour, no control characters."""

from __future__ import annotations

import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

# Control characters and direction overrides could move the cursor or reorder what a reader sees.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SPACE = re.compile(r"[\s\u3000]+")
_STYLED = re.compile(r"\x1b\[[\d;]*m|[\s\S]")
_STYLES = {"bold": "1", "dim": "2", "mark": "1;33", "good": "32", "bad": "1;31", "doubt": "33"}


@cache
def _char_width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def text_width(text: str) -> int:
    """Terminal columns `text` takes; wide and full-width characters count two.

    >>> text_width("70%的医院")
    9
    """
    return len(text) if text.isascii() else sum(map(_char_width, text))


def plain(text: str) -> str:
    """`text` on one line, without control characters and direction overrides.

    >>> plain("第一条\\n\\x1b[31m 内容")
    '第一条 [31m 内容'
    """
    return _SPACE.sub(" ", _UNSAFE.sub("", text)).strip()


def shorten(text: str, columns: int) -> str:
    """`text` cut to at most `columns` terminal columns, with … where it was cut.

    >>> shorten("城镇职工基本医疗保险", 9)
    '城镇职工…'
    """
    if text_width(text) <= columns:
        return text
    kept, used = [], 0
    for char in text:
        used += _char_width(char)
        if used > columns - 1:
            break
        kept.append(char)
    return "".join(kept) + "…"


def wrap(text: str, columns: int, indent: str = "") -> str:
    """`text` broken into lines of at most `columns` terminal columns, between any two characters; styles take none.

    >>> wrap("三级医院\\x1b[1m70%\\x1b[0m以上", 10).split("\\n")
    ['三级医院\\x1b[1m70', '%\\x1b[0m以上']
    """
    room = max(columns - text_width(indent), 10)
    lines: list[str] = []
    line: list[str] = []
    used = 0
    for char in _STYLED.findall(text):
        size = 0 if len(char) > 1 else _char_width(char)
        if used + size > room:
            lines.append("".join(line))
            line, used = [], 0
        line.append(char)
        used += size
    lines.append("".join(line))
    return "\n".join(indent + one for one in lines)


@dataclass(frozen=True, slots=True)
class Screen:
    """How output is drawn: whether in colour, and how many columns there are."""

    colour: bool
    columns: int

    @classmethod
    def of_stdout(cls) -> Screen:
        """The screen standard output is: colour only on a terminal and unless NO_COLOR is set."""
        tty = sys.stdout.isatty()
        colour = tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        columns = shutil.get_terminal_size((100, 24)).columns if tty else 160
        return cls(colour, max(columns, 40))

    def style(self, text: str, name: str) -> str:
        """`text` in a style (`bold` `dim` `mark` `good` `bad` `doubt`), bare where colour is off."""
        return f"\x1b[{_STYLES[name]}m{text}\x1b[0m" if self.colour and text else text

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
        """An aligned table; when it is too wide for the screen, its widest columns are shortened.

        Args:
            headers: one title per column.
            rows: cells as text; any line breaks in them become spaces.
        """
        cells = [[plain(cell) for cell in row] for row in rows]
        widths = [max([text_width(h), *(text_width(row[i]) for row in cells)]) for i, h in enumerate(headers)]
        spare = self.columns - 2 * (len(headers) - 1)
        while sum(widths) > spare and max(widths) > 12:
            widest = widths.index(max(widths))
            others = sorted(widths)[-2] if len(widths) > 1 else 12
            excess = sum(widths) - spare
            widths[widest] = max(widths[widest] - excess, min(others, widths[widest] - 1), 12)
        lines = [self.style(_line(headers, widths), "bold")]
        lines += [_line(row, widths) for row in cells]
        return "\n".join(lines)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    parts = []
    for cell, width in zip(row, widths, strict=True):
        shown = shorten(cell, width)
        parts.append(shown + " " * (width - text_width(shown)))
    return "  ".join(parts).rstrip()
