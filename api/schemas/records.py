"""Documents and what was read in them; records carry the fields of the JSON contract `fadu/1`."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.schemas.fields import Decimal, Span


class Record(BaseModel):
    """Base of everything answered: absent fields are left out."""

    model_config = ConfigDict(extra="allow")


class Relation(Record):
    """What another document does to one; `quote` is the other's text `[start, end)` that says so."""

    kind: Literal["repealed_by", "amended_by", "renewed_by"]
    document: str = Field(description="`id@version` of the other")
    title: str | None = None
    doc_number: str | None = None
    since: str | None = Field(None, description="the day from which, ISO 8601")
    quote: str = ""
    start: int | None = None
    end: int | None = None


class Document(Record):
    """A stored version of a document; dates are ISO 8601 and read from its text only."""

    id: str
    source: Annotated[str, AfterValidator(lambda path: PurePath(path).name)] = Field(
        description="name of the file, without the folders it lies in on the server"
    )
    sha256: str
    title: str | None = None
    encoding: str | None = None
    script: str | None = Field(default=None, description="`hans` or `hant`")
    kind: str | None = None
    doc_number: str | None = None
    issuer: str | None = None
    region: str | None = None
    level: str | None = None
    adopted: str | None = None
    published: str | None = None
    effective: str | None = None
    amended: list[str] = []
    repealed: str | None = None
    last_amended: str | None = None
    status: str | None = Field(None, description="有效, 已修改, 已废止, 尚未施行, 日期不明: on `as_of`, else today")
    length: int = Field(default=0, description="code points of the text")
    version: int = 1
    ingested_at: str | None = None
    current: bool = True
    replaced_by: str | None = Field(None, description="`id@version` of the newer version or wording")
    collection: str = Field("default", description="what the document belongs to; keys may see only some")
    relations: list[Relation] = Field([], description="what other documents here do to it, by date")


class Quantity(Record):
    """A numeral with its unit."""

    start: Span
    end: Span
    quote: str
    kind: str | None = None
    value: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    per: str | None = None
    approx: bool = False


class Figure(Quantity):
    """A quantity a document reports as a fact."""

    document: Document | None = None
    indicator: str
    indicator_text: str | None = None
    comparator: str | None = None
    period: str | None = None
    region: str | None = None
    scheme: str | None = None
    institution: str | None = None
    service: str | None = None
    population: str | None = None
    base: str | None = None
    change: str | None = None
    versus: str | None = None
    provision: str | None = None
    count: int = Field(1, description="how often the document states it word for word")


class Scope(Record):
    """What narrows a rule, where the text says so."""

    scheme: str | None = None
    population: str | None = None
    institution: str | None = None
    service: str | None = None
    region: str | None = None
    period: str | None = None
    condition: str | None = None


class Rule(Quantity):
    """A requirement, entitlement, standard, limit, target, penalty or definition."""

    document: Document | None = None
    provision_label: str | None = None
    modality: str
    comparator: str | None = Field(default=None, description="`<=` `<` `>=` `>` `==` `between`")
    indicator: str | None = None
    indicator_text: str | None = None
    base: str | None = None
    scope: Scope | None = None
    actor: str | None = None
    action: str | None = None
    exceptions: list[str] = []
    quoted_from: str | None = None
    provision: str | None = None
    count: int = Field(1, description="how often the document states it word for word")


class Provision(Record):
    """A numbered division of a document."""

    id: str
    path: str = Field(examples=["第二章/第五条/第一款"])
    label: str
    heading: str = ""
    start: Span
    end: Span
