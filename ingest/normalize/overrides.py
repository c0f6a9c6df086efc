"""Corrections of the conversion to simplified characters, from `conversion.toml`."""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby
from typing import Any

from ingest.errors import LexiconError
from ingest.lexicon import load_table
from ingest.normalize.aligned import Step
from ingest.normalize.census import Census, Characters


def override_step(text: str, census: Census) -> Step | None:
    """The step that writes the words of the field as the standard has them, or None when none is written otherwise.

    >>> from ingest.normalize.census import Census
    >>> override_step("随著著作权帐户", Census.of("随著著作权帐户")).text
    '随着著作权账户'
    """
    triggers, rules = _rules("rule")
    if not census.total(triggers):
        return None
    converted = text
    for character, pattern, to in rules:
        if character in converted:
            converted = pattern.sub(to, converted)
    return Step("overrides", converted) if converted != text else None


def names_kept(text: str, census: Census, converted: str) -> str:
    """`converted` with the characters of `text` that its names keep; both have one length.

    >>> from ingest.normalize.census import Census
    >>> names_kept("乾安县的乾粮", Census.of("乾安县的乾粮"), "干安县的干粮")
    '乾安县的干粮'
    """
    triggers, rules = _rules("keep")
    if not census.total(triggers):
        return converted
    characters = list(converted)
    for _, pattern, to in rules:
        for found in pattern.finditer(text):
            characters[found.start()] = to
    return "".join(characters)


@cache
def _rules(kind: str) -> tuple[Characters, list[tuple[str, re.Pattern[str], str]]]:
    rules = [(rule["character"], _pattern(rule), rule["to"]) for rule in load_table("conversion")[kind]]
    return Characters.of(character for character, _, _ in rules), rules


def _pattern(rule: dict[str, Any]) -> re.Pattern[str]:
    """The rule's character in its contexts; the character comes first, so that scanning is a plain search for it."""
    character, to = rule["character"], rule["to"]
    if len(character) != 1 or len(to) != 1:
        raise LexiconError(f"ingest/lexicon/conversion.toml: rule {character!r}→{to!r} must map one character to one")
    wanted = [f"(?<=(?:{words}){character})" for words in _by_length(rule.get("after", []))]
    if rule.get("before"):
        wanted.append(f"(?={'|'.join(map(re.escape, rule['before']))})")
    pattern = character + (f"(?:{'|'.join(wanted)})" if wanted else "")
    for words in _by_length(rule.get("unless_after", [])):
        pattern += f"(?<!(?:{words}){character})"
    if rule.get("unless_before"):
        pattern += f"(?!{'|'.join(map(re.escape, rule['unless_before']))})"
    return re.compile(pattern)


def _by_length(words: list[str]) -> list[str]:
    """Alternatives of equal length, since a lookbehind has one width."""
    ordered = sorted(words, key=len)
    return ["|".join(map(re.escape, group)) for _, group in groupby(ordered, key=len)]
