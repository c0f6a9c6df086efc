"""The form both sides of every match take."""

from __future__ import annotations

from functools import lru_cache

from ingest.normalize.census import Census
from ingest.normalize.script import script_step
from ingest.normalize.width import width_step


@lru_cache(maxsize=65536)
def simplified(text: str) -> str:
    """`text` in simplified characters, half width and lower case, for matching only.

    Names and queries are short and come clean, so nothing is mended: looking for damage would cost a search the
    loading of a dictionary.

    >>> simplified("勞工保險費率１２％")
    '劳工保险费率12%'
    """
    plain = text
    if made := width_step(plain, Census.of(plain)):
        plain = made.text
    if made := script_step(plain, Census.of(plain), "hans"):
        plain = made.text
    return plain.casefold()


def simplified_or_none(text: str | None) -> str | None:
    """`simplified`, None for None."""
    return None if text is None else simplified(text)
