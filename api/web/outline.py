"""The outline beside a document: its divisions and articles, in parts that fold where there are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.records import Provision

_DEEPEST = 2
_FIRST_WORDS = 14
_UNFOLDED = 150
"""Lines an outline shows at once: laying out 2,000 took Chromium longer than the document beside them."""
_TOGETHER = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the outline: the id it leads to, where that starts; `depth` counts from 0."""

    anchor: str
    start: int
    label: str
    heading: str
    depth: int


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that fold together under a name; without a name they stand open."""

    name: str
    entries: tuple[Entry, ...]
    open: bool = True


def outline_of(text: str, provisions: Sequence[Provision], at: int = 0) -> list[Part]:
    """Divisions and articles, and the sections of a report; what lies below an article is left out.

    Args:
        text: the document.
        provisions: in order.
        at: the offset the reader comes for; the part around it is open.
    """
    entries = list(_entries(text, provisions))
    if len(entries) <= _UNFOLDED:
        return [Part("", tuple(entries))]
    runs = list(_runs(entries))
    begun = [n for n, run in enumerate(runs) if run[0].start <= at]
    here = begun[-1] if begun else 0
    return [Part(_name(run), run, n == here) for n, run in enumerate(runs)]


def _entries(text: str, provisions: Sequence[Provision]) -> Iterator[Entry]:
    """A division without a heading is named by its first words."""
    for n, p in enumerate(provisions):
        *above, _ = p.path.split("/")
        if len(above) > _DEEPEST or any(label.endswith(("条", "條")) for label in above):
            continue
        words = " ".join(text[p.start : min(p.start + 60, p.end)].removeprefix(p.label).split())
        yield Entry(f"p{n}", p.start, p.label, p.heading or words.lstrip("、.． ")[:_FIRST_WORDS], len(above))


def _runs(entries: Sequence[Entry]) -> Iterator[tuple[Entry, ...]]:
    """The lines of each division, or of as many as one looks through where there are no divisions."""
    if not any(entry.depth for entry in entries):
        yield from (tuple(entries[at : at + _TOGETHER]) for at in range(0, len(entries), _TOGETHER))
        return
    run: list[Entry] = []
    for entry in entries:
        if not entry.depth and run:
            yield tuple(run)
            run = []
        run.append(entry)
    yield tuple(run)


def _name(run: Sequence[Entry]) -> str:
    first, last = run[0], run[-1]
    return f"{first.label} {first.heading}" if last.depth else f"{first.label}至{last.label}"
