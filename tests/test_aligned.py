"""AlignedText: composition, monotonicity and round trips, proven on arbitrary chains of edits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.normalize.aligned import AlignedText, Edit, Step, step_from_edits

CHARACTERS = st.sampled_from("甲乙丙丁ab，。 𠮷")
TEXTS = st.text(CHARACTERS, max_size=24)


@st.composite
def steps_of(draw: st.DrawFn, text: str) -> Step | None:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    edits = [
        Edit(start, end, draw(st.text(CHARACTERS, max_size=4)))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    return step_from_edits("edit", text, edits)


@st.composite
def chains(draw: st.DrawFn) -> list[AlignedText]:
    """The states of a text under up to four steps, the untouched one first."""
    states = [AlignedText.of(draw(TEXTS))]
    for _ in range(draw(st.integers(1, 4))):
        step = draw(steps_of(states[-1].text))
        if step is not None:
            states.append(states[-1].apply(step))
    return states


def spans_of(text: str) -> list[tuple[int, int]]:
    return [(start, end) for start in range(len(text) + 1) for end in range(start, len(text) + 1)]


def single(text: str, step: Step) -> AlignedText:
    return AlignedText.of(text).apply(step)


def mapped_in_turn(maps: list[Callable[[int, int], tuple[int, int]]], span: tuple[int, int]) -> tuple[int, int] | None:
    """The image of `span` under one map after another, None where an image on the way is empty."""
    for one in maps:
        if span[0] == span[1]:
            return None
        span = one(*span)
    return span


@settings(max_examples=300)
@given(chains())
def test_composition_is_sequential_application(states: list[AlignedText]) -> None:
    last = states[-1]
    ones = [single(before.text, step) for before, step in zip(states, last.steps, strict=False)]
    for span in spans_of(last.text):
        expected = mapped_in_turn([one.to_source for one in reversed(ones)], span)
        assert expected is None or last.to_source(*span) == expected
    for span in spans_of(last.source):
        expected = mapped_in_turn([one.from_source for one in ones], span)
        assert expected is None or last.from_source(*span) == expected


@given(chains())
def test_both_maps_are_monotone_and_stay_inside(states: list[AlignedText]) -> None:
    last = states[-1]
    for text, other, mapped in (
        (last.text, last.source, last.to_source),
        (last.source, last.text, last.from_source),
    ):
        spans = {span: mapped(*span) for span in spans_of(text)}
        assert all(0 <= start <= end <= len(other) for start, end in spans.values())
        for (start, end), image in spans.items():
            if end < len(text):
                wider = spans[start, end + 1]
                assert wider[0] == image[0]
                assert wider[1] >= image[1]
            if start < end:
                assert spans[start + 1, end][0] >= image[0]


@given(chains())
def test_there_and_back_is_monotone(states: list[AlignedText]) -> None:
    last = states[-1]
    points = [last.to_source(*last.from_source(at, at + 1)) for at in range(len(last.source))]
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(points))


@given(TEXTS, st.data())
def test_unchanged_regions_map_exactly(text: str, data: st.DataObject) -> None:
    step = data.draw(steps_of(text))
    if step is None:
        return
    aligned = single(text, step)
    end = new_end = 0
    for block in (*step.blocks, None):
        stop = len(text) if block is None else block.start
        for start in range(end, stop):
            for last in range(start + 1, stop + 1):
                span = (start - end + new_end, last - end + new_end)
                assert aligned.to_source(*span) == (start, last)
                assert aligned.from_source(start, last) == span
        if block is not None:
            end, new_end = block.end, block.new_end


@given(TEXTS, st.data())
def test_a_touched_block_is_covered_whole(text: str, data: st.DataObject) -> None:
    step = data.draw(steps_of(text))
    for block in step.blocks if step else ():
        aligned = single(text, step)
        for at in range(block.new_start, block.new_end):
            assert aligned.to_source(at, at + 1) == (block.start, block.end)


@given(chains())
def test_many_spans_map_like_each(states: list[AlignedText]) -> None:
    last = states[-1]
    spans = spans_of(last.text)
    assert last.to_source_many(spans) == [last.to_source(*span) for span in spans]


@given(TEXTS, st.data())
def test_blocks_account_for_every_change_of_length(text: str, data: st.DataObject) -> None:
    step = data.draw(steps_of(text))
    if step is None:
        return
    done = new_done = 0
    for block in single(text, step).blocks:
        assert block.start - done == block.new_start - new_done >= 0
        done, new_done = block.end, block.new_end
    assert len(text) - done == len(step.text) - new_done


@pytest.mark.parametrize(
    ("edits", "span", "expected"),
    [
        pytest.param([Edit(1, 3, "")], (0, 1), (0, 1), id="deletion after the span is left out"),
        pytest.param([Edit(1, 3, "")], (1, 2), (3, 4), id="deletion before the span is left out"),
        pytest.param([Edit(1, 3, "")], (0, 2), (0, 4), id="deletion inside the span is covered"),
        pytest.param([Edit(1, 3, "")], (1, 1), (3, 3), id="a point at a deletion lies after it"),
        pytest.param([Edit(2, 2, "xy")], (2, 4), (2, 2), id="inserted text has an empty source"),
        pytest.param([Edit(2, 2, "xy")], (1, 5), (1, 3), id="insertion inside the span adds nothing"),
        pytest.param([Edit(1, 3, "xyz")], (2, 3), (1, 3), id="part of a block is the block"),
        pytest.param([Edit(1, 3, "xyz")], (2, 2), (1, 3), id="a point inside a block is the block"),
        pytest.param([Edit(1, 3, "xyz")], (1, 1), (1, 1), id="a point before a block is a point"),
        pytest.param([Edit(2, 4, "")], (2, 2), (4, 4), id="the end of the text after a deletion"),
    ],
)
def test_boundaries(edits: list[Edit], span: tuple[int, int], expected: tuple[int, int]) -> None:
    step = step_from_edits("edit", "甲乙丙丁", edits)
    assert step is not None
    assert single("甲乙丙丁", step).to_source(*span) == expected


def test_a_step_of_another_text_is_refused() -> None:
    with pytest.raises(ValueError, match="another text"):
        AlignedText.of("甲乙").apply(Step("script:t2s", "甲"))
    with pytest.raises(ValueError, match="overlaps"):
        step_from_edits("edit", "甲乙丙", [Edit(0, 2, ""), Edit(1, 3, "")])


def test_spans_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="not a span"):
        AlignedText.of("甲乙").to_source(2, 1)
