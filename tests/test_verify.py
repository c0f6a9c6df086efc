"""Verification of quotes and numbers, and the doctor."""

from __future__ import annotations

import pytest
from kb_samples import HEALTH, write_documents
from sqlalchemy import delete, update

from ingest.errors import StoreError
from kb import KnowledgeBase
from kb.schema import embeddings, rules


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("verify")
    with KnowledgeBase.open(place / "kb", create=True, write=True) as kb:
        kb.ingest([write_documents(place)])
    return place / "kb"


@pytest.fixture(scope="module")
def base(folder):
    with KnowledgeBase.open(folder) as kb:
        yield kb


@pytest.mark.parametrize(
    "text",
    [
        "在一个年度内，统筹基金最高支付限额为400000元。",
        "在一个年度内统筹基金最高支付限额为400000元",
        "在一個年度內，統籌基金最高支付限額為４０００００元",
        "受领失业给付期间，最长以六个月为限",
        "用人单位按照职工工资总额的8%缴纳基本医疗保险费，职工按照本人工资的2%缴纳。\n\n第二章 待遇\n\n第三条 住院",
    ],
)
def test_a_true_quote_is_found_whatever_its_script_width_and_punctuation(base, text):
    answer = base.verify(text)
    assert answer.verified
    match = answer.matches[0]
    assert (match.match, match.similarity) == ("exact", 1.0)
    assert base.text(match.document.id)[match.start : match.end] == match.quote
    assert all(number.places for number in answer.numbers)


def test_a_changed_number_is_caught(base):
    answer = base.verify("统筹基金最高支付限额为500000元")
    assert not answer.verified
    assert answer.matches[0].match == "near"
    assert answer.matches[0].label == "第四条第一款"
    assert [(n.value, n.found) for n in answer.numbers] == [("500000", False)]


def test_a_number_is_found_where_it_is_said_otherwise(base):
    answer = base.verify("三级医院的支付比例是百分之八十")
    assert [(n.value, n.found) for n in answer.numbers] == [("80", True)]
    assert answer.numbers[0].places[0].quote == "80%"


@pytest.mark.parametrize("text", ["月球上的居民应当每年缴纳月尘", "，。", ""])
def test_what_nobody_wrote_is_not_found(base, text):
    assert base.verify(text).matches == ()
    assert not base.verify(text).verified


def test_a_healthy_base_has_no_problems(base):
    assert base.doctor() == []


def test_repairing_needs_the_writer(base):
    with pytest.raises(StoreError, match="write=True to repair"):
        base.doctor(repair=True)


def test_what_is_derived_is_found_wrong_and_rebuilt(tmp_path):
    documents = write_documents(tmp_path)
    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        kb.ingest([documents])
        before = kb.search("住院备案").hits
        with kb._store.writing() as connection:
            connection.execute(delete(embeddings).where(embeddings.c.version_id == 2))
        (tmp_path / "kb" / "lexical" / "stamp.json").unlink()
        (tmp_path / "kb" / "chroma" / "stamp.json").unlink()
        assert [(p.part, p.repaired) for p in kb.doctor()] == [(p, False) for p in ("vectors", "lexical", "chroma")]
        assert [(p.part, p.repaired) for p in kb.doctor(repair=True)] == [
            (p, True) for p in ("vectors", "lexical", "chroma")
        ]
        assert kb.doctor() == []
        assert kb.search("住院备案").hits == before


def test_a_record_untrue_to_its_text_is_named(tmp_path):
    (tmp_path / "a.txt").write_text(HEALTH, encoding="utf-8")
    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        kb.ingest([tmp_path / "a.txt"])
        with kb._store.writing() as connection:
            connection.execute(
                update(rules)
                .where(rules.c.row == 1)
                .values(record='{"start":0,"end":2,"quote":"假","modality":"target"}')
            )
        (problem,) = kb.doctor()
    assert problem.part == "database"
    assert "1 records do not match the text (rules '假' at 0)" in problem.message
