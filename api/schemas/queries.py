"""What a request asks for: filters, windows, texts."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.fields import Axis, FilterText, IsoDate, TableName, Text


class FilterQuery(BaseModel):
    """Filters; all must hold, text matches in part and in either script."""

    model_config = ConfigDict(extra="forbid")

    document: FilterText = Field(None, description="id of a document, or words of its title or source")
    region: FilterText = Field(None, description="place, e.g. 浙江省")
    level: FilterText = Field(None, description="level of the document, e.g. 行政法规")
    issuer: FilterText = Field(None, description="issuing body")
    scheme: FilterText = Field(None, description="insurance scheme, e.g. 职工医保")
    indicator: FilterText = Field(None, description="indicator key, e.g. reimbursement_ratio")
    kind: FilterText = Field(None, description="kind of quantity (percent, money, …) or of document")
    modality: FilterText = Field(None, description="obligation, prohibition, entitlement, standard, …")
    institution: FilterText = Field(None, description="level of institution, e.g. 三级医院")
    status: FilterText = Field(None, description="有效, 已修改, 已废止, 尚未施行 or 日期不明")
    date_from: IsoDate = Field(None, description="in effect, else published, on or after")
    date_to: IsoDate = Field(None, description="in effect, else published, on or before")
    as_of: IsoDate = Field(None, description="the versions in force on that date")


class PageQuery(FilterQuery):
    """Filters and a window; `cursor` goes on from the page before, whatever was added meanwhile."""

    limit: int = Field(100, ge=1, le=1000, description="at most so many records")
    offset: int = Field(0, ge=0, le=1_000_000_000, description="leave out the first records; not with `cursor`")
    cursor: str | None = Field(None, max_length=200, description="`next` of the page before")


class TableQuery(PageQuery):
    """Filters, a window, and whether repetitions are folded."""

    all: bool = Field(False, description="list what a document repeats word for word every time")


class ConflictQuery(FilterQuery):
    """Filters, a window, and the kind of conflict."""

    limit: int = Field(100, ge=1, le=1000, description="at most so many conflicts")
    offset: int = Field(0, ge=0, le=1_000_000_000, description="leave out the first conflicts")
    only: Literal["contradictory", "superseded", "stricter-local"] | None = Field(
        None, description="of this kind alone"
    )


class TableAsked(FilterQuery):
    """An indicator and what the rows and columns are."""

    measure: str = Field(min_length=1, max_length=100, description="key or name", examples=["报销比例"])
    rows: Axis = Field("document", description="what the rows are")
    columns: Axis = Field("institution", description="what the columns are")
    of: Literal["rules", "figures"] = Field("rules", description="rules, or the figures reports state")


class AddressQuery(FilterQuery):
    """An address and filters."""

    address: str = Field(
        min_length=1,
        max_length=200,
        description="a document's title and an article, in either script",
        examples=["社会保险法第二十三条第二款"],
    )


class ExportQuery(FilterQuery):
    """Filters and the form of the files."""

    file: Literal["xlsx", "csv", "parquet", "jsonl"] = Field("xlsx", description="a workbook, or files in an archive")
    table: TableName | None = Field(None, description="this table alone, as one file")


class SearchQuery(FilterQuery):
    """A query and filters."""

    q: str = Field(
        min_length=1, max_length=2000, description="words, a question, or an address", examples=["住院报销比例"]
    )
    k: int = Field(10, ge=1, le=100, description="how many passages")


class TextRequest(BaseModel):
    """A document's text."""

    text: Text


class NormalizeRequest(BaseModel):
    """Text to clean and convert."""

    text: Text
    to: Literal["hans", "hant", "tw", "hk"] = Field(default="hans", description="script to convert to")


class VerifyRequest(BaseModel):
    """A sentence to look for."""

    text: str = Field(min_length=1, max_length=20_000, description="the sentence, with or without numbers")


class Turn(BaseModel):
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=20_000)


class AskRequest(BaseModel):
    """A question and the conversation before it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": "三级医院住院报销比例是多少？"}]})

    question: str = Field(min_length=1, max_length=2000, description="what is asked, in either script")
    history: list[Turn] = Field(default=[], max_length=50, description="what was said before, oldest first")
