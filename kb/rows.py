"""Records as table rows, and back."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ingest.records import (
    Arithmetic,
    Boilerplate,
    Citation,
    DocumentInfo,
    Extraction,
    Figure,
    Missing,
    Part,
    Provision,
    Quantity,
    Repair,
    Rule,
)
from ingest.serialize import record_from_dict, record_to_dict
from kb.address import levels_of_path
from kb.repeats import Sentences
from kb.simplify import simplified, simplified_or_none
from kb.titles import number_key, title_key
from kb.types import DocumentRow, Relation

if TYPE_CHECKING:
    from kb.passages import Passage

R = TypeVar("R")
_SHARING = 8
"""Rows of a table that are looked through when they share a cell."""

RECORD_TABLES: Mapping[str, type[Any]] = {
    "quantities": Quantity,
    "figures": Figure,
    "rules": Rule,
    "citations": Citation,
}
"""Layers with a table of their own, whose rows hold the whole record."""
OTHER_LAYERS: Mapping[str, type[Any]] = {
    "parts": Part,
    "boilerplate": Boilerplate,
    "repairs": Repair,
    "missing": Missing,
    "arithmetic": Arithmetic,
}
"""Layers that share the table `others`."""
_INFO = tuple(f.name for f in fields(DocumentInfo) if f.name not in ("id", "source", "amended"))
_ROW = tuple(f.name for f in fields(DocumentRow) if f.name not in ("amended", "replaced_by", "relations"))


def version_row(info: DocumentInfo, source: str, extraction: Extraction) -> dict[str, Any]:
    """The columns of `versions` that come from the document itself."""
    row: dict[str, Any] = {name: getattr(info, name) for name in _INFO}
    row["amended"] = json.dumps(info.amended, ensure_ascii=False)
    row["kept"], row["dropped"] = extraction.coverage.kept, extraction.coverage.dropped
    row["source_s"] = simplified(source)
    for name in ("title", "doc_number", "issuer", "region", "level"):
        row[f"{name}_s"] = simplified_or_none(getattr(info, name))
    return row | keys_of(row["title_s"], row["doc_number"])


def keys_of(title_s: str | None, number: str | None) -> dict[str, str | None]:
    """The columns of `versions` that tell whether a document is the one another names."""
    return {"title_key": title_key(title_s) if title_s else None, "number_key": number_key(number) if number else None}


def document_from_row(row: Mapping[str, Any], relations: Sequence[Relation] = (), day: str = "") -> DocumentRow:
    """The public row of a joined `documents` and `versions` row.

    Args:
        row: with the status that is to be shown.
        relations: what other documents do to it, by date.
        day: which of them count.
    """
    values = {name: row[name] for name in _ROW}
    values["amended"] = tuple(json.loads(row["amended"]))
    newer = [one.document for one in relations if one.kind == "renewed_by" and (one.since or "") <= day]
    values["replaced_by"] = next(iter(newer[-1:]), None) if row["current"] else f"{row['id']}@{row['version'] + 1}"
    return DocumentRow(**values, relations=tuple(relations))


def provision_rows(provisions: Iterable[Provision]) -> list[dict[str, Any]]:
    """Rows of `provisions`, with the numbers an address is looked up by."""
    return [
        {f.name: getattr(p, f.name) for f in fields(Provision)} | levels_of_path(_plain(p.path))._asdict()
        for p in provisions
    ]


def _plain(path: str) -> str:
    return "/".join(simplified(label) for label in path.split("/"))


class ProvisionLabels:
    """Which provision an offset stands in.

    Args:
        provisions: of one document; they nest and never cross.
    """

    def __init__(self, provisions: Sequence[Provision]) -> None:
        self._sorted = sorted(provisions, key=lambda p: (p.start, -p.end))
        self._starts = [p.start for p in self._sorted]

    def innermost(self, offset: int) -> Provision | None:
        """The smallest provision around `offset`, None outside all."""
        at = bisect_right(self._starts, offset)
        while at > 0:
            at -= 1
            if self._sorted[at].end > offset:
                return self._sorted[at]
        return None


class PassagePlaces:
    """Which passage an offset stands in.

    Args:
        spans: (start, end, passage id) of a document's passages, in order.
    """

    def __init__(self, spans: Sequence[tuple[int, int, int]]) -> None:
        self._spans = spans
        self._starts = [start for start, *_ in spans]

    @classmethod
    def of(cls, found: Sequence[Passage], first: int) -> Self:
        """The places of passages whose ids count up from `first`."""
        return cls([(p.start, p.end, i) for i, p in enumerate(found, first)])

    def at(self, offset: int) -> int | None:
        """The id of the shortest passage that holds `offset`, None outside all; rows of a table may share a cell."""
        before = bisect_right(self._starts, offset)
        near = self._spans[max(0, before - _SHARING) : before]
        return min(((end - start, i) for start, end, i in near if end > offset), default=(0, None))[1]


def record_rows(extraction: Extraction, passages: PassagePlaces) -> dict[str, list[dict[str, Any]]]:
    """Rows of every record table, keyed by table name."""
    places = ProvisionLabels(extraction.provisions)
    sentences = Sentences(extraction.text)
    return {
        "provisions": provision_rows(extraction.provisions),
        "rules": [
            _rule_row(r, places) | {"said": sentences.key(r), "passage": passages.at(r.start)} for r in extraction.rules
        ],
        "figures": [
            _figure_row(f, places) | {"said": sentences.key(f), "passage": passages.at(f.start)}
            for f in extraction.figures
        ],
        "quantities": [_measure(q) | _span_and_record(q) for q in extraction.quantities],
        "citations": [_citation_row(c) for c in extraction.citations],
        "others": [
            {"layer": layer, "record": record_to_json(record)}
            for layer in OTHER_LAYERS
            for record in getattr(extraction, layer)
        ],
    }


def info_from_row(row: Mapping[str, Any]) -> DocumentInfo:
    """The document's own account of itself, from a joined `documents` and `versions` row."""
    amended = tuple(json.loads(row["amended"]))
    return DocumentInfo(id=row["id"], source=row["source"], amended=amended, **{name: row[name] for name in _INFO})


def record_to_json(record: Any) -> str:
    """A record as compact JSON that `record_from_json` restores exactly."""
    return json.dumps(record_to_dict(record, explain=True), ensure_ascii=False, separators=(",", ":"))


def record_from_json(cls: type[R], text: str) -> R:
    """The record `record_to_json` was given."""
    return record_from_dict(cls, json.loads(text))


def _span_and_record(record: Any) -> dict[str, Any]:
    return {"start": record.start, "end": record.end, "record": record_to_json(record)}


def _measure(record: Quantity | Figure | Rule) -> dict[str, Any]:
    measured = record.value is not None and record.kind != "date"
    return {
        "kind": record.kind,
        "value": record.value,
        "amount": float(Decimal(record.value or "0")) if measured else None,
        "unit": record.unit,
    }


def _scope(record: Figure | Rule, scope: Any) -> dict[str, str | None]:
    slots = {f"{n}_s": getattr(scope, n) for n in ("scheme", "population", "institution", "service", "region")}
    slots["indicator_s"] = record.indicator_text
    return {name: simplified_or_none(text) for name, text in slots.items()}


def _place(record: Figure | Rule, places: ProvisionLabels) -> str | None:
    around = places.innermost(record.start)
    return around.path if around else record.provision


def _rule_row(rule: Rule, places: ProvisionLabels) -> dict[str, Any]:
    return (
        _span_and_record(rule)
        | _measure(rule)
        | _scope(rule, rule.scope)
        | {
            "modality": rule.modality,
            "comparator": rule.comparator,
            "indicator": rule.indicator,
            "provision": _place(rule, places),
        }
    )


def _figure_row(figure: Figure, places: ProvisionLabels) -> dict[str, Any]:
    return (
        _span_and_record(figure)
        | _measure(figure)
        | _scope(figure, figure)
        | {
            "comparator": figure.comparator,
            "indicator": figure.indicator,
            "period": figure.period,
            "provision": _place(figure, places),
        }
    )


def _citation_row(citation: Citation) -> dict[str, Any]:
    return _span_and_record(citation) | {
        "title_s": simplified_or_none(citation.title),
        "doc_number_s": simplified_or_none(citation.doc_number),
        "refers_to_s": simplified_or_none(citation.refers_to),
        "article": citation.article,
    }
