"""Dates: recognized everywhere, reported only where they bound something.

A date that merely says when (2011年全县…, 2020年1月至6月) is stepped over, so that none of its numbers is taken
for a measure. A date that limits (3月底前, 每月5日前, 自2021年2月1日起) or on which a payment was made becomes a
quantity of kind `date` with an ISO 8601 value whose unknown parts are left out.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass

from ingest.extract.numerals import NumeralError, parse_number
from ingest.records import Quantity

_HAN = "〇○零一二两三四五六七八九十百"
_SEPARATOR = r"\s?(?:至|到|-|—{1,2}|–|~|～|－)\s?"
_YEAR4 = r"(?:(?:19|20)\d{2}|[一二][〇○零一二三四五六七八九]{3}|20[xX×＊*]{2}|[xX×]{4})"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]|[xX×]{1,2})"
_DAY = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九]|[xX×]{1,2})"
_YEAR = rf"(?:{_YEAR4}|\d{{2,3}}|[{_HAN}]{{1,6}})"
_QUARTER = r"第?[一二三四首1-4]季度(?:末|底)?"
_EDGE = rf"(?:月?[底末]|初|上旬|中旬|下旬|上半年|下半年|{_QUARTER})"
_WEEKDAY = r"(?:\s?[（(]?(?:星期|周)[一二三四五六日天][)）]?)"

_DATE = re.compile(
    rf"(?:(?P<year>{_YEAR})(?:{_SEPARATOR}(?:{_YEAR4})\s?(?=[学年]))?\s?(?:学年|年)(?!级|代|龄|度?[一-鿿]{{0,1}}年)度?\s?)?"
    rf"(?:(?P<month>{_MONTH})(?:(?:{_SEPARATOR}|[、,])(?P<last_month>{_MONTH}))?\s?月(?:份)?\s?(?!以[上下内])(?:的\s?)?)?"
    rf"(?:(?P<day>{_DAY})(?:\s?[日号]{_WEEKDAY}?|(?=前|之前|以前|至|-)))?"
    rf"(?P<edge>{_EDGE})?"
)
_ISO = re.compile(
    r"(?P<year>(?:19|20)\d{2})(?P<s>[-/.])(?P<month>1[0-2]|0?[1-9])(?P=s)(?P<day>3[01]|[12]\d|0?[1-9])(?!\d)"
)
_LAST_DAY = re.compile(rf"(?P<day>{_DAY})\s?[日号]")
_LONE_DAY = re.compile(rf"(?P<day>{_DAY})(?:\s?[日号])?{_SEPARATOR}(?P<high>{_DAY})\s?[日号]|(?P<only>{_DAY})\s?[日号]")
_YEARS = re.compile(rf"{_YEAR4}{_SEPARATOR}{_YEAR4}\s?(?:学年|年)度?")
_UNTIL = re.compile(_SEPARATOR)

_BEFORE = re.compile(
    r"\s?(?:之前|以前|前|止|为止|截止|以内|之内|内)(?!期|述|款|项|提(?![出交供请])|往|者|言|后|景|列|置|部|科|外)"
)
_COORDINATED = re.compile(rf"\s?(?:及|和|与|、|或|或者|以及){_MONTH}月(?:{_DAY}[日号]|底|末)(?:之前|以前|前)")
_FROM = re.compile(r"\s?(?:之?日?起(?!草)|以后|之后|后(?!期|续|勤|备))")
_IN_FORCE = re.compile(r"[一-鿿]{0,4}?(?:施行|实施|生效)")
_THIS_RULE_FROM = re.compile(
    r"本(?:法|条例|办法|规定|细则|标准|通知|意见|方案|决定|规则|制度)[^，。\n]{0,8}自(?:中华民国)?$"
)
_DEADLINE = re.compile(
    r"(?:不[得应]?(?:迟|晚)于|[最至]迟(?:应)?(?:于|在)?|延[长期]至|推迟至|[缓延]缴至|展期至|截止(?:日期|时间|日)(?:为|是|于|到)?)$"
)
_MONTHLY = re.compile(r"(?P<each>每)?(?:一|个)?(?:[本当次下上翌该同前后]|次一)?(?:个)?月(?:份)?(?:的)?$")
_EACH_MONTH = re.compile(r"每(?:一|个)?(?:个)?月(?:的)?$")
_EACH_YEAR = re.compile(r"(?:每|逐)年(?:度)?(?:的)?$")
_ROC = re.compile(r"(?:中华)?民国\s?$")
_PAYMENT = re.compile(
    r"[^，。；,;\n]{0,10}?(?:拨付|到位|缴[清纳齐足]|补[足齐缴]|上缴|划拨|拨[入给到]|汇[入付]|支付到|付清|入账|到账)"
)
_ON = re.compile(r"[于在](?:(?:中华)?民国)?\s?$")

# Characters that can follow the leading numeral of a date; a cheap test before `read_date`.
DATE_FOLLOWERS = "年月日号学xX×＊*至到-—–~～－/., 底末上下中初第季"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a date says; years are Gregorian, `XXXX` where masked."""

    year: str | None
    month: int | None
    day: int | None

    def iso(self) -> str | None:
        """ISO 8601 with the unknown parts left out, None for what is no date."""
        if self.month is not None and not 1 <= self.month <= 12:
            return None
        if self.day is not None and not 1 <= self.day <= 31:
            return None
        match (self.year, self.month, self.day):
            case (None, None, int(day)):
                return f"---{day:02}"
            case (None, int(month), None):
                return f"--{month:02}"
            case (None, int(month), int(day)):
                return f"--{month:02}-{day:02}"
            case (str(year), None, _):
                return year
            case (str(year), int(month), None):
                return f"{year}-{month:02}"
            case (str(year), int(month), int(day)):
                return f"{year}-{month:02}-{day:02}"
        return None


def read_date(n: str, start: int, *, taiwan: bool) -> tuple[int, Quantity | None] | None:
    """Read the date expression that begins at `start`, if one does.

    Args:
        n: normalized text.
        start: offset in `n` of a numeral.
        taiwan: two- and three-digit years are years of the Republic (民国).

    Returns:
        Its end and the quantity, None for a date that bounds nothing; None when no date begins at `start`.
    """
    years = _YEARS.match(n, start)
    if years:
        return years.end(), None
    found = _ISO.match(n, start) or _calendar_date(n, start, taiwan)
    if found is None:
        return _lone_day(n, start)
    first = _parts_of(n, found, taiwan)
    end, last = found.end(), None
    until = _UNTIL.match(n, end)
    if until and until.end() < len(n):
        second = _ISO.match(n, until.end()) or _calendar_date(n, until.end(), taiwan)
        if second and second.end() > until.end():
            end, last = second.end(), _parts_of(n, second, taiwan)
        elif first.day and (only := _LAST_DAY.match(n, until.end())):  # 1月1日至20日
            end, last = only.end(), _Parts(first.year, first.month, _small(only["day"]))
    elif first.day is None and first.month and (month := found.groupdict().get("last_month")):  # 1-6月
        last = _Parts(first.year, _small(month), None)
    return end, _bounding(n, start, end, first, last)


def _calendar_date(n: str, start: int, taiwan: bool) -> re.Match[str] | None:
    """Match a date with 年 or 月 whose numbers cannot be a duration."""
    m = _DATE.match(n, start)
    if m is None or m.end() == start:
        return None
    year, month = m["year"], m["month"]
    if year is None:
        if month is None:
            return m if m["edge"] and "季度" in m["edge"] and n[start - 1 : start] != "年" else None
        return m if m["day"] or m["edge"] or n[start - 1 : start] != "前" else None
    if re.fullmatch(_YEAR4, year) or _roc_before(n, start):
        return m
    two_digits = year.isascii() and len(year) == 2
    if year[0] in "零〇" and len(year) == 2:  # 零八年
        return m
    if two_digits and (year[0] == "0" or month or m["edge"] or n.startswith("年度", start + 2)):
        return m
    return m if month and (m["day"] or m["edge"]) and (taiwan or len(year) > 1) else None


def _roc_before(n: str, start: int) -> bool:
    return _ROC.search(n, max(0, start - 6), start) is not None


def _parts_of(n: str, m: re.Match[str], taiwan: bool) -> _Parts:
    groups = m.groupdict()
    year = _year(groups["year"], taiwan or _roc_before(n, m.start())) if groups["year"] else None
    month, day = _small(groups["month"]), _small(groups["day"])
    edge = groups.get("edge") or ""
    if edge in ("底", "末", "月底", "月末"):
        month = month or 12
        day = _last_day(year, month)
    elif edge == "上半年":
        month, day = 6, 30
    elif edge == "下半年":
        month, day = 12, 31
    elif "季度" in edge:
        month = 3 * (_small(edge.removeprefix("第").replace("首", "一")[0]) or 1)
        day = _last_day(year, month)
    elif edge.endswith("旬") and month:
        day = {"上旬": 10, "中旬": 20}.get(edge) or _last_day(year, month)
    return _Parts(year, month, day)


def _small(text: str | None) -> int | None:
    if not text or text[0] in "xX×":
        return None
    return int(parse_number(text))


def _year(text: str, roc: bool) -> str | None:
    if re.search(r"[xX×＊*]", text):
        return "XXXX"
    try:
        number = int(parse_number(text))
    except NumeralError:
        return None
    if number >= 1000:
        return f"{number:04}"
    if roc:
        return f"{number + 1911:04}"
    return f"{number + (1900 if number >= 70 else 2000):04}"


def _last_day(year: str | None, month: int) -> int | None:
    if not 1 <= month <= 12:
        return None
    return calendar.monthrange(int(year) if year and year.isdigit() else 2001, month)[1]


def _bounding(n: str, start: int, end: int, first: _Parts, last: _Parts | None) -> Quantity | None:
    """The quantity a date becomes where it limits something."""
    before, left = _BEFORE.match(n, end), n[max(0, start - 12) : start]
    yearly = _EACH_YEAR.search(left)
    confidence = 1.0
    if before or _COORDINATED.match(n, end) or _DEADLINE.search(left):
        if before and before.group().strip() in ("内", "以内", "之内") and first.day is not None:
            return None
    elif follows := _FROM.match(n, end):
        if _THIS_RULE_FROM.search(left) or _IN_FORCE.match(n, follows.end()):
            return None
        if first.day is None and (first.year is None or first.month is None):
            return None
        confidence = 0.8
    elif last is not None:
        if not yearly:
            return None
    elif first.day is None or not (_ON.search(left) and _PAYMENT.match(n, end)):
        return None
    return _quantity(n, start, end, first, last, "year" if yearly else None, confidence)


def _quantity(
    n: str, start: int, end: int, first: _Parts, last: _Parts | None, per: str | None, confidence: float
) -> Quantity | None:
    value = first.iso()
    if last is not None and first.year and not last.year:
        last = _Parts(first.year, last.month, last.day)
    high = last.iso() if last else None
    if value is None or (last is not None and high is None):
        return None
    return Quantity(start, end, n[start:end], "date", value, "date", high, per, confidence=confidence)


def _lone_day(n: str, start: int) -> tuple[int, Quantity | None] | None:
    """A day of a month named relatively: 每月5日前, 本月25日之前, 次月10日."""
    m = _LONE_DAY.match(n, start)
    if m is None:
        return None
    left = n[max(0, start - 8) : start]
    if not _MONTHLY.search(left) and not (m["only"] and m.group()[-1] == "号" and _BEFORE.match(n, m.end())):
        return None
    if left.endswith("个月") and not _EACH_MONTH.search(left):  # 六个月 is a span
        return None
    per = "month" if _EACH_MONTH.search(left) else None
    bounded = per or _BEFORE.match(n, m.end()) or _FROM.match(n, m.end()) or _DEADLINE.search(left)
    if not bounded:
        return m.end(), None
    first = _Parts(None, None, _small(m["day"] or m["only"]))
    last = _Parts(None, None, _small(m["high"])) if m["high"] else None
    return m.end(), _quantity(n, start, m.end(), first, last, per, 1.0)
