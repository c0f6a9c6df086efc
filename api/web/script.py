"""The page in the reader's script: everything is converted but what stands in a document's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from ingest.normalize import Target

PageScript: TypeAlias = Literal["hans", "hant"]

_TARGETS: Mapping[PageScript, Target] = {"hans": "hans", "hant": "tw"}
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"  # noncharacters, which no page may hold: they mark originals until it is sent
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}]")
_FOREIGN = re.compile("[\ufdd0-\ufdef]")
_ORIGINAL = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_TAG = re.compile(r"(<[^>]*>)")
_SPOKEN = re.compile(r'\b(title|placeholder|alt|aria-[a-z]+|data-say-[a-z]+|data-confirm)="([^"]*)"')


def original(value: Any) -> Markup:
    """`value`, escaped unless it is markup, kept in its own script whatever the page's is."""
    return Markup(_OPEN + without_marks(str(escape(value))) + _CLOSE)


def without_marks(text: str) -> str:
    """A text without the noncharacters that pages are made with; as long as before, so offsets hold."""
    return _FOREIGN.sub("\ufffd", text)


def page_in_script(html: str, script: PageScript) -> str:
    """A rendered page in `script`: its text and spoken attributes are converted, originals are not.

    >>> page_in_script(f'<p title="规则">规则 {original("离岛")}</p>', "hant")
    '<p title="規則">規則 离岛</p>'
    """
    pieces = _ORIGINAL.split(html)
    pieces[::2] = (_converted_markup(piece, script) for piece in pieces[::2])
    return _MARKS.sub("", "".join(pieces))


def _converted_markup(html: str, script: PageScript) -> str:
    pieces = _TAG.split(html)
    for at, piece in enumerate(pieces):
        if piece.isascii():
            continue
        if at % 2:
            pieces[at] = _SPOKEN.sub(lambda m: f'{m[1]}="{_converted(m[2], script)}"', piece)
        else:
            pieces[at] = _converted(piece, script)
    return "".join(pieces)


@lru_cache(maxsize=8192)
def _converted(text: str, script: PageScript) -> str:
    from ingest.normalize.census import Census
    from ingest.normalize.script import script_step

    step = script_step(text, Census.of(text), _TARGETS[script])
    return text if step is None else step.text
