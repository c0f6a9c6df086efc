"""One document: outline, original or normalized text with layers, its versions; and one provision by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.present import describe_bound, describe_figure, describe_quantity, describe_rule
from api.problems import ApiError
from api.web import labels
from api.web.marks import Line, Mark, lines_of, paragraphs
from api.web.places import Places, cite, versioned_id
from api.web.route import PageRoute, Reader, text_of
from api.web.view import render

if TYPE_CHECKING:
    from ingest.normalize import AlignedText
    from ingest.records import Extraction, Provision
    from kb.types import DocumentRow

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_BLOCK = 40
_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})")
_DEEPEST = 2
_DIGITS = 9
_FIRST_WORDS = 14


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the outline; `depth` counts from 0."""

    anchor: str
    label: str
    heading: str
    depth: int


@router.get("/documents/{identity}")
def show_document(request: Request, identity: str, library: Reader) -> HTMLResponse:
    """A document's text with its layers; `mark=START-END` marks a span of the original and brings it into view."""
    document = library.document(identity)
    identity = versioned_id(document)
    text, provisions = library.kb.text(identity), library.kb.provisions(identity)
    normalized = text_of(request, "view") == "normalized"
    found = [Mark(span.start, span.end, span.layer) for span in library.kb.spans(identity)]
    dropped = sum(mark.end - mark.start for mark in found if mark.layer == "dropped")
    outline = _outline(text, provisions)
    marks = [*found, *_asked(text_of(request, "mark"), len(text))]
    anchors = [(p.start, f"p{n}") for n, p in enumerate(provisions)]
    anchors += [(m.start, "mark") for m in marks if m.layer == "target"]
    if normalized:
        aligned = _aligned(text)
        text = aligned.text
        marks = [_moved(mark, aligned) for mark in marks]
        anchors = [(aligned.from_source(at, at)[0], name) for at, name in anchors]
    marks.sort(key=lambda m: (m.start, -m.end))
    anchors.sort()
    counts = {name: len({(m.start, m.end) for m in marks if m.layer == name}) for name in labels.LAYERS}
    return render(
        request,
        "document.html",
        section="documents",
        document=document,
        validity=labels.validity(document),
        versions=library.kb.versions(document.id),
        citation=cite(document, ""),
        outline=outline,
        blocks=list(_blocks(lines_of(text, marks, anchors))),
        layers=[(name, label, counts[name]) for name, label in labels.LAYERS.items()],
        normalized=normalized,
        dropped=dropped,
    )


@router.get("/p/{identity}/{provision:path}")
def show_provision(request: Request, identity: str, provision: str, library: Reader) -> HTMLResponse:
    """One provision with what was read from it; the address stays the same when the document is read again."""
    document = library.document(identity)
    extraction = library.kb.extraction(versioned_id(document))
    order = [p.id for p in extraction.provisions]
    if provision not in order:
        raise ApiError(404, f"{cite(document, '')}中没有 {provision}")
    at = order.index(provision)
    one = extraction.provisions[at]
    inside = [m for m in _layers(extraction) if m.start < one.end and m.end > one.start]
    place = Places(library.kb).at(document, one.start, one.end)
    siblings = _siblings(extraction.provisions, one)
    here = siblings.index(one)
    return render(
        request,
        "provision.html",
        section="documents",
        document=document,
        validity=labels.validity(document),
        provision=one,
        place=place,
        above=_above(extraction.provisions, one),
        html=paragraphs(extraction.text, one.start, one.end, inside),
        rules=[r for r in extraction.rules if one.start <= r.start < one.end],
        figures=[f for f in extraction.figures if one.start <= f.start < one.end],
        citations=[c for c in extraction.citations if one.start <= c.start < one.end],
        former=siblings[here - 1] if here else None,
        following=siblings[here + 1] if here + 1 < len(siblings) else None,
        versions=_in_versions(library.kb.versions(document.id), document),
    )


@router.get("/context")
def show_context(request: Request, library: Reader) -> HTMLResponse:
    """A span of a document with its provision around it, for the panel beside a table."""
    document = library.document(text_of(request, "document"))
    text = library.kb.text(versioned_id(document))
    spans = _asked(text_of(request, "mark"), len(text))
    if not spans:
        raise ApiError(422, "mark=START-END is needed, in code points of the original")
    places = Places(library.kb)
    span = spans[0]
    inner = places.provision(document, span.start)
    start, end = (inner.start, inner.end) if inner else (max(span.start - 200, 0), min(span.end + 200, len(text)))
    hit = Mark(span.start, span.end, "hit")
    return render(
        request,
        "_context.html",
        place=places.at(document, span.start, span.end),
        validity=labels.validity(document),
        html=paragraphs(text, start, max(end, span.end), [hit]),
    )


def _aligned(text: str) -> AlignedText:
    from ingest.normalize import aligned_document

    return aligned_document(text)


def _moved(mark: Mark, aligned: AlignedText) -> Mark:
    start, end = aligned.from_source(mark.start, mark.end)
    return Mark(start, end, mark.layer, mark.note)


def _layers(extraction: Extraction) -> list[Mark]:
    """Every record of a document as a mark of its layer, with what it was read as."""
    return [
        *(
            Mark(f.start, f.end, "figures", f"指标 {describe_figure(f)}：{describe_quantity(f)}")
            for f in extraction.figures
        ),
        *(
            Mark(r.start, r.end, "rules", f"规则（{labels.MODALITIES[r.modality]}）{_about(r)}")
            for r in extraction.rules
        ),
        *(Mark(c.start, c.end, "citations", f"引用 {c.refers_to or c.title or ''}") for c in extraction.citations),
        *(Mark(r.start, r.end, "repairs", f"修复为“{r.repaired}”") for r in extraction.repairs),
        *(Mark(m.start, m.end, "missing", "此处数字缺失") for m in extraction.missing),
        *(
            Mark(b.start, b.end, "dropped", f"剔除：{labels.REASONS.get(b.reason, b.reason)}")
            for b in extraction.boilerplate
        ),
    ]


@router.get("/documents/{identity}/note")
def show_note(request: Request, identity: str, library: Reader) -> HTMLResponse:
    """What was read at one place of a document; `at` counts code points of the text that `view` shows."""
    document = library.document(identity)
    key = versioned_id(document)
    at = text_of(request, "at")
    if not (at.isascii() and at.isdigit()) or len(at) > _DIGITS:
        raise ApiError(422, "at=OFFSET is needed, in code points of the text shown")
    offset = int(at)
    if text_of(request, "view") == "normalized":
        offset = _aligned(library.kb.text(key)).to_source(offset, offset + 1)[0]
    found = library.kb.records_at(key, offset)
    place = Places(library.kb).at(document, offset, offset + 1)
    return render(request, "_note.html", records=found, place=place)


def _about(rule: object) -> str:
    from ingest.records import Rule

    assert isinstance(rule, Rule)
    bound = describe_bound(rule)
    return f"{describe_rule(rule)} {bound}" if bound else (rule.action or "")


def _asked(text: str, length: int) -> list[Mark]:
    found = _SPAN.fullmatch(text)
    if not found:
        return []
    start, end = min(int(found[1]), length), min(int(found[2]), length)
    return [Mark(start, end, "target")] if start < end else []


def _outline(text: str, provisions: Sequence[Provision]) -> list[Entry]:
    """Divisions and articles, and the sections of a report; what lies below an article is left out.

    A division without a heading is named by its first words.
    """
    entries = []
    for n, p in enumerate(provisions):
        depth = p.path.count("/")
        above = p.path.split("/")[:-1]
        if depth > _DEEPEST or any(label.endswith(("条", "條")) for label in above):
            continue
        words = " ".join(text[p.start : min(p.start + 60, p.end)].removeprefix(p.label).split())
        entries.append(Entry(f"p{n}", p.label, p.heading or words.lstrip("、.． ")[:_FIRST_WORDS], depth))
    return entries


def _blocks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Runs of lines a browser lays out one by one as they come into view."""
    block: list[Line] = []
    for line in lines:
        block.append(line)
        if len(block) == _BLOCK:
            yield block
            block = []
    if block:
        yield block


def _above(provisions: Sequence[Provision], one: Provision) -> list[Provision]:
    """The provisions around one, the outermost first."""
    return sorted(
        (
            p
            for p in provisions
            if p is not one and p.start <= one.start and one.end <= p.end and len(p.path) < len(one.path)
        ),
        key=lambda p: len(p.path),
    )


def _siblings(provisions: Sequence[Provision], one: Provision) -> list[Provision]:
    """The provisions one can turn to from here: articles for an article, else those of the same parent."""
    if one.label.endswith(("条", "條")):
        return [p for p in provisions if p.label.endswith(("条", "條"))]
    parent = one.path.rpartition("/")[0]
    return [p for p in provisions if p.path.rpartition("/")[0] == parent]


def _in_versions(versions: Sequence[DocumentRow], document: DocumentRow) -> list[DocumentRow]:
    return [row for row in versions if row.version != document.version]
