"""Records of one document from two versions of the extractor, set side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LAYERS = ("quantities", "figures", "rules", "citations", "missing", "arithmetic", "provisions", "repairs", "parts")

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One record that differs: `old` is None where it was gained, `new` where it was lost."""

    layer: str
    old: Record | None
    new: Record | None

    @property
    def kind(self) -> str:
        """`gained`, `lost` or `changed`."""
        return "gained" if self.old is None else "lost" if self.new is None else "changed"

    def slots(self) -> Iterator[tuple[str, Any, Any]]:
        """The slots of a changed record that differ, with both values."""
        old, new = self.old or {}, self.new or {}
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                yield name, old.get(name), new.get(name)


def find_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """What differs between two extractions of one document.

    Args:
        old: the object `fadu extract --format json` prints.
        new: the same from another version.

    Returns:
        Per layer in the order of the text: records of the same span are one that changed, then records that overlap;
        the others were lost or gained.
    """
    return [difference for layer in LAYERS for difference in _layer(layer, old.get(layer, []), new.get(layer, []))]


def _layer(layer: str, old: Iterable[Record], new: Iterable[Record]) -> list[Difference]:
    before, after = list(old), list(new)
    for record in list(before):
        if record in after:
            before.remove(record)
            after.remove(record)
    found = []
    for alike in (_same_span, _overlap):
        for record in list(before):
            other = next((r for r in after if alike(record, r)), None)
            if other is not None:
                found.append(Difference(layer, record, other))
                before.remove(record)
                after.remove(other)
    found += [Difference(layer, record, None) for record in before]
    found += [Difference(layer, None, record) for record in after]
    return sorted(found, key=lambda d: _span(d.new or d.old or {}))


def _span(record: Record) -> tuple[int, int]:
    start = record.get("start", record.get("claim_start", 0))
    return start, record.get("end", start + 1)


def _same_span(one: Record, other: Record) -> bool:
    return _span(one) == _span(other)


def _overlap(one: Record, other: Record) -> bool:
    (start, end), (other_start, other_end) = _span(one), _span(other)
    return start < other_end and other_start < end
