"""Verification of quotes and numbers, and the doctor."""

from __future__ import annotations

from pathlib import Path

import pytest
from kb_samples import HEALTH, write_documents
from sqlalchemy import delete, update

from ingest.errors import StoreError
from kb import KnowledgeBase
from kb.schema import embeddings, rules

REGULATIONS = Path(__file__).parent.parent / "corpus" / "regulations"


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


def test_a_near_quote_is_shown_whole_with_what_differs(base):
    (match,) = base.verify_quote("統籌基金最高支付限額為500000元")[:1]
    assert match.quote == "统筹基金最高支付限额为400000元"
    assert [(c.kind, c.old_quote, c.new_quote) for c in match.differences] == [("replaced", "500000", "400000")]
    assert base.verify_quote("在一个年度内，统筹基金最高支付限额为400000元")[0].differences == ()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A city's regulation in two issues and its province's."""
    place = tmp_path_factory.mktemp("numbers") / "kb"
    with KnowledgeBase.open(place, create=True, write=True) as kb:
        kb.ingest(
            [p for p in sorted(REGULATIONS.iterdir()) if "居民基本医疗保险" in p.name and p.suffix in (".txt", ".md")]
        )
        yield kb


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("三级医院住院报销比例为65%", [("65%", "exact", "65%")]),
        ("三級醫院住院報銷比例為百分之六十五", [("百分之六十五", "exact", "65%")]),  # other script, other notation
        ("安澜市三级医院住院报销比例为70%", [("70%", "near", "65%")]),  # what it is instead
        ("安澜市三级医院住院报销比例为60%", [("60%", "near", "65%")]),  # the issue that said so was replaced
        ("2018年安澜市三级医院住院报销比例为60%", [("60%", "exact", "60%")]),  # of its year it is true
        ("二级医院住院报销比例为65%", [("65%", "near", "80%")]),  # the number of another level
        ("个人缴费标准每人每年380元，财政补助640元", [("380元", "exact", "380元"), ("640元", "exact", "640元")]),
        ("统筹基金年度最高支付限额是二十五万元", [("二十五万元", "exact", "25万元")]),
        ("云岭省待遇等待期不超过60日", [("60日", "exact", "60日")]),
        ("安澜市待遇等待期为60日", [("60日", "near", "3个月")]),  # the province's number is not the city's
        ("票据保存十五年以上", [("十五年", "exact", "15年")]),  # a matter without a name: by the passages alike
        ("购房契税税率为3%", [("3%", "absent", None)]),
        ("月球居民医保个人缴费标准为每人每年1元", [("1元", "near", "380元")]),
    ],
)
def test_a_number_is_held_against_its_matter(corpus, sentence, expected):
    checks = corpus.verify_number(sentence)
    assert [(number.quote, number.match) for number in checks] == [(quote, match) for quote, match, _ in expected]
    for number, (*_, held) in zip(checks, expected, strict=True):
        assert held in {place.quote for place in (*number.places, *number.near)} | {None}
    for number in checks:
        assert number.found == bool(number.places) == (number.match == "exact")
        for place in (*number.places, *number.near):
            assert corpus.text(place.document.id)[place.start : place.end] == place.quote


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
