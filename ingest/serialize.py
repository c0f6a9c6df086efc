"""Records to plain dictionaries and back: the JSON contract, schema `fadu/1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any, TypeVar

from ingest.records import Arithmetic, Cue, DocumentInfo, Extraction, Scope

SCHEMA = "fadu/1"
_EXPLANATION = ("cues", "confidence")
_ALWAYS = frozenset({"indicator", "reason", "quote", "heading", "repaired", "title"})
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


def _names(cls: Any) -> tuple[str, ...]:
    return tuple(cls.__dataclass_fields__)


def record_to_dict(record: Any, explain: bool = False) -> dict[str, Any]:
    """The JSON form of one record.

    Slots that are None, empty or false are left out, except confidences of repairs.

    Args:
        record: any dataclass of `ingest.records`.
        explain: whether to keep `cues` and `confidence` of quantities, figures and rules.
    """
    out: dict[str, Any] = {}
    explained = hasattr(record, "cues")
    for name in _names(type(record)):
        value = getattr(record, name)
        if explained and name in _EXPLANATION and not explain:
            continue
        if (
            value is None
            or (value is False and name == "approx")
            or value == ()
            or (value == "" and name not in _ALWAYS)
        ):
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
    """The object `fadu extract --format json` prints."""
    document = record_to_dict(extraction.document, explain)
    document.setdefault("amended", [])
    out: dict[str, Any] = {"schema": SCHEMA, "document": {n: document.get(n) for n in _names(DocumentInfo)}}
    for layer in _LAYERS:
        out[layer] = [
            {n: getattr(r, n) for n in _names(Arithmetic)} | {"operands": list(r.operands)}
            if isinstance(r, Arithmetic)
            else record_to_dict(r, explain)
            for r in getattr(extraction, layer)
        ]
    out["coverage"] = record_to_dict(extraction.coverage)
    return out
