"""Markup a copy left in its text: character references and tags."""

from __future__ import annotations

import html
import re
from html.entities import html5

from ingest.normalize.aligned import Edit, Step, step_from_edits
from ingest.normalize.census import Census, character_set

_REFERENCE = re.compile(
    r"&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});|#(?:160|xa0)|([A-Za-z][A-Za-z0-9]{1,31});|nbsp(?![A-Za-z0-9]))"
)
_NAMES = "p|br|div|span|strong|b|i|u|em|font|a|center|h[1-6]|li|ul|ol|table|tbody|tr|td|th|img|hr|sup|sub"
_VALUE = r"""(?:"[^"<>]{0,300}"|'[^'<>]{0,300}'|[^\s"'<>]{1,300})"""
_TAGS = re.compile(rf"(?:</?(?:{_NAMES})\b(?:\s+[A-Za-z_:-]{{1,40}}(?:\s*=\s*{_VALUE})?){{0,12}}\s*/?>)+")
_BREAK = re.compile(r"<(?:/?(?:p|div|tr|li|h[1-6])|br|hr)\b")
_TRIGGERS = "&<"


def markup_step(text: str, census: Census) -> Step | None:
    """The step that reads character references and takes out tags, or None when there are neither.

    Tags that end a line of the page become a line end, where none stands already.

    >>> markup_step("起付线&nbsp;500元<br>", Census.of("&<")).text
    '起付线\\xa0500元'
    """
    if not census.total(character_set(_TRIGGERS)):
        return None
    edits = [
        Edit(found.start(), found.end(), html.unescape(found[0]))
        for found in _REFERENCE.finditer(text)
        if found[1] is None or f"{found[1]};" in html5
    ]
    edits += [Edit(found.start(), found.end(), _instead(found)) for found in _TAGS.finditer(text)]
    return step_from_edits("markup", text, sorted(edits, key=lambda edit: edit.start))


def _instead(tags: re.Match[str]) -> str:
    """What stands where the tags stood."""
    if not _BREAK.search(tags[0]):
        return ""
    before = tags.string[tags.start() - 1 : tags.start()]
    after = tags.string[tags.end() : tags.end() + 1]
    return "" if before in ("", "\n") or after in ("", "\n") else "\n"
