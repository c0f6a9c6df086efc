"""One indicator as a cross table: rules or figures by document, region, level of hospital, scheme and so on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from ingest.errors import QueryError
from ingest.extract.vocabulary import indicator_labels, indicators
from ingest.messages import say
from ingest.records import Rule
from ingest.structure.authority import LEVELS
from kb.applicability import any_institution, institution_levels, plain_words
from kb.simplify import simplified
from kb.types import DocumentRow, StoredFigure, StoredRule

Axis = Literal["document", "region", "level", "institution", "scheme", "service", "population", "period", "year"]
Record: TypeAlias = StoredRule | StoredFigure

AXES: tuple[Axis, ...] = get_args(Axis)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
NOT_STATED = "未注明"
_LOWEST_FIRST = ("村", "乡", "基层", "一级", "二级", "三级", "诊所", "地区医院", "区域医院", "医学中心")


@dataclass(frozen=True, slots=True)
class Pivot:
    """A cross table. `cells` maps (row label, column label) to its records, in the order given; most may be empty."""

    rows_axis: Axis
    columns_axis: Axis
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], tuple[Record, ...]]

    def cell(self, row: str, column: str) -> tuple[Record, ...]:
        """The records of one cell."""
        return self.cells.get((row, column), ())


def pivot(records: Sequence[Record], rows: Axis, columns: Axis) -> Pivot:
    """Records with a value, arranged; percentage points are left out, for they change a value and are none.

    Labels that differ in script only are one. Levels of hospitals run from the lowest to the highest, ranks of
    documents from the highest to the lowest, years from the first, everything else as first met; what is not stated
    comes last. The year of a rule is the one it is set for, else that in which its document takes effect.

    Args:
        records: rules or figures of one indicator.
        rows: what the rows are.
        columns: what the columns are.

    Raises:
        QueryError: rows and columns are the same.
    """
    if rows == columns:
        raise QueryError(f"rows and columns are both {rows}; choose two of {', '.join(AXES)}")
    valued = [r for r in records if r.record.value is not None and r.record.kind != "percentage_point"]
    labellers = [_Labeller(axis, valued) for axis in (rows, columns)]
    cells: dict[tuple[str, str], list[Record]] = {}
    for record in valued:
        cells.setdefault((labellers[0].label(record), labellers[1].label(record)), []).append(record)
    row_labels = labellers[0].ordered([row for row, _ in cells])
    column_labels = labellers[1].ordered([column for _, column in cells])
    frozen = {place: tuple(found) for place, found in cells.items()}
    return Pivot(rows, columns, tuple(row_labels), tuple(column_labels), frozen)


def parse_indicator(words: str) -> str:
    """The canonical key of an indicator given by its key, its name or a word for it, in either script.

    >>> parse_indicator("reimbursement_ratio"), parse_indicator("報銷比例"), parse_indicator("住院起付标准")
    ('reimbursement_ratio', 'reimbursement_ratio', 'deductible')

    Raises:
        QueryError: the words name no indicator.
    """
    labels = indicator_labels()
    text = simplified(words.strip())
    if text in labels:
        return text
    for key, label in labels.items():
        if label == text:
            return key
    named = [m for m in indicators().find(text).found if not m.item.weak and m.item.key != "other"]
    if named:
        return max(named, key=lambda m: (m.end, m.end - m.start)).item.key
    known = ", ".join(f"{key} ({label})" for key, label in labels.items() if key != "other")
    raise QueryError(say("no_indicator", words=words, known=known))


class _Labeller:
    """Gives each record its label on one axis; the first wording met stands for all that mean the same."""

    def __init__(self, axis: Axis, records: Sequence[Record]) -> None:
        self._axis = axis
        self._shown: dict[object, str] = {}
        self._titles = Counter(
            title for title, _ in {(plain_words(r.document.title), r.document.id) for r in records} if title
        )

    def label(self, record: Record) -> str:
        if self._axis == "document":
            return self._document(record.document)
        text = _SLOTS[self._axis](record)
        if not text:
            return NOT_STATED
        key: object = plain_words(text)
        if self._axis == "institution" and not any_institution(plain_words(text)):
            key = frozenset(institution_levels(plain_words(text))) or key
        return self._shown.setdefault(key, text)

    def ordered(self, labels: Sequence[str]) -> list[str]:
        met = list(dict.fromkeys(labels))
        return sorted(met, key=lambda label: (label == NOT_STATED, self._rank(label), met.index(label)))

    def _rank(self, label: str) -> int:
        if self._axis == "institution":
            levels = institution_levels(plain_words(label))
            return next((n for n, level in enumerate(_LOWEST_FIRST) if level in levels), len(_LOWEST_FIRST))
        if self._axis == "year":
            return int(label[:4]) if label[:4].isdigit() else 0
        if self._axis == "level":
            return LEVELS.index(label) if label in LEVELS else len(LEVELS)
        return 0

    def _document(self, document: DocumentRow) -> str:
        """The title; behind its number, else year, else source, where several documents share it."""
        if not document.title:
            return document.source
        if self._titles[plain_words(document.title)] < 2:
            return document.title
        year = (document.effective or document.published or "")[:4]
        return f"{document.doc_number or year or document.source} {document.title}"


def _slot(name: str) -> Callable[[Record], str | None]:
    """Reads a slot that rules keep in their scope and figures in themselves."""

    def read(record: Record) -> str | None:
        holder = record.record.scope if isinstance(record.record, Rule) else record.record
        value: str | None = getattr(holder, name)
        return value

    return read


def _year(record: Record) -> str | None:
    """The year a number belongs to: the one stated, of a rule else that in which its document takes effect."""
    document = record.document
    dated = (document.effective or document.published or document.adopted) if isinstance(record.record, Rule) else None
    stated = _YEAR.search(_slot("period")(record) or "")
    year = stated[0] if stated else (dated or "")[:4]
    return f"{year}年" if year else None


_SLOTS: Mapping[Axis, Callable[[Record], str | None]] = {
    "region": lambda record: _slot("region")(record) or record.document.region,
    "level": lambda record: record.document.level,
    "year": _year,
    **{axis: _slot(axis) for axis in ("institution", "scheme", "service", "population", "period")},
}
