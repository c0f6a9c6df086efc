"""What the knowledge base takes and gives: filters, rows, hits, reports, findings. All frozen values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Generic, Literal, TypeVar, overload

from ingest.messages import Message
from ingest.records import Figure, Rule

NumberMatch = Literal["exact", "near", "absent"]
Bearing = Literal["repealed_by", "amended_by", "renewed_by"]
Outcome = Literal["added", "unchanged", "replaced", "refused"]
FindingStatus = Literal["violation", "compliant", "undetermined", "inconsistent"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filters:
    """Narrows documents, passages, rules and figures; every slot that is None is ignored.

    Free text matches by containment after both sides are normalized to simplified characters, so either script
    finds both. `document` is an id (`id` or `id@version`) or words of a title or source. `kind` is a quantity
    kind (`percent` …) or a document kind. `scheme`, `indicator`, `modality`, `institution` and quantity kinds
    narrow rules and figures, and in a search the passages that hold such a record. Dates are ISO 8601:
    `date_from`/`date_to` bound the date a document takes effect (else was published, else adopted), both
    inclusive; `as_of` picks the version of each document in force on that day; unknown dates pass it.
    `collections` names the only collections looked in, `documents` the ids of the only documents.
    """

    document: str | None = None
    region: str | None = None
    level: str | None = None
    issuer: str | None = None
    scheme: str | None = None
    indicator: str | None = None
    kind: str | None = None
    modality: str | None = None
    institution: str | None = None
    status: str | None = None
    date_from: str | None = None
    date_to: str | None = None
    as_of: str | None = None
    collections: frozenset[str] | None = field(default=None, kw_only=True)
    documents: frozenset[str] | None = field(default=None, kw_only=True)


FILTER_NAMES = tuple(f.name for f in fields(Filters) if f.name not in ("collections", "documents"))
"""The slots a user fills; the others are set by who lets the user in, or by a program."""
EVERYTHING = Filters()
"""Narrows nothing."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What another document of the base does to one.

    Attributes:
        kind: it repeals it, amends it, or is a newer wording of the same title and issuer.
        document: the other, `id@version`, with its `title` and `doc_number`.
        since: the day from which, ISO 8601; None where it is not known.
        quote, start, end: where the other says so, in code points of its original; empty for a newer wording.
    """

    kind: Bearing
    document: str
    title: str | None = None
    doc_number: str | None = None
    since: str | None = None
    quote: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One stored version of a document.

    `id` names the document over all its versions; `id@version` names this one. `status` (one of `kb.validity.STATUSES`,
    None for what is no norm) holds for the day asked for, else today. `replaced_by` is the `id@version` that had taken
    its place by that day: a newer version of the same source, else a newer wording of the same title. `relations` has
    everything that other documents of the base do to it, by date.
    """

    id: str
    source: str
    sha256: str
    title: str | None = None
    encoding: str | None = None
    script: str | None = None
    kind: str | None = None
    doc_number: str | None = None
    issuer: str | None = None
    region: str | None = None
    level: str | None = None
    adopted: str | None = None
    published: str | None = None
    effective: str | None = None
    amended: tuple[str, ...] = ()
    repealed: str | None = None
    last_amended: str | None = None
    status: str | None = None
    length: int = 0
    version: int = 1
    ingested_at: str = ""
    current: bool = True
    replaced_by: str | None = None
    collection: str = "default"
    relations: tuple[Relation, ...] = ()

    @property
    def ended(self) -> str | None:
        """The day it was or will be repealed, ISO 8601: by its own text, else by the first that repeals it."""
        return self.repealed or min(
            (r.since for r in self.relations if r.kind == "repealed_by" and r.since), default=None
        )


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule with the document it stands in; `provision_label` is the label of its innermost provision.

    `count` is how often the document states it in the same words, where repetitions are folded.
    """

    document: DocumentRow
    provision_label: str | None
    record: Rule
    count: int = 1


@dataclass(frozen=True, slots=True)
class StoredFigure:
    """A figure with the document it stands in; `count` as for `StoredRule`."""

    document: DocumentRow
    record: Figure
    count: int = 1


@dataclass(frozen=True, slots=True)
class Article:
    """An article around a part of it: `quote` is the document's text `[start, end)`."""

    path: str
    label: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found.

    `quote` is the document's text `[start, end)` in code points of the original. `score` is between 0 and 1,
    comparable within one result only. `why` names what found it: `address`, `dense`, and the words matched.
    `reading` spells out a table row, each cell behind its head (normalized text); empty for running text.
    `also` names where else passages stand that say the same, each `title / label`; they are no hits of their own.
    `article` is the whole article where the passage is a part of one.
    """

    document: DocumentRow
    path: str
    label: str
    quote: str
    start: int
    end: int
    score: float
    why: tuple[str, ...] = ()
    reading: str = ""
    also: tuple[str, ...] = ()
    article: Article | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a citation means: a document and, where one is cited and found, its provision `[start, end)`."""

    document: DocumentRow
    path: str | None = None
    label: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages, best first, and the rule records that answer the query's indicator.

    `degraded` says that an index was behind the store and is being brought in step: what was stored last may rank
    lower than it should. `missing` are addresses the query is made of, normalized, that no document in sight has.
    """

    query: str
    hits: tuple[Hit, ...] = ()
    rules: tuple[StoredRule, ...] = ()
    degraded: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken in, and why."""

    source: str
    message: Message

    @property
    def reason(self) -> str:
        """Why, and what to do, in English."""
        return str(self.message)


@dataclass(frozen=True, slots=True)
class IngestEvent:
    """One file is dealt with: `done` of `total` so far. `reason` is empty unless refused."""

    source: str
    outcome: Outcome
    reason: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingestion did; each tuple names sources in the order they were dealt with."""

    added: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the doctor found. `part` is `database`, `relations`, `vectors`, `lexical` or `chroma`."""

    part: str
    message: str
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class WordingChange:
    """One difference between two wordings; spans count in each text as given, and are empty where it has nothing."""

    kind: Literal["replaced", "inserted", "deleted"]
    old_start: int
    old_end: int
    old_quote: str
    new_start: int
    new_end: int
    new_quote: str


@dataclass(frozen=True, slots=True)
class QuoteMatch:
    """Where a sentence stands in the knowledge base; `similarity` is 1 for an exact match.

    `differences` lead from the sentence as given (`old`) to the document's quote (`new`).
    """

    document: DocumentRow
    path: str
    label: str
    quote: str
    start: int
    end: int
    match: Literal["exact", "near"]
    similarity: float
    differences: tuple[WordingChange, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """A number of the verified text; `found` says whether the base holds it on that matter, `places` where.

    `match` is `near` where the base has another number on the matter, which stands at the places `near`; `indicator`
    is the canonical key of the matter where the text names it.
    """

    quote: str
    kind: str
    value: str
    unit: str
    found: bool
    places: tuple[QuoteMatch, ...] = ()
    match: NumberMatch = "absent"
    indicator: str | None = None
    near: tuple[QuoteMatch, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer of `verify`: quotes found, best first, and each number of the text."""

    text: str
    matches: tuple[QuoteMatch, ...] = ()
    numbers: tuple[NumberCheck, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether the text stands in the knowledge base word for word with all its numbers."""
        return any(m.match == "exact" for m in self.matches) and all(n.found for n in self.numbers)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a compliance check reports.

    `margin` is a signed decimal string in `unit`: figure minus bound, or stated minus recomputed for
    `inconsistent`, where `rule` is None and `recomputed` is set. `explanation` is Chinese. Where the value compared is
    computed, `figure` is the operand it is shown at, `recomputed` the value in the rule's kind, `operands` and
    `formula` (o1, o2 …) say from what. `why` names the slots on which figure and rule agree, `confidence` (0 to 1) how
    sure that makes their being about one thing.
    """

    status: FindingStatus
    indicator: str | None
    figure: StoredFigure | None
    rule: StoredRule | None
    margin: str | None
    unit: str | None
    explanation: str
    recomputed: str | None = None
    operands: tuple[StoredFigure, ...] = ()
    formula: str | None = None
    why: tuple[str, ...] = ()
    confidence: float = 1.0


def _flatten(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for f in fields(value):
        if f.name in ("cues", "relations"):
            continue
        slot = getattr(value, f.name)
        if is_dataclass(slot):
            yield from _flatten(slot, "document_" if f.name == "document" else prefix)
        else:
            yield prefix + f.name, slot


@dataclass(frozen=True, slots=True)
class Table(Sequence[T], Generic[T]):
    """Records in order. `total` counts what the filters match, of which `records` may be one page.

    `last` names the last of them, for the page `after` it.
    """

    records: tuple[T, ...]
    total: int
    last: int | None = None

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.records[index]

    def __len__(self) -> int:
        return len(self.records)

    def to_rows(self) -> list[dict[str, Any]]:
        """Flat dictionaries, one a record: document columns prefixed `document_`, scope slots without prefix."""
        return [dict(_flatten(record)) for record in self.records]

    def to_dataframe(self) -> Any:
        """The rows of `to_rows` as a `pandas.DataFrame`.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas  # type: ignore[import-untyped]
        except ImportError as error:
            from ingest.errors import MissingExtraError

            raise MissingExtraError("a data frame", "notebooks") from error
        return pandas.DataFrame(self.to_rows())

    def to_arrow(self) -> Any:
        """The rows of `to_rows` as a `pyarrow.Table`.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        from kb.flat import import_arrow

        import_arrow()
        import pyarrow

        return pyarrow.Table.from_pylist(self.to_rows())
