"""Calendar dates in running text, as ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from ingest.structure.ordinals import CHINESE, ordinal_from_text

_NUMBER = rf"(?:\d{{1,2}}|[{CHINESE}]{{1,3}})"
DATE = (
    rf"(?:(?:中华)?(?P<republic>民国)[ 　]*)?(?P<year>\d{{2,4}}|[{CHINESE}]{{2,6}})[ 　]*年[ 　]*"
    rf"(?P<month>{_NUMBER})[ 　]*月[ 　]*(?P<day>{_NUMBER})[ 　]*日"
)
_DATE = re.compile(DATE)
_DIGITS = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?:[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})|(?P<mm>\d\d)(?P<dd>\d\d)(?!\d))"
)


def iso_from_match(match: re.Match[str]) -> str | None:
    """The date a match of `DATE` names; years of the Republic count from 1912. None when there is no such day."""
    year = ordinal_from_text(match["year"]) + (1911 if match["republic"] else 0)
    return _iso(year, ordinal_from_text(match["month"]), ordinal_from_text(match["day"]))


def find_dates(n: str, start: int = 0, end: int | None = None) -> Iterator[tuple[re.Match[str], str]]:
    """Every full date with its ISO form.

    >>> [iso for _, iso in find_dates("1999年1月22日发布，中华民国一百零二年一月一日施行")]
    ['1999-01-22', '2013-01-01']
    """
    for match in _DATE.finditer(n, start, len(n) if end is None else end):
        iso = iso_from_match(match)
        if iso is not None:
            yield match, iso


def iso_from_text(text: str) -> str | None:
    """The first date in a field's value: 20220112, 2022-01-12, 2022年1月12日, 民国 111 年 1 月 12 日.

    >>> iso_from_text("20220112"), iso_from_text("民国 111 年 01 月 12 日")
    ('2022-01-12', '2022-01-12')
    """
    spelled = next((iso for _, iso in find_dates(text)), None)
    if spelled:
        return spelled
    match = _DIGITS.search(text)
    return _iso(int(match["year"]), int(match["m"] or match["mm"]), int(match["d"] or match["dd"])) if match else None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat() if year >= 1900 else None
    except ValueError:
        return None
