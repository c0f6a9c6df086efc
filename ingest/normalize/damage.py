"""The shifted-GBK damage as it happens, byte by byte, so that a repair can be proven to explain it.

The lead byte of a character is lost and shows as `?`. Its trail byte pairs with the next lead byte, and so on until a
trail byte below 0x80 stands alone and the pairs fall into step again. Pairs in the user-defined area of GBK vanish, a
lead byte before an ASCII byte below 0x40 swallows it and shows as `?`, and 0x80 reads `€`.
"""

from __future__ import annotations

from functools import cache

LEADS = range(0x81, 0xFF)
LOW_LEADS = tuple(range(0x81, 0xA1))
HIGH_LEADS = tuple(range(0xA1, 0xFF))
VANISHING = (
    *((lead, HIGH_LEADS) for lead in (*range(0xAA, 0xB0), *range(0xF8, 0xFF))),
    *((lead, LOW_LEADS) for lead in range(0xA1, 0xA8)),
)
MARKS = frozenset("，。、；：？！（）“”‘’《》〈〉【】〔〕—…％")


def damaged(text: str) -> str | None:
    """What `text` reads as after the lead byte of its first character is lost.

    Returns None where a character is not GBK, or the pairs are still out of step at the end.

    >>> damaged("保患者或親")
    '?；颊呋蛴H'
    """
    try:
        stream = text.encode("gbk")[1:]
    except UnicodeEncodeError:
        return None
    shown = ["?"]
    at = 0
    while at < len(stream):
        lead = stream[at]
        if lead <= 0x80:
            shown.append("€" if lead == 0x80 else chr(lead))
            at += 1
            continue
        if at + 1 == len(stream):
            return None
        shown.append("?" if stream[at + 1] < 0x40 else _shown(lead, stream[at + 1]))
        at += 2
    return "".join(shown)


def _shown(lead: int, trail: int) -> str:
    """What one pair reads as."""
    if user_defined(lead, trail):
        return ""
    return bytes((lead, trail)).decode("gbk", "replace")[0]


def user_defined(lead: int, trail: int) -> bool:
    """True in the three areas of GBK that have no character of their own."""
    if trail >= 0xA1:
        return 0xAA <= lead <= 0xAF or 0xF8 <= lead <= 0xFE
    return 0xA1 <= lead <= 0xA7 and 0x40 <= trail != 0x7F


def narrowed(text: str) -> str:
    """`text` with its full-width forms in half width, as many pages show it."""
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)


def pair_of(seen: str) -> tuple[int, int] | None:
    """The two bytes of a character that was seen, widened where the page narrowed it."""
    wide = chr(ord(seen) + 0xFEE0) if "!" <= seen <= "~" else seen
    encoded = wide.encode("gbk", "ignore")
    return (encoded[0], encoded[1]) if len(encoded) == 2 else None


@cache
def character_of(lead: int, trail: int) -> str:
    """The character of two GBK bytes, empty where running Chinese text has none such."""
    if not 0x40 <= trail <= 0xFE or user_defined(lead, trail):
        return ""
    character = bytes((lead, trail)).decode("gbk", "ignore")
    return character if "\u4e00" <= character <= "\u9fff" or character in MARKS else ""
