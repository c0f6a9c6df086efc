"""Dify's External Knowledge API: `http://HOST:PORT/dify` is the endpoint to type into Dify."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from api.chat import cited
from api.dify import OPERATORS, Condition, meets, metadata_of
from api.library import Library, library_of
from api.problems import ApiError
from kb.types import EVERYTHING, Filters

router = APIRouter(prefix="/dify", tags=["dify"])
Reader = Annotated[Library, Depends(library_of)]
ALL = "all"
_DEFAULT_K = 5
_MOST = 100
ShortText = Annotated[str, Field(max_length=2000)]


class DifyError(BaseModel):
    """An error as Dify reads it: 1001 bad Authorization, 1002 not authorized, 2001 no such knowledge base."""

    error_code: int
    error_msg: str


class RetrievalSetting(BaseModel):
    """How much is wanted."""

    top_k: Annotated[int, Field(ge=1, le=1000)] | None = _DEFAULT_K
    score_threshold: Annotated[float, Field(ge=0, le=1)] | None = 0.0


class MetadataConditionItem(BaseModel):
    """One condition on the metadata of documents."""

    name: ShortText | Annotated[list[ShortText], Field(max_length=50)]
    comparison_operator: Literal[OPERATORS]  # type: ignore[valid-type]
    value: ShortText | float | Annotated[list[ShortText], Field(max_length=1000)] | None = None


class MetadataCondition(BaseModel):
    """Conditions joined by `and` or `or`; RAGFlow's spelling `logic` is understood too."""

    logical_operator: Literal["and", "or"] | None = None
    logic: Literal["and", "or"] | None = None
    conditions: Annotated[list[MetadataConditionItem], Field(max_length=100)] = []


class RetrievalRequest(BaseModel):
    """What Dify asks."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "knowledge_id": "all",
                    "query": "三级医院住院报销比例",
                    "retrieval_setting": {"top_k": 3, "score_threshold": 0},
                }
            ]
        }
    )

    knowledge_id: str = Field(min_length=1, max_length=100, description="a collection, or `all`")
    query: str = Field(min_length=1, max_length=2000)
    retrieval_setting: RetrievalSetting = RetrievalSetting()
    metadata_condition: MetadataCondition | None = None


class RetrievalRecord(BaseModel):
    """A passage."""

    content: str
    score: float = Field(ge=0, le=1)
    title: str
    metadata: dict[str, str | int]


class RetrievalAnswer(BaseModel):
    """Passages, best first; an empty list where there are none."""

    records: list[RetrievalRecord]


class DifyHealth(BaseModel):
    """The endpoint works and the key is known."""

    status: Literal["ok"]


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
    hits = library.kb.search(request.query, k=min(wanted.top_k or _DEFAULT_K, _MOST), filters=filters).hits
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
