"""OpenCC, whichever of its two packages is installed: `opencc` or `opencc-python-reimplemented`."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from ingest.errors import FaduError


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
        raise FaduError(
            f"script conversion: the installed OpenCC has no configuration {config!r} ({error}); "
            "take one of s2t, s2tw, s2hk, t2s, tw2s, hk2s, t2tw, t2hk, tw2t, hk2t, or the phrase variants s2twp, tw2sp"
        ) from error
    return made
