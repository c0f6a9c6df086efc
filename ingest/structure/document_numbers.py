"""Document numbers: 国发〔2016〕3号, 国务院令第258号, 劳保1字第1030140001号."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ingest.lexicon import load_table

_LONGEST = 40
_YEAR = r"[〔\[【（(［](?:(?:19|20)[\dxX×*]{2}|\d{4})[〕\]】）)］]"
_SERIAL = r"第?[ 　]?[\dxX×*]{1,5}[ 　]?号"
_CORE = re.compile(
    rf"(?P<year>{_YEAR}[ 　]?{_SERIAL})"
    r"|(?P<order>(?:令|公告)[ 　]?第[ 　]?(?:\d{1,4}|[一二三四五六七八九十百零]{1,5})[ 　]?号)"
    r"|(?P<late>第[ 　]?(?:\d{1,4}|[一二三四五六七八九十百零]{1,5})[ 　]?号(?:令|公告))"
    r"|(?P<letter>字第[ 　]?[\d-]{3,14}[ 　]?号(?:函|令|公告)?)"
)
_MARK = re.compile(r"(?<=[\dxX×*一二三四五六七八九十百零 　])号")
_REACH = 24  # code points from the bracket of the year, or 令, back from 号
_CODE = re.compile(r"[\u4e00-\u9fa5A-Za-z\d]{2,16}$")
_AGENCY = re.compile(r"(?:[\u4e00-\u9fa5]+、(?=中华人民共和国|中央))?[\u4e00-\u9fa5]{2,30}$")
_FILED = re.compile(r"[\u4e00-\u9fa5\d（()）]{2,24}$")
_STANDARD = re.compile(r"(?:GB|GBZ|WS|YY|DB\d{0,2}|MZ|LD|RB)(?:/[TZ])?[ 　]?\d[\d.]*[-—–]\d{4}")


@cache
def _breaks(*, coded: bool = False) -> re.Pattern[str]:
    """Words that end before a number's agency; before a code (国发) an agency's full name too."""
    table = load_table("citations")["doc_number"]
    words = sorted([*table["breaks"], *(table["bodies"] if coded else ())], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


def find_document_numbers(n: str) -> Iterator[tuple[int, int]]:
    """Spans of every document number in a text, from the issuing agency's code or name to 号.

    >>> n = "根据国发〔2016〕3号和省政府令第12号"
    >>> [n[s:e] for s, e in find_document_numbers(n)]
    ['国发〔2016〕3号', '省政府令第12号']
    """
    for mark in _MARK.finditer(n):
        match = _CORE.search(n, max(0, mark.start() - _REACH), mark.end() + 2)
        while match and match.end() <= mark.start():
            match = _CORE.search(n, match.end(), mark.end() + 2)
        start = _start(n, match) if match and match.start() < mark.start() else None
        if match and start is not None:
            yield start, match.end()


def _start(n: str, match: re.Match[str]) -> int | None:
    """Where the agency before the number begins; None when there is none."""
    at = match.start()
    window = n[max(0, at - _LONGEST) : at]
    pattern = _CODE if match["year"] else (_FILED if match["letter"] else _AGENCY)
    agency = pattern.search(window)
    if agency is None:
        return None
    text = agency.group()
    dated = agency.start() > 0 and window[agency.start() - 1].isdigit() and text[0] in "年月日"
    cut = 1 if dated else 0
    for word in _breaks(coded=bool(match["year"])).finditer(text):
        inside_name = word.group() in ("和", "与", "及") and not match["year"]
        if not inside_name:
            cut = word.end()
    while text[cut : cut + 1] and text[cut] in "和与及、":
        cut += 1
    if len(text) - cut < 2 or text[cut:].isdigit():
        return None
    return at - len(text) + cut


def document_number_at(n: str, start: int) -> tuple[int, int] | None:
    """The document number that begins at `start`, or right after an opening parenthesis there.

    Returns:
        Its span without the parentheses, or None.
    """
    opened = _OPENING.match(n, start)
    assert opened is not None
    begin = opened.end()
    standard = _STANDARD.match(n, begin)
    if standard:
        return standard.span()
    core = _CORE.search(n, begin, begin + 45)
    if core is None or not _PLAIN.fullmatch(n, begin, core.start()):
        return None
    if not opened.group().strip() and (
        core.start() == begin or core.start() - begin > 14 or _breaks().search(n, begin, core.start())
    ):
        return None
    return begin, core.end()


_OPENING = re.compile(r"[ 　]?[（(\[［]?[ 　]?")
_PLAIN = re.compile(r"[\u4e00-\u9fa5A-Za-z\d、]{0,30}")
