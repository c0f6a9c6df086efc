"""What is said of documents: extraction, findings, comparison, conflicts, cross tables."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.fields import Axis, Block, Decimal, Span
from api.schemas.records import Document, Figure, Provision, Quantity, Record, Rule


class Extraction(Record):
    """Everything found in one document: the object `fadu extract` prints."""

    schema_: str = Field(alias="schema", examples=["fadu/1"])
    document: dict[str, Any]
    parts: list[dict[str, Any]]
    boilerplate: list[dict[str, Any]]
    repairs: list[dict[str, Any]]
    provisions: list[Provision]
    quantities: list[Quantity]
    figures: list[Figure]
    rules: list[Rule]
    citations: list[dict[str, Any]]
    missing: list[dict[str, Any]]
    arithmetic: list[dict[str, Any]]
    coverage: dict[str, int]


class Finding(BaseModel):
    """What a check found of one figure."""

    status: Literal["violation", "compliant", "undetermined", "inconsistent"]
    indicator: str | None
    figure: Figure | None
    rule: Rule | None
    margin: Decimal | None = Field(description="figure minus bound, or stated minus recomputed, in `unit`")
    unit: str | None
    explanation: str
    recomputed: Decimal | None
    operands: list[Figure] = Field(description="what `recomputed` is computed from, in the order of `formula`")
    formula: str | None
    why: list[str] = Field(description="slots on which figure and rule agree, in Chinese")
    confidence: float = Field(description="0 to 1: how sure figure and rule are about one thing")


class CheckAnswer(BaseModel):
    """The findings of one report."""

    findings: list[Finding]


class Normalized(BaseModel):
    """Normalized text and how it came about."""

    to: str
    text: str
    steps: list[str]
    repairs: list[dict[str, Any]]
    map: list[Block] = Field(
        description="changed blocks as source_start, source_end, start, end; one to one in between"
    )


class RulePair(BaseModel):
    """A rule before and after."""

    direction: str
    old: Rule
    new: Rule


class ProvisionPair(BaseModel):
    """A provision before and after."""

    old: Provision
    new: Provision


class TextSide(BaseModel):
    """One side of a difference in the text."""

    start: Span
    end: Span
    quote: str
    path: str | None = None


class TextDifference(BaseModel):
    """A clause that differs."""

    kind: str
    old: TextSide
    new: TextSide


class Comparison(BaseModel):
    """What differs between an old document and a new one; `unchanged` counts the rules both share."""

    old: Document
    new: Document
    identical: bool
    unchanged: int
    added: list[Rule]
    removed: list[Rule]
    changed: list[RulePair]
    moved: list[ProvisionPair]
    text: list[TextDifference]


class Conflict(BaseModel):
    """Two rules that disagree; `explanation` is Chinese."""

    kind: Literal["contradictory", "superseded", "stricter-local"]
    indicator: str | None
    senior: Rule
    junior: Rule
    explanation: str


class ConflictList(BaseModel):
    """Some of the conflicts; `total` counts all."""

    total: int
    items: list[Conflict]


class PivotCell(BaseModel):
    """The records of one cell: rules or figures."""

    row: str
    column: str
    records: list[dict[str, Any]]


class PivotTable(BaseModel):
    """A cross table; cells without records are left out."""

    indicator: str
    rows_axis: Axis
    columns_axis: Axis
    rows: list[str]
    columns: list[str]
    cells: list[PivotCell]
