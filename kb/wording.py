"""Where two wordings of one passage part, character by character; numbers are compared whole.

Blanks, punctuation, width and script are no differences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from ingest.normalize import normalize
from kb.types import WordingChange

_TOKEN = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?[%‰]?|[A-Za-z]+|[^\W_]")
_ISLAND = 2
"""Tokens at least that two differences must lie apart to be two."""


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    words: str


def find_wording_changes(old: str, new: str) -> tuple[WordingChange, ...]:
    """The differences between two short texts, in order.

    >>> [(c.kind, c.old_quote, c.new_quote) for c in find_wording_changes("不得超过30％", "不得超過25%的")]
    [('replaced', '30％', '25%的')]
    >>> find_wording_changes("统筹基金，支付", "統籌基金支付")
    ()

    Args:
        old: at most some thousand characters, for the work grows with the product of both lengths.
        new: the other text, in either script.
    """
    before, after = _tokens(old), _tokens(new)
    matcher = SequenceMatcher(None, [t.words for t in before], [t.words for t in after], autojunk=False)
    blocks: list[tuple[int, int, int, int]] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            continue
        if blocks and (i - blocks[-1][1] < _ISLAND or k - blocks[-1][3] < _ISLAND):
            blocks[-1] = (blocks[-1][0], j, blocks[-1][2], m)
        else:
            blocks.append((i, j, k, m))
    return tuple(_change((old, before, i, j), (new, after, k, m)) for i, j, k, m in blocks)


def _tokens(text: str) -> list[_Token]:
    aligned = normalize(text)
    return [
        _Token(*aligned.to_source(match.start(), match.end()), match[0].casefold())
        for match in _TOKEN.finditer(aligned.text)
    ]


def _change(old: tuple[str, Sequence[_Token], int, int], new: tuple[str, Sequence[_Token], int, int]) -> WordingChange:
    kind: Literal["replaced", "inserted", "deleted"] = "replaced"
    if old[2] == old[3]:
        kind = "inserted"
    elif new[2] == new[3]:
        kind = "deleted"
    return WordingChange(kind, *_span(*old), *_span(*new))


def _span(text: str, tokens: Sequence[_Token], first: int, last: int) -> tuple[int, int, str]:
    """The characters of some tokens; of none, the point behind the token before."""
    if first == last:
        at = tokens[first - 1].end if first else 0
        return at, at, ""
    start, end = tokens[first].start, tokens[last - 1].end
    return start, end, text[start:end]
