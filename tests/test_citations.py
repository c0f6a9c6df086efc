"""Citations: the norms a document names."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.extract.citations import find_citations
from ingest.records import Part
from ingest.structure import find_provisions

CASES = Path(__file__).parent / "cases" / "citations.jsonl"
PIECES = st.sampled_from(
    [
        "《",
        "》",
        "〈",
        "〉",
        "（",
        "）",
        "第",
        "十",
        "条",
        "款",
        "项",
        "一",
        "3",
        "本法",
        "劳动法",
        "国发〔2016〕3号",
        "依",
        "、",
        "及",
        "。",
        "\n",
        "以下简称",
    ]
)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(json.loads(row), id=json.loads(row)["why"])
        for row in CASES.read_text(encoding="utf-8").splitlines()
    ],
)
def test_citations(case: dict[str, Any]) -> None:
    n = case["text"]
    provisions = find_provisions(n, [Part(0, len(n), "")])
    found = find_citations(n, provisions, title=case.get("title"))
    assert [c.quote for c in found] == [c["quote"] for c in case["citations"]]
    for citation, expected in zip(found, case["citations"], strict=True):
        assert {key: getattr(citation, key) for key in expected} == expected


@given(st.lists(PIECES, max_size=40).map("".join))
def test_citations_lie_in_order_and_quote_the_text(n: str) -> None:
    found = find_citations(n)
    assert all(n[c.start : c.end] == c.quote != "" for c in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(c.title or c.doc_number or c.article for c in found)
