"""Quotes as HTML: a record marked in its sentence, with the place it stands at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from api.present import describe_document, sentence_around
from api.reports.checked import TextOf, describe_provision

if TYPE_CHECKING:
    from kb.types import StoredFigure, StoredRule


def quote_block(
    name: str,
    stored: StoredFigure | StoredRule,
    text_of: TextOf,
    others: Sequence[tuple[int, int]] = (),
    *,
    own: bool = False,
) -> str:
    """A named quote with its place; `others` are underlaid, `own` leaves out the document everybody knows."""
    record = stored.record
    words = marked(text_of(stored), record.start, record.end, others)
    place = place_within(stored) if own else place_in_words(stored)
    return (
        f'<div class="quote"><h4>{escape(name)}</h4><blockquote{script_of(stored.document.script)}>{words}</blockquote>'
        f"<cite>{escape(place)}</cite></div>"
    )


def place_in_words(stored: StoredFigure | StoredRule) -> str:
    """Document, provision and span of a record: 《…》第二十三条，第 10–13 字."""
    between = " " if stored.record.provision else "，"
    return f"{describe_document(stored.document)}{between}{place_within(stored)}"


def place_within(stored: StoredFigure | StoredRule) -> str:
    """Provision and span of a record: 第二十三条，第 10–13 字."""
    record = stored.record
    parts = (describe_provision(record.provision), f"第 {record.start + 1}–{record.end} 字")
    return "，".join(filter(None, parts))


def marked(text: str, start: int, end: int, others: Iterable[tuple[int, int]] = ()) -> str:
    """The sentence around `text[start:end]` as HTML, that span marked, and `others` within it underlaid.

    >>> marked("第一条。结余54元，占36%。", 10, 13, [(6, 9)])
    '结余<mark class="operand">54元</mark>，<mark>占36</mark>%。'
    """
    before, _, after = sentence_around(text, start, end)
    first, last = start - len(before), end + len(after)
    spans = [(start, end, "<mark>")]
    for a, b in sorted(others):
        if first <= a and b <= last and all(b <= x or y <= a for x, y, _ in spans):
            spans.append((a, b, '<mark class="operand">'))
    out, at = [], first
    for a, b, tag in sorted(spans):
        out += [escape(text[at:a]), tag, escape(text[a:b]), "</mark>"]
        at = b
    cut_left = "…" if first > 0 and not _ends_sentence(text[:first]) else ""
    ended = _ends_sentence(text[:last]) or text[last : last + 4].lstrip(" \t\u3000\r")[:1] in ("", "\n")
    cut_right = "" if ended else "…"
    return cut_left + "".join([*out, escape(text[at:last])]) + cut_right


def _ends_sentence(before: str) -> bool:
    tail = before.rstrip(" \t\u3000")
    return not tail or tail[-1] in "。；！？\n" or before[-1:] == "\n"


def script_of(script: str | None) -> str:
    """The language attribute of quotes from a document of this script."""
    return ' lang="zh-Hant"' if script == "hant" else ""
