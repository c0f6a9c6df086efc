"""Numerals: Arabic digits, Chinese numerals and their mixtures as exact decimals.

`parse_number` reads one numeral written in any of the ways Chinese documents use. The regular-expression
sources `DIGITS`, `HAN` and `NUMERAL` find such numerals in normalized text; they backtrack over a bounded
number of characters only, so that searching stays linear.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from ingest.errors import FaduError

_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "兆": 10**12}
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")}

# Formal (anti-fraud), traditional and variant characters, all read as the plain simplified numeral.
_PLAIN = str.maketrans(
    "〇○壹弌幺贰貳弍两兩俩倆叁參参叄肆伍陆陸柒捌玖拾佰仟萬億負點幾０１２３４５６７８９．，－／",
    "零零一一一二二二二二二二三三三三四五六六七八九十百千万亿负点几0123456789.,-/",
)
_SHORT = 32  # characters of a numeral whose value is kept
_CONTRACTED = {"廿": "二十", "卅": "三十", "卌": "四十"}

# The characters a numeral can begin with or hold, for finding. 参 (參) is left out: it begins 参保.
HAN_DIGIT = "〇○零一二两俩三四五六七八九壹贰叁肆伍陆柒捌玖"
HAN_SCALE = "十百千拾佰仟廿卅万亿"
# 1,179,859 · 1，179，859 · 1 179 859 (two groups at least, for 3 100 may be two numbers)
DIGITS = r"(?:\d{1,3}(?:[,，]\d{3}){1,9}(?!\d)|\d{1,3}(?:[ \u00a0\u2009]\d{3}){2,9}(?!\d)|\d+)(?:\.\d+)?"
_SCALE = r"(?:[十百千拾佰仟]?[万亿]{1,2}|个亿|[百千佰仟](?![克米瓦伏卡焦分]))"
# 5 万元: a blank the layout left before the scale
_BLANK = r"[ \u00a0]?(?=[百千]?[万亿]{1,2}[元人户家名件次吨亩公平(（])"
# 3,500 · 1.12亿 · 2500余万 · 3亿5000万 · 12亿5,000万 · 1万5千 · 12万零500 · 38万6,500元
_REST = r"零?(?:\d,\d{3}|\d{1,4})"
DIGITS_SCALED = (
    rf"{DIGITS}(?:[kKwW](?![A-Za-z])|[余多]?(?:{_BLANK})?{_SCALE}"
    rf"(?:{_REST}(?:[百千]?万|[百千](?![克米瓦分])))*(?:{_REST}(?=[元人户]))?)?"
)
# 三百六十五 · 三点五万 · 两千多万 · 十余万 · 二〇二一 · 近百, 千余
HAN = (
    rf"(?:(?<=[近约逾超过达])[百千万](?:[余多]?[万亿])?|[百千万](?=[余多][人名户家元件个])"
    rf"|[{HAN_DIGIT}十拾廿卅][{HAN_DIGIT}{HAN_SCALE}]{{0,24}}(?<!千(?=瓦))(?<![十百千万]千(?=[米克]))"
    rf"(?:[点．][{HAN_DIGIT}]{{1,16}}[十百千]?[万亿]{{0,2}})?(?:[余多][百千]?[万亿]{{1,2}}|个亿)?)"
)
NUMERAL = rf"(?:{DIGITS_SCALED}|{HAN})"

_TOKEN = re.compile(r"\d+(?:\.\d+)?|\.\d+|[零一二三四五六七八九]+|[十百千万亿兆]")
_HAN_POINT = re.compile(rf"(?<=[{HAN_DIGIT}十])．(?=[{HAN_DIGIT}])")  # 二．五
_GROUPED = re.compile(r"\d{1,3}(?:[, '’]\d{3})+(?:\.\d+)?")
_GROUPED_PART = re.compile(r"\d{1,3}(?:[,'’]\d{3})+(?!\d)")
_MIXED = re.compile(r"^(\d+)\s+(\d+/\d+)$")
_LETTERED = re.compile(r"(?P<figure>[-+]?\d+(?:\.\d+)?)(?:(?P<letter>[kKwWM])|[eE](?P<power>[-+]?\d{1,2}))")
_LETTERS = {"k": 10**3, "w": 10**4, "m": 10**6}
_POSITIONAL = re.compile(r"[\d零一二三四五六七八九]+")


class NumeralError(FaduError, ValueError):
    """A text is not one numeral."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text!r} is not a numeral: {reason}; give exactly one number in digits or Chinese numerals")
        self.text = text
        self.reason = reason


def parse_number(text: str) -> Decimal:
    """Read exactly one numeral as an exact decimal.

    Digits with any grouping, decimals, 十/百/千/万/亿/兆 scales after digits, Chinese numerals (formal,
    traditional, digit by digit, with 点), fractions with 分之 or a slash, k, w, M and exponents after digits, and a
    leading sign are read. Spaces between the parts are ignored, 余, 多 and 几 before a scale as well.

    Args:
        text: the numeral and nothing else, in either script and any character width.

    Returns:
        The value, exact to 28 significant digits.

    Raises:
        NumeralError: `text` is not one numeral.

    >>> parse_number("1,179,859"), parse_number("1.12亿"), parse_number("一万五")
    (Decimal('1179859'), Decimal('112000000.00'), Decimal('15000'))
    >>> parse_number("叁仟贰佰元")
    Traceback (most recent call last):
    ingest.extract.numerals.NumeralError: '叁仟贰佰元' is not a numeral: '元' is not part of a number; give exactly ...
    """
    if text.isascii() and text.isdigit():
        return Decimal(text)
    return _read_short(text) if len(text) <= _SHORT else _read(text)


@lru_cache(maxsize=4096)
def _read_short(text: str) -> Decimal:
    return _read(text)


def _read(text: str) -> Decimal:
    plain = _MIXED.sub(r"\1又\2", _HAN_POINT.sub("点", text).translate(_PLAIN).strip())
    if _GROUPED.fullmatch(plain):
        return Decimal(re.sub(r"[, '’]", "", plain))
    plain = "".join(plain.split())
    for short, full in _CONTRACTED.items():
        plain = plain.replace(short, full)
    plain = _GROUPED_PART.sub(lambda m: re.sub(r"\D", "", m.group()), plain)
    if not plain:
        raise NumeralError(text, "it is empty")
    if lettered := _LETTERED.fullmatch(plain):
        scale = _LETTERS[lettered["letter"].lower()] if lettered["letter"] else 1
        return Decimal(lettered["figure"]).scaleb(int(lettered["power"] or 0)) * scale + 0
    return _signed(plain, text)


def _signed(plain: str, text: str) -> Decimal:
    unsigned = plain[1:] if plain[0] in "负-+" else plain
    if not unsigned:
        raise NumeralError(text, "it is a sign alone")
    value = _unsigned(unsigned, text)
    return -value if plain[0] in "负-" else value


def _unsigned(plain: str, text: str) -> Decimal:
    whole, mixed, part = plain.rpartition("又")
    if mixed:
        return _unsigned(whole, text) + _unsigned(part, text)
    for divider, numerator_first in (("分之", False), ("/", True)):
        left, found, right = plain.partition(divider)
        if found:
            numerator, denominator = (left, right) if numerator_first else (right, left)
            bottom = _scale_value(denominator) or _signed_part(denominator, text)
            if not bottom:
                raise NumeralError(text, "its denominator is zero")
            return _signed_part(numerator, text) / bottom
    if plain in ("半", "一半"):
        return Decimal("0.5")
    if plain == "半百":
        return Decimal(50)
    return _cardinal(plain, text)


def _signed_part(plain: str, text: str) -> Decimal:
    if not plain:
        raise NumeralError(text, "a part of the fraction is missing")
    return -_cardinal(plain[1:], text) if plain[0] in "负-" else _cardinal(plain, text)


def _scale_value(plain: str) -> Decimal | None:
    """百, 千, 万, 十万 … standing alone as a denominator (百分之)."""
    value = Decimal(1)
    for char in plain:
        if char not in _SCALES:
            return None
        value *= _SCALES[char]
    return value if plain else None


def _cardinal(plain: str, text: str) -> Decimal:
    integer, point, decimals = plain.partition("点")
    if point:
        return _with_decimals(integer, decimals, text)
    if _POSITIONAL.fullmatch(plain):
        return Decimal("".join(str(_DIGITS.get(c, c)) for c in plain))
    return _sum_of_scales(plain, text)


def _with_decimals(integer: str, decimals: str, text: str) -> Decimal:
    figures = _POSITIONAL.match(decimals)
    if not integer or figures is None:
        raise NumeralError(text, "点 needs digits on both sides")
    fraction = "".join(str(_DIGITS.get(c, c)) for c in figures.group())
    scale = _scale_value(decimals[figures.end() :]) if figures.end() < len(decimals) else Decimal(1)
    if scale is None:
        raise NumeralError(text, "only a scale may follow the decimals")
    return (_cardinal(integer, text) + Decimal(f"0.{fraction}")) * scale


def _sum_of_scales(plain: str, text: str) -> Decimal:
    """Sum digits times scales: 四千五百六十九万八千三百一十一亿, 7万5千4百, 一万五 (= 15000)."""
    groups: list[tuple[Decimal, int]] = []  # closed by 万, 亿, 兆: (value, scale)
    section, digit, unit, zero = Decimal(0), None, 0, False
    tokens = _tokens(plain, text)
    for index, token in enumerate(tokens):
        scale = _SCALES.get(token)
        if scale is None:
            zero = token[0] == "零" and len(tokens) > 1
            digit = _token_value(token)
            if digit % 1 and any(t not in _SCALES for t in tokens[index + 1 :] + tokens[:index]):
                raise NumeralError(text, "nothing but scales can stand beside decimals")
        elif scale < 10**4:
            if unit and scale >= unit and not (digit is None and index and tokens[index - 1] == token):
                raise NumeralError(text, f"{token} cannot follow a smaller or equal scale")
            if index == 0 and scale > 10 and len(tokens) > 1 and tokens[1] == "十":
                raise NumeralError(text, f"{token} needs a digit before it")
            section += (Decimal(1) if digit is None or (zero and digit == 0) else digit) * scale
            digit, unit, zero = None, scale, False
        else:
            within = index > 1 and 10 < _SCALES.get(tokens[index - 2], 0) < 10**4  # 百二万 is 120万
            value = section + (digit or 0) * (_omitted_scale(tokens[:index], zero) if within else 1)
            while groups and (groups[-1][1] < scale or not value):
                value += groups.pop()[0]
            if index == 0:
                value = Decimal(1)
            groups.append((value * scale, scale))
            section, digit, unit, zero = Decimal(0), None, 0, False
    if digit is not None:
        section += digit * _omitted_scale(tokens, zero)
    return section + sum(value for value, _ in groups)


def _tokens(plain: str, text: str) -> list[str]:
    plain = re.sub(r"零?[余多几](?=[百千]?[万亿兆])|个(?=亿)", "", plain)
    tokens = _TOKEN.findall(plain)
    if sum(map(len, tokens)) != len(plain):
        strange = _TOKEN.sub("", plain)
        raise NumeralError(text, f"{strange[0]!r} is not part of a number")
    return tokens


def _token_value(token: str) -> Decimal:
    return Decimal("".join(str(_DIGITS.get(c, c)) for c in token))


def _omitted_scale(tokens: list[str], zero: bool) -> int:
    """The scale a last digit stands for when it was left unsaid: the 千 of 一万五, the 十 of 二百五."""
    if len(tokens) < 2 or len(tokens[-1]) > 1 or zero:
        return 1
    return max(1, _SCALES.get(tokens[-2], 1) // 10) if tokens[-2] != "十" else 1
