"""A base outlives the processes that write it; `make crash` kills two hundred of them."""

from __future__ import annotations

from crash import torture


def test_nothing_acknowledged_is_lost_and_search_answers_after_each_kill(tmp_path):
    outcome = torture(tmp_path, kills=5)
    assert outcome.sound, outcome
    assert outcome.kills == 5
    assert outcome.acknowledged > 5
