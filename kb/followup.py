"""Follow-up questions read in the light of what was asked before: 那二级医院呢 after a question on 三级医院.

A follow-up takes over the earlier question and puts its own words in the place of those of the same kind: a place for
a place, a level of hospital for a level of hospital, a measure for a measure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.extract.vocabulary import indicators, scope_terms
from kb.address import find_addresses
from kb.asking import AMOUNT
from kb.simplify import simplified
from kb.support import DEGREE, LEVEL, find_places
from kb.words import find_words

_OPENS = re.compile(
    r"^(?:那么?|哪么?|还有|另外|再问(?:一下)?|请问|其中|而|如果是?|要是|换成|改成|至于|关于|对于|同样|以及|和|与|在)+[，,、]?"
)
_CLOSES = re.compile(r"(?:又?是?(?:多少|怎样|怎么样|如何|什么)?)?呢?[？?。！!\s]*$")
_MARKED = re.compile(r"^(?:那(?!些)|还有|另外|换成|改成|至于|如果是|要是)|呢[？?。！!\s]*$")
_REFERS = re.compile(r"它|这[个项条部类]|该[项条办法规定条例细则文件]|上述|前面|刚才|其(?=第|中|他)")
_SOURCE = re.compile(r"依据|出处|来源|原文|出自|根据什么|哪.{0,2}[条款](?!件)|哪.{0,2}(?:文件|规定|办法|法规)")
_AROUND_SOURCE = re.compile(
    r"请问|刚才|上述|以上|法律|政策|文件|规定|办法|法规|说法|答案|数字|依据|出处|来源|原文|根据|什么|哪里|[这那此该的有是在出自来哪一条款个份部里呢吗?？。\s]"
)
_PAYER = re.compile(r"用人单位|投保单位|单位|雇主|企业(?!职工)|职工个人|个人(?!账户)|职工(?!医|基)|被保险人|财政|政府")
_TITLE = re.compile(r"《([^《》]{2,60})》")
_SHORT = 12
_ASKS_FOR = re.compile(r"(?:能|可以|可|要|给|会|得)?(?:报销|报|交|缴|领|发|拿|补|罚|付)?(?:是|为|有|到)?$")
"""What leads up to 多少: 能报, 要交."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Words of one kind in a question."""

    kind: str
    start: int
    end: int


def question_in_context(question: str, earlier: Sequence[str], titles: Sequence[str] = ()) -> str:
    """A question that stands by itself, normalized where words of earlier ones are taken over.

    Args:
        question: as asked now.
        earlier: the questions asked before, oldest first.
        titles: what was answered before, oldest first; the document named last is the one 第十条 is looked for in.

    >>> question_in_context("那二级医院呢？", ["安澜市三级医院住院报销比例是多少？"])
    '安澜市二级医院住院报销比例是多少'
    """
    standing = ""
    for asked in earlier:
        standing = simplified(_resolved(asked, standing, ""))
    return _resolved(question, standing, _last_title([*earlier, *titles]))


def _resolved(question: str, standing: str, title: str) -> str:
    text = simplified(question.strip())
    if standing and _SOURCE.search(text) and not _AROUND_SOURCE.sub("", text):
        return standing
    addresses = find_addresses(text)
    if addresses:
        own = _OPENS.sub("", addresses[0].title.removesuffix("第"))
        own = "" if _REFERS.search(own) else own.strip("的")
        known = title or (_title_of(standing) if standing else "")
        if own or not known:
            return question
        first = addresses[0]
        return f"《{known}》第{text[first.start + len(first.title) : first.end].removeprefix('第')}"
    if not standing:
        return question
    marked = bool(_MARKED.search(text))
    spans = _spans(text)
    if not marked and not _REFERS.search(text):
        if not spans and len(text) <= _SHORT and AMOUNT.search(text) and not any(w.noun for w in find_words(text, ())):
            return f"{_unasked(standing)}{text}"  # it names nothing: 以几个月为限
        return _with_place(text, spans, standing) if _is_bare(text, spans) else question
    core = _CLOSES.sub("", _OPENS.sub("", text))
    if not core:
        return standing
    if indicators().find(core).found:  # another measure is counted in other units
        own = "" if AMOUNT.search(core) else "是多少"
        return f"{_replaced(_unasked(standing), core, _spans(core))}{own}"
    return _replaced(standing, core, _spans(core))


def _unasked(standing: str) -> str:
    """A question without the words at its end that ask for its number."""
    places = [m.start() for m in AMOUNT.finditer(standing)]
    if not places or re.search(r"[,，。；;]", standing[places[-1] :]):
        return standing
    return _ASKS_FOR.sub("", standing[: places[-1]])


def _is_bare(text: str, spans: Sequence[_Span]) -> bool:
    """Whether a question is short and names a measure without saying where."""
    kinds = {span.kind for span in spans}
    return "place" not in kinds and "indicator" in kinds and len(text) <= _SHORT


def _with_place(text: str, spans: Sequence[_Span], standing: str) -> str:
    """The question with the place (and, where it has none, the scheme) of the one before."""
    kinds = {span.kind for span in spans}
    known = [span for span in _spans(standing) if span.kind in ("place", "scheme") and span.kind not in kinds]
    return "".join(standing[span.start : span.end] for span in known) + text


def _replaced(standing: str, core: str, spans: Sequence[_Span]) -> str:
    """The standing question with the words of `core` in the place of those of their kind; the rest goes in front."""
    old = _spans(standing)
    new: dict[str, list[_Span]] = {}
    for span in spans:
        new.setdefault(span.kind, []).append(span)
    if not new:
        return f"{core}{standing}" if len(core) <= _SHORT else f"{_kept_places(standing, old)}{core}"
    edits: list[tuple[int, int, str]] = []
    added = ""
    for kind, own in new.items():
        words = core[own[0].start : own[-1].end]
        there = [span for span in old if span.kind == kind]
        level = LEVEL.search(standing) if kind == "degree" else None
        if there:
            edits.append((there[0].start, there[-1].end, words))
        elif level:
            edits.append((*level.span(), words))
        else:
            added += words
    out = standing
    for start, end, words in sorted(edits, reverse=True):
        out = f"{out[:start]}{words}{out[end:]}"
    return f"{added}{out}"


def _kept_places(standing: str, spans: Iterable[_Span]) -> str:
    return "".join(standing[span.start : span.end] for span in spans if span.kind in ("place", "scheme"))


def _spans(text: str) -> list[_Span]:
    """Places, narrowing words and the measure of a question, in order; the longest of those that overlap."""
    found = [_Span("place", start, end) for start, end in find_places(text)]
    found += [_Span("payer", m.start(), m.end()) for m in _PAYER.finditer(text)]
    found += [_Span("degree", m.start(), m.end()) for m in DEGREE.finditer(text)]
    found += [_Span(m.item.slot, m.start, m.end) for m in scope_terms().find(text).found]
    payers = {span.start: span.end for span in found if span.kind == "payer"}
    measures = [_Span("indicator", payers.get(m.start, m.start), m.end) for m in indicators().find(text).found]
    taken: list[_Span] = []
    measures = [span for span in measures if span.start < span.end]
    for span in sorted([*found, *measures], key=_rank):
        if all(span.end <= other.start or span.start >= other.end for other in taken):
            taken.append(span)
    return sorted(taken, key=lambda s: s.start)


def _rank(span: _Span) -> tuple[bool, int, bool]:
    """Which of overlapping spans counts: a degree within a measure, else the longest, a measure last among equals."""
    return span.kind != "degree", span.start - span.end, span.kind in ("indicator", "population")


def _title_of(standing: str) -> str:
    addresses = find_addresses(simplified(standing))
    return addresses[0].title if addresses else ""


def _last_title(texts: Sequence[str]) -> str:
    return next((found[-1] for text in reversed(texts) if (found := _TITLE.findall(text))), "")
