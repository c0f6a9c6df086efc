"""What a document says it does to others: that it repeals them or amends them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ingest.records import Citation
from ingest.structure.dates import find_dates
from kb.simplify import simplified
from kb.titles import number_key, title_key

_ENDS = "。；;！\n"
_LONGEST = 400  # code points of a sentence that are looked at, each way
_JOINS = "、，,和与及以 "
_REPEALED = re.compile(
    r"(?:文件|通知|文)?[，,]?(?:(?:同时|即行|一并|相应|均|予以|即|也|亦|已|全部|自动|宣布|自[^，。；《》]{2,20}起)[，,]?){0,4}"
    r"(?:废止|失效|作废|停止(?:执行|施行|实施|使用)|不再(?:执行|施行|适用)|(?:被|由)本[^，。；《》]{1,8}(?:取代|代替|替代))"
    r"(?![前后的之日以])"
)
_REPEALING = re.compile(
    r"(?<![不未已被])(?:废止|停止执行)(?:了|原|[^《》，。；]{1,30}(?:发布|公布|颁布|印发|通过|批准|制定)的)?$"
)
_LISTED = re.compile(r"[\s（(]{0,4}[\d一二三四五六七八九十]{0,4}[)）、.．]{0,2}\s{0,4}$")
_AMENDED = re.compile(r"(?:部分条款|有关条款)?(?:作出|作|做出|做)(?:如下|以下|相应)?(?:修改|修正|修订)")
_AMENDING = re.compile(r"(?:修改|修正|修订)(?:部分|和废止|、废止)?$")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a document does to another.

    Attributes:
        kind: what it does.
        title, number: what it names the other by, as keys of `kb.titles`.
        since: the day it names for that, ISO 8601; None for the day it is itself in force from.
        start, end, quote: the sentence that says so, in code points of the original.
    """

    kind: Literal["repealed_by", "amended_by"]
    title: str | None
    number: str | None
    since: str | None
    start: int
    end: int
    quote: str


def find_acts(text: str, own: str, citations: Iterable[Citation]) -> Iterator[Act]:
    """What a norm repeals and amends: 《甲》、《乙》同时废止, 关于修改《甲》的决定. What is cited in part is no act.

    Args:
        text: the original.
        own: its title, normalized.
        citations: those of the original.
    """
    for citation in citations:
        if citation.article or not (citation.title or citation.doc_number):
            continue
        start, end = _sentence(text, citation)
        head = simplified(text[start : citation.start])
        tail = _after_list(simplified(text[citation.end : end]))
        kind, since = _act(own, _before_list(head), tail)
        if kind is not None:
            title = title_key(simplified(citation.title)) if citation.title else None
            number = number_key(citation.doc_number) if citation.doc_number else None
            yield Act(kind, title, number, since, start, end, text[start:end])


def _act(own: str, head: str, tail: str) -> tuple[Literal["repealed_by", "amended_by"] | None, str | None]:
    if repealed := _REPEALED.match(tail):
        return "repealed_by", next((iso for _, iso in find_dates(repealed.group())), None)
    if _REPEALING.search(head[-60:]) or ("废止" in own and "修改" not in own and _LISTED.fullmatch(head)):
        return "repealed_by", None
    if _AMENDED.match(tail) or (_AMENDING.search(head[-20:]) and re.search(r"修改|修正|修订", own)):
        return "amended_by", None
    return None, None


def _sentence(text: str, citation: Citation) -> tuple[int, int]:
    """The sentence around a citation, without blanks at its ends."""
    floor, roof = max(0, citation.start - _LONGEST), min(len(text), citation.end + _LONGEST)
    start = max(text.rfind(mark, floor, citation.start) for mark in _ENDS) + 1 or floor
    ends = [at for mark in _ENDS if (at := text.find(mark, citation.end, roof)) >= 0]
    end = min(ends, default=roof)
    end += end < len(text) and text[end] != "\n"
    quote = text[start:end]
    return start + len(quote) - len(quote.lstrip()), end - len(quote) + len(quote.rstrip())


def _after_list(tail: str) -> str:
    """What follows a title once further titles joined to it, and notes in parentheses, are passed."""
    while True:
        tail = tail.lstrip(" ）)")
        closing = tail.find("）" if tail[:1] == "（" else ")")
        if tail[:1] in ("（", "(") and closing > 0:
            tail = tail[closing + 1 :]
            continue
        opening = tail.find("《")
        if tail[:1] not in _JOINS or opening < 0 or not (closing := tail.find("》")) > 0 or closing < opening:
            return tail
        if any(word in tail[:opening] for word in ("废止", "失效", "执行")):
            return tail
        tail = tail[closing + 1 :]


def _before_list(head: str) -> str:
    """What precedes a title once titles joined before it are passed."""
    while True:
        bare = head.rstrip(_JOINS)
        if bare != head and bare.endswith(("）", ")")):
            bare = bare[: max(bare.rfind("（"), bare.rfind("("), 0)]
        if bare == head or not bare.endswith("》") or "《" not in bare:
            return head
        head = bare[: bare.rfind("《")]
