"""The form both sides of every match take."""

from __future__ import annotations

from functools import lru_cache

from ingest.normalize import normalize


@lru_cache(maxsize=65536)
def simplified(text: str) -> str:
    """`text` in simplified characters, half width and lower case, for matching only."""
    return normalize(text).text.casefold()


def simplified_or_none(text: str | None) -> str | None:
    """`simplified`, None for None."""
    return None if text is None else simplified(text)
