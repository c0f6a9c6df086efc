"""Working days by the State Council's notices."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ingest.lexicon import load_table
from kb.workdays import is_workday, workdays_after


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 23), False),  # ninth day of the Spring Festival, a Monday
        (date(2026, 2, 14), True),  # a Saturday worked for it
        (date(2025, 5, 5), False),  # fifth day of Labour Day under the rule of November 2024
        (date(2020, 1, 31), False),  # the Spring Festival of 2020 was lengthened
        (date(2015, 9, 3), False),  # the one holiday of the victory's seventieth year
        (date(2024, 9, 29), True),  # a Sunday worked for the National Day
        (date(2024, 10, 12), True),  # a Saturday likewise
        (date(2010, 1, 4), None),  # before the table begins
    ],
)
def test_days(day: date, works: bool | None) -> None:
    """Single days against the notice of their year."""
    assert is_workday(day) is works


def test_the_first_day_does_not_count() -> None:
    """Time runs from the day after (PRC Civil Code art. 201), and a span over a year without a table has no length."""
    assert workdays_after(date(2024, 9, 27), date(2024, 9, 27)) == 0
    assert workdays_after(date(2024, 9, 27), date(2024, 10, 8)) == 3
    assert workdays_after(date(2010, 12, 30), date(2011, 1, 5)) is None


def test_every_year_has_its_working_days() -> None:
    """A year has 243 to 255 working days, and days off fall on weekdays, days worked on weekends."""
    for entry in load_table("holidays")["year"]:
        year = entry["year"]
        days = [date(year, 1, 1) + timedelta(n) for n in range(366 if year % 4 == 0 else 365)]
        assert 243 <= sum(bool(is_workday(day)) for day in days) <= 255, year
        assert all(date.fromisoformat(f"{year}-{day}").weekday() < 5 for day in entry["off"])
        assert all(date.fromisoformat(f"{year}-{day}").weekday() >= 5 for day in entry["work"])
