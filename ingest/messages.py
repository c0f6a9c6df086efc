"""What fadu tells people: messages by code with the values they are filled with, said in the language of the surface.

The texts stand in `lexicon/messages.toml`, one entry a code: why, and after the first semicolon what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "zh"]
Value: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its code and what its text is filled with."""

    code: str
    values: tuple[tuple[str, Value], ...] = ()

    def said(self, language: Language = "en") -> str:
        """The message in words.

        >>> say("pdf_too_long", pages=4000, most=2000).said()
        'it has 4,000 pages, more than the 2,000 fadu reads; split it'
        """
        from ingest.lexicon import load_table

        text: str = load_table("messages")[self.code][language]
        return text.format_map(dict(self.values))

    def with_values(self, change: Callable[[str], str]) -> Message:
        """The message with every text it is filled with changed."""
        values = ((name, change(value) if isinstance(value, str) else value) for name, value in self.values)
        return replace(self, values=tuple(values))

    def __str__(self) -> str:
        return self.said()


def say(code: str, **values: Value) -> Message:
    """A message of `lexicon/messages.toml`."""
    return Message(code, tuple(values.items()))
