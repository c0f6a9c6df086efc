"""The table of units, measure words and the words around numbers (`ingest/lexicon/units.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from ingest.errors import LexiconError
from ingest.records import Kind

_KINDS = ("percent", "percentage_point", "money", "count", "duration", "multiple")


@dataclass(frozen=True, slots=True)
class Unit:
    """A written unit: `half` is true where the word itself adds half of one (个半月, 分半钟)."""

    word: str
    kind: Kind
    unit: str
    factor: Decimal
    half: bool


@dataclass(frozen=True, slots=True)
class UnitTable:
    """Everything `units.toml` says, ready for use.

    Attributes:
        units: written form to unit.
        pattern: regular-expression source that matches any unit, longest first, with its forbidden successors.
        per: written denominator to its canonical name.
        denominators: source matching any noun or unit that can follow 每.
        currency_marks: written mark before a number to ISO 4217 code.
        phrases: fixed expressions whose numeral does not measure.
        discourse: matches a unit and noun that organise speech, from the unit on.
        pointers: source matching words that make a following count refer to a list.
        undertakings: source matching what makes 五年 part of a name.
    """

    units: Mapping[str, Unit]
    pattern: str
    per: Mapping[str, str]
    denominators: str
    currency_marks: Mapping[str, str]
    phrases: frozenset[str]
    discourse: re.Pattern[str]
    pointers: re.Pattern[str]
    undertakings: re.Pattern[str]


@cache
def load_units() -> UnitTable:
    """Load the table of units shipped with fadu.

    Returns:
        The table; the same object on every call.

    Raises:
        LexiconError: the table is malformed.
    """
    return unit_table_from_toml(files("ingest").joinpath("lexicon/units.toml").read_text("utf-8"), "units.toml")


def unit_table_from_toml(text: str, name: str) -> UnitTable:
    """Read a table of units.

    Args:
        text: TOML in the format `ingest/lexicon/units.toml` explains.
        name: what to call the table in messages.

    Returns:
        The table.

    Raises:
        LexiconError: a key is missing or a kind unknown; the message names the entry.
    """
    try:
        table = tomllib.loads(text)
        entries = table["unit"]
        units = {u.word: u for entry in entries for u in _units_of(entry, name)}
        discourse = table["discourse"]
        return UnitTable(
            units=units,
            pattern=_unit_pattern(entries),
            per=table["per"],
            denominators=_any([*table["denominators"]["nouns"], *table["per"]]),
            currency_marks=table["currency_marks"],
            phrases=frozenset(table["phrases"]["words"]),
            discourse=re.compile(f"{_any(discourse['units'])}[一-鿿]{{0,2}}?{_any(discourse['nouns'])}"),
            pointers=re.compile(f"{_any(discourse['pointers'])}$"),
            undertakings=re.compile(rf"年[一-鿿]{{0,4}}?{_any(table['phrases']['undertakings'])}"),
        )
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{name}: {error}; correct the table") from error
    except KeyError as error:
        raise LexiconError(f"{name}: {error} is missing; compare with ingest/lexicon/units.toml") from error


def _units_of(entry: Mapping[str, Any], name: str) -> Iterable[Unit]:
    kind = entry["kind"]
    if kind not in _KINDS:
        raise LexiconError(f"{name}: {entry['words']}: kind {kind!r} is none of {', '.join(_KINDS)}; correct the entry")
    for word in entry["words"]:
        unit = word if kind == "count" else entry["unit"]
        yield Unit(word, kind, unit.replace("大类", "类"), Decimal(entry.get("factor", "1")), "半" in word)


def _unit_pattern(entries: Iterable[Mapping[str, Any]]) -> str:
    words = {word: entry for entry in entries for word in entry["words"]}
    ordered = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word) + _followed_by(word, words[word]) for word in ordered) + ")"


def _followed_by(word: str, entry: Mapping[str, Any]) -> str:
    """What may stand after a one-character unit, as a lookahead."""
    if only := entry.get("only_before"):
        return f"(?=[{only}])"
    no = entry.get("not_before", "")
    return f"(?![{no}])" if no and len(word) == 1 else ""


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)) + ")"
