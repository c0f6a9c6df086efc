"""Records to plain dictionaries and back: the JSON contract, schema `fadu/1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar

from ingest.records import Cue, DocumentInfo, Extraction, Scope

SCHEMA = "fadu/1"
_EXPLANATION = ("cues", "confidence")
_LAYERS = (
    "parts",
    "boilerplate",
    "repairs",
    "provisions",
    "quantities",
    "figures",
    "rules",
    "citations",
    "missing",
    "arithmetic",
)

R = TypeVar("R")


_REQUIRED: dict[type, frozenset[str]] = {}


def _names(cls: Any) -> tuple[str, ...]:
    return tuple(cls.__dataclass_fields__)


def _required(cls: type) -> frozenset[str]:
    """The slots of a record that have no default and so are never left out."""
    if cls not in _REQUIRED:
        _REQUIRED[cls] = frozenset(f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING)
    return _REQUIRED[cls]


def record_to_dict(record: Any, explain: bool = False) -> dict[str, Any]:
    """The JSON form of one record.

    Slots that have a default and are None, empty or an `approx` that is false are left out.

    Args:
        record: any dataclass of `ingest.records`.
        explain: whether to keep `cues` and `confidence` of quantities, figures and rules.
    """
    out: dict[str, Any] = {}
    explained = hasattr(record, "cues")
    required = _required(type(record))
    for name in _names(type(record)):
        value = getattr(record, name)
        if explained and name in _EXPLANATION and not explain:
            continue
        if name not in required and (value is None or value in ("", ()) or (value is False and name == "approx")):
            continue
        if is_dataclass(value):
            value = record_to_dict(value, explain)
            if not value:
                continue
        elif isinstance(value, tuple):
            value = [record_to_dict(v, explain) if is_dataclass(v) else v for v in value]
        out[name] = value
    return out


def record_from_dict(cls: type[R], data: Mapping[str, Any]) -> R:
    """The record a dictionary of `record_to_dict` came from.

    Raises:
        KeyError: a required slot is absent.
    """
    values: dict[str, Any] = {}
    for name in _names(cls):
        if name not in data:
            continue
        value = data[name]
        if name == "scope":
            value = record_from_dict(Scope, value)
        elif name == "cues":
            value = tuple(record_from_dict(Cue, v) for v in value)
        elif isinstance(value, list):
            value = tuple(value)
        values[name] = value
    try:
        return cls(**values)
    except TypeError as error:
        raise KeyError(f"{cls.__name__}: {error}") from error


def extraction_to_dict(extraction: Extraction, explain: bool = False) -> dict[str, Any]:
    """The object `fadu extract --format json` prints.

    `parts` lists the articles of a page that holds more than one document or more than the document; it is empty
    where the whole text is the document.
    """
    document = record_to_dict(extraction.document, explain)
    document.setdefault("amended", [])
    out: dict[str, Any] = {"schema": SCHEMA, "document": {n: document.get(n) for n in _names(DocumentInfo)}}
    for layer in _LAYERS:
        out[layer] = [record_to_dict(r, explain) for r in getattr(extraction, layer)]
    if [(p.start, p.end) for p in extraction.parts] == [(0, len(extraction.text))]:
        out["parts"] = []
    out["coverage"] = record_to_dict(extraction.coverage)
    return out
