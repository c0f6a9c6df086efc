"""Follow-up questions read in the light of what was asked before: 那二级医院呢 after a question on 三级医院."""

from __future__ import annotations

from collections.abc import Sequence


def question_in_context(question: str, earlier: Sequence[str]) -> str:
    """A question that stands by itself.

    Args:
        question: as asked now.
        earlier: the questions asked before, oldest first.
    """
    return question
