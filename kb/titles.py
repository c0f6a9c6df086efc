"""Whether words name a document: full titles, short titles, the abbreviations people use."""

from __future__ import annotations

import re

_STATE = re.compile(r"^中华人民共和国")
_EDITION = re.compile(r"[（(][^（）()]*[)）]\s*$")


def short_title(title: str) -> str:
    """A normalized title without the state's name and a closing parenthesis.

    >>> short_title("中华人民共和国社会保险法（2018年修正）")
    '社会保险法'
    """
    return _STATE.sub("", _EDITION.sub("", title.strip("《》 ")).strip())


def title_rank(words: str, title: str) -> int:
    """How well normalized words that stand before an address name a title: 0 not at all, 4 exactly.

    3: the words end with the title. 2: the title holds the words. 1: the words end with an abbreviation of it.

    >>> title = "中华人民共和国社会保险法"
    >>> [title_rank(w, title) for w in ("社会保险法", "请问社会保险法", "保险法", "请问社保法", "劳动法")]
    [4, 3, 2, 1, 0]
    """
    short = short_title(title)
    if not short or not words:
        return 0
    if words in (short, title):
        return 4
    if words.endswith(short):
        return 3
    if len(words) > 1 and words in title:
        return 2
    return 1 if _ends_with_abbreviation(words, short) else 0


def _ends_with_abbreviation(words: str, title: str) -> bool:
    if words[-1] != title[-1]:
        return False
    at = words.find(title[0])
    while at >= 0:
        letters = iter(title)
        if len(words) - at >= 3 and all(c in letters for c in words[at:]):
            return True
        at = words.find(title[0], at + 1)
    return False
