"""Quantities: what measures, with its value, unit, denominator and span; and what only names or orders."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import LexiconError
from ingest.extract.quantities import find_quantities
from ingest.extract.units import load_units, unit_table_from_toml
from ingest.records import Quantity

_CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases/quantities.jsonl").read_text("utf-8").splitlines()
]  # fmt: skip
_PIECES = (
    "一二三两十百千万亿半零点〇0123456789.,，%‰元角分人名家户个种次年月日天岁周倍成折至到-~—约近余多第条款项分之百每均/号前起底于自"
    "中华民国截止上下同度级以内外超过不得参保费率\n （）()"
)


def _slots(quantity: Quantity) -> dict[str, Any]:
    """The fields a case states; those left at their default are left out."""
    slots: dict[str, Any] = {k: getattr(quantity, k) for k in ("quote", "kind", "value", "unit")}
    slots.update({k: v for k in ("high", "per", "approx") if (v := getattr(quantity, k))})
    return slots


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["text"][:24])
def test_cases(case: dict[str, Any]) -> None:
    found = find_quantities(case["text"], currency=case.get("currency", "CNY"))
    assert [_slots(q) for q in found] == case["expected"], case["why"]


def _check_spans(n: str, found: list[Quantity]) -> None:
    position = 0
    for q in found:
        assert position <= q.start < q.end <= len(n)
        assert n[q.start : q.end] == q.quote
        position = q.end
        if q.kind != "date":
            assert q.amount.is_finite()
            assert q.value == f"{q.amount:f}"


@given(st.text(st.sampled_from(_PIECES), max_size=60), st.sampled_from(["CNY", "TWD"]))
def test_spans_are_valid_sorted_and_disjoint(n: str, currency: str) -> None:
    _check_spans(n, find_quantities(n, currency=currency))


@given(st.text(max_size=80))
def test_any_text_is_read(n: str) -> None:
    _check_spans(n, find_quantities(n))


@given(st.lists(st.sampled_from(_CASES), min_size=1, max_size=4))
def test_sentences_do_not_disturb_each_other(cases: list[dict[str, Any]]) -> None:
    """On lines of their own, sentences give what they give alone."""
    cases = [case for case in cases if case.get("currency", "CNY") == "CNY" and case["text"]]
    text = "\n".join(case["text"] for case in cases)
    expected = [slots for case in cases for slots in case["expected"]]
    assert [_slots(q) for q in find_quantities(text)] == expected


@pytest.mark.parametrize(
    "unit", ["1", "1,", "111,", "一", "百分之", "1、", "3-", "20xx年", "一万", "每年", "第1条、", "1/"]
)
def test_time_is_linear_in_the_text(unit: str) -> None:
    """Repeating what a pattern might backtrack over stays far below a second per 100,000 characters."""
    text = unit * (50_000 // len(unit))
    started = time.process_time()
    find_quantities(text)
    assert time.process_time() - started < 2


def test_numbers_longer_than_any_amount_are_left_alone() -> None:
    assert find_quantities("9" * 500 + "元") == []


def test_a_malformed_table_names_its_entry() -> None:
    with pytest.raises(LexiconError, match="kind 'length' is none of"):
        unit_table_from_toml('[[unit]]\nwords = ["丈"]\nkind = "length"\nunit = "丈"\n', "user.toml")
    with pytest.raises(LexiconError, match=r"user\.toml: .*correct the table"):
        unit_table_from_toml("unit = [", "user.toml")
    with pytest.raises(LexiconError, match="'unit' is missing"):
        unit_table_from_toml("", "user.toml")


def test_every_unit_is_written_once() -> None:
    """A word in two entries would silently take the later one."""
    import tomllib
    from importlib.resources import files

    table = tomllib.loads(files("ingest").joinpath("lexicon/units.toml").read_text("utf-8"))
    words = [word for entry in table["unit"] for word in entry["words"]]
    assert len(words) == len(set(words)) == len(load_units().units)
