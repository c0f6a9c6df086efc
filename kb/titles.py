"""Whether words name a document: full titles, short titles, the abbreviations people use."""

from __future__ import annotations

import re
from functools import lru_cache

from kb.simplify import simplified

_STATE = re.compile(r"^中华人民共和国")
_LEAD_IN = re.compile(r"^(?:请问|请|查询|查|根据|依据|依照|按照|按|依|关于|什么是|解释|和|与|及|或|在|对|以及)+")
_SHORTEST, _SHORTEST_INNER = 3, 5
_EDITION = re.compile(r"[（(][^（）()]*[)）]\s*$")
_ABOUT = re.compile(r"^[^《》关]{2,40}(?=关于)")
_BRACKETS = str.maketrans("[【（(［]】）)］", "〔〔〔〔〔〕〕〕〕〕")


@lru_cache(maxsize=65536)
def short_title(title: str) -> str:
    """A normalized title without the state's name and a closing parenthesis.

    >>> short_title("中华人民共和国社会保险法（2018年修正）")
    '社会保险法'
    """
    return _STATE.sub("", _EDITION.sub("", title.strip("《》 ")).strip())


def title_key(title: str) -> str:
    """What two normalized titles share that name the same document; the issuer before 关于 may be left out.

    >>> title_key("国务院关于完善企业职工基本养老保险制度的决定") == title_key("关于完善企业职工基本养老保险制度的决定")
    True
    """
    return _ABOUT.sub("", "".join(short_title(title).split()))


def number_key(number: str) -> str:
    """What two numbers of documents share that are the same: brackets and blanks aside, in either script.

    >>> number_key("國發[1998] 44號") == number_key("国发〔1998〕44号")
    True
    """
    return "".join(simplified(number).split()).translate(_BRACKETS)


def title_rank(words: str, title: str) -> int:
    """How well normalized words that stand before an address name a title: 0 not at all, 4 exactly.

    3: the words end with the title. 2: the title holds the words. 1: the words abbreviate the title, letter by letter
    in its order, with its last one; short abbreviations need its first one too.

    >>> title = "中华人民共和国社会保险法"
    >>> [title_rank(w, title) for w in ("社会保险法", "想知道社会保险法", "保险法", "请问社保法", "劳动法")]
    [4, 3, 2, 1, 0]
    >>> title_rank("职工医疗保险办法", "安平市职工基本医疗保险办法"), title_rank("医疗保险条例", "失业保险条例")
    (1, 0)
    """
    short, words = short_title(title), _LEAD_IN.sub("", words)
    if not short or not words:
        return 0
    if words in (short, title):
        return 4
    if words.endswith(short):
        return 3
    if len(words) > 1 and words in title:
        return 2
    return 1 if _abbreviates(words, short) else 0


def _abbreviates(words: str, title: str) -> bool:
    if words[-1] != title[-1] or len(words) < (_SHORTEST if words[0] == title[0] else _SHORTEST_INNER):
        return False
    letters = iter(title)
    return all(c in letters for c in words)
