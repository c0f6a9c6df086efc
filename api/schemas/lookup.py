"""What search, lists, addresses, verification and questions answer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.fields import Decimal, Span
from api.schemas.records import Document, Figure, Record, Rule


class Article(BaseModel):
    """An article around a passage; `quote` is the document's text `[start, end)`."""

    path: str
    label: str
    quote: str
    start: Span
    end: Span


class Hit(Record):
    """A passage found; `quote` is the document's text `[start, end)`."""

    document: Document
    path: str
    label: str
    quote: str
    start: Span
    end: Span
    score: float
    why: list[str]
    reading: str | None = Field(None, description="A table row spelt out, each cell behind its head.")
    also: list[str] = Field([], description="Other places that say the same, each `title / label`.")
    article: Article | None = Field(None, description="The whole article, where the passage is a part of one.")


class SearchAnswer(BaseModel):
    """Passages, best first, and the rules that answer the query."""

    query: str
    hits: list[Hit]
    rules: list[Rule]
    degraded: bool = Field(False, description="An index is being rebuilt; what came last may rank too low meanwhile.")
    missing: list[str] = Field([], description="Addresses asked for that no document has; the hits only resemble them.")


class Page(BaseModel):
    """Some of what matches."""

    total: int = Field(description="how many match in all")
    next: str | None = Field(None, description="`cursor` of the page after, null on the last")


class RulePage(Page):
    """Some of the rules that match."""

    items: list[Rule]


class FigurePage(Page):
    """Some of the figures that match."""

    items: list[Figure]


class AddressAnswer(BaseModel):
    """The provisions an address names."""

    address: str
    items: list[Hit]


class FacetValue(BaseModel):
    """A value and how many have it."""

    value: str
    count: int


class FacetAnswer(BaseModel):
    """What there is to filter by; values of rules and figures are in simplified characters."""

    documents: dict[str, list[FacetValue]]
    rules: dict[str, list[FacetValue]]
    figures: dict[str, list[FacetValue]]


class WordingChange(Record):
    """A difference from the sentence as given (`old`) to the document's quote (`new`)."""

    kind: Literal["replaced", "inserted", "deleted"]
    old_start: Span
    old_end: Span
    old_quote: str = ""
    new_start: Span
    new_end: Span
    new_quote: str = ""


class QuoteMatch(Record):
    """Where a sentence stands."""

    document: Document
    path: str
    label: str
    quote: str
    start: Span
    end: Span
    match: Literal["exact", "near"]
    similarity: float
    differences: list[WordingChange] = Field([])


class NumberCheck(Record):
    """Whether the knowledge base holds a number of the sentence, and what else it has on that matter."""

    quote: str
    kind: str
    value: Decimal
    unit: str
    found: bool
    match: Literal["exact", "near", "absent"]
    indicator: str | None = None
    places: list[QuoteMatch] = Field([])
    near: list[QuoteMatch] = Field([])


class VerifyAnswer(BaseModel):
    """Whether the text stands in the knowledge base, word for word, with all its numbers."""

    verified: bool
    text: str
    matches: list[QuoteMatch]
    numbers: list[NumberCheck]


class AnswerSource(BaseModel):
    """What an answer quotes; `quote` is the document's text `[start, end)`."""

    number: int = Field(description="the 〔number〕 in the answer's text")
    document: Document
    label: str
    path: str
    quote: str
    start: Span
    end: Span


class AnswerText(BaseModel):
    """An answer in the documents' own words, or that there is none."""

    question: str
    supported: bool
    support: float = Field(description="share of the question that the evidence holds, 0 to 1")
    text: str
    sources: list[AnswerSource]
    rules: list[Rule]


class FoundRules(BaseModel):
    """Some of the rules that match."""

    total: int
    rules: list[Rule]


class FoundProvisions(BaseModel):
    """The provisions an address names."""

    address: str
    provisions: list[Hit]


class FoundDocuments(BaseModel):
    """Some of the documents that match."""

    total: int
    documents: list[Document]


class NumberAnswer(BaseModel):
    """Whether a number stands in the passages that speak of something."""

    number: str
    about: str
    found: bool
    numbers: list[NumberCheck]
