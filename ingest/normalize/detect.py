"""Which script a text is in, and for traditional characters where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from ingest.lexicon import load_table
from ingest.normalize.census import Census, Characters
from ingest.normalize.converters import converter

Variant = Literal["cn", "tw", "hk"]

_HAN = (range(0x3400, 0xA000), range(0xF900, 0xFB00))
_MIXED = 0.1
_SAMPLE = 60_000
_COUNTED = 5


@dataclass(frozen=True, slots=True)
class Script:
    """What `detect_script` found.

    Attributes:
        script: `hans` simplified, `hant` traditional, `mixed` when the rarer of the two makes a tenth of the telling
            characters, `none` when no character tells.
        variant: where the text comes from, None when nothing tells.
        confidence: share of the telling characters that agree, times the share of the cues for the variant.
    """

    script: Literal["hans", "hant", "mixed", "none"]
    variant: Variant | None
    confidence: float


@cache
def changed_characters() -> tuple[Characters, Characters, Characters]:
    """Characters simplification changes; of these the ones only traditional text has; the ones only simplified has."""
    every = [chr(code) for block in _HAN for code in block]
    joined = "\n".join(every)
    to_simplified = converter("t2s").convert(joined).split("\n")
    to_traditional = converter("s2t").convert(joined).split("\n")
    changed = [old for old, new in zip(every, to_simplified, strict=True) if old != new]
    simplified = [old for old, new in zip(every, to_traditional, strict=True) if old != new]
    return (
        Characters.of(changed),
        Characters.of(c for c in changed if not _encodes(c, "gb2312")),
        Characters.of(c for c in simplified if not _encodes(c, "big5")),
    )


def _encodes(character: str, encoding: str) -> bool:
    """True where the national character set of a script has the character, so that it tells nothing."""
    return bool(character.encode(encoding, "ignore"))


def detect_script(text: str, census: Census | None = None) -> Script:
    """The script of `text`, judged by the characters only one script has and the vocabulary of its place.

    Args:
        text: the text.
        census: its census, where it is already known.

    >>> detect_script("勞工保險條例，新臺幣一百元").variant
    'tw'
    >>> detect_script("参保人员").script
    'hans'
    """
    census = census or Census.of(text)
    _, only_traditional, only_simplified = changed_characters()
    traditional, simplified = census.total(only_traditional), census.total(only_simplified)
    telling = traditional + simplified
    if not telling:
        return Script("none", None, 1.0)
    share = max(traditional, simplified) / telling
    if 1 - share >= _MIXED:
        return Script("mixed", None, round(share, 3))
    if simplified > traditional:
        return Script("hans", "cn", round(share, 3))
    variant, sure = _variant(text[:_SAMPLE])
    return Script("hant", variant, round(share * sure, 3))


@lru_cache(maxsize=8)
def _variant(text: str) -> tuple[Variant | None, float]:
    """The place whose forms and words weigh most in a text in traditional characters, and their share."""
    points: dict[Variant, int] = {"cn": 0, "tw": 0, "hk": 0}
    for cue in load_table("variants")["cue"]:
        points[cue["variant"]] += cue["weight"] * sum(min(text.count(word), _COUNTED) for word in cue["words"])
    best = max(points, key=lambda variant: points[variant])
    total = sum(points.values())
    if not total or points[best] * 2 <= total:
        return None, 0.5
    return best, points[best] / total
