"""Ingestion jobs: many files or archives at once, with their progress as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Header, Path, Query, UploadFile
from fastapi.responses import StreamingResponse

from api.access import needs_write
from api.contract import job_to_dict, taken_to_dict
from api.jobs import Job
from api.library import Library, library_of
from api.problems import describe_problems
from api.routes.documents import CollectionName, read_upload
from api.schemas.library import JobList, JobState, JobStep, TakenFile

router = APIRouter(prefix="/api/jobs", tags=["jobs"], responses=describe_problems(503))
Reader = Annotated[Library, Depends(library_of)]
Identity = Annotated[str, Path(alias="id", min_length=1, max_length=64, description="`id` of a job")]
_POLL = 0.1
_KEEP_ALIVE = 15.0
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress` (one document), then `end` (the whole job); `id` counts documents.",
        "content": {"text/event-stream": {}},
    }
}


@router.post(
    "",
    operation_id="start_ingestion",
    summary="Take in many files",
    status_code=202,
    response_model=JobState,
    response_model_exclude_unset=True,
    responses=describe_problems(413, 415, 429, 507),
    dependencies=[Depends(needs_write)],
)
def start_ingestion(
    files: Annotated[list[UploadFile], File(description="documents, and ZIP archives of documents")],
    library: Reader,
    collection: CollectionName = None,
) -> dict[str, Any]:
    """Accepts files and answers at once; `GET /api/jobs/{id}/events` tells how far it is."""
    return job_to_dict(library.begin([read_upload(file) for file in files], collection))


@router.get(
    "",
    operation_id="list_jobs",
    summary="List jobs",
    response_model=JobList,
    response_model_exclude_unset=True,
)
def list_jobs(
    library: Reader, limit: Annotated[int, Query(ge=1, le=1000, description="at most so many")] = 50
) -> dict[str, Any]:
    """Jobs since the server started and those it resumed, newest first."""
    jobs = library.own_jobs()
    return {"total": len(jobs), "items": [job_to_dict(job) for job in jobs[:limit]]}


@router.get(
    "/{id}",
    operation_id="get_job",
    summary="Get a job",
    response_model=JobState,
    response_model_exclude_unset=True,
    responses=describe_problems(404),
)
def get_job(identity: Identity, library: Reader) -> dict[str, Any]:
    """Its state and what became of each document so far."""
    return job_to_dict(library.job(identity))


@router.get(
    "/{id}/events",
    operation_id="watch_job",
    summary="Watch a job",
    response_class=StreamingResponse,
    responses=_EVENTS | describe_problems(404),
)
def watch_job(
    identity: Identity,
    library: Reader,
    last_event_id: Annotated[str, Header(max_length=20, description="documents already told")] = "",
) -> StreamingResponse:
    """Server-sent events: `progress` for every document, `end` with the whole job; resumable by `Last-Event-ID`."""
    job = library.job(identity)
    told = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else 0
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(job, told), media_type="text/event-stream", headers=headers)


async def _events(job: Job, told: int) -> AsyncIterator[str]:
    """The steps of a job from document `told` on, until it ends or waits for the next server."""
    quiet = 0.0
    while True:
        left = job.left
        files = job.files[told:]
        for taken in files:
            told += 1
            step = JobStep(done=told, total=job.total, file=TakenFile(**taken_to_dict(taken)))
            yield f"id: {told}\nevent: progress\ndata: {step.model_dump_json(exclude_unset=True)}\n\n"
        if left:
            end = JobState(**job_to_dict(job))
            yield f"id: {told}\nevent: end\ndata: {end.model_dump_json(exclude_unset=True)}\n\n"
            return
        quiet = 0.0 if files else quiet + _POLL
        if quiet >= _KEEP_ALIVE:
            quiet = 0.0
            yield ": waiting\n\n"
        await asyncio.sleep(_POLL)
