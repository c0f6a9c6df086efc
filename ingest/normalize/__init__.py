"""Normalization: damage mended, widths and script made uniform, every character still traceable to its source."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ingest.normalize.aligned import AlignedText, Edit, Step, step_from_edits
from ingest.normalize.census import Census
from ingest.normalize.detect import Script, detect_script
from ingest.normalize.invisible import invisible_step
from ingest.normalize.linebreaks import linebreak_step
from ingest.normalize.markup import markup_step
from ingest.normalize.mojibake import mojibake_step
from ingest.normalize.offsets import Block
from ingest.normalize.overrides import override_step
from ingest.normalize.script import Target, convert, script_step
from ingest.normalize.shifted import shifted_step
from ingest.normalize.stray import stray_step
from ingest.normalize.width import width_step

__all__ = [
    "AlignedText",
    "Block",
    "Edit",
    "Script",
    "Step",
    "Target",
    "aligned_document",
    "convert",
    "detect_script",
    "normalize",
    "step_from_edits",
]


@lru_cache(maxsize=2)
def aligned_document(text: str) -> AlignedText:
    """`normalize(text)`, remembered for the last documents: extraction and indexing both need it."""
    return normalize(text)


def normalize(text: str, to: Target = "hans") -> AlignedText:
    """`text` mended, in ordinary widths and in the script `to`, aligned with what it came from.

    The steps are repeated until none finds work, so normalizing a normalized text changes nothing. Each step costs
    next to nothing on text that lacks its characters.

    Args:
        text: the loaded original.
        to: `hans` simplified, `hant` traditional, `tw` and `hk` traditional as Taiwan and Hong Kong write it.

    Returns:
        The aligned text; its `steps` name what was done, its `repairs` what was mended.

    >>> normalize("勞工保險費率為百分之１２").text
    '劳工保险费率为百分之12'
    """
    aligned = AlignedText.of(text)
    census = Census.of(text)
    steps = _steps(to)
    quiet = 0
    while quiet < len(steps):
        for step in steps:
            made = step(aligned.text, census)
            if made is None:
                quiet += 1
            else:
                aligned, census, quiet = aligned.apply(made), Census.of(made.text), 0
            if quiet == len(steps):
                break
    return aligned


def _steps(to: Target) -> list[Callable[[str, Census], Step | None]]:
    """The steps in their order: what one uncovers, a later one finishes."""
    steps: list[Callable[[str, Census], Step | None]] = [
        mojibake_step,
        shifted_step,
        invisible_step,
        markup_step,
        width_step,
        stray_step,
        linebreak_step,
        lambda text, census: script_step(text, census, to),
    ]
    if to == "hans":
        steps.append(override_step)
    return steps
