"""Numerals that name, order or point and so measure nothing, though a measure word follows them.

Slogans (四个意识), pointers (上述两项), turns of speech (由一人办理), labels (附表二), parts of the calendar.
"""

from __future__ import annotations

import re

from ingest.extract.units import Unit, load_units

_VAGUE_BEFORE = re.compile(r"(?:(?<![人户次件总额天日月年个倍指基])数|几|成千|上百)$")
_TIME_DETERMINER = re.compile(r"(?:[任每同另这那某哪该首次]|(?<!以)[上下])$")
_DETERMINER = re.compile(r"(?:[任每同另这那某哪各该其首当统唯单逐划专之初]|(?<!以)[上下])$")
_BOUNDED_AFTER = re.compile(r"\s?(?:\(含\))?(?:以上|以下|以内|至|[一-鿿]{0,4}为限|为上限)")
_BOUNDED_BEFORE = re.compile(
    r"(?:不得?[少多低高短长]于|不得?超过|至少|最多|最少|最高|最低|超过|多于|少于|满|达到?|仅|只有|限|每[一-鿿]{1,6}|逾|增加|减少|按|有|给[与付予]|[发增加]给|[加增]发|增领)\s?$"
)
_ONCE = re.compile(r"每[^，。；;\n]{0,24}$")
_AT_ONCE = re.compile(r"(?:全[数额部])?(?:退|给付|给与|发|请?领|死亡|退职|抚恤|养老|补偿|拨|支付|缴|结清|金|加发|计)")
_CLAUSE_END = re.compile(r"[，。；、,;\n)）]")
_NOUN_BEFORE = re.compile(r"[一-鿿](?<![由为之与和及每任同第是这那只选择推])$")
_LABELLED = re.compile(r"(?:附[表件录图]|[见如][表图]|编号|款|目|级别|类别|等级)\s?$")
_ENUMERATED = frozenset(["人", "名", "家", "户", "起", "件", "例", "处", "所", "台", "辆"])
_ORDINAL_UNITS = frozenset("条款项目章节编")
_LIST_UNITS = frozenset(["种", "个", "项", "类", "条", "款", "点", "件", "位", "名"])
_FORMAL = frozenset("壹贰叁肆伍陆柒捌玖拾佰仟")
_QUOTES = '“"「『‘'
_CORNERS = "长珠金铁死拐墙直"
_CALENDAR_YEAR = re.compile(r"(?:19|20)\d\d(?!\d)")
_PERSON_ENDS = ("人以", "人的,", "人。", "人，")  # 3个人, not 3个|人…; else 个人账户, 个人缴费


def does_not_measure(n: str, start: int, numeral: str, end: int, unit: Unit, *, is_one: bool) -> bool:
    """Tell whether the language uses a numeral with a measure word for a name, a pointer or a turn of speech.

    Args:
        n: normalized text.
        start: offset of the numeral.
        numeral: its characters, as in the text.
        end: offset after the unit.
        unit: the unit after it.
        is_one: the value is one and no range follows.
    """
    before, left, han = n[start - 1 : start], n[max(0, start - 6) : start], not n[start].isdigit()
    if han and (_VAGUE_BEFORE.search(left) or before == "零"):
        return True
    if unit.kind in ("money", "percent", "percentage_point", "multiple"):
        return unit.word == "角" and before in _CORNERS and bool(before)  # 长三角, 死角
    table = load_units()
    if han and any(n[start : start + k] in table.phrases for k in range(2, 9)):
        return True
    if han and ((len(numeral) == 1 and numeral in _FORMAL) or _LABELLED.search(left)):
        return True
    if unit.word == "分" and numeral == "十":  # 十分重要
        return True
    determiner = _TIME_DETERMINER if unit.kind == "duration" else _DETERMINER
    if han and is_one and determiner.search(left):
        return True
    if unit.kind == "duration":
        return _names_a_time(n, start, end, unit, han, before)
    if han and before and before in _QUOTES:
        return True
    if unit.word in _ORDINAL_UNITS and (before in "前本后、" and before and han):
        return True
    if unit.word == "个" and n.startswith("人", end) and not n.startswith(_PERSON_ENDS, end):
        return True
    if han and (
        table.discourse.match(n, start + len(numeral)) or (unit.word in _LIST_UNITS and table.pointers.search(left))
    ):
        return True
    return han and is_one and not _one_is_counted(n, start, end, unit)


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
        if _CALENDAR_YEAR.match(n, start):
            return True
        if load_units().undertakings.match(n, end - 1):
            return True
    if n[start] == "半" and before and before in "上下前后一多大":
        return True
    return unit.word == "日" and han and n.startswith(("日", "之日"), end)
