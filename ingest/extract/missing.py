"""Numbers a scraped copy lost: 参保人数已达人, 基金累计征缴万元, 到年年底.

They are found by what they left behind, and never filled in.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ingest.extract.context import full_sentence
from ingest.extract.vocabulary import indicators
from ingest.lexicon import load_table
from ingest.records import Missing, Quantity

_STOP = r"(?=[,，。;；、)）(（\n]|$)"
_LONGEST = 18
_SEGMENT = re.compile(r"[^,，。;；:：、(（)）“”\"'%‰\dxX\n ]*$")
_LEFTOVER = re.compile(r"(?:年度|年的?|月份?|日|的|为|其中|分别|共计?)+(?=[\u4e00-\u9fa5]{2})")
_BARE_RATIO = re.compile(r"(?<=[,，;；。])[\u4e00-\u9fa5]{0,8}(?:率|覆盖面|比例|比重|占比|参保人|参合人)(?=[,，;；。])")
_WHOLE = re.compile(r"全(?:校|县|市|省|区|乡|镇|村|州|院|系统)(?=人$)")


@dataclass(frozen=True, slots=True)
class _Orphan:
    """A unit without its number: `unit` with its right context, after one of `words`, never after one of `never`."""

    unit: re.Pattern[str]
    words: tuple[str, ...] = ()
    never: str = ""

    def find(self, n: str) -> Iterator[tuple[int, int]]:
        for match in self.unit.finditer(n):
            at = match.start()
            before = n[max(0, at - 6) : at]
            if not before or (not "\u4e00" <= before[-1] <= "\u9fa5" and before[-1] != "》"):
                continue
            if before[-1] not in self.never and (not self.words or before.endswith(self.words)):
                yield at, match.end()


@cache
def _orphans() -> tuple[_Orphan, ...]:
    table = load_table("missing")["before"]
    reports, people = tuple(table["reports"]), tuple(table["people"])
    amounts, numeric = tuple(table["amounts"]), table["numeric"]

    def orphan(unit: str, words: Sequence[str] = (), never: str = "") -> _Orphan:
        return _Orphan(re.compile(unit), tuple(words), never)

    return (
        orphan(r"[万亿]元(?![户级])|万(?:名|份|册|张|件|例)(?!贵)", never=numeric),
        orphan(rf"万人次?{_STOP}", (*reports, "达", "计", "为"), numeric),
        orphan(rf"元(?:{_STOP}|(?=的?标准|以[上下内]|左右))", amounts),
        orphan(rf"(?:人次?|家|户|例|名|个|份|次|张|床|所|倍|年|天){_STOP}", reports),
        orphan(rf"倍{_STOP}", ("净增", "增长", "增加", "提高", "扩大", "高出", "提升")),
        orphan(rf"家{_STOP}", table["establishments"]),
        orphan(rf"(?:人次?|名){_STOP}", people),
        orphan(rf"余[人名](?={_STOP}|深入|参加|参与)", people),
        orphan(r"人(?=[、,，)）])", ("在职", "退休", "离休")),
        orphan(
            r"人(?=[,，。;；])",
            tuple("全" + w for w in ("校", "县", "市", "省", "区", "乡", "镇", "村", "州", "院", "系统")),
        ),
        orphan(rf"起{_STOP}", table["cases"]),
        orphan(rf"[份册]{_STOP}", table["prints"]),
        orphan(rf"个(?={'|'.join(table['things'])})", table["wholes"]),
        orphan(r"个百分点", never=table["monthly"]),
        orphan(r"个月", never=table["monthly"]),
        orphan(rf"年{_STOP}", ("年限为", "期限为", "限为", "时间满", "至少满", "年限满")),
        orphan(r"分以[上下]", ("在", "低于", "高于", "达到", "不足")),
        orphan(
            rf"以[上内下]{_STOP}",
            ("达到", "提高到", "提升到", "控制在", "保持在", "稳定在", "上升到", "降到", "不低于"),
        ),
        orphan(r"家(?=民营|定点|医疗|医院|企业|单位)", ("将", "对", "与", "查处", "取消", "新增")),
    )


_CHANGES = "(?:提高|降低|下降|上升|增加|减少|提升|降|升|增)(?:到|至|为)"
_LOST_ENDS = re.compile(
    rf"由{_CHANGES}(?=[,，。;；、以\n]|$)(?:以[上下内])?"
    rf"|从[^，。；,;\d%\n]{{1,20}}的{_CHANGES}(?=[,，。;；、以此\n]|$)(?:以[上下内])?"
    r"|(?:率|比例|比重)(?:分别)?为(?=[(（,，。;；\n])"
)
_PREPOSITION = re.compile(r"(?:截止到?|截至|到|至|自|从)$")
_BOUNDARIES = ("，", ",", "。", "；", ";", "(", "（")


@cache
def _lost_dates() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """What stands after a lost year or day, and what must stand before it to belong to the loss."""
    table = load_table("missing")["year"]
    prepositions = tuple(sorted(table["prepositions"], key=len, reverse=True))
    period = r"年(?:年[底末初中]|[上下]半年|第?[一二三四]季度|\d{1,2}月)前?"
    at_boundary = r"年(?:年[底末初]|第?[一二三四]季度|\d{1,2}月)前?"
    task = rf"年(?![{table['words']}])[\u4e00-\u9fa5]{{2,4}}"
    return (
        (re.compile(period), prepositions),
        (re.compile(at_boundary), _BOUNDARIES),
        (re.compile(task), ("根据", "按照", "关于")),
        (re.compile(r"年月(?:份|底|末|初|(?=[,，。;；、)）\n]))"), ("去", "今", "上", "某")),
        (re.compile(r"[—－–-](?:19|20)\d\d年"), ()),
        (re.compile(r"月日"), tuple("0123456789")),
    )


def _find_lost_dates(n: str) -> Iterator[tuple[int, int, None]]:
    for pattern, words in _lost_dates():
        for match in pattern.finditer(n):
            before = n[max(0, match.start() - 8) : match.start()]
            if not words:
                if _is_range(n, match):
                    yield match.start(), match.end(), None
                continue
            word = next((w for w in words if before.endswith(w)), None)
            if word is not None:
                yield match.start() - _lead(before, word), match.end(), None


def _lead(before: str, word: str) -> int:
    """How far the loss reaches back: over its preposition, a day's month, 截止到 before 去年."""
    if word in _BOUNDARIES:
        return 0
    if word.isdigit():
        return len(before) - len(before.rstrip("0123456789"))
    reach = _PREPOSITION.search(before[: -len(word)]) if word in "去今上某" else None
    return len(word) + (len(reach.group()) if reach else 0)


def _is_range(n: str, match: re.Match[str]) -> bool:
    """A dash before a year is a range that lost its first only inside a sentence; a subtitle ends its line."""
    before = n[match.start() - 1 : match.start()]
    line_end = n.find("\n", match.end())
    inside = (line_end if line_end >= 0 else len(n)) - match.end() > 4
    return inside and "\u4e00" <= before <= "\u9fa5" and before not in "年月日期"


_KINDS = (
    ("元", "money"),
    ("百分点", "percentage_point"),
    ("个月", "duration"),
    ("年", "duration"),
    ("天", "duration"),
    ("倍", "multiple"),
    *((unit, "count") for unit in "人家户例名份册起张床所件次个"),
)


def find_missing(n: str, quantities: Sequence[Quantity]) -> list[Missing]:
    """Every number the text speaks of and does not have.

    Args:
        n: normalized text.
        quantities: what `find_quantities` found; a unit inside one has its number.

    Returns:
        Losses sorted by start, not overlapping, each from the words that name it to the orphan unit. For a lost year
        or day the span is the words around the gap.

    >>> [m.quote for m in find_missing("全地区参保人数已达人,基金累计征缴万元,节余率;到年年底,共3人。", [])]
    ['全地区参保人数已达人', '基金累计征缴万元', '节余率', '到年年底']
    """
    whole = tuple(load_table("missing")["before"]["whole"])
    orphans = ((at, end) for orphan in _orphans() for at, end in orphan.find(n))
    spans = {end: (_segment_start(n, at), at) for at, end in orphans if not n.endswith(whole, 0, end)}
    figures = [(start, end, gap) for end, (start, gap) in spans.items()]
    figures += [(_segment_start(n, m.start()), m.end(), m.end()) for m in _LOST_ENDS.finditer(n)]
    figures += _bare_names(n, figures)
    dates = list(_find_lost_dates(n))
    starts, ends = [q.start for q in quantities], [q.end for q in quantities]
    found: list[Missing] = []
    for start, end, gap in sorted([*figures, *dates], key=lambda span: (span[1], span[0])):
        if found and start < found[-1].end:
            start = found[-1].end
            if (gap is not None and gap < start) or start >= end:
                continue
        i = bisect_left(starts, end) - 1
        if gap is not None and i >= 0 and ends[i] > gap:
            continue
        found.append(_missing(n, start, end, gap))
    return found


def _segment_start(n: str, at: int) -> int:
    """Start of the words that name the number: back to punctuation or a number, at most 18 code points."""
    segment = _SEGMENT.search(n, max(0, at - _LONGEST), at)
    start = segment.start() if segment else at
    leftover = _LEFTOVER.match(n, start, at)
    return leftover.end() if leftover else start


def _bare_names(n: str, figures: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Indicators that stand alone (节余率;) in a sentence that has lost other numbers."""
    bare = []
    sentences = {full_sentence(n, start, end) for start, end, _ in figures}
    for start, end in sentences:
        for match in _BARE_RATIO.finditer(n, start, min(end + 1, len(n))):
            bare.append((match.start(), match.end(), match.end()))
    return bare


def _missing(n: str, start: int, end: int, gap: int | None) -> Missing:
    quote = n[start:end]
    if gap is None:
        return Missing(start, end, quote)
    unit = n[gap:end]
    return Missing(start, end, quote, _indicator(quote, unit), f"{n[start:gap]}…{unit}" if unit else quote)


def _indicator(quote: str, unit: str) -> str:
    """The indicator the words name, of the dimension that the orphan unit has."""
    if _WHOLE.search(quote):
        return "population"
    unit = unit or quote[-1]
    kind = next((kind for sign, kind in _KINDS if sign in unit), "percent")
    fits = [
        m
        for m in indicators().find(quote).found
        if kind in m.item.kinds and (not m.item.units or any(u in unit for u in m.item.units))
    ]
    best = max(fits, key=lambda m: (not m.item.weak, m.end, m.end - m.start), default=None)
    return best.item.key if best else "other"
