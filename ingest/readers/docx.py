"""Word documents, read from their XML: what Word shows as body text, in order, with the numbers it computes.

The XML is walked directly because python-docx's paragraph text leaves out tracked insertions, content controls, text
boxes, automatic numbers and everything after an XML entity.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.errors import ReadError
from ingest.messages import say
from ingest.readers.archive import Archive, is_word, member_names
from ingest.readers.docx_numbering import Numbering, attribute, child
from ingest.readers.layout import LAYOUT_CELL, MAX_SPAN, GridItem, TextBuilder
from ingest.source import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

_HIDDEN = frozenset(
    {"del", "moveFrom", "delText", "delInstrText", "instrText", "rt", "Fallback", "pPr", "sectPr", "tblPr"}
)
"""Elements whose text Word does not show: deletions, field codes, ruby glosses, the older twin of a text box."""

_CONTAINERS = frozenset(
    {"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "body", "hdr", "ftr", "txbxContent"}
)
"""Elements that wrap paragraphs and tables without being one."""

_PROPERTIES = ("title", "subject", "creator", "created", "modified")


def sniff(data: bytes, suffix: str) -> bool:
    """A ZIP archive with Word's parts."""
    return is_word(member_names(data))


def read(data: bytes, name: str) -> Source:
    """Read a Word document: paragraphs and tables in order, footnotes, then page headers and footers as dropped.

    Args:
        data: the whole file.
        name: path or label, for messages.

    Raises:
        ReadError: damaged, encrypted, or built to exhaust memory.
    """
    archive = Archive(data, name)
    main = _main_part(archive, name)
    related = _related(archive, main)
    document = archive.parse_xml(main)
    body = child(document, "body")
    if body is None:
        raise ReadError(name, say("word_without_body"))
    styles, numbering = (_first(archive, related, kind) for kind in ("styles", "numbering"))
    writer = _Writer(Numbering(numbering, styles))
    writer.write(body)
    for kind in ("footnotes", "endnotes"):
        notes = _first(archive, related, kind)
        for note in () if notes is None else notes:
            if attribute(note, "type") in ("", "normal"):
                writer.write(note)
    for kind, reason in (("header", "page header"), ("footer", "page footer")):
        seen: set[str] = set()
        for part in sorted(target for target, other in related if other == kind and target in archive.members):
            for text in _lines(archive.parse_xml(part)):
                if text.strip() and text not in seen:
                    seen.add(text)
                    writer.builder.add_block(text, drop=reason)
    chunks = sum(kind == "aFChunk" for _, kind in related)
    warnings = [f"{chunks} embedded documents (altChunk) were not read"] if chunks else []
    return writer.builder.source(name, data, "docx", metadata=_metadata(archive), warnings=warnings)


class _Writer:
    """Writes paragraphs and tables into a text, numbering paragraphs as it meets them."""

    def __init__(self, numbering: Numbering) -> None:
        self.builder = TextBuilder()
        self._numbering = numbering

    def write(self, container: _Element) -> None:
        for block in _blocks(container):
            if _local(block) == "p":
                self._write_paragraph(block)
            else:
                self._write_table(block)

    def _write_paragraph(self, paragraph: _Element) -> None:
        text, boxes = _text_of(paragraph)
        label = self._numbering.label(paragraph) if text.strip() else ""
        if text.strip() or not boxes:
            self.builder.add_block(label + text)
        for box in boxes:
            self.write(box)

    def _write_table(self, table: _Element) -> None:
        """Write a table of data as a table; one column, or a cell as long as a page, is only layout."""
        rows = [(row, list(_cells(row))) for row in _rows(table)]
        if not any(len(cells) > 1 for _, cells in rows):
            for _, cells in rows:
                for cell in cells:
                    self.write(cell)
            return
        grid: list[list[GridItem]] = []
        for row, cells in rows:
            items: list[GridItem] = []
            before = attribute(child(child(row, "trPr"), "gridBefore"), "val")
            items.extend([""] * (min(int(before), MAX_SPAN) if before.isdigit() else 0))
            for cell in cells:
                self._add_cell(cell, grid, items)
            grid.append(items)
        if any(isinstance(item, str) and len(item) > LAYOUT_CELL for items in grid for item in items):
            for items in grid:
                for item in items:
                    if isinstance(item, str):
                        self.builder.add_block(item)
        else:
            self.builder.add_table(grid)

    def _add_cell(self, cell: _Element, grid: list[list[GridItem]], items: list[GridItem]) -> None:
        properties = child(cell, "tcPr")
        merge = child(properties, "vMerge")
        column, row = len(items), len(grid)
        if merge is not None and attribute(merge, "val") != "restart" and grid and column < len(grid[-1]):
            above = grid[-1][column]
            origin = above if isinstance(above, tuple) else (row - 1, column)
            items.append(origin)
        else:
            origin = (row, column)
            items.append("\n".join(self._cell_lines(cell)))
        width = attribute(child(properties, "gridSpan"), "val")
        items.extend([origin] * (min(int(width), MAX_SPAN) - 1 if width.isdigit() else 0))

    def _cell_lines(self, container: _Element) -> Iterator[str]:
        for block in _blocks(container):
            if _local(block) == "p":
                text, boxes = _text_of(block)
                if text.strip():
                    yield self._numbering.label(block) + text
                for box in boxes:
                    yield from self._cell_lines(box)
            else:
                for row in _rows(block):
                    for cell in _cells(row):
                        yield from self._cell_lines(cell)


def _blocks(container: _Element) -> Iterator[_Element]:
    """Paragraphs and tables of a container in order, through the wrappers around them."""
    for element in container.iterchildren("*"):
        kind = _local(element)
        if kind in ("p", "tbl"):
            yield element
        elif kind in _CONTAINERS:
            yield from _blocks(element)


def _rows(table: _Element) -> Iterator[_Element]:
    for element in table.iterchildren("*"):
        if _local(element) in _CONTAINERS:
            yield from _rows(element)
        elif _local(element) == "tr" and child(child(element, "trPr"), "del") is None:
            yield element


def _cells(row: _Element) -> Iterator[_Element]:
    for element in row.iterchildren("*"):
        if _local(element) == "tc":
            yield element
        elif _local(element) in _CONTAINERS:
            yield from _cells(element)


def _text_of(paragraph: _Element) -> tuple[str, list[_Element]]:
    """What Word shows of a paragraph, and the text boxes anchored in it."""
    pieces: list[str] = []
    boxes: list[_Element] = []
    pending = [paragraph]
    while pending:
        element = pending.pop()
        kind = _local(element)
        if kind in _HIDDEN or (kind == "r" and child(child(element, "rPr"), "vanish") is not None):
            continue
        if kind == "txbxContent":
            boxes.append(element)
        elif kind == "t":
            pieces.append(element.text or "")
        elif kind == "sym":
            pieces.append(_symbol(attribute(element, "char")))
        elif kind in _SIGNS:
            pieces.append(_SIGNS[kind])
        else:
            pending.extend(reversed(element.findall("*")))
    return "".join(pieces), boxes


_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def _symbol(code: str) -> str:
    """A character of a symbol font, by its hexadecimal code."""
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""


def _lines(container: _Element) -> Iterator[str]:
    for block in _blocks(container):
        if _local(block) == "p":
            text, boxes = _text_of(block)
            yield text
            for box in boxes:
                yield from _lines(box)
        else:
            for row in _rows(block):
                yield "\t".join(" ".join(_lines(cell)) for cell in _cells(row))


def _main_part(archive: Archive, name: str) -> str:
    """The part that holds the document, as the package's relationships say."""
    found = [target for target, kind in _related(archive, "") if kind == "officeDocument"]
    part = found[0] if found else "word/document.xml"
    if part not in archive.members:
        raise ReadError(name, say("word_without_document"))
    return part


def _related(archive: Archive, part: str) -> list[tuple[str, str]]:
    """The parts a part refers to, as (member name, last word of the relationship's type)."""
    folder, file = posixpath.split(part)
    member = posixpath.join(folder, "_rels", f"{file}.rels")
    if member not in archive.members:
        return []
    related = []
    for relation in archive.parse_xml(member):
        if attribute(relation, "TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attribute(relation, "Target"))).lstrip("/")
            related.append((target, attribute(relation, "Type").rpartition("/")[2]))
    return related


def _first(archive: Archive, related: list[tuple[str, str]], kind: str) -> _Element | None:
    part = next((target for target, other in related if other == kind and target in archive.members), None)
    return archive.parse_xml(part) if part else None


def _metadata(archive: Archive) -> dict[str, str]:
    """Core properties of the file (Dublin Core names)."""
    if "docProps/core.xml" not in archive.members:
        return {}
    core = archive.parse_xml("docProps/core.xml")
    found = {name: (getattr(child(core, name), "text", None) or "").strip() for name in _PROPERTIES}
    return {name: value for name, value in found.items() if value}


def _local(element: _Element) -> str:
    """An element's name without namespace; empty for processing instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
