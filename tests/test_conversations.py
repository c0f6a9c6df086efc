"""Conversations over corpus/: the right article cited, the right number, no invented answer, read as a chatbot's.

What the base does not settle may be answered with what comes nearest, if it is said that it is no answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.chat import reply_to
from kb import KnowledgeBase
from kb.ask import NEAREST, NOTHING
from kb.types import EVERYTHING

ROOT = Path(__file__).parent.parent
CASES = [
    json.loads(line) for line in (ROOT / "tests/cases/conversations.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("conversations")
    with KnowledgeBase.open(folder, create=True, write=True) as base:
        base.ingest([ROOT / "corpus" / "regulations", ROOT / "corpus" / "reports"])
        yield base


@pytest.fixture
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    one: dict[str, Any] = request.param
    if one.get("known_failure"):
        request.applymarker(pytest.mark.xfail(strict=True, reason=one["why"]))
    return one


@pytest.mark.parametrize("case", CASES, indirect=True, ids=lambda case: " ".join(case["turns"])[:30])
def test_a_conversation_ends_with_the_right_answer(kb: KnowledgeBase, case: dict[str, Any]) -> None:
    said: list[tuple[str, str]] = []
    for turn in case["turns"]:
        said.append(("user", turn))
        reply = reply_to(kb, said, EVERYTHING, "http://127.0.0.1:8000", None)
        said.append(("assistant", reply.text))
    if case.get("none"):
        assert not reply.supported
        assert reply.text == NOTHING or reply.text.startswith(NEAREST)
        assert bool(reply.references) == (reply.text != NOTHING)
        return
    answer, _, sources = reply.text.partition("\n\n来源：\n")
    for words in [case[key] for key in ("number",) if key in case] + case.get("holds", []):
        assert words in answer
    if case.get("title"):
        cited = {(reference["title"], reference["label"]) for reference in reply.references}
        assert any(title == case["title"] and label.startswith(case["label"]) for title, label in cited)
    for reference in reply.references:
        assert kb.text(reference["document_id"])[reference["start"] : reference["end"]] == reference["quote"]
        assert f"〔{reference['number']}〕" in answer
        assert f"《{reference['title']}》{reference['label']} {reference['url']}" in sources
