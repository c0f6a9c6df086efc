"""The comparison of two versions of the extractor names what was gained, lost and changed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def differences(monkeypatch: pytest.MonkeyPatch):
    """`tests.eval` is run from the root of the repository, which pytest does not put on the path."""
    monkeypatch.syspath_prepend(str(ROOT))
    for name in [name for name in sys.modules if name == "tests" or name.startswith("tests.")]:
        monkeypatch.delitem(sys.modules, name)
    from tests.eval.differences import find_differences

    return find_differences


def rule(start: int, end: int, **slots: str) -> dict[str, object]:
    return {"start": start, "end": end, "quote": "70%", **slots}


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        pytest.param([rule(3, 6)], [rule(3, 6)], [], id="the same record is no difference"),
        pytest.param([], [rule(3, 6)], ["gained"], id="a new record"),
        pytest.param([rule(3, 6)], [], ["lost"], id="a record that is gone"),
        pytest.param([rule(3, 6, value="7")], [rule(3, 6, value="70")], ["changed"], id="a slot at the same span"),
        pytest.param([rule(3, 6)], [rule(3, 7)], ["changed"], id="a span that moved"),
        pytest.param([rule(3, 6)], [rule(9, 12)], ["lost", "gained"], id="elsewhere is another record"),
        pytest.param(
            [rule(3, 6, comparator=">=")], [rule(3, 6, comparator=">="), rule(3, 6)], ["gained"], id="a second bound"
        ),
    ],
)
def test_differences(differences, old, new, kinds):
    assert [d.kind for d in differences({"rules": old}, {"rules": new})] == kinds


def test_the_slots_that_changed_are_named(differences):
    (difference,) = differences({"rules": [rule(3, 6, value="7")]}, {"rules": [rule(3, 6, value="70")]})
    assert list(difference.slots()) == [("value", "7", "70")]
