"""Running headers, footers and page numbers: lines at the edge of pages that repeat from page to page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

EDGE_LINES = 2
"""Lines at the top and at the bottom of a page that can be furniture."""

MIN_PAGES = 3
"""Pages a line must repeat on."""

MIN_SHARE = 0.4
"""Share of the pages it must repeat on: headers of left and right pages alternate."""

MAX_LENGTH = 60
"""Characters of a running header or footer."""

_NUMBER = re.compile(
    r"[-—–－―·•\s]*(?:第\s*)?(\d{1,4})\s*[页頁]?(?:[/／，,共of\s]{1,6}\d{1,4}\s*[页頁]?)?[-—–－―·•\s]*"
)
_FRAMED = re.compile(r"[-—–－―]\s*\d{1,4}\s*[-—–－―]|第\s*\d{1,4}\s*[页頁].{0,12}")
_NUMBERED = re.compile(r"(?P<first>\d{1,4})\s+(?P<after>\D.*)|(?P<before>.*\D)\s+(?P<last>\d{1,4})")

_SENTENCE_ENDS = ("。", "；", "，", "、", "：")
"""A line that ends so is of the text, however often it stands at a page's edge."""

Place = tuple[int, int]
"""Page and item, both from 0."""


def find_furniture(pages: Sequence[Sequence[object]]) -> dict[Place, str]:
    """Find page furniture.

    Args:
        pages: the items of each page in reading order; only strings, at the edges of a page, are considered.

    Returns:
        The reason for each place found: `page number`, `page header` or `page footer`.

    >>> find_furniture([["某市文件", body, f"- {page} -"] for page, body in enumerate("甲乙丙", 1)])[1, 0]
    'page header'
    """
    edges = _find_edges(pages)
    offsets = Counter(
        (top, number - page) for page, _, top, text in edges if (number := _page_number(text)) is not None
    )
    repeats = Counter((top, _without_number(text, page)) for page, _, top, text in edges)
    found: dict[Place, str] = {}
    for page, index, top, text in edges:
        number = _page_number(text)
        if number is not None and (offsets[top, number - page] > 1 or _FRAMED.fullmatch(text)):
            found[page, index] = "page number"
        elif len(text) > MAX_LENGTH or text.endswith(_SENTENCE_ENDS):
            continue
        elif repeats[top, _without_number(text, page)] >= max(MIN_PAGES, MIN_SHARE * len(pages)):
            found[page, index] = "page header" if top else "page footer"
    return found


def _find_edges(pages: Sequence[Sequence[object]]) -> list[tuple[int, int, bool, str]]:
    """Lines at the edges as (page, item, at the top, text)."""
    edges = []
    for page, items in enumerate(pages):
        depth = max(1, min(EDGE_LINES, len(items) // 3))
        top = range(min(depth, len(items) - 1))
        bottom = range(max(len(items) - depth, len(top)), len(items))
        for index in (*top, *bottom):
            item = items[index]
            if isinstance(item, str):
                edges.append((page, index, index in top, item.strip()))
    return edges


def _page_number(text: str) -> int | None:
    match = _NUMBER.fullmatch(text)
    return int(match.group(1)) if match else None


def _without_number(text: str, page: int) -> tuple[str, int]:
    """A running line without the page number at its end, and by how much that number differs from the page."""
    match = _NUMBERED.fullmatch(text)
    if match is None:
        return text, 0
    number = int(match["first"] or match["last"])
    return match["after"] or match["before"], number - page
