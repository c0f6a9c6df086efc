"""Numbers that a copy lost."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.extract.missing import find_missing
from ingest.records import Quantity

CASES = Path(__file__).parent / "cases" / "missing.jsonl"
PIECES = st.sampled_from(
    [
        "参保人",
        "人",
        "万元",
        "已达",
        "结余",
        "元",
        "家",
        "定点药店",
        "率",
        "由",
        "降为",
        "到",
        "年",
        "年底",
        "月日",
        "9",
        "，",
        "。",
        "\n",
        "—",
        "2015年",
    ]
)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(json.loads(row), id=json.loads(row)["why"])
        for row in CASES.read_text(encoding="utf-8").splitlines()
    ],
)
def test_missing(case: dict[str, Any]) -> None:
    assert [m.quote for m in find_missing(case["text"], [])] == case["missing"]


def test_a_number_that_was_found_is_not_missing() -> None:
    n = "基金结余元。"
    found = Quantity(4, 5, "元", "money", "1", "CNY")
    assert find_missing(n, [found]) == []


def test_the_indicator_has_the_dimension_of_the_orphan_unit() -> None:
    money, people = find_missing("同级财政补助元，全校人，", [])
    assert (money.indicator, money.indicator_text) == ("fiscal_subsidy", "同级财政补助…元")
    assert (people.indicator, people.indicator_text) == ("population", "全校…人")


@given(st.lists(PIECES, max_size=40).map("".join))
def test_losses_lie_in_order_and_quote_the_text(n: str) -> None:
    found = find_missing(n, [])
    assert all(n[m.start : m.end] == m.quote != "" for m in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
