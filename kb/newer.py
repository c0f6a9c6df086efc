"""Of two wordings of one provision that are both found, the one in force comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kb.held import Found
from kb.likeness import likeness
from kb.types import DocumentRow

ALIKE = 0.6
"""Likeness that two wordings of a provision have at least; numbers do not count."""


def newer_first(
    found: Sequence[Found], documents: Mapping[int, DocumentRow], scores: Mapping[int, float]
) -> tuple[list[Found], dict[int, float]]:
    """The passages with every wording that has been replaced behind the one that replaced it.

    Args:
        found: passages, best first.
        documents: their documents by version key; `replaced_by` tells what replaced what.
        scores: by passage id; a passage that moves forward takes the score of the one it passes.
    """
    newer: dict[str, list[Found]] = {}
    for one in found:
        document = documents[one.version]
        newer.setdefault(f"{document.id}@{document.version}", []).append(one)
    order: dict[int, Found] = {}
    raised = dict(scores)
    for one in found:
        replaced_by = documents[one.version].replaced_by
        same = [other for other in newer.get(replaced_by or "", ()) if other.id not in order]
        best = max(same, key=lambda other: likeness(one.passage.text_s, other.passage.text_s), default=None)
        if best is not None and likeness(one.passage.text_s, best.passage.text_s) >= ALIKE:
            order[best.id] = best
            raised[best.id] = max(raised[best.id], raised[one.id])
        order.setdefault(one.id, one)
    return list(order.values()), raised
