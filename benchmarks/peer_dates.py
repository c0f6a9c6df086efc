"""Dates of other recognizers beside fadu's: both as the first and last day of the calendar they mean.

fadu reports a date where it bounds something, so the words of a case are read as the deadline of a sentence. Where a
text names no year, a peer takes one from its reference time and fadu leaves it out: the days are compared without it.
"""

from __future__ import annotations

import calendar
import re
from fractions import Fraction
from typing import Any

from ingest.extract.quantities import find_quantities

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_MONTHS = {"month": 1, "year": 12}
_TIMEX = re.compile(r"\(?([\dX-]+)(?:,([\dX-]+),P\w+\))?")


def date_passes(text: str, item: dict[str, Any]) -> bool:
    """Whether the date or duration `item["text"]` of a case is read with the value the case expects.

    Args:
        text: the expected words, normalized.
        item: the expected answer: a Timex, two days, or lengths by unit.
    """
    value = item.get("value")
    if isinstance(value, dict) and value.get("point"):  # 每年9月
        return date_passes(text, {"value": value["point"]["time"]})
    if isinstance(value, dict) and value.get("delta"):  # 每半年
        value = value["delta"]
    if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
        lengths = [length for span in (value if isinstance(value, list) else [value]) for length in span.items()]
        found = [(q.unit, end) for q in find_quantities(text) for end in (q.value, q.high) if end]
        return [_length(*f) for f in found] == [_length(unit, str(number)) for unit, number in lengths]
    dates = [q for q in find_quantities(f"应于{text}前办理") if q.kind == "date"]
    if len(dates) != 1:
        return False
    wanted = _wanted(item)
    if dates[0].high is None:
        return wanted is not None and wanted[1].endswith(_last_day(dates[0].value))
    return wanted is not None and (
        wanted[0].endswith(_first_day(dates[0].value)) and wanted[1].endswith(_last_day(dates[0].high))
    )


def _length(unit: str, number: str) -> tuple[str, Fraction]:
    if unit in _MONTHS:
        return "month", Fraction(number) * _MONTHS[unit]
    return ("workday" if unit == "workday" else "second"), Fraction(number) * _SECONDS.get(unit, 1)


def _wanted(item: dict[str, Any]) -> tuple[str, str] | None:
    """First and last day of the answer, `MM-DD` or `DD` where the text leaves the rest out."""
    if isinstance(item.get("value"), list):
        first, last = (str(moment)[:10] for moment in item["value"])
        return first, last
    timex = _TIMEX.fullmatch(item["values"]["Timex"])
    if timex is None:
        return None
    first, last = (re.sub(r"X+-", "", end) for end in (timex[1], timex[2] or timex[1]))
    return _first_day(first), _last_day(last)


def _first_day(value: str) -> str:
    plain = value.lstrip("-")
    if re.fullmatch(r"\d{4}", plain):
        return f"{plain}-01-01"
    return f"{plain}-01" if re.fullmatch(r"(?:\d{4}-)?\d\d", plain) and not value.startswith("---") else plain


def _last_day(value: str) -> str:
    plain = value.lstrip("-")
    if re.fullmatch(r"\d{4}", plain):
        return f"{plain}-12-31"
    month = re.fullmatch(r"(?:(\d{4})-)?(\d\d)", plain)
    if month is None or value.startswith("---"):
        return plain
    return f"{plain}-{calendar.monthrange(int(month[1] or 2001), int(month[2]))[1]}"
