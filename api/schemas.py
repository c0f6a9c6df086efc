"""What the HTTP API takes and gives, as OpenAPI shows it. Records carry the fields of the JSON contract `fadu/1`."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MAX_TEXT = 2_000_000
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
FilterText = Annotated[str | None, Field(max_length=200)]
Block = Annotated[list[int], Field(min_length=4, max_length=4)]
IsoDate = Annotated[str | None, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
Axis = Literal["document", "region", "level", "institution", "scheme", "service", "population", "period"]
Span = Annotated[int, Field(description="offset in code points of the original text")]
Decimal = Annotated[str, Field(description="decimal string, or an ISO 8601 date for kind `date`")]


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
    status: FilterText = Field(None, description="in_force, repealed, …")
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

    address: str = Field(min_length=1, max_length=200, examples=["社会保险法第二十三条第二款"])


class ExportQuery(FilterQuery):
    """Filters and the form of the files."""

    file: Literal["xlsx", "csv", "jsonl"] = Field("xlsx", description="a workbook, or a ZIP archive of files")


class SearchQuery(FilterQuery):
    """A query and filters."""

    q: str = Field(
        min_length=1, max_length=2000, description="words, a question, or an address", examples=["住院报销比例"]
    )
    k: int = Field(10, ge=1, le=100, description="how many passages")


class Problem(BaseModel):
    """Every error of the API."""

    code: str = Field(description="stable name of the error", examples=["not_found"])
    message: str = Field(description="what failed and what to do, for a person")
    detail: Any = Field(default=None, description="which part of the request was wrong, where known")
    limit: int | None = Field(default=None, description="the limit that was exceeded, in bytes or items")


class Record(BaseModel):
    """Base of everything answered: absent fields are left out."""

    model_config = ConfigDict(extra="allow")


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
    status: str | None = None
    length: int = Field(default=0, description="code points of the text")
    version: int = 1
    ingested_at: str | None = None
    current: bool = True
    replaced_by: str | None = None
    collection: str = Field("default", description="what the document belongs to; keys may see only some")


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


class SearchAnswer(BaseModel):
    """Passages, best first, and the rules that answer the query."""

    query: str
    hits: list[Hit]
    rules: list[Rule]
    degraded: bool = Field(False, description="An index is being rebuilt; what came last may rank too low meanwhile.")


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


class DocumentList(Page):
    """Some of the documents that match."""

    items: list[Document]


class DocumentText(BaseModel):
    """The original text all spans count in."""

    id: str
    text: str


class ProvisionList(BaseModel):
    """The provisions of one document, in order."""

    id: str
    items: list[Provision]


class Uploaded(BaseModel):
    """What became of an uploaded document."""

    outcome: Literal["added", "unchanged", "replaced"]
    document: Document


class TakenFile(BaseModel):
    """What became of one document of a job."""

    name: str = Field(description="name of the file; `archive.zip!/folder/file.docx` inside an archive")
    outcome: Literal["added", "unchanged", "replaced", "refused"]
    reason: str = Field("", description="why it was refused")
    document: Document | None = None


class JobState(BaseModel):
    """An ingestion job. The whole of it comes from `get_job`; its events carry one step each."""

    id: str
    state: Literal["queued", "running", "done", "failed"]
    created: str = Field(description="when it was accepted, ISO 8601")
    names: list[str] = Field(description="the uploaded files")
    done: int = Field(description="documents dealt with")
    total: int | None = Field(description="documents there are, null until archives have been opened")
    files: list[TakenFile]
    error: Problem | None = Field(description="why a failed job could not go on")


class JobStep(BaseModel):
    """The data of a `progress` event."""

    done: int
    total: int | None
    file: TakenFile


class JobList(BaseModel):
    """Jobs, newest first."""

    total: int
    items: list[JobState]


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


class TextRequest(BaseModel):
    """A document's text."""

    text: Text


class NormalizeRequest(BaseModel):
    """Text to clean and convert."""

    text: Text
    to: Literal["hans", "hant", "tw", "hk"] = Field(default="hans", description="script to convert to")


class Normalized(BaseModel):
    """Normalized text and how it came about."""

    to: str
    text: str
    steps: list[str]
    repairs: list[dict[str, Any]]
    map: list[Block] = Field(
        description="changed blocks as source_start, source_end, start, end; one to one in between"
    )


class VerifyRequest(BaseModel):
    """A sentence to look for."""

    text: Annotated[str, Field(min_length=1, max_length=20_000)]


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
    differences: list[WordingChange] = []


class WordingChange(Record):
    """A difference from the sentence as given (`old`) to the document's quote (`new`)."""

    kind: Literal["replaced", "inserted", "deleted"]
    old_start: Span
    old_end: Span
    old_quote: str = ""
    new_start: Span
    new_end: Span
    new_quote: str = ""


class NumberCheck(Record):
    """Whether the knowledge base holds a number of the sentence, and what else it has on that matter."""

    quote: str
    kind: str
    value: Decimal
    unit: str
    found: bool
    match: Literal["exact", "near", "absent"]
    indicator: str | None = None
    places: list[QuoteMatch] = []
    near: list[QuoteMatch] = []


class VerifyAnswer(BaseModel):
    """Whether the text stands in the knowledge base, word for word, with all its numbers."""

    verified: bool
    text: str
    matches: list[QuoteMatch]
    numbers: list[NumberCheck]


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


class AuditEntry(Record):
    """A change of the knowledge base."""

    time: str
    who: str = Field(description="name of the key")
    action: str


class AuditPage(BaseModel):
    """The newest entries of the audit log."""

    items: list[AuditEntry]


class Turn(BaseModel):
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=20_000)


class AskRequest(BaseModel):
    """A question and the conversation before it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": "三级医院住院报销比例是多少？"}]})

    question: str = Field(min_length=1, max_length=2000)
    history: list[Turn] = Field(default=[], max_length=50, description="what was said before, oldest first")


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


class Health(BaseModel):
    """State of the server."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """State of the knowledge base."""

    status: Literal["ready"]
    documents: int
