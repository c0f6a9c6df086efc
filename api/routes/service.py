"""The server about itself: health, readiness, metrics and the audit log."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import admitted, needs_admin
from api.audit import AuditLog
from api.library import Library, library_of
from api.metrics import CONTENT_TYPE, Metrics
from api.problems import describe_problems
from api.schemas.service import AuditPage, Health, Readiness

open_router = APIRouter(tags=["service"])
router = APIRouter(tags=["service"], responses=describe_problems(503))


@open_router.get("/healthz", operation_id="get_health", summary="Is the server up")
async def get_health() -> Health:
    """Answers as long as the server runs."""
    return Health(status="ok")


@open_router.get(
    "/readyz",
    operation_id="get_readiness",
    summary="Is the knowledge base open",
    responses=describe_problems(503),
)
def get_readiness(request: Request) -> Readiness:
    """Answers once the knowledge base can be searched; `documents` counts all of them."""
    library: Library = request.app.state.library
    return Readiness(status="ready", documents=library.kb.counts().documents)


@router.get(
    "/metrics",
    operation_id="get_metrics",
    summary="Metrics in the Prometheus text format",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "the metrics"}},
    dependencies=[Depends(admitted)],
)
def get_metrics(request: Request) -> Response:
    """Requests by route and status, their times, jobs, documents, memory."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=CONTENT_TYPE)


@router.get(
    "/api/audit",
    operation_id="list_audit",
    summary="Read the audit log",
    response_model=AuditPage,
    response_model_exclude_unset=True,
    dependencies=[Depends(needs_admin)],
)
def list_audit(
    library: Annotated[Library, Depends(library_of)],
    limit: Annotated[int, Query(ge=1, le=1000, description="at most so many entries")] = 100,
) -> dict[str, Any]:
    """Who added, replaced or removed which document when, newest first; for administrators."""
    audit: AuditLog = library.audit
    return {"items": audit.last(limit)}
