"""A web page as the blocks a reader sees, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.readers.layout import LAYOUT_CELL, GridItem, grid_from_spans

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# fmt: off
_BLOCK_TAGS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog",
        "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frame", "frameset",
        "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "nav",
        "ol", "optgroup", "option", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot",
        "th", "thead", "title", "tr", "ul", "br"
    }
)
_INVISIBLE = frozenset(
    {
        "applet", "audio", "canvas", "datalist", "embed", "head", "iframe", "map", "math", "noframes",
        "noscript", "object", "script", "style", "svg", "template", "textarea", "video"
    }
)
# fmt: on
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0+(?:px|pt|em|%)?\s*(?:;|$)", re.I)
_WIDE = "[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\U00020000-\U0003ffff]"
_SEAM = re.compile(rf"(?<={_WIDE})[ \t\f]*[\r\n][ \t\r\n\f]*(?={_WIDE})")
_SPACES = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A line of a page, or a table.

    Attributes:
        text: what it shows; empty for tables.
        element: the element it lies in.
        links: its links; `linked`: characters inside them.
        grid: the cells, for tables.
    """

    text: str
    element: HtmlElement
    links: int = 0
    linked: int = 0
    grid: list[list[GridItem]] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page's blocks in order, the characters its hidden elements hold, its elements and their deepest nesting."""

    root: HtmlElement
    blocks: tuple[Block, ...]
    hidden: int
    elements: int
    depth: int


def walk_page(root: HtmlElement) -> Page:
    """Walk a parsed page from its root element."""
    walker = _Walker()
    walker.walk(root)
    return Page(root, tuple(walker.blocks), walker.hidden, sum(1 for _ in root.iter()), walker.depth)


def visible_text(element: HtmlElement) -> str:
    """An element's text on one line, blocks and line breaks inside separated by a line break."""
    if not len(element):
        return collapse(element.text or "")
    walker = _Walker(tables=False)
    walker.walk(element)
    return "\n".join(block.text for block in walker.blocks)


def collapse(text: str) -> str:
    """Collapse white space as a browser does: none at a line break between Chinese characters, else one blank."""
    return _SPACES.sub(" ", _SEAM.sub("", text)).strip(" ")


class _Walker:
    """Gathers inline text until a block begins or ends."""

    def __init__(self, tables: bool = True) -> None:
        self.blocks: list[Block] = []
        self.hidden = self.depth = 0
        self._tables = tables
        self._pieces: list[str] = []
        self._links = self._linked = 0
        self._in_link = self._in_pre = 0
        self._numbers: dict[HtmlElement, int] = {}

    def walk(self, root: HtmlElement) -> None:
        """Visit every visible element below `root`, and `root` itself."""
        from lxml.etree import iterwalk

        events = iterwalk(root, events=("start", "end"))
        skipped = False
        depth = 0
        for event, element in events:
            depth += 1 if event == "start" else -1
            self.depth = max(self.depth, depth)
            if event == "start":
                skipped = self._enter(element)
                if skipped:
                    events.skip_subtree()
                continue
            if skipped:
                skipped = False
                self._in_link -= element.tag == "a"
            else:
                self._leave(element)
            if element is not root:
                self._add(element.tail, element.getparent())
        self._flush(root)

    def _enter(self, element: HtmlElement) -> bool:
        """Begin an element; true when what is inside must not be visited."""
        tag = element.tag
        if tag == "a":
            self._in_link += 1
        if tag in _INVISIBLE or _is_hidden(element):
            if tag not in _INVISIBLE:
                self.hidden += len("".join(element.itertext()).strip())
            return True
        if tag in _BLOCK_TAGS:
            parent = element.getparent()
            self._flush(element if parent is None else parent)
        if tag == "table" and self._tables:
            grid = _grid_of(element)
            if grid is not None:
                if grid:
                    self.blocks.append(Block("", element, grid=grid))
                return True
        if tag == "a":
            self._links += 1
        elif tag == "pre":
            self._in_pre += 1
        elif tag == "li":
            self._pieces.append(self._number(element))
        self._add(element.text, element)
        return False

    def _leave(self, element: HtmlElement) -> None:
        if element.tag == "a":
            self._in_link -= 1
        elif element.tag == "pre":
            self._flush(element)
            self._in_pre -= 1
            return
        if element.tag in _BLOCK_TAGS:
            self._flush(element)

    def _add(self, text: str | None, element: HtmlElement) -> None:
        if not text:
            return
        if self._in_pre:
            *lines, text = text.splitlines() if not text.endswith("\n") else [*text.splitlines(), ""]
            for line in lines:
                self._pieces.append(line)
                self._flush(element)
        self._pieces.append(text)
        if self._in_link:
            self._linked += len(text.strip())

    def _number(self, item: HtmlElement) -> str:
        """The number a browser shows before an item of an ordered list."""
        parent = item.getparent()
        if parent is None or parent.tag != "ol" or parent.get("type", "1") != "1":
            return ""
        start = parent.get("start", "1")
        last = self._numbers.get(parent, int(start) - 1 if start.isdigit() else 0)
        value = item.get("value", "")
        self._numbers[parent] = int(value) if value.isdigit() else last + 1
        return f"{self._numbers[parent]}. "

    def _flush(self, element: HtmlElement) -> None:
        """End the line: keep it as a block when it shows anything."""
        joined = "".join(self._pieces)
        text = joined.rstrip() if self._in_pre else collapse(joined)
        if text.strip():
            self.blocks.append(Block(text, element, self._links, self._linked))
        self._pieces = []
        self._links = self._linked = 0


def _is_hidden(element: HtmlElement) -> bool:
    if element.get("hidden") is not None or (element.tag == "input" and element.get("type") == "hidden"):
        return True
    style = element.get("style")
    return style is not None and _HIDING.search(style) is not None


def _grid_of(table: HtmlElement) -> list[list[GridItem]] | None:
    """The cells of a table of data; None when the table only lays out a page."""
    if table.find(".//table") is not None or table.find(".//h1") is not None:
        return None
    rows = []
    for row in table.iter("tr"):
        if not _is_hidden(row):
            rows.append([(visible_text(cell), _span(cell, "colspan"), _span(cell, "rowspan")) for cell in _cells(row)])
    texts = [text for row in rows for text, _, _ in row]
    if max(map(len, rows), default=0) < 2 or max(map(len, texts), default=0) > LAYOUT_CELL:
        return None
    return grid_from_spans(rows) if any(text.strip() for text in texts) else []


def _cells(row: HtmlElement) -> Iterator[HtmlElement]:
    return (cell for cell in row.iterchildren("td", "th") if not _is_hidden(cell))


def _span(cell: HtmlElement, name: str) -> int:
    value = cell.get(name, "1").strip()
    return int(value) if value.isdecimal() and len(value) < 6 else 1
