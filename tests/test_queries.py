"""Queries as people write them: quoted words, values however written, document numbers, comparators."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kb_samples import DECISION, HEALTH_AMENDED, write_documents

from kb import KnowledgeBase
from kb.question import question_from_query

CASES = [json.loads(line) for line in (Path(__file__).parent / "cases/queries.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("queries")
    documents = write_documents(folder)
    (documents / "职工医保办法.txt").write_text(HEALTH_AMENDED, encoding="utf-8")
    (documents / "决定.txt").write_text(DECISION, encoding="utf-8")
    with KnowledgeBase.open(folder / "kb", create=True, write=True) as kb:
        kb.ingest([documents])
        yield kb


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["query"])
def test_queries(base, case):
    hits = base.search(case["query"]).hits
    if case.get("absent"):
        written = {value.quantity.quote for value in question_from_query(case["query"]).values}
        assert written
        assert not any(written & set(hit.why) for hit in hits)
    elif case["first"] is None:
        assert hits == ()
    else:
        assert case["first"] in hits[0].quote
    assert all(case["only"] in hit.quote for hit in hits if case["only"])


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("支付比例低于85%的规定", ["82"]),
        ("支付比例不低于85%的规定", ["85", "90"]),
        ("報銷比例超過八成五", ["90"]),
        ("补偿比例85%以下", ["82", "85"]),
        ("给付比例高于95%", []),
    ],
)
def test_a_comparator_narrows_the_rules_by_any_word_for_the_measure(base, query, values):
    found = base.search(query).rules
    assert sorted(rule.record.value for rule in found if rule.document.script == "hans") == values


def test_a_hit_says_which_value_it_states(base):
    hit = base.search("最高支付40万元").hits[0]
    assert "400000元" in hit.quote
    assert "40万元" in hit.why
