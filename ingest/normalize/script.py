"""Conversion between the scripts, with its alignment."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ingest.normalize.aligned import Step
from ingest.normalize.census import Census
from ingest.normalize.converters import converter
from ingest.normalize.detect import Script, changed_characters, detect_script
from ingest.normalize.offsets import Block
from ingest.normalize.overrides import names_kept

Target = Literal["hans", "hant", "tw", "hk"]

_BEYOND_BMP = 0x20000
_TO_HANS = {"tw": "tw2s", "hk": "hk2s"}
_FROM_HANS = {"hant": "s2t", "tw": "s2tw", "hk": "s2hk"}
_FROM_HANT = {"tw": "t2tw", "hk": "t2hk"}
_TO_HANT = {"tw": "tw2t", "hk": "hk2t"}


def convert(text: str, config: str) -> Step | None:
    """The conversion of `text` by one OpenCC configuration, or None when it changes nothing.

    Configurations without phrases map character to character; those with phrases (`tw2sp`) are aligned by phrase.

    Raises:
        FaduError: the configuration is unknown.

    >>> convert("失業保險", "t2s").text
    '失业保险'
    >>> convert("網際網路的費率", "tw2sp").blocks
    (Block(start=0, end=4, new_start=0, new_end=3),)
    """
    made = converter(config)
    converted = made.convert(text)
    if converted == text:
        return None
    name = f"script:{config}"
    if len(converted) == len(text) and not config.endswith("p"):
        return Step(name, converted)
    return Step(name, converted, tuple(_align(text, converted, config)))


def _align(text: str, converted: str, config: str) -> list[Block]:
    """The phrases that changed as a whole; a conversion never crosses a line end."""
    lines, new_lines = text.split("\n"), converted.split("\n")
    if len(lines) != len(new_lines):
        return [Block(0, len(text), 0, len(converted))]
    blocks: list[Block] = []
    at = new_at = 0
    for line, new_line in zip(lines, new_lines, strict=True):
        if line != new_line:
            blocks += _align_piece(line, new_line, at, new_at, config)
        at += len(line) + 1
        new_at += len(new_line) + 1
    return blocks


def _align_piece(text: str, converted: str, at: int, new_at: int, config: str) -> list[Block]:
    """Halves a piece where its halves convert to the halves of its conversion, until it cannot be halved."""
    if len(text) == len(converted) and (
        len(text) == 1 or converted == converter(config.removesuffix("p")).convert(text)
    ):
        return []
    middle = len(text) // 2
    for cut in sorted(range(1, len(text)), key=lambda at: abs(at - middle)):
        left = converter(config).convert(text[:cut])
        if converted.startswith(left) and left + converter(config).convert(text[cut:]) == converted:
            return [
                *_align_piece(text[:cut], left, at, new_at, config),
                *_align_piece(text[cut:], converted[len(left) :], at + cut, new_at + len(left), config),
            ]
    return [Block(at, at + len(text), new_at, new_at + len(converted))]


def script_step(text: str, census: Census, to: Target) -> Step | None:
    """The conversion that brings `text` to the target script, or None when it is there.

    Simplified text is reached by `t2s`, from genuinely Taiwan or Hong Kong text by `tw2s` or `hk2s`; phrases are
    never exchanged, since that breaks the terms of mainland administration (执行 would become 运行).
    """
    changed, _, _ = changed_characters()
    if to == "hans":
        if not census.total(changed) and not census.beyond(_BEYOND_BMP):
            return None
        script = detect_script(text, census)
        step = convert(text, _TO_HANS.get(script.variant or "", "t2s") if script.script == "hant" else "t2s")
        if step is None:
            return None
        kept = names_kept(text, census, step.text)
        return replace(step, text=kept) if kept != text else None
    script = detect_script(text, census)
    if script.script != "mixed":
        return _convert_one(text, script, to)
    return _convert_lines(text, to)


def _convert_one(text: str, script: Script, to: Target) -> Step | None:
    if script.script != "hant":
        return convert(text, _FROM_HANS[to])
    config = _TO_HANT.get(script.variant or "") if to == "hant" else _FROM_HANT[to]
    return convert(text, config) if config else None


def _convert_lines(text: str, to: Target) -> Step | None:
    """Converts a mixed text line by line, each from its own script."""
    lines: list[str] = []
    for line in text.split("\n"):
        script = detect_script(line)
        if script.script == "mixed":
            script = Script("hans", None, script.confidence)
        step = _convert_one(line, script, to)
        lines.append(step.text if step else line)
    converted = "\n".join(lines)
    return Step(f"script:{to}", converted) if converted != text else None
