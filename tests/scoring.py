"""Scores of an extraction against gold annotations: precision, recall and F1 per layer.

A record is right when it overlaps a gold record and says the same amount; rules must also agree in comparator.
Records that overlap the gold's `optional`, `noise` or quantities it leaves open count neither way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Record = dict[str, Any]
Same = Callable[[Record, Record], bool]


def _amount(record: Record) -> tuple[Any, ...]:
    return record.get("value"), record.get("high"), record.get("unit")


def _overlap(a: Record, b: Record) -> bool:
    return bool(a["start"] < b["end"] and b["start"] < a["end"])


def _same_rule(gold: Record, found: Record) -> bool:
    return _amount(gold) == _amount(found) and gold["comparator"] == found.get("comparator")


def _same_amount(gold: Record, found: Record) -> bool:
    return _amount(gold) == _amount(found)


def _same_citation(gold: Record, found: Record) -> bool:
    return all(gold.get(slot) == found.get(slot) for slot in ("title", "article"))


def _same_provision(gold: Record, found: Record) -> bool:
    return bool(gold["path"] == found["path"] and gold["start"] == found["start"])


def _bounded(records: list[Record]) -> list[Record]:
    return [r for r in records if r.get("comparator")]


class Scores:
    """Counts over several documents: layer → [right, found, gold]."""

    def __init__(self) -> None:
        self.counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(self, gold: Record, found: Record) -> None:
        """Count one document, `gold` in the annotation format and `found` as `fadu extract` prints it."""
        optional = gold.get("optional") or {}
        open_quantities = [*optional.get("quantities", []), *gold.get("noise", [])]
        layers: list[tuple[str, list[Record], list[Record], Same]] = [
            ("quantities", gold["quantities"], found["quantities"], _same_amount),
            ("figures", gold.get("figures", []), found["figures"], _same_amount),
            ("rules", _bounded(gold.get("rules", [])), _bounded(found["rules"]), _same_rule),
            ("citations", gold.get("citations", []), found["citations"], _same_citation),
            ("provisions", gold.get("provisions", []), found["provisions"], _same_provision),
        ]
        for name, wanted, got, same in layers:
            self._count(name, wanted, got, same, [*optional.get(name, []), *open_quantities])

    def _count(self, name: str, wanted: list[Record], got: list[Record], same: Same, neutral: list[Record]) -> None:
        free = list(got)
        right = 0
        for record in wanted:
            hit = next((f for f in free if _overlap(record, f) and same(record, f)), None)
            if hit is not None:
                free.remove(hit)
                right += 1
        wrong = [f for f in free if not any("end" in n and _overlap(f, n) for n in neutral)]
        counts = self.counts[name]
        counts[0] += right
        counts[1] += right + len(wrong)
        counts[2] += len(wanted)

    def f1(self, name: str) -> float:
        """The harmonic mean of precision and recall of a layer."""
        right, found, gold = self.counts[name]
        return 2 * right / (found + gold) if found + gold else 1.0
