"""文档: the list, uploads with what became of each file, removal, and two documents compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.problems import ApiError
from api.routes.documents import read_upload
from api.web.marks import Mark, marked
from api.web.places import public_id, versioned_id
from api.web.refusals import said_in_chinese
from api.web.route import PageError, PageRoute, Reader, chosen, filters_from_request, number_of, text_of
from api.web.samples import sample_files
from api.web.view import render
from ingest.errors import FaduError

if TYPE_CHECKING:
    from markupsafe import Markup

    from api import jobs
    from api.library import Library
    from kb import KnowledgeBase
    from kb.clauses import TextChange
    from kb.types import DocumentRow

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_ROWS = 50
_SORTS = ("title", "kind", "region", "effective", "length", "ingested_at")
_OUTCOMES = {"added": "已入库", "replaced": "已更新为新版本", "unchanged": "内容未变"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file: the document it is now, or why it was refused."""

    name: str
    outcome: str
    document: DocumentRow | None = None


@router.get("/documents")
def show_documents(request: Request, library: Reader) -> HTMLResponse:
    """Every document that matches, with where to drop more."""
    filters = filters_from_request(request)
    sort = text_of(request, "sort")
    key = sort.lstrip("-") if sort.lstrip("-") in _SORTS else "ingested_at"
    rows = sorted(
        library.kb.documents(filters), key=lambda row: getattr(row, key) or "" if key != "length" else row.length
    )
    if sort.startswith("-") or not sort:
        rows.reverse()
    page = number_of(request, "page", 1)
    return render(
        request,
        "documents.html",
        section="documents",
        rows=rows[(page - 1) * _ROWS : page * _ROWS],
        total=len(rows),
        page=page,
        pages=-(-len(rows) // _ROWS),
        filters=chosen(filters),
        sort=sort,
        taken=[],
    )


@router.post("/documents")
def take_in(request: Request, library: Reader, files: Annotated[list[UploadFile], File()]) -> HTMLResponse:
    """Takes uploaded files in; each is answered with a row that says what became of it."""
    return _answer(request, [one for upload in files if upload.filename for one in _taken(library, upload)])


@router.post("/documents/sample")
def take_sample(request: Request, library: Reader, number: Annotated[int | None, Form()] = None) -> Response:
    """Takes the sample documents in, all or one of them."""
    files = sample_files()
    if number is not None and not 0 <= number < len(files):
        raise PageError(404, "没有这份样例")
    wanted = files if number is None else [files[number]]
    taken = [Taken(file.name, *library.take_in(file.name, file.read_bytes())) for file in wanted]
    if number is None:
        return RedirectResponse("/documents", 303)
    return _answer(request, [Taken(one.name, _OUTCOMES[one.outcome], one.document) for one in taken])


@router.post("/documents/{identity}/remove")
def remove(identity: str, library: Reader) -> Response:
    """Removes a document with all its versions."""
    library.remove(identity)
    return RedirectResponse("/documents", 303)


@router.get("/compare")
def show_comparison(request: Request, library: Reader) -> HTMLResponse:
    """What differs between two documents or versions: rules first, then the text clause by clause."""
    kb = library.kb
    first, second = text_of(request, "a"), text_of(request, "b")
    chosen_rows = [library.document(identity) if identity else None for identity in (first, second)]
    values = {"documents": kb.documents(), "a": chosen_rows[0], "b": chosen_rows[1], "public": public_id}
    if chosen_rows[0] is None or chosen_rows[1] is None:
        return render(request, "compare.html", section="documents", comparison=None, changes=[], **values)
    old, new = (versioned_id(row) for row in chosen_rows if row)
    comparison = kb.compare(old, new)
    changes = [_change(kb, old, new, change) for change in comparison.text]
    return render(
        request, "compare.html", section="documents", comparison=comparison, changes=changes, old=old, new=new, **values
    )


def _answer(request: Request, taken: list[Taken]) -> HTMLResponse:
    if request.headers.get("x-fadu-part"):
        return render(request, "_taken.html", taken=taken)
    return render(request, "taken.html", section="documents", taken=taken)


def _taken(library: Library, upload: UploadFile) -> list[Taken]:
    """What became of an upload: one answer for a document, one for each document of an archive."""
    name = upload.filename or ""
    try:
        job = library.begin([read_upload(upload)])
        job.wait()
        if job.error is not None:
            raise job.error
    except (ApiError, FaduError) as refusal:
        return [Taken(name, said_in_chinese(refusal))]
    if not job.files:
        return [Taken(name, "压缩包里没有可读的文件" if job.ended else "服务器正在停止，重新启动后会接着处理")]
    return [_told(name, one) for one in job.files]


def _told(name: str, one: jobs.Taken) -> Taken:
    """What a job says of one document, under the name the file was sent with, or its own in an archive."""
    shown = one.name if "!/" in one.name else name
    return Taken(shown, one.message.said("zh") if one.message else _OUTCOMES[one.outcome], one.document)


def _change(kb: KnowledgeBase, old: str, new: str, change: TextChange) -> tuple[TextChange, Markup, Markup]:
    """A change with both sides, what only one of them says marked."""
    before, after = kb.text(old)[change.old_start : change.old_end], kb.text(new)[change.new_start : change.new_end]
    gone, come = _differing(before, after)
    return change, marked(before, 0, len(before), gone), marked(after, 0, len(after), come)


def _differing(before: str, after: str) -> tuple[list[Mark], list[Mark]]:
    from difflib import SequenceMatcher

    gone, come = [], []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            gone.append(Mark(i, j, "gone"))
            come.append(Mark(k, m, "come"))
    return gone, come
