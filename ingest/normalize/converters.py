"""OpenCC, whichever of its two packages is installed: `opencc` or `opencc-python-reimplemented`."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from ingest.errors import FaduError

_FIRST, _LAST = 0x3400, 0xA000
"""The ideographs of everyday text."""


class Converter(Protocol):
    """What both packages give."""

    def convert(self, text: str) -> str:
        """`text` in the other script."""
        ...


@cache
def converter(config: str) -> Converter:
    """The converter of an OpenCC configuration such as `t2s` or `tw2sp`.

    Raises:
        FaduError: no OpenCC package is installed, or the installed one lacks the configuration.
    """
    try:
        import opencc
    except ImportError as error:
        raise FaduError("script conversion: no OpenCC package is installed; run pip install opencc") from error
    try:
        made: Converter = opencc.OpenCC(config)
    except Exception as error:
        if config in ("tw2t", "hk2t"):
            return _FromVariant(config.removesuffix("2t"))
        raise FaduError(
            f"script conversion: the installed OpenCC has no configuration {config!r} ({error}); "
            "take one of s2t, s2tw, s2hk, t2s, tw2s, hk2s, t2tw, t2hk, tw2t, hk2t, or the phrase variants s2twp, tw2sp"
        ) from error
    return made


class _FromVariant:
    """`tw2t` or `hk2t` where the package lacks them, as `opencc-python-reimplemented` does.

    A character of the variant becomes the one that `t2tw` or `t2hk` makes it of, where `tw2s` or `hk2s` reads it as
    that one: 裡 in all words, 著 in 隨著 but not in 名著.
    """

    def __init__(self, variant: str) -> None:
        ideographs = "\n".join(map(chr, range(_FIRST, _LAST)))
        made = converter(f"t2{variant}").convert(ideographs)
        plain = converter("t2s").convert(ideographs)
        again = converter("s2t").convert(plain)
        self._simple = dict(zip(ideographs, plain, strict=True))
        self._standard = {char for char, back in zip(ideographs, again, strict=True) if char == back}
        self._forms = {form: char for char, form in zip(ideographs, made, strict=True) if char != form}
        self._read = converter(f"{variant}2s")

    def convert(self, text: str) -> str:
        """See `Converter`."""
        read = self._read.convert(text)
        if len(read) != len(text):
            return text
        return "".join(map(self._character, text, read))

    def _character(self, char: str, read: str) -> str:
        form = self._forms.get(char, char)
        if self._simple.get(form) != read or (char in self._standard and self._simple[char] == read):
            return char
        return form
