"""Where two wordings part: what counts, what does not, and spans that are true to both texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.wording import find_wording_changes

TEXTS = st.text(alphabet="统筹基金支付不得超过的，。 0123456789%籌過ABc", max_size=40)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("不得超过30%", "不得超过25%", [("replaced", "30%", "25%")]),  # a number is one thing, not its digits
        ("1,000元", "1,200元", [("replaced", "1,000", "1,200")]),  # separators belong to it
        ("由统筹基金支付", "统筹基金支付", [("deleted", "由", "")]),
        ("基金支付", "统筹基金支付", [("inserted", "", "统筹")]),
        ("統籌基金，支付３０％", "统筹基金支付30%", []),  # script, width and punctuation are no differences
        ("", "支付", [("inserted", "", "支付")]),
        ("甲支乙", "丙支丁", [("replaced", "甲支乙", "丙支丁")]),  # one shared character does not part two changes
        ("一级医院支付", "三级医院支付", [("replaced", "一", "三")]),
    ],
)
def test_differences(old, new, expected):
    assert [(c.kind, c.old_quote, c.new_quote) for c in find_wording_changes(old, new)] == expected


@given(TEXTS, TEXTS)
def test_spans_are_true_to_both_texts_and_in_order(old, new):
    at = (0, 0)
    for change in find_wording_changes(old, new):
        assert old[change.old_start : change.old_end] == change.old_quote
        assert new[change.new_start : change.new_end] == change.new_quote
        assert (change.old_start, change.new_start) >= at
        at = change.old_end, change.new_end


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text):
    assert find_wording_changes(text, text) == ()


@given(TEXTS, TEXTS)
def test_the_two_directions_mirror_each_other(old, new):
    there, back = find_wording_changes(old, new), find_wording_changes(new, old)
    assert bool(there) == bool(back)
