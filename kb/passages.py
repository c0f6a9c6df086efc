"""Passages: what is embedded, indexed and found. A passage is a provision, or a paragraph where there is none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of the original with the normalized text it is matched by.

    `context_s` holds what stands around it (title, headings of its path, table headers), `text_s` itself; both are
    normalized. `start`/`end` count code points of the original.
    """

    path: str
    label: str
    start: int
    end: int
    context_s: str
    text_s: str
