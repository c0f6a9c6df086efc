"""Fractions: 百分之五, 三分之二, 一又二分之一, 1/3, 一半, and proportions the text calls so (1:2的比例)."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from ingest.extract.denominators import find_denominator
from ingest.extract.expressions import RANGE, decimal_string, is_approximate
from ingest.extract.numerals import HAN_DIGIT, NUMERAL, NumeralError, parse_number
from ingest.records import Kind, Quantity

# 百 分 之 一 百二 十点 五, as some extracted text has it
_SPACED = rf"[{HAN_DIGIT}十百](?:\s{{0,2}}[{HAN_DIGIT}十百千点]){{1,12}}"
_FRACTION = re.compile(
    rf"(?:(?P<whole>{NUMERAL})又)?(?P<den>[{HAN_DIGIT}十百千万佰仟]{{1,6}}|\d{{1,4}})\s{{0,2}}分\s{{0,2}}之\s{{0,2}}(?P<num>{_SPACED}|{NUMERAL}|百|佰)"
    rf"(?:{RANGE}(?:[百千万]分之)?(?P<high>{NUMERAL})(?![个元年月日天家户人名件]))?|(?P<all>百分百)"
)
# 九 九 折, 一 百 五 十 个 百 分 点: a rate whose characters the layout set apart
_SET_APART = re.compile(
    rf"(?P<num>[{HAN_DIGIT}十百\d](?: [{HAN_DIGIT}十百点\d]){{1,12}}|[{HAN_DIGIT}十]点 [{HAN_DIGIT}])"
    r" ?(?:(?P<tenths>折|成(?![^，。；、,;）)\s]))|个 ?百 ?分 ?点)"
)
_SLASH = re.compile(r"(?P<num>\d{1,2})/(?P<den>\d{1,3})(?![\d/.年月日页:]|号楼)")
_PROPORTION = re.compile(
    r"(?P<a>\d{1,4}(?:\.\d+)?)\s?[::∶]\s?(?P<b>\d{1,4}(?:\.\d+)?)(?=\s?的?(?:比例|配比|比率|标准配))"
)
_HALF = re.compile(r"一半|半数")
_PERCENT_OF = {"百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7}


def read_fraction(n: str, start: int) -> tuple[int, Quantity | None] | None:
    """Read the fraction, percentage in words or proportion that begins at `start`, if one does.

    Args:
        n: normalized text.
        start: offset of a numeral.

    Returns:
        Its end and the quantity, None for one that has no value; None when no fraction begins at `start`.
    """
    worded = _FRACTION.match(n, start)
    if worded:
        return worded.end(), _from_words(n, worded)
    if n[start + 1 : start + 3].find(" ") >= 0 and (apart := _SET_APART.match(n, start)):
        return apart.end(), _from_set_apart(apart)
    half = _HALF.match(n, start)
    if half:
        return half.end(), _ratio(n, half, Decimal("0.5"))
    slash = _SLASH.match(n, start)
    if slash and 0 < int(slash["num"]) < int(slash["den"]) and n[start - 1 : start] not in ("第", "(", "（", "["):
        return slash.end(), _ratio(n, slash, Decimal(slash["num"]) / Decimal(slash["den"]))
    proportion = _PROPORTION.match(n, start)
    if proportion and Decimal(proportion["b"]):
        return proportion.end(), _ratio(n, proportion, Decimal(proportion["a"]) / Decimal(proportion["b"]))
    return None


def _from_set_apart(m: re.Match[str]) -> Quantity | None:
    try:
        value = parse_number(m["num"])
    except NumeralError:
        return None
    if m["tenths"] is None:
        return Quantity(m.start(), m.end(), m.group(), "percentage_point", decimal_string(value), "pp")
    value *= 10 if value < 10 else 1
    return Quantity(m.start(), m.end(), m.group(), "percent", decimal_string(value), "%") if value < 100 else None


def _ratio(n: str, m: re.Match[str], value: Decimal) -> Quantity:
    approx = is_approximate(n, m.start(), m.end(), "ratio")
    return Quantity(m.start(), m.end(), m.group(), "ratio", decimal_string(value), "ratio", approx=approx)


def _from_words(n: str, m: re.Match[str]) -> Quantity | None:
    if m["all"]:
        return Quantity(m.start(), m.end(), m.group(), "percent", "100", "%")
    denominator = "".join(m["den"].split())
    bottom = _PERCENT_OF.get(denominator)
    try:
        high = parse_number(m["high"]) if m["high"] else None
        top = Decimal(100) if m["num"] in ("百", "佰") else parse_number(m["num"])
        below = Decimal(bottom) if bottom else parse_number(denominator)
    except NumeralError:
        return None
    if not below:
        return None
    kind: Kind = "percent" if bottom else "ratio"
    scale, unit = (Decimal(100), "%") if bottom else (Decimal(1), "ratio")
    end = m.end("high") if high is not None else m.end("num")
    whole = parse_number(m["whole"]) if m["whole"] else Decimal(0)
    value = decimal_string((whole + top / below) * scale)
    upper = decimal_string(high * scale / below) if high is not None else None
    approx = is_approximate(n, m.start(), end, kind)
    quantity = Quantity(m.start(), end, n[m.start() : end], kind, value, unit, upper, approx=approx)
    per = find_denominator(n, quantity)
    return replace(quantity, per=per) if per else quantity
