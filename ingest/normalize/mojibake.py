"""Text decoded with the wrong codec: UTF-8 read as Latin-1 or GBK, GBK read as Latin-1; undone where it is proven."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ingest.normalize.aligned import Edit, Step, step_from_edits
from ingest.normalize.census import Census, character_set
from ingest.records import Repair

_CP1252 = {read: code for code in range(0x80, 0xA0) if (read := bytes((code,)).decode("cp1252", "ignore"))}
_HIGH = "".join(_CP1252)
_TAIL = f"[\x80-\xbf{_HIGH}]"
_UTF8_AS_LATIN = re.compile(f"(?:[\xc2-\xdf]{_TAIL}|[\xe0-\xef]{_TAIL}{{2}}|[\xf0-\xf4]{_TAIL}{{3}})+")
_GBK_AS_LATIN = re.compile("(?:[\xb0-\xf7\xa1\xa3][\xa1-\xfe]){3,}")
_LATIN = frozenset(map(chr, range(0xA1, 0x100)))
_UTF8_CHINESE = re.compile(
    rb"(?:[\xe4-\xe9][\x80-\xbf]{2}|\xe3\x80[\x80-\x91]|\xef\xbc[\x81-\x9f]|\xe2\x80[\x94-\xa6])+"
)
_FEWEST = 3
_CERTAIN = 0.99


def mojibake_step(text: str, census: Census) -> Step | None:
    """The step that reads wrongly decoded runs rightly, or None when there are none.

    A run is read again only where its bytes are valid in the other encoding as a whole and give common Chinese.

    >>> damaged = "医疗保险费".encode().decode("latin-1")
    >>> mojibake_step(damaged, Census.of(damaged)).text
    '医疗保险费'
    """
    repairs: list[Repair] = []
    if census.total(character_set(_LATIN)) >= _FEWEST:
        repairs += _read_again(text, _UTF8_AS_LATIN, "utf-8", "utf8-as-latin1")
        if not repairs:
            repairs += _read_again(text, _GBK_AS_LATIN, "gb2312", "gbk-as-latin1")
    if not repairs and census.total(character_set(_utf8_leads())) >= _FEWEST - 1:
        repairs += _utf8_as_gbk(text)
    edits = [Edit(repair.start, repair.end, repair.repaired) for repair in repairs]
    return step_from_edits("mojibake", text, edits, tuple(repairs))


def _read_again(text: str, runs: re.Pattern[str], encoding: str, method: str) -> Iterator[Repair]:
    """The runs that give common Chinese in `encoding`."""
    for found in runs.finditer(text):
        stream = bytes(_CP1252.get(c, ord(c) & 0xFF) for c in found[0])
        try:
            read = stream.decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(read) >= _FEWEST - 1 and _common(read):
            yield Repair(*found.span(), found[0], read, method, _CERTAIN)


def _utf8_as_gbk(text: str) -> Iterator[Repair]:
    """Runs of GBK characters whose bytes are UTF-8 Chinese, cut where characters of both encodings end."""
    for found in _gbk_runs().finditer(text):
        stream = found[0].encode("gbk")
        valid = _UTF8_CHINESE.match(stream)
        read = valid[0].decode("utf-8", "ignore") if valid else ""
        if len(read) % 2:
            read = read[:-1]
        if len(read) > _FEWEST and _common(read):
            end = found.start() + len(read.encode()) // 2
            yield Repair(found.start(), end, text[found.start() : end], read, "utf8-as-gbk", _CERTAIN)


def _common(text: str) -> bool:
    """True where at least nine in ten characters are of the common repertoire and most are Chinese characters."""
    known = sum(bool(c.encode("gb2312", "ignore")) or bool(c.encode("big5", "ignore")) for c in text)
    chinese = sum("\u4e00" <= c <= "\u9fff" for c in text)
    return known >= 0.9 * len(text) and 2 * chinese >= len(text)


@cache
def _utf8_leads() -> frozenset[str]:
    """GBK characters that two bytes of a UTF-8 character read as, of those that running text seldom has."""
    pairs = [bytes((lead, trail)) for lead in range(0xE4, 0xEA) for trail in range(0x80, 0xA1)]
    pairs += [bytes((0xE3, 0x80)), bytes((0xEF, 0xBC))]
    return frozenset("".join(pair.decode("gbk", "ignore") for pair in pairs))


@cache
def _gbk_runs() -> re.Pattern[str]:
    leads = [bytes((lead, trail)) for lead in range(0xE4, 0xEA) for trail in range(0x80, 0xC0)]
    starts = "".join(pair.decode("gbk", "ignore") for pair in leads)
    return re.compile(f"[{starts}][\u4e00-\u9fa5\u3000-\u3003\u3005-\u3011\uff01-\uff5e]{{3,}}")
