"""Dify's External Knowledge API: `http://HOST:PORT/dify` is the endpoint to type into Dify."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.citing import cited
from api.dify import Condition, meets, metadata_of
from api.library import Library, library_of
from api.problems import ApiError
from api.schemas.dify import DEFAULT_K, DifyError, DifyHealth, RetrievalAnswer, RetrievalRecord, RetrievalRequest
from kb.types import EVERYTHING, Filters

router = APIRouter(prefix="/dify", tags=["dify"])
Reader = Annotated[Library, Depends(library_of)]
ALL = "all"
_MOST = 100
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": DifyError, "description": told}
    for status, told in (
        (400, "bad request"),
        (401, "no or unknown key"),
        (403, "forbidden"),
        (404, "no such knowledge base"),
        (413, "too large"),
        (422, "invalid"),
        (500, "internal"),
        (503, "unavailable"),
    )
}


@router.get("/retrieval/health", operation_id="dify_health", summary="Is the endpoint reachable", responses=_ERRORS)
def get_health(library: Reader) -> DifyHealth:
    """For whoever sets the connection up: address and key are right."""
    return DifyHealth(status="ok")


@router.post("/retrieval", operation_id="dify_retrieve", summary="Retrieve passages", responses=_ERRORS)
def retrieve(request: RetrievalRequest, library: Reader) -> RetrievalAnswer:
    """Passages for Dify's knowledge node; `metadata` names document, article and span of each."""
    wanted = request.retrieval_setting
    filters = _filters(request, library)
    if filters.documents == frozenset():
        return RetrievalAnswer(records=[])
    hits = library.kb.search(request.query, k=min(wanted.top_k or DEFAULT_K, _MOST), filters=filters).hits
    return RetrievalAnswer(
        records=[
            RetrievalRecord(
                content=hit.reading or hit.quote,
                score=min(max(hit.score, 0.0), 1.0),
                title=cited(hit.document, hit.label),
                metadata=metadata_of(hit.document)
                | {"label": hit.label, "path": hit.path, "start": hit.start, "end": hit.end},
            )
            for hit in hits
            if hit.score >= (wanted.score_threshold or 0.0)
        ]
    )


def _filters(request: RetrievalRequest, library: Library) -> Filters:
    filters = EVERYTHING
    if request.knowledge_id != ALL:
        filters = replace(filters, collections=frozenset({request.knowledge_id}))
        if not library.kb.documents(filters):
            raise ApiError(404, f"there is no knowledge base {request.knowledge_id!r}; `{ALL}` is everything")
    condition = request.metadata_condition
    if condition is None or not condition.conditions:
        return filters
    every = (condition.logical_operator or condition.logic or "and") == "and"
    conditions = [
        Condition((one.name,) if isinstance(one.name, str) else tuple(one.name), one.comparison_operator, one.value)
        for one in condition.conditions
    ]
    met = (row.id for row in library.kb.documents(filters) if meets(row, conditions, every=every))
    return replace(filters, documents=frozenset(met))
