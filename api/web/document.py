"""One document: outline, original or normalized text with layers, its versions; and one provision by itself."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.web import labels
from api.web.marks import Mark, paragraphs
from api.web.outline import outline_of
from api.web.places import Places, cite, versioned_id
from api.web.route import PageError, PageRoute, Reader, text_of
from api.web.sheet import sheet_of
from api.web.view import render, render_around

if TYPE_CHECKING:
    from ingest.normalize import AlignedText

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})")
_DIGITS = 9
_DIVISIONS = ("编", "編", "章", "节", "節")
_TITLE_WITHIN = 1_000
"""Code points from the beginning within which a document's own title stands."""


@router.get("/documents/{identity}")
def show_document(request: Request, identity: str, library: Reader) -> Response:
    """A document's text with its layers; `mark=START-END` marks a span of the original and brings it into view."""
    document = library.document(identity)
    identity = versioned_id(document)
    text, provisions = library.kb.text(identity), library.kb.provisions(identity)
    normalized = text_of(request, "view") == "normalized"
    found = [Mark(span.start, span.end, span.layer) for span in library.kb.spans(identity)]
    dropped = sum(mark.end - mark.start for mark in found if mark.layer == "dropped")
    asked = _asked(text_of(request, "mark"), len(text))
    outline = outline_of(text, provisions, asked[0].start if asked else 0)
    marks = [*found, *asked]
    anchors = [(p.start, f"p{n}") for n, p in enumerate(provisions)]
    anchors += [(m.start, "mark") for m in marks if m.layer == "target"]
    heads = {f"p{n}": "head" for n, p in enumerate(provisions) if p.label.endswith(_DIVISIONS)}
    if document.title and 0 <= (at := text.find(document.title)) < _TITLE_WITHIN:
        anchors.append((at, "title"))
        heads["title"] = "head name"
    if normalized:
        aligned = _aligned(text)
        text = aligned.text
        marks = [_moved(mark, aligned) for mark in marks]
        anchors = [(aligned.from_source(at, at)[0], name) for at, name in anchors]
    counts = Counter(layer for layer, _, _ in {(m.layer, m.start, m.end) for m in marks})
    return render_around(
        request,
        "document.html",
        sheet_of(text, sorted(marks, key=lambda m: (m.start, -m.end)), sorted(anchors), heads),
        section="documents",
        document=document,
        validity=labels.validity(document),
        versions=library.kb.versions(document.id),
        citation=cite(document, ""),
        outline=outline,
        layers=[(name, label, counts[name]) for name, label in labels.LAYERS.items()],
        normalized=normalized,
        dropped=dropped,
    )


@router.get("/context")
def show_context(request: Request, library: Reader) -> HTMLResponse:
    """A span of a document with its provision around it, for the panel beside a table."""
    document = library.document(text_of(request, "document"))
    text = library.kb.text(versioned_id(document))
    spans = _asked(text_of(request, "mark"), len(text))
    if not spans:
        raise PageError(422, "链接不完整：缺少要标出的位置")
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


@lru_cache(maxsize=4)
def _aligned(text: str) -> AlignedText:
    from ingest.normalize import aligned_document

    return aligned_document(text)


def _moved(mark: Mark, aligned: AlignedText) -> Mark:
    start, end = aligned.from_source(mark.start, mark.end)
    return Mark(start, end, mark.layer, mark.note)


@router.get("/documents/{identity}/note")
def show_note(request: Request, identity: str, library: Reader) -> HTMLResponse:
    """What was read at one place of a document; `at` counts code points of the text that `view` shows."""
    document = library.document(identity)
    key = versioned_id(document)
    at = text_of(request, "at")
    if not (at.isascii() and at.isdigit()) or len(at) > _DIGITS:
        raise PageError(422, "链接不完整：缺少位置")
    offset = int(at)
    if text_of(request, "view") == "normalized":
        offset = _aligned(library.kb.text(key)).to_source(offset, offset + 1)[0]
    found = library.kb.records_at(key, offset)
    place = Places(library.kb).at(document, offset, offset + 1)
    return render(request, "_note.html", records=found, place=place)


def _asked(text: str, length: int) -> list[Mark]:
    found = _SPAN.fullmatch(text)
    if not found:
        return []
    start, end = min(int(found[1]), length), min(int(found[2]), length)
    return [Mark(start, end, "target")] if start < end else []
