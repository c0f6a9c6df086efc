"""Gold annotations: every span is true to the text it was made from."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

GOLD = sorted((Path(__file__).parent / "gold").glob("*.gold.json"))
LAYERS = ("quantities", "figures", "rules", "citations", "missing", "provisions", "unclear")


def spans_of(gold: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields every record with a span, required, optional and unclear."""
    for layers in (gold, gold.get("optional", {})):
        for layer in LAYERS:
            yield from (record for record in layers.get(layer, ()) if "start" in record)


def read_document(gold: dict[str, Any]) -> bytes:
    """Returns the bytes of the annotated document; skips the test when it is not ours and there is no data folder."""
    ours = Path(__file__).parent / "gold" / gold["doc"]
    if ours.exists():
        return ours.read_bytes()
    folder = os.environ.get("FADU_DATA")
    if folder is None:
        pytest.skip("FADU_DATA is not set: the annotated documents are in that folder, not in the repository")
    name = gold["doc"] if "/" in gold["doc"] else f"seeds/{gold['doc']}"
    return Path(folder, name).read_bytes()


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.name.removesuffix(".gold.json"))
def test_spans_are_true_to_the_text(path: Path) -> None:
    gold = json.loads(path.read_text(encoding="utf-8"))
    raw = read_document(gold)
    assert hashlib.sha256(raw).hexdigest() == gold["sha256"]
    text = raw.decode("utf-8")
    for record in spans_of(gold):
        assert 0 <= record["start"] < record["end"] <= len(text), record
        if "quote" in record:
            assert text[record["start"] : record["end"]] == record["quote"], record


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.name.removesuffix(".gold.json"))
def test_bounds_stand_on_quantities(path: Path) -> None:
    gold = json.loads(path.read_text(encoding="utf-8"))
    known = {
        (quantity["start"], quantity["end"], quantity["value"], quantity.get("high"), quantity["unit"])
        for layers in (gold, gold.get("optional", {}))
        for quantity in layers.get("quantities", ())
    }
    for rule in gold["rules"]:
        if "comparator" in rule:
            bound = (rule["start"], rule["end"], rule["value"], rule.get("high"), rule["unit"])
            assert bound in known, rule
