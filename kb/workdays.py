"""Working days of the mainland: Monday to Friday, as the State Council's yearly notices change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from ingest.lexicon import load_table

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class _Year:
    off: frozenset[str]
    work: frozenset[str]


@cache
def _years() -> Mapping[int, _Year]:
    return {y["year"]: _Year(frozenset(y["off"]), frozenset(y["work"])) for y in load_table("holidays")["year"]}


def is_workday(day: date) -> bool | None:
    """Whether offices are open on a day; None for years whose notice is not in the table.

    >>> is_workday(date(2025, 10, 1)), is_workday(date(2025, 10, 11)), is_workday(date(1990, 1, 1))
    (False, True, None)
    """
    year = _years().get(day.year)
    if year is None:
        return None
    key = f"{day:%m-%d}"
    return key in year.work if day.weekday() >= _SATURDAY else key not in year.off


def workdays_after(start: date, end: date) -> int | None:
    """Working days after `start` up to and with `end`; the day on which time starts running does not count.

    None where the table does not cover a day (PRC Civil Code art. 201 for the first day).

    >>> workdays_after(date(2025, 9, 30), date(2025, 10, 13))
    4
    """
    count = 0
    for number in range(1, (end - start).days + 1):
        works = is_workday(start + timedelta(number))
        if works is None:
            return None
        count += works
    return count
