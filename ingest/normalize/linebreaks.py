"""Hard line ends inside paragraphs, as PDF and e-mail copies have them."""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median

from ingest.normalize.aligned import Edit, Step, step_from_edits
from ingest.normalize.census import Census, character_set

_HAN = "\u4e00-\u9fff"
_BROKEN = re.compile(rf"\n(?<=[{_HAN}，、0-9]\n)(?=[{_HAN}，。、；：）”0-9])")
_WRAPPED = re.compile(
    rf"\n(?<=[{_HAN}，、0-9]\n)(?=[{_HAN}，。、；：）”0-9][^\n]{{15,200}}[{_HAN}，、0-9]\n[{_HAN}，。、；：）”0-9])"
)
_NUMBER = "[0-9一二三四五六七八九十百千零〇]"
_HEAD = re.compile(
    rf"[\s　]*(?:第\s?{_NUMBER}+\s?[编編章节節条條款项項目]|[(（]?{_NUMBER}{{1,3}}[)）、.．]"
    r"|[①-⑳●○◆■□•·\-—*#|]|附[件表录則则]|[一二三四五六七八九十]是)"
)
_SHORTEST = 18
_SLACK = 2
_LEAST = 3


def linebreak_step(text: str, census: Census) -> Step | None:
    """The step that joins the lines of hard-wrapped paragraphs, or None when no paragraph is wrapped.

    Joined are only lines of one width that break off inside a clause: at least three in a row, none of them a heading,
    a list item or an article. The last line of a paragraph may be shorter.
    """
    if not census.total(character_set("\n")) or not _WRAPPED.search(text):
        return None
    edits: list[Edit] = []
    start = 0
    for block in text.split("\n\n"):
        edits += _joined(block, start)
        start += len(block) + 2
    return step_from_edits("linebreaks", text, edits)


def _joined(block: str, start: int) -> list[Edit]:
    """The line ends of one block that are to go; `start` is the block's offset."""
    lines = block.split("\n")
    if len(lines) < _LEAST + 1:
        return []
    width = median(len(line) for line in lines[:-1])
    if width < _SHORTEST:
        return []
    ends: list[int] = []
    at = start
    for line, following in pairwise(lines):
        at += len(line)
        if abs(len(line) - width) <= _SLACK and len(following) <= width + _SLACK and not _HEAD.match(following):
            ends.append(at)
        at += 1
    full = sum(abs(len(line) - width) <= _SLACK for line in lines[:-1])
    if full < _LEAST or full * 3 < (len(lines) - 1) * 2:
        return []
    broken = {start + found.start() for found in _BROKEN.finditer(block)}
    return [Edit(end, end + 1, "") for end in ends if end in broken]
