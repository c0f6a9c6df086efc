"""Addresses of provisions: 民法典第三条, 社保法23条2款, 就业保险法第16条第1项第2款.

Everything here works on normalized text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from ingest.errors import QueryError
from ingest.structure.ordinals import CHINESE, ordinal_from_text

_BLANK = r"\s{0,4}"
_N = rf"[{CHINESE}\d]+"
_ARTICLE_LABEL = re.compile(rf"第?\s*({_N})\s*(?:[-–—]({_N}))?\s*条\s*(?:之\s*({_N}))?")
_PARAGRAPH_LABEL = re.compile(rf"第?\s*({_N})\s*[款项]")
_BARE_LABEL = re.compile(rf"[（(]?\s*({_N})\s*[)）]?[、.．]?")

_ADDRESS = re.compile(
    rf"(?P<title>《[^《》]{{2,60}}》|[\u4e00-\u9fff（）()〇]{{2,40}}?)?{_BLANK}"
    rf"(?<![{CHINESE}\d])第?{_BLANK}(?P<article>{_N})(?:[-–—](?P<dash>{_N}))?{_BLANK}条(?:之(?P<of>{_N}))?"
    rf"(?P<below>(?:{_BLANK}第?{_BLANK}[（(]?{_N}[)）]?{_BLANK}[款项目])*)"
)
_BELOW = re.compile(rf"第?{_BLANK}[（(]?({_N})[)）]?{_BLANK}([款项目])")


class Levels(NamedTuple):
    """The numbers of a provision, each a string of Arabic digits (`23`, `19-1`), None where it has none."""

    article: str | None = None
    paragraph: str | None = None
    item: str | None = None
    subitem: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where to look: words that name the document, the article, and what is below it, outermost first.

    Attributes:
        title: what stands before the address, empty when nothing does; it may hold more than the title.
        article: `23`, `19-1`.
        below: (number, unit) with unit 款, 项 or 目.
        start: where the title begins in the text searched.
        end: where the address ends in it.
    """

    title: str
    article: str
    below: tuple[tuple[str, str], ...]
    start: int
    end: int

    def readings(self, taiwan: bool) -> list[Levels]:
        """The levels meant, likeliest first: the PRC counts 条 款 项 目, Taiwan 条 项 款 目.

        Args:
            taiwan: whether the document counts in Taiwan's order.
        """
        orders = ("款项目", "项款目")
        tried = [self._levels(order) for order in (orders if not taiwan else orders[::-1])]
        return [levels for i, levels in enumerate(tried) if levels and levels not in tried[:i]]

    def _levels(self, order: str) -> Levels | None:
        numbers: list[str | None] = [None, None, None]
        last = -1
        for number, unit in self.below:
            at = order.index(unit)
            if at <= last:
                return None
            numbers[at] = number
            last = at
        return Levels(self.article, *numbers)


def find_addresses(text: str) -> list[Address]:
    """Every article address in normalized `text`.

    >>> [(a.title, a.article, a.below) for a in find_addresses("社保法23条2款")]
    [('社保法', '23', (('2', '款'),))]
    """
    return [
        Address(
            (m["title"] or "").strip("《》"),
            _joined(m["article"], m["dash"] or m["of"]),
            tuple((str(ordinal_from_text(n)), unit) for n, unit in _BELOW.findall(m["below"])),
            m.start(),
            m.end(),
        )
        for m in _ADDRESS.finditer(text)
    ]


def parse_address(text: str) -> Address:
    """The one address normalized `text` is.

    Raises:
        QueryError: it holds none, or several.
    """
    found = find_addresses(text)
    if len(found) != 1:
        raise QueryError(f"{text!r} is not the address of one article; write it like 社会保险法第二十三条第二款")
    return found[0]


def levels_of_path(path: str) -> Levels:
    """The numbers in a normalized provision path; divisions above the article (编, 章, 节) count for nothing.

    >>> levels_of_path("第二章/第五条/第一款/(一)"), levels_of_path("第二章/第19-1条/第二项/三").item
    (Levels(article='5', paragraph='1', item='1', subitem=None), '3')
    """
    article: str | None = None
    numbers: dict[str, str] = {}
    for label in path.split("/"):
        if matched := _ARTICLE_LABEL.fullmatch(label):
            article = _joined(matched[1], matched[2] or matched[3])
        elif article is None:
            continue
        elif matched := _PARAGRAPH_LABEL.fullmatch(label):
            numbers["paragraph"] = str(ordinal_from_text(matched[1]))
        elif matched := _BARE_LABEL.fullmatch(label):
            numbers["subitem" if "item" in numbers else "item"] = str(ordinal_from_text(matched[1]))
    return Levels(article, **numbers)


def readable_label(path: str) -> str:
    """The label people quote: from the article down, else the innermost.

    >>> readable_label("第二章/第五条/第一款/(一)"), readable_label("二/(一)"), readable_label("")
    ('第五条第一款(一)', '(一)', '')
    """
    labels = path.split("/")
    for at, label in enumerate(labels):
        if label[-1:] in ("条", "條") or re.search("[条條]之", label):
            return "".join(labels[at:])
    return labels[-1]


def _joined(number: str, branch: str | None) -> str:
    text = str(ordinal_from_text(number))
    return f"{text}-{ordinal_from_text(branch)}" if branch else text
