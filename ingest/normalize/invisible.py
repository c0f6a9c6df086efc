"""Characters nobody sees: zero-width ones, controls, soft hyphens; and the several ways to end a line."""

from __future__ import annotations

import re

from ingest.normalize.aligned import Edit, Step, step_from_edits
from ingest.normalize.census import Census, character_set

_CONTROL = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_UNSEEN = "\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
_TAGS = "\U000e0000-\U000e01ef"
_LINE_END = "\r\x0b\x0c\x85\u2028\u2029"
_LONE_SURROGATE = "\ud800-\udfff"
_PATTERN = re.compile(
    f"(?P<nothing>[{_CONTROL}{_UNSEEN}{_TAGS}]+)|(?P<line>\r\n?|[{_LINE_END}])|(?P<lost>[{_LONE_SURROGATE}])"
)


def _expand(ranges: str) -> set[str]:
    """The characters of a pattern's class."""
    return {
        chr(code) for low, high in re.findall("(.)-(.)", ranges, re.S) for code in range(ord(low), ord(high) + 1)
    } | {c for c in ranges if c != "-"}


_TRIGGERS = frozenset().union(*map(_expand, (_CONTROL, _UNSEEN, _TAGS, _LINE_END, _LONE_SURROGATE)))


def invisible_step(text: str, census: Census) -> Step | None:
    r"""The step that removes what cannot be seen and writes every line end as `\n`, or None when there is neither.

    >>> invisible_step("医\u200b保\r\n", Census.of("医\u200b保\r\n")).text
    '医保\n'
    """
    if not census.total(character_set(_TRIGGERS)):
        return None
    instead = {"nothing": "", "line": "\n", "lost": "\ufffd"}
    edits = [
        Edit(found.start(), found.end(), instead[found.lastgroup or "nothing"]) for found in _PATTERN.finditer(text)
    ]
    return step_from_edits("invisible", text, edits)
