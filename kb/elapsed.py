"""Time a report lets one count: from a day on which something was received to the day on which it was done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ingest.records import Extraction, Figure
from kb.simplify import simplified
from kb.workdays import workdays_after

_DAY = re.compile(
    r"(?:(?P<year>(?:19|20)\d{2}|20[xX×*]{2})年|(?P<roc>(?:民国)?\d{2,3})年)?(?P<month>1[0-2]|0?[1-9])月"
    r"(?P<day>3[01]|[12]\d|0?[1-9])[日号]|(?<![月\d])(?P<same>3[01]|[12]\d|0?[1-9])日(?!内|之内|以内|前)"
)
_STOP = re.compile(r"[。\n]")
_RUNS = re.compile(r"^\s?[-—－~～至到]")


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time between two days of one sentence.

    Attributes:
        start: the figure of the first day.
        end: the figure of the last day; findings point at it.
        days: calendar days, the first not counted.
        workdays: working days likewise; None where the calendar does not cover them.
    """

    start: Figure
    end: Figure
    days: int
    workdays: int | None


def find_elapsed(report: Extraction) -> Iterator[Elapsed]:
    """Every pair of neighbouring days of one sentence, of which the first is when something began."""
    text = simplified(report.text)
    if len(text) != len(report.text):
        return
    taiwan = report.document.script == "hant" and "民国" in text
    at = 0
    for stop in [*_STOP.finditer(text), None]:
        end = stop.start() if stop else len(text)
        yield from _in_sentence(report, text, at, end, taiwan=taiwan)
        at = end + 1


def _in_sentence(report: Extraction, text: str, start: int, end: int, *, taiwan: bool) -> Iterator[Elapsed]:
    days: list[tuple[re.Match[str], date]] = []
    for match in _DAY.finditer(text, start, end):
        day = _date(match, days[-1][1] if days else None)
        if day is not None:
            days.append((match, day))
    for (first, begun), (last, done) in pairwise(days):
        if done < begun or _RUNS.match(text[first.end() : last.start()]):
            continue
        workdays = None if taiwan or begun.year < 1000 else workdays_after(begun, done)
        masked = begun.year < 1000
        yield Elapsed(
            _figure(report, first, begun, masked=masked),
            _figure(report, last, done, masked=masked),
            (done - begun).days,
            workdays,
        )


def _date(match: re.Match[str], before: date | None) -> date | None:
    """The day named, what it leaves out taken from the day before it; a masked year counts as year 4."""
    year, month = match["year"], match["month"]
    if match["roc"]:
        number = int(re.sub(r"\D", "", match["roc"])) + 1911
    elif year:
        number = int(year) if year.isdigit() else 4
    elif before is not None:
        number = before.year
    else:
        return None
    if month is None and before is None:
        return None
    try:
        return date(number, int(month) if month else before.month, int(match["day"] or match["same"]))  # type: ignore[union-attr]
    except ValueError:
        return None


def _figure(report: Extraction, match: re.Match[str], day: date, *, masked: bool) -> Figure:
    iso = f"XXXX-{day:%m-%d}" if masked else day.isoformat()
    return Figure(match.start(), match.end(), report.text[match.start() : match.end()], "date", iso, "date")
