"""The JSON forms of comparisons and conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.contract import stored_to_dict
from ingest.serialize import record_to_dict

if TYPE_CHECKING:
    from kb.compare import Comparison
    from kb.conflicts import Conflict


def comparison_to_dict(comparison: Comparison, explain: bool = False) -> dict[str, Any]:
    """The object `fadu compare --format json` prints; spans count in the original they are of."""
    return {
        "old": record_to_dict(comparison.old),
        "new": record_to_dict(comparison.new),
        "identical": comparison.identical,
        "unchanged": comparison.unchanged,
        "added": [record_to_dict(rule, explain) for rule in comparison.added],
        "removed": [record_to_dict(rule, explain) for rule in comparison.removed],
        "changed": [
            {
                "direction": change.direction,
                "old": record_to_dict(change.old, explain),
                "new": record_to_dict(change.new, explain),
            }
            for change in comparison.changed
        ],
        "moved": [{"old": record_to_dict(m.old), "new": record_to_dict(m.new)} for m in comparison.moved],
        "text": [
            {
                "kind": change.kind,
                "old": {
                    "start": change.old_start,
                    "end": change.old_end,
                    "quote": change.old_quote,
                    "path": change.old_path,
                },
                "new": {
                    "start": change.new_start,
                    "end": change.new_end,
                    "quote": change.new_quote,
                    "path": change.new_path,
                },
            }
            for change in comparison.text
        ],
    }


def conflict_to_dict(conflict: Conflict, explain: bool = False) -> dict[str, Any]:
    """One conflict; `senior` and `junior` are rules with their `document`."""
    return {
        "kind": conflict.kind,
        "indicator": conflict.indicator,
        "senior": stored_to_dict(conflict.senior, explain),
        "junior": stored_to_dict(conflict.junior, explain),
        "explanation": conflict.explanation,
    }
