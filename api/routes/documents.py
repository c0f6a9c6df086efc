"""Documents of the knowledge base: list, look at, upload, remove."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Path, Query, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from api.access import needs_write
from api.contract import document_to_dict, job_to_dict
from api.cursors import cursor_from, place_from
from api.etags import NOT_MODIFIED, revalidated
from api.library import Library, library_of, outcome_of
from api.problems import ApiError, describe_problems
from api.schemas.library import DocumentList, DocumentText, JobState, ProvisionList, Uploaded
from api.schemas.queries import PageQuery
from api.schemas.records import Document
from ingest.messages import say
from ingest.readers import SUFFIXES
from ingest.serialize import record_to_dict

if TYPE_CHECKING:
    from kb.types import DocumentRow

router = APIRouter(prefix="/api/documents", tags=["documents"], responses=describe_problems(503))
Reader = Annotated[Library, Depends(library_of)]
Identity = Annotated[str, Path(alias="id", min_length=1, max_length=100, description="`id`, or `id@version`")]
CollectionName = Annotated[
    str | None,
    Query(pattern=r"^[A-Za-z0-9_\u4e00-\u9fff-]{1,40}$", description="what new documents belong to (default)"),
]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
_POLL = 0.02
_ACCEPTED: dict[int | str, dict[str, Any]] = {202: {"model": JobState, "description": "accepted as a job"}}
Upload = Annotated[UploadFile, File(description="the document: any format fadu reads")]


def read_upload(upload: UploadFile) -> tuple[str, bytes]:
    """Name and bytes of an uploaded file.

    Raises:
        ApiError: 415, its suffix is of no format fadu reads; 422, it is empty.
    """
    name = upload.filename or "document"
    suffix = PurePath(name).suffix.lower()
    if suffix and suffix not in SUFFIXES and suffix != ".zip":
        raise ApiError(415, say("suffix", suffix=suffix[:20]))
    data = upload.file.read()
    if not data:
        raise ApiError(422, say("empty"))
    return name, data


def _order(row: DocumentRow) -> tuple[str, str, int]:
    return row.title or "", row.id, row.version


@router.get(
    "",
    operation_id="list_documents",
    summary="List documents",
    response_model=DocumentList,
    response_model_exclude_unset=True,
    responses=NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def list_documents(query: Annotated[PageQuery, Query()], library: Reader) -> dict[str, Any]:
    """Documents that match all filters, current versions only unless `as_of` says otherwise."""
    rows = sorted(library.kb.documents(library.filters_from_query(query)), key=_order)
    begin = query.offset
    if query.cursor is not None:
        begin = bisect_right(rows, _order(library.document(place_from(query.cursor))), key=_order)
    window = rows[begin : begin + query.limit]
    more = begin + len(window) < len(rows)
    return {
        "total": len(rows),
        "next": cursor_from(f"{window[-1].id}@{window[-1].version}") if window and more else None,
        "items": [document_to_dict(row) for row in window],
    }


@router.post(
    "",
    operation_id="upload_document",
    summary="Add a document",
    status_code=201,
    response_model=Uploaded,
    response_model_exclude_unset=True,
    responses=describe_problems(413, 415, 429, 507) | _ACCEPTED,
    dependencies=[Depends(needs_write)],
)
async def upload_document(
    file: Upload,
    library: Reader,
    wait: Annotated[bool, Query(description="answer only once it is in")] = True,
    collection: CollectionName = None,
) -> Any:
    """Reads a file into the knowledge base. The same file name again makes a new version of that document.

    A ZIP archive, or `wait=false`, is answered with a job (202) that takes the documents in.
    """
    name, data = await run_in_threadpool(read_upload, file)
    job = await run_in_threadpool(library.begin, [(name, data)], collection)
    if not wait or name.lower().endswith(".zip"):
        return JSONResponse(JobState(**job_to_dict(job)).model_dump(exclude_unset=True), 202)
    while not job.left:
        await asyncio.sleep(_POLL)
    outcome, row = outcome_of(job)
    return {"outcome": outcome, "document": document_to_dict(row)}


@router.get(
    "/{id}",
    operation_id="get_document",
    summary="Get a document's metadata",
    response_model=Document,
    response_model_exclude_unset=True,
    responses=describe_problems(404) | NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def get_document(identity: Identity, library: Reader) -> dict[str, Any]:
    """Title, number, issuer, region, dates, status and version of one document."""
    return document_to_dict(library.document(identity))


@router.get(
    "/{id}/text",
    operation_id="get_document_text",
    summary="Get a document's original text",
    response_model=DocumentText,
    responses=describe_problems(404) | NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def get_document_text(identity: Identity, library: Reader) -> dict[str, str]:
    """The text as loaded; `text[start:end]` in code points is the quote of every record of the document."""
    library.document(identity)
    return {"id": identity, "text": library.kb.text(identity)}


@router.get(
    "/{id}/file",
    operation_id="get_document_file",
    summary="Get a document's original file",
    response_class=Response,
    responses=describe_problems(404) | _FILE,
)
def get_document_file(identity: Identity, library: Reader) -> Response:
    """The bytes the document was read from, as long as they lie where they did and are the same."""
    name, data = library.original(identity)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.get(
    "/{id}/versions",
    operation_id="list_versions",
    summary="List a document's versions",
    response_model=DocumentList,
    response_model_exclude_unset=True,
    responses=describe_problems(404) | NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def list_versions(identity: Identity, library: Reader) -> dict[str, Any]:
    """Every version that was taken in, oldest first; the last one is current."""
    library.document(identity)
    rows = library.kb.versions(identity)
    return {"total": len(rows), "items": [document_to_dict(row) for row in rows]}


@router.get(
    "/{id}/provisions",
    operation_id="list_provisions",
    summary="List a document's provisions",
    response_model=ProvisionList,
    responses=describe_problems(404) | NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def list_provisions(identity: Identity, library: Reader) -> dict[str, Any]:
    """Chapters, articles, paragraphs and items in order, each with its path and span."""
    library.document(identity)
    return {"id": identity, "items": [record_to_dict(provision) for provision in library.kb.provisions(identity)]}


@router.delete(
    "/{id}",
    operation_id="delete_document",
    summary="Remove a document",
    status_code=204,
    responses=describe_problems(404),
    dependencies=[Depends(needs_write)],
)
def delete_document(identity: Identity, library: Reader) -> None:
    """Removes a document with all its versions and records; a file that was uploaded goes, any other stays."""
    library.remove(identity)
