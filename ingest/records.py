"""The records fadu extracts: frozen values, each tied to the characters it came from.

All spans are 0-based, half-open, in Unicode code points of the loaded original (`Source.text`), so
`text[record.start:record.end] == record.quote` holds for every record. Free text is in the document's own
script; units, kinds and indicator keys are canonical.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Kind = Literal["percent", "percentage_point", "money", "count", "duration", "multiple", "ratio", "date"]
Modality = Literal[
    "obligation", "prohibition", "permission", "entitlement", "standard", "target", "penalty", "definition"
]
Comparator = Literal["<=", "<", ">=", ">", "==", "between"]
Change = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Cue:
    """A word that made a record what it is: `role` names the slot it decided."""

    start: int
    end: int
    quote: str
    role: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A numeral with its unit.

    `value` and `high` are decimal strings scaled out of 万/亿/成, or ISO 8601 for `kind == "date"` with unknown
    parts left out (`--03-31`, `---05`, `XXXX-04-07`). `high` is set only for a range inside one expression.
    """

    start: int
    end: int
    quote: str
    kind: Kind
    value: str
    unit: str
    high: str | None = None
    per: str | None = None
    approx: bool = False
    cues: tuple[Cue, ...] = ()
    confidence: float = 1.0

    @property
    def amount(self) -> Decimal:
        """The value as an exact decimal. Raises `decimal.InvalidOperation` for dates."""
        return Decimal(self.value)


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity the document reports as a fact."""

    start: int
    end: int
    quote: str
    kind: Kind
    value: str
    unit: str
    high: str | None = None
    per: str | None = None
    approx: bool = False
    indicator: str = "other"
    indicator_text: str | None = None
    comparator: Comparator | None = None
    period: str | None = None
    region: str | None = None
    scheme: str | None = None
    institution: str | None = None
    service: str | None = None
    population: str | None = None
    base: str | None = None
    change: Change | None = None
    versus: str | None = None
    provision: str | None = None
    cues: tuple[Cue, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Scope:
    """What narrows a rule; each slot is set only when the text states it."""

    scheme: str | None = None
    population: str | None = None
    institution: str | None = None
    service: str | None = None
    region: str | None = None
    period: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A requirement, entitlement, standard, limit, target, penalty or definition.

    With a bound, `start`/`end`/`quote` are the quantity's and `comparator`, `kind`, `value`, `unit` are set.
    Without one they are the clause that carries the modality, and those slots are None.
    """

    start: int
    end: int
    quote: str
    modality: Modality
    comparator: Comparator | None = None
    kind: Kind | None = None
    value: str | None = None
    high: str | None = None
    unit: str | None = None
    per: str | None = None
    approx: bool = False
    indicator: str | None = None
    indicator_text: str | None = None
    base: str | None = None
    scope: Scope = field(default_factory=Scope)
    actor: str | None = None
    action: str | None = None
    exceptions: tuple[str, ...] = ()
    quoted_from: str | None = None
    provision: str | None = None
    cues: tuple[Cue, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Citation:
    """A reference to a law, notice, standard or plan, or to an article.

    `article` 条, `paragraph` 款 (Taiwan 項), `item` 项 (Taiwan 款), `subitem` 目 are strings of Arabic digits
    (`"23"`, `"19-1"`). `refers_to` names the law when the quote itself does not.
    """

    start: int
    end: int
    quote: str
    title: str | None = None
    doc_number: str | None = None
    article: str | None = None
    paragraph: str | None = None
    item: str | None = None
    subitem: str | None = None
    refers_to: str | None = None


@dataclass(frozen=True, slots=True)
class Provision:
    """A numbered division of a regulation or a report, from its label to the start of its next sibling.

    `id` is stable over re-ingestion (derived from the path and its occurrence); `path` joins the labels by `/`.
    `heading` is the title that follows the label, empty for articles without one.
    """

    id: str
    path: str
    label: str
    heading: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A number the copy lost; never filled in."""

    start: int
    end: int
    quote: str
    indicator: str = "other"
    indicator_text: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A real article of a page."""

    start: int
    end: int
    title: str


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """Text outside every part, with the reason it was dropped."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Repair:
    """Damage mended. `inferred` is true where the repair was ranked likeliest rather than proven."""

    start: int
    end: int
    quote: str
    repaired: str
    method: str
    confidence: float
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A claim of the document about its own numbers, recomputed.

    `operands` are the starts of the quantities used, `formula` names them o1, o2 …; `recomputed` and `stated`
    are decimal strings in the claim's unit.
    """

    claim_start: int
    claim: str
    operands: tuple[int, ...]
    formula: str
    recomputed: str
    stated: str
    consistent: bool


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What is known of a document as a whole; dates are ISO 8601, read from the text only."""

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


@dataclass(frozen=True, slots=True)
class Coverage:
    """Code points kept in parts and dropped as boilerplate; together the whole text."""

    kept: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything found in one document. `text` is the loaded original that all spans count in."""

    text: str
    document: DocumentInfo
    parts: tuple[Part, ...] = ()
    boilerplate: tuple[Boilerplate, ...] = ()
    repairs: tuple[Repair, ...] = ()
    provisions: tuple[Provision, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    figures: tuple[Figure, ...] = ()
    rules: tuple[Rule, ...] = ()
    citations: tuple[Citation, ...] = ()
    missing: tuple[Missing, ...] = ()
    arithmetic: tuple[Arithmetic, ...] = ()
    coverage: Coverage = Coverage(0, 0)
