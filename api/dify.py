"""Dify's metadata conditions, decided on the metadata of documents before anything is searched."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal, get_args

from kb.simplify import simplified
from kb.types import DocumentRow

Operator = Literal[
    "contains",
    "not contains",
    "start with",
    "end with",
    "is",
    "is not",
    "in",
    "not in",
    "empty",
    "not empty",
    "=",
    "≠",
    ">",
    "<",
    "≥",
    "≤",
    "before",
    "after",
]
OPERATORS: tuple[str, ...] = (*get_args(Operator), "null", "not null", "!=", ">=", "<=")
"""The eighteen, and older spellings of five."""
Value = str | float | list[str] | None

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda have, want: want in have,
    "start with": str.startswith,
    "end with": str.endswith,
    "is": lambda have, want: have == want,
    "=": lambda have, want: have == want,
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda have, want: have > want,
    "after": lambda have, want: have > want,
    "<": lambda have, want: have < want,
    "before": lambda have, want: have < want,
    "≥": lambda have, want: have >= want,
    ">=": lambda have, want: have >= want,
    "≤": lambda have, want: have <= want,
    "<=": lambda have, want: have <= want,
}
_OPPOSITES = {
    "not contains": "contains",
    "is not": "is",
    "not in": "in",
    "≠": "=",
    "!=": "=",
    "not empty": "empty",
    "not null": "empty",
    "null": "empty",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition; it holds when it holds for any of `names`."""

    names: tuple[str, ...]
    operator: str
    value: Value


def metadata_of(document: DocumentRow) -> dict[str, Any]:
    """What Dify is told of a document: texts and numbers only, never null, with a string `document_id`."""
    known = {
        "document_id": document.id,
        "document_name": document.title or PurePath(document.source).name,
        "doc_number": document.doc_number,
        "issuer": document.issuer,
        "region": document.region,
        "level": document.level,
        "kind": document.kind,
        "status": document.status,
        "effective": document.effective,
        "published": document.published,
        "collection": document.collection,
        "version": document.version,
    }
    return {name: value for name, value in known.items() if value is not None}


def meets(document: DocumentRow, conditions: Sequence[Condition], *, every: bool) -> bool:
    """Whether a document meets all conditions (`every`) or any; script and letter case aside."""
    metadata = metadata_of(document)
    results = (_holds(metadata, condition) for condition in conditions)
    return (all if every else any)(results)


def _holds(metadata: dict[str, Any], condition: Condition) -> bool:
    operator = condition.operator
    positive = _OPPOSITES.get(operator, operator)
    denied = positive != operator and operator != "null"
    found = any(_compare(metadata.get(name), positive, condition.value) for name in condition.names)
    return not found if denied else found


def _compare(have: Any, operator: str, want: Value) -> bool:
    if operator == "empty":
        return have in (None, "")
    if have is None or want is None:
        return False
    if operator == "in":
        wanted = want if isinstance(want, list) else str(want).split(",")
        return _plain(have) in {_plain(one) for one in wanted}
    texts = [_plain(one) for one in want] if isinstance(want, list) else [_plain(want)]
    if operator in _TEXT:
        return any(_TEXT[operator](_plain(have), text) for text in texts)
    return any(_ordered(_plain(have), text, operator) for text in texts)


def _ordered(have: str, want: str, operator: str) -> bool:
    """Numbers by value, everything else (ISO dates) as text."""
    compare = _ORDER[operator]
    if _NUMBER.fullmatch(have) and _NUMBER.fullmatch(want):
        return compare(float(have), float(want))
    return compare(have, want)


def _plain(value: Any) -> str:
    number = value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
    return simplified(number.strip()).casefold()
