"""The numbers a rule allows, as an interval, and how two such intervals relate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from ingest.records import Rule

Relation = Literal["same", "stricter", "looser", "higher", "lower"]

_INFINITY = Decimal("Infinity")
_DATE = re.compile(r"(?P<year>\d{4}|XXXX|-)-(?P<month>\d{2})(?:-(?P<day>\d{2}))?")
_LEAP_SAFE_YEAR = 2001
# Shortest and longest length in days: months have 28 to 31, a run of workdays holds weekends and may hold holidays.
_DAYS = {
    "day": (Decimal(1), Decimal(1), 0),
    "workday": (Decimal(1), Decimal("1.4"), 10),
    "month": (Decimal("29.5"), Decimal(31), 0),
    "year": (Decimal(365), Decimal(366), 0),
}


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from `low` to `high`; `low_open` and `high_open` say that the end itself does not belong."""

    low: Decimal
    high: Decimal
    low_open: bool = False
    high_open: bool = False

    def holds(self, other: Interval) -> bool:
        """Whether every number of `other` is one of these."""
        above = (self.low, self.low_open) <= (other.low, other.low_open)
        return above and (self.high, not self.high_open) >= (other.high, not other.high_open)

    def meets(self, other: Interval) -> bool:
        """Whether some number belongs to both."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return low < high or (low == high and closed and not low_open)

    @property
    def single(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high


def intervals(a: Rule, b: Rule) -> tuple[Interval, Interval] | None:
    """What two rules allow, in one unit; None where they have none in common or a conversion leaves their order open.

    Days, workdays, months and years are compared by the least and the most days they can last.
    """
    if a.kind != b.kind or (a.per or b.per) != (b.per or a.per):
        return None
    if a.unit == b.unit:
        first, second = _interval(a), _interval(b)
        return (first, second) if first and second else None
    if a.kind != "duration" or a.high or b.high:
        return None
    first_span, second_span = _span(a), _span(b)
    if first_span is None or second_span is None or _overlap(first_span, second_span):
        return None
    (least_a, most_a), (least_b, most_b) = first_span, second_span
    return _around(a.comparator, (least_a + most_a) / 2), _around(b.comparator, (least_b + most_b) / 2)


def relation(old: Rule, new: Rule) -> Relation | None:
    """How what `new` allows relates to what `old` allows; None where they cannot be compared.

    A narrower interval is `stricter`, a wider one `looser`. Neither holds of two set values, of disjoint intervals
    and of penalties, whose bounds tie the authority: these are `higher` or `lower`.

    >>> from dataclasses import replace
    >>> limit = Rule(0, 3, "30%", "prohibition", "<=", "percent", "30", unit="%")
    >>> relation(limit, replace(limit, value="25")), relation(limit, replace(limit, value="40"))
    ('stricter', 'looser')
    >>> rate = replace(limit, comparator="==")
    >>> relation(rate, replace(rate, value="35"))
    'higher'
    """
    pair = intervals(old, new)
    if pair is None:
        return None
    before, after = pair
    if before == after:
        return "same"
    if old.modality != "penalty" and not (before.single and after.single):
        if before.holds(after):
            return "stricter"
        if after.holds(before):
            return "looser"
    return "higher" if _ends(after) > _ends(before) else "lower"


def _ends(interval: Interval) -> tuple[Decimal, ...]:
    """The finite ends, the upper one first; what both intervals lack is not compared."""
    return tuple(end for end in (interval.high, interval.low) if end.is_finite())


def _interval(rule: Rule) -> Interval | None:
    low = _number(rule.value)
    high = _number(rule.high)
    if low is None or (rule.high is not None and high is None):
        return None
    if high is not None:
        return Interval(low, high)
    return _around(rule.comparator, low)


def _around(comparator: str | None, value: Decimal) -> Interval:
    if comparator in ("<=", "<"):
        return Interval(-_INFINITY, value, high_open=comparator == "<")
    if comparator in (">=", ">"):
        return Interval(value, _INFINITY, low_open=comparator == ">")
    return Interval(value, value)


def _number(value: str | None) -> Decimal | None:
    if value is None:
        return None
    day = day_of(value)
    if day is not None:
        return Decimal(day.toordinal())
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def day_of(value: str, year: str = "") -> date | None:
    """The day a date record names, the first of its month where it names none; None for what is no such date.

    Args:
        value: ISO 8601, with the year unknown (`--03-31`) or masked (`XXXX-04-07`) perhaps.
        year: four digits to take for such a year; else one year stands for all.

    >>> day_of("--03-31", "2024"), day_of("2024-05"), day_of("0.5")
    (datetime.date(2024, 3, 31), datetime.date(2024, 5, 1), None)
    """
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    named = match["year"] if match["year"].isdigit() else year
    try:
        return date(int(named) if named.isdigit() else _LEAP_SAFE_YEAR, int(match["month"]), int(match["day"] or 1))
    except ValueError:
        return None


def _span(rule: Rule) -> tuple[Decimal, Decimal] | None:
    value = _number(rule.value)
    if value is None or rule.unit not in _DAYS:
        return None
    least, most, extra = _DAYS[rule.unit]
    return value * least, value * most + extra


def _overlap(a: tuple[Decimal, Decimal], b: tuple[Decimal, Decimal]) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]
