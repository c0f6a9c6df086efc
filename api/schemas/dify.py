"""What Dify's External Knowledge API takes and gives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.dify import OPERATORS

DEFAULT_K = 5


ShortText = Annotated[str, Field(max_length=2000)]


class DifyError(BaseModel):
    """An error as Dify reads it: 1001 bad Authorization, 1002 not authorized, 2001 no such knowledge base."""

    error_code: int
    error_msg: str


class RetrievalSetting(BaseModel):
    """How much is wanted."""

    top_k: Annotated[int, Field(ge=1, le=1000)] | None = DEFAULT_K
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
    query: str = Field(min_length=1, max_length=2000, description="what is asked, in either script")
    retrieval_setting: RetrievalSetting = Field(RetrievalSetting(), description="how much is wanted")
    metadata_condition: MetadataCondition | None = Field(None, description="which documents count")


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
