"""Answers: what the corpus supports is quoted with its place, what it does not is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.ask import NEAREST, NOTHING, answer
from kb.support import Question
from kb.types import Filters

ROOT = Path(__file__).parent.parent
CASES = [json.loads(line) for line in (ROOT / "tests/cases/questions.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ask") / "kb"
    with KnowledgeBase.open(folder, create=True, write=True) as base:
        base.ingest([ROOT / "corpus/regulations", ROOT / "corpus/reports"])
        yield base


def cases():
    for case in CASES:
        marks = [pytest.mark.xfail(strict=True, reason=case["why"])] if case.get("known_failure") else []
        yield pytest.param(case, id=case["question"], marks=marks)


@pytest.mark.parametrize("case", list(cases()))
def test_questions_of_the_corpus(kb, case):
    found = answer(kb, case["question"])
    if case["holds"] is None:
        assert not found.supported
        assert found.text.startswith(NEAREST) if found.sources else found.text == NOTHING
        return
    assert found.supported, found.support
    for words in case["holds"]:
        assert words in found.text
    if case["title"]:
        assert case["title"] in {source.document.title for source in found.sources}
    for source in found.sources:
        assert f"〔{source.number}〕" in found.text
        assert kb.text(source.document.id)[source.start : source.end] == source.quote


def test_an_item_is_quoted_behind_the_words_that_open_its_list(kb):
    found = answer(kb, "安澜市三级医院住院报销比例是多少")
    assert found.text == (
        "安澜市：起付标准以上的政策范围内住院费用，统筹基金支付比例不低于下列标准：（三）三级医院65%。〔1〕"
    )
    (source,) = found.sources
    assert (source.label, source.document.effective) == ("第十三条第一款（三）", "2023-01-01")
    assert [rule.record.quote for rule in found.rules] == ["65%"]


def test_a_row_of_a_table_is_put_in_words(kb):
    found = answer(kb, "栖水市三级医院报销比例")
    assert "三级医院" in found.text
    assert "55%" in found.text
    assert "\t" not in found.text


def test_filters_narrow_the_answer(kb):
    found = answer(kb, "待遇等待期有多长", Filters(region="云岭省"))
    assert {source.document.region for source in found.sources} == {"云岭省"}
    assert "60日" in found.text


def test_an_empty_question_has_no_answer(kb):
    assert not answer(kb, "").supported
    assert not answer(kb, "是多少？").supported


def test_the_share_a_text_holds():
    question = Question("三级医院的起付标准是多少")
    assert question.share_held("三级医院起付标准为800元") == 1
    assert question.share_held("二级医院起付标准为500元") < 1
    assert question.share_held("没有一点关系") == 0
    assert Question("海州市的起付标准").share_held("林州市的起付标准") == 0  # another place is no answer
