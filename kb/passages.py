"""Passages: what is embedded, indexed and found.

A passage is a provision small enough to read at a glance: an article, a paragraph or item of a long one, a section
of a report; else a run of whole sentences. Each row of a table is a passage that carries the table's headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.normalize.aligned import AlignedText
from ingest.records import Extraction, Part, Provision
from ingest.source import Source, Table
from kb.address import readable_label
from kb.rows import ProvisionLabels
from kb.simplify import simplified

LONGEST = 400
"""Code points a passage has at most, unless a single sentence is longer."""

_DIVISION = re.compile(r"第\S+[编編章节節篇]|第\S+部分")
_SENTENCES = re.compile(r"[^。！？!?\n]*(?:[。！？!?]+[”’」』）)]*|\n+|$)")
_CLAUSES = re.compile(r"[^；;\n]*(?:[；;]+|\n+|$)")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of the original with the normalized text it is matched by.

    `context_s` holds what stands around it (title, headings of its path, table headers), `text_s` itself; both are
    normalized. `start`/`end` count code points of the original.
    """

    path: str
    label: str
    start: int
    end: int
    context_s: str
    text_s: str


@dataclass(slots=True)
class _Node:
    """A provision with those inside it; the root has a span and no label."""

    start: int
    end: int
    path: str = ""
    label: str = ""
    heading: str = ""
    inner: list[_Node] = field(default_factory=list)


def find_passages(source: Source, extraction: Extraction, aligned: AlignedText) -> list[Passage]:
    """The passages of a document, in order; together they hold every word of its parts.

    Args:
        source: the document as loaded.
        extraction: its structure, in code points of `source.text`.
        aligned: `source.text` normalized.
    """
    text = source.text
    title = extraction.document.title or ""
    headings = {p.path: p.heading for p in extraction.provisions}
    places = ProvisionLabels(extraction.provisions)
    found: list[Passage] = []
    for part in extraction.parts or (Part(0, len(text), title),):
        context = _context(title, part.title)
        for node, start, end in _segments(text, _tree(part, extraction.provisions)):
            for left, right in _outside(start, end, source.tables):
                found += _passage(aligned, node.path, left, right, _context(context, *_headings(node.path, headings)))
        for table in source.tables:
            if part.start <= table.start < part.end:
                around = places.innermost(table.start)
                path = around.path if around else ""
                found += _rows(table, path, _context(context, *_headings(path, headings)))
    found.sort(key=lambda p: (p.start, p.end))
    return found


def _tree(part: Part, provisions: Sequence[Provision]) -> _Node:
    root = _Node(part.start, part.end)
    open_nodes = [root]
    for p in sorted(provisions, key=lambda p: (p.start, -p.end)):
        if not part.start <= p.start < part.end:
            continue
        while len(open_nodes) > 1 and open_nodes[-1].end <= p.start:
            open_nodes.pop()
        node = _Node(p.start, min(p.end, open_nodes[-1].end), p.path, p.label, p.heading)
        open_nodes[-1].inner.append(node)
        open_nodes.append(node)
    return root


def _segments(text: str, node: _Node) -> Iterator[tuple[_Node, int, int]]:
    """Spans of at most `LONGEST`, each with the provision it belongs to; together they are the node's span."""
    whole = node.label and not _DIVISION.fullmatch(node.label)
    if whole and node.end - node.start <= LONGEST:
        yield node, node.start, node.end
        return
    at = node.start
    for inner in node.inner:
        yield from _sentences(text, node, at, inner.start)
        yield from _segments(text, inner)
        at = max(at, inner.end)
    yield from _sentences(text, node, at, node.end)


def _sentences(text: str, node: _Node, start: int, end: int) -> Iterator[tuple[_Node, int, int]]:
    """Runs of whole sentences; a heading that stands alone is context of what follows and no passage."""
    written = len("".join(text[start:end].split()))
    if node.inner and node.label and written <= len(node.label) + len("".join(node.heading.split())) + 2:
        return
    at = start
    for left, right in _pieces(text, start, end):
        if right - at > LONGEST and left > at:
            yield node, at, left
            at = left
    if at < end:
        yield node, at, end


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences, and the clauses of sentences longer than a passage."""
    for sentence in _SENTENCES.finditer(text, start, end):
        if sentence.end() - sentence.start() <= LONGEST:
            yield sentence.span()
        else:
            yield from (clause.span() for clause in _CLAUSES.finditer(text, sentence.start(), sentence.end()))


def _outside(start: int, end: int, tables: Sequence[Table]) -> Iterator[tuple[int, int]]:
    for table in tables:
        if table.start < end and start < table.end:
            if start < table.start:
                yield start, table.start
            start = max(start, table.end)
    if start < end:
        yield start, end


def _passage(aligned: AlignedText, path: str, start: int, end: int, context: str) -> list[Passage]:
    quote = aligned.source[start:end]
    start, end = start + len(quote) - len(quote.lstrip()), end - len(quote) + len(quote.rstrip())
    if start >= end or not _WORD.search(quote):
        return []
    left, right = aligned.from_source(start, end)
    return [Passage(path, readable_label(path), start, end, context, aligned.text[left:right].casefold())]


def _rows(table: Table, path: str, context: str) -> Iterator[Passage]:
    """A passage a row of data: each cell behind the headings of its column, a cell over several columns once."""
    headings = [simplified(heading) for heading in table.headings]
    above = _context(context, table.title)
    for row in table.body:
        said: dict[tuple[int, int, str], str] = {}
        for cell, heading in zip(row, [*headings, *[""] * len(row)], strict=False):
            if cell.text:
                words = simplified(cell.text)
                said[cell.start, cell.end, heading] = f"{heading}：{words}" if heading else words
        if any(_WORD.search(cell.text) for cell in row):
            yield Passage(path, readable_label(path), row[0].start, row[-1].end, above, "；".join(said.values()))


def _headings(path: str, headings: dict[str, str]) -> list[str]:
    labels = path.split("/")
    return [headings.get("/".join(labels[: i + 1]), "") for i in range(len(labels))]


def _context(*pieces: str) -> str:
    return " ".join(dict.fromkeys(simplified(piece) for piece in pieces if piece))
