"""合规检查: a report against rules, its findings side by side with the rules, what is remarked on them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from api.present import sentence_around
from api.reports.checked import describe_margin, describe_value
from api.routes.documents import read_upload
from api.web import labels
from api.web.events import event, stream
from api.web.marks import Mark, paragraphs
from api.web.places import Place, Places, versioned_id
from api.web.reviewing import Order, Results, Upload, carry_out
from api.web.route import PageError, PageRoute, Reader, text_of
from api.web.view import page_text, render
from kb.reviews import Note, Review, Reviews

if TYPE_CHECKING:
    from markupsafe import Markup

    from api.library import Library
    from kb.types import Finding, StoredFigure, StoredRule

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_ORDER = ("violation", "inconsistent", "undetermined", "compliant")
_POLL = 0.2  # seconds between two looks at how far a check is
_KEEP_ALIVE = 15.0
_AROUND = 160  # code points of context on each side of a quote that stands in no provision


@dataclass(frozen=True, slots=True)
class Side:
    """A quote of a finding in its context."""

    stored: StoredFigure | StoredRule
    place: Place | None
    html: Markup


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding as it is shown.

    Attributes:
        number: its place in the list of the check.
        value: the number it is about, as the report states it or as it is computed.
        recomputed: what the report's own numbers give where it states another, written as it is.
        margin: how far off, with the unit.
    """

    number: int
    finding: Finding
    value: str
    recomputed: str
    margin: str
    figure: Side | None
    rule: Side | None
    note: Note


@router.get("/check")
def show_form(request: Request, library: Reader) -> HTMLResponse:
    """Where a report is dropped and its rules are chosen, and the checks made before."""
    stored = text_of(request, "report")
    reviews = _reviews(library)
    return render(
        request,
        "check.html",
        section="check",
        report=library.document(stored) if stored else None,
        documents=library.kb.documents(),
        reviews=[(review, json.loads(review.counts)) for review in reviews.all() if _may_see(library, review)],
    )


@router.post("/check")
def begin_check(
    library: Reader,
    against: Annotated[Literal["all", "documents", "files"], Form()] = "all",
    report: Annotated[UploadFile | None, File()] = None,
    stored: Annotated[str, Form(max_length=100)] = "",
    documents: Annotated[list[str] | None, Form()] = None,
    rules: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Begins a check in the background and shows its progress."""
    if stored:
        row = library.document(stored)
        name, subject = labels.document_name(row), versioned_id(row)
        order_report: Upload | str = subject
    elif report is not None and report.filename:
        name, data = read_upload(report)
        order_report = Upload(name, data)
    else:
        raise PageError(422, "请先选择要核查的报告")
    chosen = tuple(library.document(identity).id for identity in documents or ()) if against == "documents" else ()
    uploads = tuple(Upload(*read_upload(one)) for one in rules or () if one.filename) if against == "files" else ()
    if against != "all" and not (chosen or uploads):
        raise PageError(422, "请选择作为依据的文件")
    reviews = _reviews(library)
    identity = reviews.begin(name, _described(against, chosen, uploads, library), library.access.name)
    task = BackgroundTask(carry_out, library, reviews, identity, Order(order_report, chosen, uploads))
    return RedirectResponse(f"/check/{identity}", 303, background=task)


@router.get("/check/{identity}")
def show_check(request: Request, identity: str, library: Reader) -> HTMLResponse:
    """The findings of a check, those that matter most first; how far it is while it runs."""
    review = _review(library, identity)
    if review.state != "done":
        return render(request, "check_running.html", section="check", review=review)
    shown = _shown(library, identity)
    counts = {status: sum(one.finding.status == status for one in shown) for status in _ORDER}
    status, only = text_of(request, "status"), text_of(request, "handled")
    if status not in _ORDER:
        status = ""
    wanted = [
        one
        for one in shown
        if (one.finding.status == status if status else one.finding.status != "compliant" or not any(
            counts[other] for other in _ORDER[:3]))
        and (only != "no" or not one.note.handled)
    ]  # fmt: skip
    return render(
        request,
        "check_result.html",
        section="check",
        review=review,
        findings=wanted,
        counts=counts,
        handled=sum(one.note.handled for one in shown),
        total=len(shown),
        status=status,
        only=only,
    )


@router.get("/check/{identity}/events")
def watch_check(request: Request, identity: str, library: Reader) -> Response:
    """How far a check is, for the page that waits for it: `state` with every step as HTML, then `end`."""
    return stream(_steps(request, library, _review(library, identity)))


async def _steps(request: Request, library: Library, review: Review) -> AsyncIterator[str]:
    reviews, told, quiet = _reviews(library), "", 0.0
    while True:
        html = page_text(request, "_check_state.html", review=review)
        if html != told:
            told, quiet = html, 0.0
            yield event("state", html)
        if review.state != "running":
            yield event("end", review.state)
            return
        if quiet >= _KEEP_ALIVE:
            quiet = 0.0
            yield ": waiting\n\n"
        await asyncio.sleep(_POLL)
        quiet += _POLL
        found = await run_in_threadpool(reviews.get, review.id)
        if found is None:
            return
        review = found


@router.post("/check/{identity}/{number}")
def note_finding(
    identity: str,
    number: int,
    library: Reader,
    comment: Annotated[str, Form(max_length=4000)] = "",
    handled: Annotated[bool, Form()] = False,
) -> Response:
    """Keeps a remark on a finding, and whether it is dealt with."""
    _review(library, identity)
    _reviews(library).note(identity, number, Note(handled, comment.strip()))
    return RedirectResponse(f"/check/{identity}#f{number}", 303)


@router.post("/check/{identity}/remove/all")
def remove_check(identity: str, library: Reader) -> Response:
    """Deletes a check with its remarks."""
    _review(library, identity)
    _reviews(library).remove(identity)
    return RedirectResponse("/check", 303)


@router.get("/check/{identity}/report.{form}")
def download_report(identity: str, form: Literal["html", "xlsx"], library: Reader) -> Response:
    """The findings as a page or a workbook to hand on."""
    from api.reports.checked import Batch
    from api.reports.findings_html import checked_to_html
    from api.reports.findings_xlsx import batch_to_xlsx

    review = _review(library, identity)
    if review.state != "done":
        raise PageError(404, "这次检查还没有结果")
    results = Results(library.kb, _reviews(library), identity)
    title = f"核查：{review.name}"
    if form == "html":
        data = checked_to_html(results.checked(review.name), results.text_of).encode()
        media = "text/html; charset=utf-8"
    else:
        data = batch_to_xlsx(Batch((results.checked(review.name),)), results.text_of)
        media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = quote(f"{title}.{form}".replace("/", "_"))
    headers = {
        "Content-Disposition": f"attachment; filename=\"check.{form}\"; filename*=UTF-8''{name}",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(data, media_type=media, headers=headers)


def _reviews(library: Library) -> Reviews:
    return Reviews(library.path)


def _review(library: Library, identity: str) -> Review:
    review = _reviews(library).get(identity)
    if review is None or not _may_see(library, review):
        raise PageError(404, "没有这次检查，可能已被删除")
    return review


def _may_see(library: Library, review: Review) -> bool:
    """Whether a check is the caller's own; administrators see all."""
    return library.access.may("admin") or review.owner == library.access.name


def _described(against: str, documents: Sequence[str], uploads: Sequence[Upload], library: Library) -> str:
    if against == "all":
        return "整个知识库"
    names = [labels.document_name(library.document(identity)) for identity in documents]
    names += [upload.name for upload in uploads]
    return "、".join(names[:3]) + (f" 等 {len(names)} 份" if len(names) > 3 else "")


def _shown(library: Library, identity: str) -> list[ShownFinding]:
    reviews = _reviews(library)
    results, notes = Results(library.kb, reviews, identity), reviews.notes(identity)
    sides = _Sides(library, results)
    shown = [
        ShownFinding(
            n,
            f,
            describe_value(f),
            _recomputed(f),
            describe_margin(f) if f.status != "compliant" and Decimal(f.margin or 0) else "",
            sides.side(f.figure),
            sides.side(f.rule),
            notes.get(n, Note()),
        )
        for n, f in enumerate(results.findings)
    ]
    return sorted(shown, key=lambda one: _ORDER.index(one.finding.status))


def _recomputed(finding: Finding) -> str:
    from kb.explain import amount_like

    figure = finding.figure.record if finding.figure else None
    if finding.recomputed is None or finding.operands or figure is None or figure.value is None:
        return ""
    return amount_like(figure.quote, Decimal(figure.value), Decimal(finding.recomputed))


class _Sides:
    """Puts the quotes of findings into their context."""

    def __init__(self, library: Library, results: Results) -> None:
        self._results = results
        self._places = Places(library.kb)
        self._stored = {(row.id, row.sha256) for row in library.kb.documents()}

    def side(self, stored: StoredFigure | StoredRule | None) -> Side | None:
        if stored is None:
            return None
        record, text = stored.record, self._results.text_of(stored)
        hit = Mark(record.start, record.end, "hit")
        known = (stored.document.id, stored.document.sha256) in self._stored
        if not text:
            return Side(
                stored, None, paragraphs(record.quote, 0, len(record.quote), [Mark(0, len(record.quote), "hit")])
            )
        if not known:
            start, end = _around(text, record.start, record.end)
            return Side(stored, None, paragraphs(text, start, end, [hit]))
        place = self._places.at(stored.document, record.start, record.end)
        inner = self._places.provision(stored.document, record.start)
        start, end = (inner.start, inner.end) if inner and inner.end - inner.start < 4 * _AROUND else _around(
            text, record.start, record.end
        )  # fmt: skip
        return Side(stored, place, paragraphs(text, start, end, [hit]))


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """The line of a span; of a long line the sentence."""
    left, right = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    right = right if right >= 0 else len(text)
    if right - left <= 4 * _AROUND:
        return left, right
    before, _, after = sentence_around(text, start, end)
    return start - len(before), end + len(after)
