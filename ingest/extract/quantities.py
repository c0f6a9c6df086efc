"""Quantities: numerals with the unit they measure in.

One pass over the runs of numeral characters decides for each run what it is: an ordinal, a date, a fraction, an
amount with a unit, or nothing that measures. The vocabulary lives in `ingest/lexicon/units.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from ingest.extract.dates import DATE_FOLLOWERS, read_date
from ingest.extract.denominators import find_denominator, inherit_denominators
from ingest.extract.numerals import DIGITS_SCALED, HAN, HAN_DIGIT, NumeralError, parse_number
from ingest.extract.units import Unit, load_units
from ingest.records import Quantity

_SEP = r"\s?(?:至|到|-|—{1,2}|–|~|～|－|―)\s?"
_NUM = rf"(?:{DIGITS_SCALED}|{HAN})"
# 百 分 之 一 百二 十点 五, as some extracted text has it
_SPACED = rf"[{HAN_DIGIT}十百](?:\s{{0,2}}[{HAN_DIGIT}十百千点]){{1,12}}"
_RUN = re.compile(r"[0-9一二两三四五六七八九十百千万半〇零廿卅俩壹贰叁肆伍陆柒捌玖拾佰仟亿]+")
_ORDINAL = re.compile(
    rf"\s?{_NUM}(?:\s?[条章节款项目编期届次号批版名位季部个]?(?:之[{HAN_DIGIT}十]+)?)"
    rf"(?:\s?(?:[、,，及和与或]|至|到|-|—|~){{1,2}}\s?第?\s?{_NUM}(?=\s?[条章节款项目编]))*(?:\s?[条章节款项目编])?"
)
_FRACTION = re.compile(
    rf"(?:(?P<whole>{_NUM})又)?(?P<den>[{HAN_DIGIT}十百千万佰仟]{{1,6}}|\d{{1,4}})\s{{0,2}}分\s{{0,2}}之\s{{0,2}}(?P<num>{_SPACED}|{_NUM}|百|佰)"
    rf"(?:{_SEP}(?:[百千万]分之)?(?P<high>{_NUM})(?![个元年月日天家户人名件]))?|(?P<all>百分百)"
)
_SLASH = re.compile(r"(?P<num>\d{1,2})/(?P<den>\d{1,3})(?![\d/.年月日页:]|号楼)")
_PER_COLON = re.compile(
    r"(?P<a>\d{1,4}(?:\.\d+)?)\s?[::∶]\s?(?P<b>\d{1,4}(?:\.\d+)?)(?=\s?的?(?:比例|配比|比率|标准配))"
)
_HALF = re.compile(r"一半|半数")
_CLOCK = re.compile(r"\d{1,2}(?:[::]\d{2}(?:[::]\d{2})?|[时点](?:\d{1,2}分|整|半)?)(?!间|段|效|任|代)")
_LABEL_AND_YEAR = re.compile(r"\d{1,2}\.(?:19|20)\d{2}(?=年)")  # 1.2011年工作总结
_COMPOUND_MONTHS = re.compile(rf"(?:零|又|余)?(?P<num>{_NUM})个月")
_MONEY_TAIL = re.compile(
    rf"(?:零?(?P<jiao>\d|[{HAN_DIGIT}])[角毛])?(?:零?(?P<fen>\d|[{HAN_DIGIT}])分(?!之|别)钱?)?(?P<whole>整|正)?"
)
_TENTHS = re.compile(rf"(?P<tenth>[{HAN_DIGIT}\d])(?![{HAN_DIGIT}十百千万亿\d个元年月日人家户种项])")
_MINUS = re.compile(r"(?:^|[为是率长(（:：\s])[-－]$|(?:^|[为是率长])负$")
_APPROX_BEFORE = re.compile(r"(?:约|大约|约为|约占|大概|近乎|将近|接近|差不多|(?<![最附邻远亲靠新贴])近)\s?$")
_APPROX_AFTER = re.compile(r"\s?(?:左右|上下(?!级|班|游|联|一)|[多余](?![数种样少额次年元人方]))")
_BOUNDED_AFTER = re.compile(r"\s?(?:\(含\))?(?:以上|以下|以内|至|[一-鿿]{0,4}为限|为上限)")
_BOUNDED_BEFORE = re.compile(
    r"(?:不得?[少多低高短长]于|不得?超过|至少|最多|最少|最高|最低|超过|多于|少于|满|达到?|仅|只有|限|每[一-鿿]{1,6}|逾|增加|减少|按|有|给[与付予]|[发增加]给|[加增]发|增领)\s?$"
)
_VAGUE_BEFORE = re.compile(r"(?:(?<![人户次件总额天日月年个倍指基])数|几|成千|上百)$")
_CORNERS = "长珠金铁死拐墙直"
_TIME_DETERMINER = re.compile(r"(?:[任每同另这那某哪该首]|(?<!以)[上下])$")
_DETERMINER = re.compile(r"(?:[任每同另这那某哪各该其首当统唯单逐划专之初]|(?<!以)[上下])$")
_LONGEST = 28  # characters of a numeral; longer runs of digits are codes
_FORMAL = frozenset("壹贰叁肆伍陆柒捌玖拾佰仟")
_QUOTES = '“"「『‘'
_ORDINAL_UNITS = frozenset("条款项目章节编")
_LIST_UNITS = frozenset(["种", "个", "项", "类", "条", "款", "点", "件", "位", "名"])
_ONCE = re.compile(r"每[^，。；;\n]{0,24}$")
_CLAUSE_END = re.compile(r"[，。；、,;\n)）]")
_NOUN_BEFORE = re.compile(r"[一-鿿](?<![由为之与和及每任同第是这那只选择推])$")
_ENUMERATED = frozenset(["人", "名", "家", "户", "起", "件", "例", "处", "所", "台", "辆"])
_AT_ONCE = re.compile(r"(?:全[数额部])?(?:退|给付|给与|发|请?领|死亡|退职|抚恤|养老|补偿|拨|支付|缴|结清|金|加发|计)")
_LABELLED = re.compile(r"(?:附[表件录图]|[见如][表图]|编号|款|目|级别|类别|等级)\s?$")


@dataclass(frozen=True, slots=True)
class _Context:
    """What a text is read with: the default currency, and the compiled forms of an amount."""

    currency: str

    @property
    def taiwan(self) -> bool:
        return self.currency == "TWD"


def find_quantities(n: str, *, currency: str = "CNY") -> list[Quantity]:
    """Find every numeral expression that measures something.

    Args:
        n: normalized text (simplified characters, half-width digits).
        currency: ISO 4217 code of a bare 元; `TWD` also reads two- and three-digit years as years of the Republic.

    Returns:
        Quantities sorted by start, not overlapping, with offsets in `n` and `quote == n[start:end]`.

    >>> [(q.quote, q.value, q.high, q.unit) for q in find_quantities("报销70%，3-6个月内缴1.12亿元")]
    [('70%', '70', None, '%'), ('3-6个月', '3', '6', 'month'), ('1.12亿元', '112000000', None, 'CNY')]
    """
    context = _Context(currency)
    followers = _followers()
    found: list[Quantity] = []
    position = 0
    for run in _RUN.finditer(n):
        start = run.start()
        if start < position or (n[run.end() : run.end() + 1] not in followers and not run.group().endswith("半")):
            continue
        end, quantity = _read(n, start, context)
        if quantity is not None:
            found.append(quantity)
            position = quantity.end
        else:
            position = max(position, end)
    return inherit_denominators(n, found)


@cache
def _followers() -> frozenset[str]:
    """Characters after a run of numeral characters that can make it a quantity, a date or an ordinal."""
    return frozenset(
        {word[0] for word in load_units().units}
        | set(DATE_FOLLOWERS)
        | set(".,，余多点分又 \u3000/∶::~～-—–－―来时克人")
    )


@cache
def _amount() -> re.Pattern[str]:
    unit = load_units().pattern
    number = rf"(?:{_NUM}|半(?=年(?!度)|个?月|天|日|小时|个小时|周|个工作日|个百分点|成|学年))"
    side = r"(?:[余多]|来(?=[个人名家户天件]))?[ \t\u00a0\u3000]{0,4}"
    return re.compile(
        rf"(?P<a>{number})(?P<a_more>{side})"
        rf"(?:(?P<a_unit>{unit})(?P<a_half>半(?![年月数天]))?(?P<more>[余多](?=[百千]?[万亿]))?)?"
        rf"(?:{_SEP}(?P<b>{number})(?P<b_more>{side})(?P<b_unit>{unit})(?P<b_half>半(?![年月数天]))?)?"
    )


@cache
def _slashed() -> re.Pattern[str]:
    """/人, /人·年, /床日 after a unit."""
    head = f"(?:{load_units().denominators}|{load_units().pattern})"
    return re.compile(rf"\s?/\s?{head}(?:[·./•*]\s?{head}){{0,2}}")


def _read(n: str, start: int, context: _Context) -> tuple[int, Quantity | None]:
    """Decide what the numeral at `start` is: its end, and the quantity if it is one."""
    before = n[start - 1] if start else ""
    if before == "第" or (before in " \u3000" and n[max(0, start - 2) : start - 1] == "第"):
        ordinal = _ORDINAL.match(n, start)
        return (ordinal.end() if ordinal else start), None
    if before.isascii() and (before.isalnum() or before in "._/") and before:
        return start, None
    fraction = _FRACTION.match(n, start)
    if fraction:
        return fraction.end(), _from_fraction(n, fraction)
    if n[start].isdigit():
        label = _LABEL_AND_YEAR.match(n, start)
        if label:
            return label.end(), None
        clock = _CLOCK.match(n, start)
        if clock and not _PER_COLON.match(n, start):
            return clock.end(), None
        ratio = _from_slash(n, start, before)
        if ratio is not None:
            return ratio.end, ratio
    half = _HALF.match(n, start)
    if half:
        quantity = Quantity(start, half.end(), half.group(), "ratio", "0.5", "ratio")
        return half.end(), _with_approx(n, quantity)
    dated = read_date(n, start, taiwan=context.taiwan)
    if dated is not None:
        return dated
    return _read_amount(n, start, context)


def _from_fraction(n: str, m: re.Match[str]) -> Quantity | None:
    if m["all"]:
        return Quantity(m.start(), m.end(), m.group(), "percent", "100", "%")
    denominator = "".join(m["den"].split())
    bottom = {
        "百": 100,
        "佰": 100,
        "千": 1000,
        "仟": 1000,
        "万": 10000,
        "十万": 100000,
        "百万": 10**6,
        "千万": 10**7,
    }.get(denominator)
    try:
        high = parse_number(m["high"]) if m["high"] else None
        top = Decimal(100) if m["num"] in ("百", "佰") else parse_number(m["num"])
        below = Decimal(bottom) if bottom else parse_number(denominator)
    except NumeralError:
        return None
    if not below:
        return None
    scale, kind, unit = (Decimal(100), "percent", "%") if bottom else (Decimal(1), "ratio", "ratio")
    end = m.end("high") if high is not None else m.end("num")
    whole = parse_number(m["whole"]) if m["whole"] else Decimal(0)
    value = _decimal_string((whole + top / below) * scale)
    upper = _decimal_string(high * scale / below) if high is not None else None
    quantity = Quantity(m.start(), end, n[m.start() : end], kind, value, unit, upper)  # type: ignore[arg-type]
    return _with_approx(n, replace(quantity, per=find_denominator(n, quantity)))


def _from_slash(n: str, start: int, before: str) -> Quantity | None:
    """1/3 as a fraction, 1:1 where the text calls it a proportion."""
    m = _SLASH.match(n, start)
    if m and 0 < int(m["num"]) < int(m["den"]) and not (before and before in "第(（["):
        value = Decimal(m["num"]) / Decimal(m["den"])
    elif m := _PER_COLON.match(n, start):
        if not Decimal(m["b"]):
            return None
        value = Decimal(m["a"]) / Decimal(m["b"])
    else:
        return None
    return _with_approx(n, Quantity(start, m.end(), m.group(), "ratio", _decimal_string(value), "ratio"))


def _read_amount(n: str, start: int, context: _Context) -> tuple[int, Quantity | None]:
    m = _amount().match(n, start)
    if m is None or not (m["a_unit"] or m["b_unit"]):
        return start, None
    if len(m["a"]) > _LONGEST or len(m["b"] or "") > _LONGEST:
        return m.end(), None
    units = load_units().units
    unit = units[m["a_unit"] or m["b_unit"]]
    end = m.end()
    is_range = m["b"] is not None
    if is_range and m["a_unit"]:
        other = units[m["b_unit"]]
        if (other.kind, other.unit) != (unit.kind, unit.unit) and other.word != unit.word:
            is_range = False
            end = m.end("a_half") if m["a_half"] else m.end("a_unit")
    if not m["a_unit"] and not is_range:
        return start, None
    try:
        value, high = _neighbours(m["a"], unit) if not is_range else (None, None)
        if value is None:
            value, high = _values(m, units, unit, is_range)
    except NumeralError:
        return m.end("a"), None
    word = m["b_unit"] if is_range else m["a_unit"]
    if _does_not_measure(n, start, end, m, unit, value):
        return (end if unit.kind in ("count", "duration") else m.end("a")), None
    per = None
    kind, canonical = unit.kind, unit.unit
    if kind == "money":
        canonical = _currency(n, start, canonical, context.currency)
        end, value = _money_tail(n, end, m, word, value, is_range)
    elif word in ("成", "折") and not is_range:
        end, value = _tenths(n, end, word, m["a"], value)
    elif kind == "duration" and canonical == "year" and not is_range and word == "年":
        months = _COMPOUND_MONTHS.match(n, end)
        if months:
            value, canonical, end = value * 12 + parse_number(months["num"]), "month", months.end()
    slashed = _slashed().match(n, end) if n[end : end + 2].lstrip().startswith("/") else None
    if slashed and kind != "percent":
        end = slashed.end()
    approx = bool((m["a_more"] or "").strip() or m["more"] or (m["b_more"] or "").strip())
    approx = approx or "余" in m["a"] or "多" in m["a"] or (high is not None and not is_range)
    if kind in ("percent", "percentage_point", "money") and _MINUS.search(n, max(0, start - 2), start):
        start, value = start - 1, -value
    quantity = Quantity(
        start, end, n[start:end], kind, _decimal_string(value), canonical,
        _decimal_string(high) if high is not None else None, per, approx,
    )  # fmt: skip
    quantity = replace(quantity, per=find_denominator(n, quantity))
    return end, _with_approx(n, quantity)


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
    return low * (unit.factor if m["a_unit"] else upper.factor), high * upper.factor


_NEIGHBOURS = re.compile(
    r"(?P<ten>十?)(?P<low>[一二两三四五六七八])(?P<high>[二三四五六七八九])(?P<scale>[十百千万亿]{0,3})"
)


def _neighbours(numeral: str, unit: Unit) -> tuple[Decimal | None, Decimal | None]:
    """Two neighbouring digits are an estimate from one to the other: 两三个月, 十五六人, 四五千元."""
    m = _NEIGHBOURS.fullmatch(numeral)
    if m is None or not (parse_number(m["low"]) < parse_number(m["high"]) <= parse_number(m["low"]) + 2):
        return None, None
    low, high = (parse_number(m["ten"] + digit + m["scale"]) * unit.factor for digit in (m["low"], m["high"]))
    return low, high


def _does_not_measure(n: str, start: int, end: int, m: re.Match[str], unit: Unit, value: Decimal) -> bool:
    """True where the language uses the numeral for a name, a pointer or a turn of speech."""
    before, left, han = n[start - 1 : start], n[max(0, start - 6) : start], not n[start].isdigit()
    if han and (_VAGUE_BEFORE.search(left) or before == "零"):
        return True
    if unit.kind in ("money", "percent", "percentage_point", "multiple"):
        return unit.word == "角" and before in _CORNERS and bool(before)  # 长三角, 死角
    table = load_units()
    if han and any(n[start : start + k] in table.phrases for k in range(2, 9)):
        return True
    if han and ((len(m["a"]) == 1 and m["a"] in _FORMAL) or _LABELLED.search(left)):
        return True
    if unit.word == "分" and m["a"] == "十":  # 十分重要
        return True
    determiner = _TIME_DETERMINER if unit.kind == "duration" else _DETERMINER
    if han and value == 1 and m["b"] is None and determiner.search(left):
        return True
    if unit.kind == "duration":
        return _names_a_time(n, start, end, unit, han, before)
    if han and before and before in _QUOTES:
        return True
    if unit.word in _ORDINAL_UNITS and (before in "前本后、" and before and han):
        return True
    if unit.word == "个" and n.startswith("人", end) and not n.startswith(("人以", "人的,", "人。", "人，"), end):
        return True
    if han and (table.discourse.match(n, m.end("a")) or (unit.word in _LIST_UNITS and table.pointers.search(left))):
        return True
    return han and value == 1 and not _one_is_counted(n, start, end, unit)


def _one_is_counted(n: str, start: int, end: int, unit: Unit) -> bool:
    """一人, 一次 count only where they are bounded, enumerated or a frequency."""
    left = n[max(0, start - 28) : start]
    if unit.word == "次":
        if _AT_ONCE.match(n, end):
            return False
        if _ONCE.search(left):
            return True
    if _BOUNDED_AFTER.match(n, end):
        return True
    if _BOUNDED_BEFORE.search(left):
        return True
    enumerated = _CLAUSE_END.match(n, end) and _NOUN_BEFORE.search(left)
    return enumerated is not None and unit.word in _ENUMERATED


def _names_a_time(n: str, start: int, end: int, unit: Unit, han: bool, before: str) -> bool:
    if unit.unit == "year" and unit.word == "年":
        digits = re.match(r"\d+", n[start : start + 6])
        if digits and len(digits.group()) == 4 and 1900 <= int(digits.group()) <= 2100:
            return True
        if load_units().undertakings.match(n, end - 1):
            return True
    if n[start] == "半" and before and before in "上下前后一多大":
        return True
    return unit.word == "日" and han and n.startswith(("日", "之日"), end)


def _currency(n: str, start: int, unit: str, default: str) -> str:
    if unit != "default":
        return unit
    left = n[max(0, start - 6) : start].rstrip()
    for mark, code in load_units().currency_marks.items():
        if left.endswith(mark):
            return code
    return default


def _money_tail(n: str, end: int, m: re.Match[str], word: str, value: Decimal, is_range: bool) -> tuple[int, Decimal]:
    """Add 角 and 分, and take 整 into the quote."""
    if is_range or word not in ("元", "圆", "块", "角"):
        return end, value
    tail = _MONEY_TAIL.match(n, end)
    if tail is None or tail.end() == end:
        return end, value
    if tail["jiao"]:
        value += parse_number(tail["jiao"]) / 10
    if tail["fen"]:
        value += parse_number(tail["fen"]) / 100
    return tail.end(), value


def _tenths(n: str, end: int, word: str, numeral: str, value: Decimal) -> tuple[int, Decimal]:
    """七成五 is 75; 八五折 is 85."""
    if word == "折":
        return end, value / 10 if value > 100 and "." not in numeral and "点" not in numeral else value
    tail = _TENTHS.match(n, end)
    if tail is None:
        return end, value
    return tail.end(), value + parse_number(tail["tenth"])


def _with_approx(n: str, quantity: Quantity) -> Quantity:
    """Set `approx` from the words around; 近两年 is the past two years."""
    if quantity.approx:
        return quantity
    near = _APPROX_BEFORE.search(n, max(0, quantity.start - 4), quantity.start)
    if near and not (near.group().strip() == "近" and quantity.kind == "duration"):
        return replace(quantity, approx=True)
    if _APPROX_AFTER.match(n, quantity.end):
        return replace(quantity, approx=True)
    return quantity


def _decimal_string(value: Decimal) -> str:
    """A plain decimal of at most ten places, without trailing zeros."""
    text = f"{value.quantize(Decimal('1E-10')):f}" if value.as_tuple().exponent < -10 else f"{value:f}"  # type: ignore[operator]
    return text.rstrip("0").rstrip(".") if "." in text else text
