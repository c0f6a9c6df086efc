"""Amounts: a numeral and its unit, or a range of them, with money tails, halves and approximation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from ingest.extract.denominators import find_denominator
from ingest.extract.naming import does_not_measure
from ingest.extract.numerals import HAN_DIGIT, NUMERAL, NumeralError, parse_number
from ingest.extract.units import Unit, load_units
from ingest.records import Kind, Quantity

# What joins the two sides of a range.
RANGE = r"\s?(?:至|到|-|—{1,2}|–|~|～|－|―)\s?"
_INCLUDED = r"(?:[(（]含[^()（）]{0,4}[)）])?"  # 1万(含)-5万元
_SYMBOLS = ("￥", "¥", "$", "人民币", "新台币", "RMB", "CNY", "NTD", "TWD", "HKD", "USD")
_CLOCK = {
    "week": 604800,
    "day": 86400,
    "hour": 3600,
    "minute": 60,
    "second": 1,
}  # months have no fixed length
_CLOCK_TAIL = re.compile(
    rf"(?P<join>零|又|余|加)?\s?(?P<num>{NUMERAL})\s?(?P<unit>天|日|个?小时|个钟头?|小时|(?<=\d)时(?!段|间|期|代)|分钟|分(?![之别数])|秒钟?)(?!工作制|制)"
)
_CLOCK_WORDS = {"天": "day", "日": "day", "分": "minute", "秒": "second"}
_COMPOUND_MONTHS = re.compile(rf"(?:零|又|余)?(?P<num>{NUMERAL})个月")
_MONEY_TAIL = re.compile(
    rf"(?:零?(?P<jiao>\d|[{HAN_DIGIT}])[角毛])?"
    rf"(?:零?(?P<fen>\d|[{HAN_DIGIT}])分(?!之|别)钱?|(?<=毛)(?P<cents>[{HAN_DIGIT}])(?![{HAN_DIGIT}十百千万]))?(?P<whole>整|正)?"
)
_TENTHS = re.compile(rf"(?P<tenth>[{HAN_DIGIT}\d])(?![{HAN_DIGIT}十百千万亿\d个元年月日人家户种项])")
_TENTHS_APART = re.compile(rf" (?P<tenth>[{HAN_DIGIT}])(?=[，。；、,;）)\n]|$)")  # 七成 六
_MINUS = re.compile(r"(?:^|[为是率长(（:：\s])[-－]$|(?:^|[为是率长])负$")
_APPROX_BEFORE = re.compile(
    r"(?:(?<![契合签公条预节履违制集隐])约|大约|约为|约占|大概|近乎|将近|接近|差不多|(?<![最附邻远亲靠新贴])近)\s?$"
)
_APPROX_AFTER = re.compile(r"\s?(?:左右|上下(?!级|班|游|联|一)|[多余](?![数种样少额次年元人方]))")
_FULL_PRICE = 100  # 十折 is no discount
_LONGEST = 28  # characters of a numeral; longer runs of digits are codes
_NEIGHBOURS = re.compile(
    r"(?P<ten>十?)(?P<low>[一二两三四五六七八])(?P<high>[二三四五六七八九])(?P<scale>[十百千万亿]{0,3})"
)


@dataclass(slots=True)
class _Amount:
    """An amount while it is read."""

    start: int
    end: int
    kind: Kind
    unit: str
    value: Decimal
    high: Decimal | None
    approx: bool


@cache
def _amount() -> re.Pattern[str]:
    unit = load_units().pattern
    number = rf"(?:{NUMERAL}|半(?=年(?!度)|个?月|天|日|小时|个小时|个钟|周|个工作日|个百分点|成|学年))"
    side = r"(?:[余多]|来(?=[个人名家户天件]))?[ \t\u00a0\u3000]{0,4}"
    return re.compile(
        rf"(?P<a>{number})(?P<a_more>{side})"
        rf"(?:(?P<a_unit>{unit})(?P<a_half>半(?![年月数天]))?(?P<more>[余多](?=[百千]?[万亿]))?)?"
        rf"(?:{_INCLUDED}{RANGE}(?P<b>{number})(?P<b_more>{side})(?P<b_unit>{unit})(?P<b_half>半(?![年月数天]))?)?"
    )


@cache
def _upper_money() -> re.Pattern[str]:
    """The other end of 5元6角至5元7角8分."""
    words = [word for word, unit in load_units().units.items() if unit.unit == "default"]
    return re.compile(f"{RANGE}(?P<num>{NUMERAL})\\s?(?P<unit>{'|'.join(sorted(words, key=len, reverse=True))})")


@cache
def _slashed() -> re.Pattern[str]:
    """/人, /人·年, /床日 after a unit."""
    head = f"(?:{load_units().denominators}|{load_units().pattern})"
    return re.compile(rf"\s?/\s?{head}(?:[·./•*]\s?{head}){{0,2}}")


def read_amount(n: str, start: int, currency: str) -> tuple[int, Quantity | None]:
    """Read the amount that begins at `start`.

    Args:
        n: normalized text.
        start: offset of a numeral.
        currency: ISO 4217 code of a bare 元.

    Returns:
        How far the text is used up, and the quantity; None where the numeral has no unit or does not measure.
    """
    m = _amount().match(n, start)
    if m is None:
        return start, None
    if len(m["a"]) > _LONGEST or len(m["b"] or "") > _LONGEST:
        return m.end(), None
    units = load_units().units
    is_range = m["b"] is not None and (not m["a_unit"] or _same_unit(units[m["a_unit"]], units[m["b_unit"]]))
    word = m["b_unit"] if is_range else m["a_unit"]
    if word is None:
        return _marked(n, m, currency)
    end = m.end() if is_range else max(m.end("a_unit"), m.end("a_half"), m.end("more"))
    unit = units[word]
    try:
        value, high = _estimate(m["a"], unit) if not is_range else (None, None)
        estimated = high is not None
        if value is None:
            value, high = _values(m, units, unit, is_range)
    except NumeralError:
        return m.end("a"), None
    if does_not_measure(n, start, m["a"], end, unit, is_one=value == 1 and not is_range):
        return (end if unit.kind in ("count", "duration") else m.end("a")), None
    name = _currency(n, start, unit.unit, currency) if unit.kind == "money" else unit.unit
    amount = _Amount(start, end, unit.kind, name, value, high, approx=estimated or _says_more(m))
    if is_range and unit.kind == "money":
        amount.end, amount.high = _money_tail(n, end, word, high or value)
    elif not is_range:
        _take_tail(n, amount, word, m["a"])
    if word == "折" and amount.value >= _FULL_PRICE:
        return end, None
    return _finished(n, amount)


def _marked(n: str, m: re.Match[str], currency: str) -> tuple[int, Quantity | None]:
    """Money whose only unit is the mark before it: ￥300."""
    left = n[max(0, m.start() - 3) : m.start()]
    mark = next((mark for mark in _SYMBOLS if left.endswith(mark)), None)
    if mark is None:
        return m.start(), None
    code = _currency(n, m.start(), "default", currency)
    start, end = m.start() - len(mark), m.end("a")
    return end, Quantity(start, end, n[start:end], "money", decimal_string(parse_number(m["a"])), code)


def _same_unit(one: Unit, other: Unit) -> bool:
    return (one.kind, one.unit) == (other.kind, other.unit)


def _says_more(m: re.Match[str]) -> bool:
    """余, 多 or 来 within the expression."""
    inner = (m["a"], m["a_more"], m["a_unit"] or "", m["more"] or "", m["b_more"] or "")
    return any(sign in part for part in inner for sign in "余多来")


def _take_tail(n: str, amount: _Amount, word: str, numeral: str) -> None:
    """Take in what may follow the unit: 角分, the second digit of 七成五, the months of 1年6个月."""
    end, value = amount.end, amount.value
    if amount.kind == "money":
        amount.end, amount.value = _money_tail(n, end, word, value)
        if amount.end > end and (upper := _upper_money().match(n, amount.end)):
            high = parse_number(upper["num"]) * load_units().units[upper["unit"]].factor
            amount.end, amount.high = _money_tail(n, upper.end(), upper["unit"], high)
    elif word in ("成", "折"):
        amount.end, amount.value = _tenths(n, end, word, numeral, value)
    elif word == "年" and (months := _COMPOUND_MONTHS.match(n, end)):
        amount.end, amount.unit, amount.value = months.end(), "month", value * 12 + parse_number(months["num"])
    elif amount.unit in _CLOCK or word == "分":
        _take_clock(n, amount)


def _take_clock(n: str, amount: _Amount) -> None:
    """Take in the smaller units of 8天20小时, 1小时零15秒, 一周又三天: one duration in the smallest of them."""
    unit, value = ("minute" if amount.kind == "count" else amount.unit), amount.value
    while tail := _CLOCK_TAIL.match(n, amount.end):
        smaller = _CLOCK_WORDS.get(tail["unit"][0], "hour")
        if _CLOCK[smaller] >= _CLOCK[unit] or (unit == "week" and not tail["join"]):
            return
        if amount.kind == "count" and smaller != "second":
            return
        value = value * (_CLOCK[unit] // _CLOCK[smaller]) + parse_number(tail["num"])
        unit = smaller
        amount.end, amount.kind, amount.unit, amount.value = tail.end(), "duration", unit, value


def _finished(n: str, amount: _Amount) -> tuple[int, Quantity]:
    """The amount with its sign, slash, denominator and approximation, and where it ends."""
    start, end, kind, value = amount.start, amount.end, amount.kind, amount.value
    if kind != "percent" and n[end : end + 2].lstrip().startswith("/") and (slashed := _slashed().match(n, end)):
        end = slashed.end()
    signed = kind in ("percent", "percentage_point", "money") or n[start - 1 : start] == "负"
    if signed and _MINUS.search(n, max(0, start - 2), start):
        start, value = start - 1, -value
    high = None if amount.high is None else decimal_string(amount.high)
    approx = amount.approx or is_approximate(n, start, end, kind)
    quantity = Quantity(start, end, n[start:end], kind, decimal_string(value), amount.unit, high, approx=approx)
    per = find_denominator(n, quantity)
    return end, replace(quantity, per=per) if per else quantity


def _values(m: re.Match[str], units: Mapping[str, Unit], unit: Unit, is_range: bool) -> tuple[Decimal, Decimal | None]:
    """Low and high in the canonical unit; a scale said once counts for both sides (2~3万元)."""
    low = parse_number(m["a"]) + (Decimal("0.5") if m["a_half"] or (unit.half and m["a_unit"]) else 0)
    if not is_range:
        return low * unit.factor, None
    upper = units[m["b_unit"]]
    high = parse_number(m["b"]) + (Decimal("0.5") if m["b_half"] or upper.half else 0)
    if not m["a_unit"]:
        shared = re.search(r"[百千佰仟万亿]+$", m["b"])
        if shared and not re.search(r"[百千佰仟万亿]", m["a"]):
            scale = high / parse_number(m["b"][: shared.start()]) if shared.start() else Decimal(1)
            if low * scale < high:
                low *= scale
    return low * units[m["a_unit"] or m["b_unit"]].factor, high * upper.factor


def _estimate(numeral: str, unit: Unit) -> tuple[Decimal | None, Decimal | None]:
    """Two neighbouring digits are an estimate from one to the other: 两三个月, 十五六人, 四五千元."""
    m = _NEIGHBOURS.fullmatch(numeral)
    if m is None or not (parse_number(m["low"]) < parse_number(m["high"]) <= parse_number(m["low"]) + 2):
        return None, None
    low, high = (parse_number(m["ten"] + digit + m["scale"]) * unit.factor for digit in (m["low"], m["high"]))
    return low, high


def _currency(n: str, start: int, unit: str, default: str) -> str:
    if unit != "default":
        return unit
    left = n[max(0, start - 6) : start].rstrip()
    code = next((code for mark, code in load_units().currency_marks.items() if left.endswith(mark)), default)
    return default if code == "$" and default != "CNY" else code.replace("$", "USD")


def _money_tail(n: str, end: int, word: str, value: Decimal) -> tuple[int, Decimal]:
    """Add 角 and 分, and take 整 into the quote."""
    if word not in ("元", "圆", "块", "角"):
        return end, value
    tail = _MONEY_TAIL.match(n, end)
    if tail is None or tail.end() == end:
        tenth = _TENTHS.match(n, end) if word == "块" else None  # 五块六
        return (tenth.end(), value + parse_number(tenth["tenth"]) / 10) if tenth else (end, value)
    if tail["jiao"]:
        value += parse_number(tail["jiao"]) / 10
    if cents := tail["fen"] or tail["cents"]:
        value += parse_number(cents) / 100
    return tail.end(), value


def _tenths(n: str, end: int, word: str, numeral: str, value: Decimal) -> tuple[int, Decimal]:
    """七成五 is 75; 八五折 is 85."""
    if word == "折":
        return end, value / 10 if value > 100 and "." not in numeral and "点" not in numeral else value
    tail = _TENTHS.match(n, end) or _TENTHS_APART.match(n, end)
    if tail is None:
        return end, value
    return tail.end(), value + parse_number(tail["tenth"])


def is_approximate(n: str, start: int, end: int, kind: Kind) -> bool:
    """Whether the words around `n[start:end]` make it approximate; 近两年 is the past two years."""
    near = _APPROX_BEFORE.search(n, max(0, start - 4), start)
    if near and not (near.group().strip() == "近" and kind == "duration"):
        return True
    return _APPROX_AFTER.match(n, end) is not None


def decimal_string(value: Decimal) -> str:
    """Write a plain decimal of at most ten places, without trailing zeros."""
    text = f"{value.quantize(Decimal('1E-10')):f}" if value.as_tuple().exponent < -10 else f"{value:f}"  # type: ignore[operator]
    return text.rstrip("0").rstrip(".") if "." in text else text
