"""What a quantity is counted against: 每人每年240元, 740元/人, 人均50元, 每三年一次."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from ingest.extract.numerals import DIGITS, HAN_DIGIT, NumeralError, parse_number
from ingest.extract.units import load_units
from ingest.records import Quantity

_CLAUSE_BREAK = re.compile(r"[，。；;,\n！？!?（()）]")
_REACH = 40
_TIMES = ("year", "quarter", "month", "week", "day", "workday", "hour")
_AVERAGE = {"人": ("person",), "生": ("person",), "户": ("户",), "次": ("visit",), "床": ("床",), "月": ("month",)}
_DAILY = re.compile(
    r"(?:按|逐|每逾[一1]?)(?P<unit>[日月年])(?:加收|加征|计收|加处|计征|缴纳|支付)[一-鿿]{0,12}?$|(?<![一-鿿]节)日加收$"
)


@cache
def _each() -> re.Pattern[str]:
    nouns = load_units().denominators
    number = rf"(?P<number>{DIGITS}|[{HAN_DIGIT}十]{{1,3}}|半)?"
    return re.compile(
        rf"每(?:满|增加|超过)?\s?{number}\s?(?:个|名|位|张)?(?P<noun>{nouns})"
        rf"|(?P<average>(?:[年月日])?(?:人|生|户|次|床)均(?:每?全?[年月日](?![终底末]))?|[月日]均|平均每(?P<mean>[年月日天周次人户床]))"
    )


@cache
def _slash() -> re.Pattern[str]:
    return re.compile(r"/\s?([^/·.•*]+)|[·.•*]\s?([^/·.•*]+)")


_TRAILING = re.compile(r"每(?:人|生)?(?:每)?(?:次|年|月|日|天)?")


def find_denominator(n: str, quantity: Quantity) -> str | None:
    """Find what a quantity is per, from its own slash, its clause before it, or 每… right after it.

    Args:
        n: normalized text.
        quantity: a quantity found in `n`.

    Returns:
        `person`, `year`, `person·year`, `3year`, a noun of the text, or None.
    """
    if "/" in quantity.quote and quantity.kind in ("money", "count", "duration"):
        parts = [a or b for a, b in _slash().findall(quantity.quote[quantity.quote.index("/") :])]
        return _join([_canonical(part) for part in parts])
    left = n[max(0, quantity.start - _REACH) : quantity.start]
    breaks = [m.end() for m in _CLAUSE_BREAK.finditer(left)]
    clause = left[breaks[-1] :] if breaks else left
    if quantity.kind in ("multiple", "ratio"):
        return None
    if quantity.kind == "percent":
        daily = _DAILY.search(clause)
        if daily:
            return _canonical(daily["unit"]) if daily["unit"] else "day"
    if clause.endswith("每"):
        return None
    if "每" in clause or "均" in clause:
        per = _from_clause(clause, quantity)
        if per:
            return per
    if quantity.kind == "money":
        after = _TRAILING.match(n, quantity.end)
        if after and len(after.group()) > 1:
            return _from_clause(after.group(), quantity)
    return None


def _from_clause(clause: str, quantity: Quantity) -> str | None:
    marks = list(_each().finditer(clause))
    if not marks:
        return None
    parts: list[str] = []
    nearest = len(clause)
    for mark in reversed(marks):
        between = clause[mark.end() : nearest]
        if parts and (between.strip() and (re.search(r"\d", between) or not _kinds_differ(parts, _names(mark)))):
            break
        parts = _names(mark) + parts
        nearest = mark.start()
    if quantity.kind == "percent" and (
        parts != ["person"] or marks[-1]["average"] or clause[: marks[-1].start()].endswith("平均")
    ):
        return None
    return _join(parts)


def _kinds_differ(parts: Sequence[str], more: Sequence[str]) -> bool:
    """Two separate marks add up only where one counts heads and the other time."""
    return {p in _TIMES for p in parts} != {p in _TIMES for p in more} and len(parts) == 1


def _names(mark: re.Match[str]) -> list[str]:
    if mark["noun"]:
        name = _canonical(mark["noun"])
        try:
            number = parse_number(mark["number"]) if mark["number"] else 1
        except NumeralError:
            number = 1
        return [name if number == 1 else f"{number}{name}"]
    if mark["mean"]:
        return [_canonical(mark["mean"])]
    head, _, tail = mark["average"].partition("均")
    names = [name for char in head for name in _AVERAGE.get(char, (_canonical(char),))]
    return names + [_canonical(char) for char in tail if char in "年月日"]


def _canonical(word: str) -> str:
    return load_units().per.get(word.strip(), word.strip())


def _join(parts: Sequence[str]) -> str | None:
    """Heads before times: person·year, whichever order the text has."""
    unique = list(dict.fromkeys(parts))
    heads, times = [p for p in unique if p not in _TIMES], [p for p in unique if p in _TIMES]
    return "·".join(heads + times) or None


def inherit_denominators(n: str, found: list[Quantity]) -> list[Quantity]:
    """Carry 人均… over to the parts listed after it: 人均筹资100元,其中:个人20元,财政80元(中央16元).

    A part inherits while it stands in the same sentence, after 其中 or within brackets, in the same unit, is stated
    without a denominator of its own and is not larger than the whole.
    """
    whole: Quantity | None = None
    result: list[Quantity] = []
    for quantity in found:
        if quantity.kind == "money":
            if whole is not None and _is_part(n, whole, quantity):
                quantity = replace(quantity, per=whole.per)
            elif quantity.per and quantity.per.startswith("person"):
                whole = quantity
            else:
                whole = None
        result.append(quantity)
    return result


def _is_part(n: str, whole: Quantity, quantity: Quantity) -> bool:
    between = n[whole.end : quantity.start]
    if quantity.unit != whole.unit or len(between) > 160 or any(mark in between for mark in "。;；\n"):
        return False
    if quantity.per not in (None, "person") or quantity.amount > whole.amount:
        return False
    return "其中" in between or between.count("(") + between.count("（") > between.count(")") + between.count("）")
