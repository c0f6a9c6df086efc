"""Checks of reports against regulations: pairs of short texts, each with the findings a reviewer would sign."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.extract import extract
from kb.check import check_report, rules_from_extractions
from kb.types import Finding

CASES = [json.loads(line) for line in (Path(__file__).parent / "cases" / "check.jsonl").read_text("utf-8").splitlines()]
WRONG = ("violation", "inconsistent")


def _is(finding: Finding, wanted: dict[str, str]) -> bool:
    """Whether a finding is the one wanted, by figure, status, rule and margin."""
    if finding.figure is None or finding.figure.record.quote != wanted["figure"] or finding.status != wanted["status"]:
        return False
    if "rule" in wanted and (finding.rule is None or finding.rule.record.quote != wanted["rule"]):
        return False
    return "margin" not in wanted or Decimal(finding.margin or "NaN") == Decimal(wanted["margin"])


def _cases() -> list[Any]:
    return [
        pytest.param(case, id=case["why"], marks=pytest.mark.xfail(strict=True, reason=case["fails"]))
        if "fails" in case
        else pytest.param(case, id=case["why"])
        for case in CASES
    ]


@pytest.mark.parametrize("case", _cases())
def test_pairs(case: dict[str, Any]) -> None:
    """A report has the findings listed, no other accusation, and none at all on the figures under `nothing`."""
    rules = rules_from_extractions([extract(case["regulation"], "regulation")])
    findings = check_report(extract(case["report"]), rules)
    for wanted in case["findings"]:
        found = next((f for f in findings if _is(f, wanted)), None)
        assert found is not None, f"{wanted} is not among {[(f.status, f.margin, f.explanation) for f in findings]}"
        findings.remove(found)
    quiet = case.get("nothing", ())
    unwanted = [
        f.explanation
        for f in findings
        if f.status in WRONG or (f.figure is not None and f.figure.record.quote in quiet)
    ]
    assert unwanted == []


@pytest.mark.parametrize("case", CASES, ids=[c["why"] for c in CASES])
def test_findings_point_into_the_texts(case: dict[str, Any]) -> None:
    """Every figure, operand and rule of a finding is quoted from where it stands."""
    regulation, report = extract(case["regulation"], "regulation"), extract(case["report"])
    texts = {regulation.document.id: regulation.text, report.document.id: report.text}
    for finding in check_report(report, rules_from_extractions([regulation])):
        for stored in (finding.figure, finding.rule, *finding.operands):
            if stored is not None:
                record = stored.record
                assert texts[stored.document.id][record.start : record.end] == record.quote
        assert 0 < finding.confidence <= 1
