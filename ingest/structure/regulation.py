"""Regulations: volumes, chapters, articles, their paragraphs (款, Taiwan 項) and lists."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from ingest.structure.labels import (
    ARTICLE,
    PARAGRAPH,
    Label,
    end_of_text,
    find_annexes,
    find_articles,
    find_headings,
    find_items,
)

_LINE = re.compile(r"\S[^\n]*")
_GAP_ALLOWED = 10  # articles that may be left out at one place before a label is taken for a quotation
_ENDINGS = "。；;：:！!？?”」』》）)…"
_CHINESE_DIGITS = "零一二三四五六七八九"


def find_regulation(n: str, start: int, end: int, *, taiwan: bool) -> list[Label]:
    """Labels of the regulation that a part contains, in order.

    Args:
        n: normalized text.
        start, end: the part.
        taiwan: names an article's paragraphs 第一项 as Taiwan does, else 第一款.

    Returns:
        Headings, articles, paragraphs (derived, only where an article has more than one) and list items; empty when
        the part holds no run of articles.
    """
    articles = _accepted_articles(find_articles(n, start, end))
    if len(articles) < 2:
        return []
    frame = _framed(articles, find_headings(n, start, end), find_annexes(n, start, end))
    labels: list[Label] = []
    for i, label in enumerate(frame):
        labels.append(label)
        if label.rank == ARTICLE:
            stop = end_of_text(n, label.body, frame[i + 1].start if i + 1 < len(frame) else end)
            labels += _inside_article(n, label.body, stop, taiwan=taiwan)
    return labels


def _accepted_articles(candidates: Iterable[tuple[Label, bool]]) -> list[Label]:
    """The candidates that continue the count; 第一条 may begin a new one.

    What jumps ahead is a quotation, unless the text leaves articles out anyway and never goes back to those between.
    """
    found = list(candidates)
    lowest = _lowest_after(found)
    accepted: list[Label] = []
    excerpt = False
    for (label, certain), after in zip(found, lowest, strict=True):
        key = (label.number, label.branch)
        last = (accepted[-1].number, accepted[-1].branch) if accepted else (0, 0)
        follows = key in ((last[0] + 1, 0), (last[0], last[1] + 1))
        near = key == (1, 0) or last < key <= (last[0] + _GAP_ALLOWED, 99) or not accepted
        if follows or (certain and (near or (excerpt and last < key < after))):
            excerpt = key != (1, 0) and (excerpt or not follows)
            accepted.append(label)
    return accepted


def _lowest_after(found: list[tuple[Label, bool]]) -> list[tuple[int, int]]:
    """For each candidate, the lowest number that follows it for certain before 第一条 comes again."""
    lowest, at = [(sys.maxsize, 0)] * len(found), (sys.maxsize, 0)
    for i in reversed(range(len(found))):
        lowest[i] = at
        label, certain = found[i]
        if certain:
            key = (label.number, label.branch)
            at = (sys.maxsize, 0) if key == (1, 0) else min(at, key)
    return lowest


def _framed(articles: list[Label], headings: list[Label], annexes: list[Label]) -> list[Label]:
    """Articles with the headings above them, without the table of contents; annexes after the last article."""
    kept: list[Label] = []
    run: list[Label] = []
    pending = iter(headings)
    heading = next(pending, None)
    for article in articles:
        while heading is not None and heading.start < article.start:
            run.append(heading)
            heading = next(pending, None)
        kept += _without_contents(run)
        run = []
        kept.append(article)
    rest = [heading, *pending] if heading is not None else []
    closing = [h for h in rest if h.label == "附则"]
    annexes = [a for a in annexes if a.start > articles[-1].start]
    return sorted(kept + closing + annexes, key=lambda label: label.start)


def _without_contents(run: list[Label]) -> list[Label]:
    """Drops a table of contents: the first heading comes again before any article does."""
    again = [i for i, label in enumerate(run) if label.label == run[0].label]
    return run[again[-1] :] if again else run


def _inside_article(n: str, start: int, end: int, *, taiwan: bool) -> list[Label]:
    """Paragraphs and list items of one article."""
    items = _counted_items(find_items(n, start, end))
    item_starts = {label.start for label in items}
    paragraphs: list[int] = []
    previous, read = "", start
    for line in _LINE.finditer(n, start, end):
        at, text = line.start(), line.group()
        broken = bool(previous) and previous[-1] not in _ENDINGS and n.count("\n", read, at) < 2
        table_row = text.startswith("|") or "\t" in text.strip()
        if not (table_row or broken or at in item_starts or _inside_list(items, at, previous)):
            paragraphs.append(at)
        previous, read = text.rstrip(), line.end()
    if len(paragraphs) < 2:
        return items
    derived = [_paragraph(i, at, taiwan=taiwan) for i, at in enumerate(paragraphs, 1)]
    return sorted(derived + items, key=lambda label: label.start)


def _inside_list(items: list[Label], at: int, previous: str) -> bool:
    """True where the line before opens on (…：) within a list item, so that the line belongs to the item."""
    return bool(items) and items[0].start < at and previous.endswith(("；", ";"))


def _paragraph(number: int, at: int, *, taiwan: bool) -> Label:
    label = f"第{_chinese(number)}{'项' if taiwan else '款'}"
    return Label(PARAGRAPH, number, 0, label, "", at, at, derived=True)


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else _CHINESE_DIGITS[tens] + "十")
    return head + (_CHINESE_DIGITS[ones] if ones else "")


def _counted_items(candidates: Iterable[tuple[Label, bool]]) -> list[Label]:
    """The list labels that count up from one at their level."""
    items: list[Label] = []
    last: dict[int, int] = {}
    for label, on_line_start in candidates:
        expected = last.get(label.rank, 0) + 1
        if label.number == expected or (on_line_start and label.number in (1, expected + 1)):
            items.append(label)
            last = {rank: number for rank, number in last.items() if rank < label.rank}
            last[label.rank] = label.number
    return items
