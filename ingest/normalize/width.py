"""Full-width digits, letters and signs, typed-together forms and radicals, written as the ordinary characters."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from ingest.errors import LexiconError
from ingest.normalize.aligned import Edit, Step, step_from_edits
from ingest.normalize.census import Census, Characters
from ingest.normalize.tables import read_table

_STOP = re.compile(r"(?<=[0-9A-Za-z])．")
_ZERO = re.compile(r"(?<=[一二三四五六七八九十百千零〇])[○◯]+(?=[一二三四五六七八九零〇年月日号號条條])")
_CONTEXTUAL = "．○◯"


def width_step(text: str, census: Census) -> Step | None:
    """The step to ordinary widths, or None where all is ordinary. Chinese punctuation stays as it is.

    >>> width_step("Ⅳ级，３．５％", Census.of("Ⅳ级，３．５％")).text
    'IV级，3.5%'
    """
    triggers, single, expanded, pattern = _forms()
    if not census.total(triggers):
        return None
    narrowed = _STOP.sub(".", text.translate(single))
    narrowed = _ZERO.sub(lambda found: "〇" * len(found[0]), narrowed)
    edits = [Edit(found.start(), found.end(), expanded[found[0]]) for found in pattern.finditer(narrowed)]
    if edits:
        return step_from_edits("width", narrowed, edits)
    return Step("width", narrowed) if narrowed != text else None


@cache
def _forms() -> tuple[Characters, dict[int, str], dict[str, str], re.Pattern[str]]:
    """All characters that may change, the map of single ones, the expansions, and the pattern of these."""
    table = read_table("width.toml")
    single: dict[int, str] = {}
    for entry in table["map"]:
        if len(entry["from"]) != len(entry["to"]):
            raise LexiconError(
                f"ingest/lexicon/width.toml: map of {entry['from']!r} does not go character to character"
            )
        single |= {ord(old): new for old, new in zip(entry["from"], entry["to"], strict=True)}
    for entry in table["decompose"]:
        for code in range(ord(entry["first"]), ord(entry["last"]) + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if plain != chr(code) and len(plain) == 1:
                single[code] = plain
    expanded: dict[str, str] = {}
    for entry in table["expand"]:
        expanded |= entry["forms"]
    pattern = re.compile(f"[{re.escape(''.join(expanded))}]")
    return Characters.of([*map(chr, single), *expanded, *_CONTEXTUAL]), single, expanded, pattern
