"""One provision by itself, at an address that stays: its text with layers, what was read from it, its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.present import describe_bound, describe_figure, describe_quantity, describe_rule
from api.web import labels
from api.web.marks import Mark, paragraphs
from api.web.places import Places, cite, versioned_id
from api.web.route import PageError, PageRoute, Reader
from api.web.view import render

if TYPE_CHECKING:
    from ingest.records import Extraction, Provision
    from kb.types import DocumentRow

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/p/{identity}/{provision:path}")
def show_provision(request: Request, identity: str, provision: str, library: Reader) -> HTMLResponse:
    """One provision with what was read from it; the address stays the same when the document is read again."""
    document = library.document(identity)
    extraction = library.kb.extraction(versioned_id(document))
    order = [p.id for p in extraction.provisions]
    if provision not in order:
        raise PageError(404, f"{cite(document, '')}中没有 {provision}")
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


def _about(rule: object) -> str:
    from ingest.records import Rule

    assert isinstance(rule, Rule)
    bound = describe_bound(rule)
    return f"{describe_rule(rule)} {bound}" if bound else (rule.action or "")


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
