"""The corpus is what its README says, and its gold annotations are true to their texts."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.readers import read

CORPUS = Path(__file__).parent.parent / "corpus"
DOCUMENTS = sorted(path for folder in ("regulations", "reports") for path in (CORPUS / folder).iterdir())
GOLD = sorted((CORPUS / "gold").glob("*.gold.json"))
KINDS = {"%": "percent", "pp": "percentage_point", "times": "multiple", "ratio": "ratio", "date": "date"}
KINDS |= dict.fromkeys(("CNY", "TWD", "HKD"), "money")
KINDS |= dict.fromkeys(("hour", "day", "workday", "month", "year"), "duration")


def gold_of(path: Path) -> dict[str, Any]:
    gold: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return gold


def find_records(node: object) -> Iterator[dict[str, Any]]:
    """Every object below `node` that has a span."""
    if isinstance(node, dict):
        if "start" in node and "end" in node:
            yield node
        for child in node.values():
            yield from find_records(child)
    elif isinstance(node, list):
        for child in node:
            yield from find_records(child)


def starts(gold: dict[str, Any], *layers: str) -> set[int]:
    return {r["start"] for layer in layers for r in gold.get(layer, []) + gold["optional"].get(layer, [])}


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.name)
def test_spans_are_true_to_the_text(path: Path) -> None:
    gold = gold_of(path)
    source = read(CORPUS / gold["doc"])
    assert source.sha256 == gold["sha256"]
    for record in find_records(gold):
        assert 0 <= record["start"] < record["end"] <= len(source.text), record
        if "quote" in record:
            assert source.text[record["start"] : record["end"]] == record["quote"], record


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.name)
def test_records_fit_together(path: Path) -> None:
    gold = gold_of(path)
    quantities = gold["quantities"] + gold["optional"]["quantities"]
    assert all(q["kind"] == KINDS.get(q["unit"], "count") for q in quantities)
    spans = sorted((q["start"], q["end"]) for q in quantities)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    measured = starts(gold, "quantities")
    amounts = {
        q["start"]: [q.get(key) for key in ("end", "value", "high", "unit", "per", "approx")] for q in quantities
    }
    for record in gold["figures"] + [rule for rule in gold["rules"] if rule.get("comparator")]:
        assert amounts[record["start"]] == [record.get(k) for k in ("end", "value", "high", "unit", "per", "approx")]
    for claim in gold.get("arithmetic", []):
        assert {claim["claim_start"], *claim["operands"]} <= measured
        assert Decimal(claim["stated"]) - Decimal(claim["recomputed"]) == Decimal(claim["difference"])
    for finding in gold.get("findings", []):
        assert finding["figure_start"] in starts(gold, "figures")
        for broken in (finding, *finding.get("also", [])):
            if broken["rule_start"] is not None:
                document = CORPUS / broken["rule_document"]
                ruling = gold_of(CORPUS / "gold" / f"{document.stem}.gold.json")
                assert broken["rule_start"] in starts(ruling, "rules")


def test_each_document_has_gold_or_is_named_as_lacking_it() -> None:
    readme = (CORPUS / "README.md").read_text(encoding="utf-8")
    rows = [line for line in readme.splitlines() if line.startswith(("| `regulations/", "| `reports/"))]
    listed = {row.split("`")[1]: "no gold" not in row for row in rows}
    annotated = {gold_of(path)["doc"] for path in GOLD}
    assert listed == {name: name in annotated for name in (p.relative_to(CORPUS).as_posix() for p in DOCUMENTS)}


def test_the_corpus_stays_small() -> None:
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < 1_500_000


def test_damage_is_what_its_repair_would_suffer() -> None:
    """Losing the lead byte of the first repaired character leaves what the damaged document shows."""
    gold = gold_of(CORPUS / "gold" / "望川縣2011年新農合運行情況總結.gold.json")
    for damage in gold["mojibake"]:
        assert b"?" + damage["repaired"].encode("gbk")[1:] == damage["quote"].encode("gbk"), damage
