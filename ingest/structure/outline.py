"""The outline of a report or plan: 第一部分, 一、, (一), 1., (1), ①."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.structure.labels import ANNEX, Label, find_annexes, find_headings, find_items

_FIRST_SENTENCE = re.compile(r"([^\n。；;：:]{2,30})(?:[。：:]?[ 　]*(?:\n|$)|。)")


def find_outline(n: str, start: int, end: int) -> list[Label]:
    """Labels of a part's outline, in order, each with the title that follows it.

    Args:
        n: normalized text.
        start, end: the part.
    """
    items = [_titled(n, label, end) for label, on_line_start in find_items(n, start, end) if on_line_start]
    annexes = [label for label in find_annexes(n, start, end) if items and label.start > items[0].start]
    labels = sorted([*find_headings(n, start, end), *items, *annexes], key=lambda label: label.start)
    kept: list[Label] = []
    open_numbers: dict[int, int] = {}
    for label in labels:
        last = open_numbers.get(label.rank)
        if label.rank == ANNEX:
            open_numbers = {}
            kept.append(label)
            continue
        if last is None and label.number > 1:
            continue
        if last is not None and label.number not in (1, last, last + 1, last + 2):
            continue
        kept.append(label)
        open_numbers = {rank: number for rank, number in open_numbers.items() if rank < label.rank}
        open_numbers[label.rank] = label.number
    return kept


def _titled(n: str, label: Label, end: int) -> Label:
    sentence = _FIRST_SENTENCE.match(n, label.body, end)
    return replace(label, heading=sentence[1].strip() if sentence else "")
