"""Quantities: numerals with the unit they measure in.

One pass over the runs of numeral characters decides for each run what it is: an ordinal, a fraction, a date, an
amount with a unit, or nothing that measures. The vocabulary lives in `ingest/lexicon/units.toml`.
"""

from __future__ import annotations

import re
from functools import cache

from ingest.extract.dates import DATE_FOLLOWERS, read_date
from ingest.extract.denominators import inherit_denominators
from ingest.extract.expressions import read_amount
from ingest.extract.numerals import HAN_DIGIT, NUMERAL
from ingest.extract.ratios import read_fraction
from ingest.extract.units import load_units
from ingest.records import Quantity

_RUN = re.compile(r"[0-9一二两三四五六七八九十百千万半〇零廿卅俩壹贰叁肆伍陆柒捌玖拾佰仟亿]+")
_ORDINAL = re.compile(
    rf"\s?{NUMERAL}(?:\s?[条章节款项目编期届次号批版名位季部个]?(?:之[{HAN_DIGIT}十]+)?)"
    rf"(?:\s?(?:[、,，及和与或]|至|到|-|—|~){{1,2}}\s?第?\s?{NUMERAL}(?=\s?[条章节款项目编]))*(?:\s?[条章节款项目编])?"
)
_LONE_ORDINAL = re.compile(r"[条章节款项](?![之、,，及和与或至到\-—~ 第])")  # most numerals of a statute
_MARKED = frozenset("￥¥$币")  # ￥300
_CLOCK = re.compile(r"\d{1,2}(?:[::]\d{2}(?:[::]\d{2})?|[时点](?:\d{1,2}分|整|半)?)(?!间|段|效|任|代)")
_QUARTER = re.compile(r"[一二三四1-4]季度[末底]?(?:之?前|以前)")  # 第一季度末前
_LABEL_AND_YEAR = re.compile(r"\d{1,2}\.(?:19|20)\d{2}(?=年)")  # 1.2011年工作总结


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
    followers = _followers()
    found: list[Quantity] = []
    position = 0
    for run in _RUN.finditer(n):
        start = run.start()
        if start < position or (
            n[run.end() : run.end() + 1] not in followers
            and not run.group().endswith("半")
            and n[start - 1 : start] not in _MARKED
        ):
            continue
        if n[start - 1 : start] == "第" and _LONE_ORDINAL.match(n, run.end()):
            position = run.end() + 1
            continue
        end, quantity = _read(n, start, currency)
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
        | set(".,，余多点分又 \u3000/∶::~～-—–－―来时克米瓦人kKwW(（")
    )


def _read(n: str, start: int, currency: str) -> tuple[int, Quantity | None]:
    """Decide what the numeral at `start` is: how far it reaches, and the quantity if it is one."""
    before = n[start - 1 : start]
    if before == "第" or (before in (" ", "\u3000") and n[max(0, start - 2) : start - 1] == "第"):
        if before == "第" and _QUARTER.match(n, start):
            return read_date(n, start, taiwan=False) or (start, None)
        ordinal = _ORDINAL.match(n, start)
        return (ordinal.end() if ordinal else start), None
    if before and before.isascii() and (before.isalnum() or before in "._/"):
        return start, None
    fraction = read_fraction(n, start)
    if fraction is not None:
        return fraction
    if n[start].isdigit():
        named = _LABEL_AND_YEAR.match(n, start) or _CLOCK.match(n, start)
        if named:
            return named.end(), None
    return read_date(n, start, taiwan=currency == "TWD") or read_amount(n, start, currency)
