"""Comparing documents: what became of each rule, what moved, and the text clause by clause."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import extract, normalize, read
from ingest.records import Rule
from kb.bounds import Interval, relation
from kb.compare import compare_documents

REGULATIONS = Path(__file__).parent.parent / "corpus" / "regulations"
OLD = """梅溪市医疗保险办法

第一条　为了保障参保人员的权益，制定本办法。

第二条　基金累计结余不得超过当年筹资总额的30%。

第三条　经办机构应当自收到申请之日起20个工作日内作出决定。

第四条　定点医疗机构不得分解住院。

第五条　本办法自2020年1月1日起施行。
"""
NEW = """梅溪市医疗保险办法

第一条　为了保障参保人员的权益，制定本办法。

第二条　基金累计结余不得超过当年筹资总额的25%。

第三条　经办机构应当自收到申请之日起10日内作出决定。

第四条　医疗费用票据的保存期限不少于15年。

第五条　定点医疗机构不得分解住院。

第六条　本办法自2023年1月1日起施行。
"""


@pytest.fixture(scope="module")
def versions():
    name = "安澜市城乡居民基本医疗保险办法-{}.txt"
    return extract(read(REGULATIONS / name.format(2018))), extract(read(REGULATIONS / name.format(2023)))


@pytest.fixture(scope="module")
def comparison(versions):
    return compare_documents(*versions)


@pytest.mark.parametrize(
    ("article", "old", "new", "direction"),
    [
        ("第五条", "220元", "380元", "higher"),  # a set amount is raised
        ("第五条", "490元", "640元", "stricter"),  # a floor is raised
        ("第九条", "10月1日至12月31日", "9月1日至12月31日", "looser"),  # a window is widened
        ("第十条", "200元", "400元", "looser"),  # a cap is raised
        ("第十一条", "600元", "800元", "looser"),  # the second of two like caps, not the first
        ("第十二条", "800元", "1000元", "higher"),
        ("第十三条", "60%", "65%", "higher"),  # the hospital level decides which of three
        ("第十五条", "1000元", "1500元", "higher"),  # the words before the number decide: 顺产, not 剖宫产
        ("第十七条", "60日", "3个月", "higher"),  # days against months
        ("第二十条", "5个工作日", "3个工作日", "stricter"),
        ("第二十条", "45日", "30日", "stricter"),
        ("第二十一条", "10年", "15年", "stricter"),
        ("第二十三条", "30%", "25%", "stricter"),
    ],
)
def test_each_bound_of_the_new_version_is_held_against_the_old_one(comparison, article, old, new, direction):
    found = [(c.old.quote, c.new.quote, c.direction) for c in comparison.changed if article in c.old.provision]
    assert (old, new, direction) in found


def test_what_is_new_is_added_and_nothing_of_the_old_version_is_lost(comparison):
    added = {(rule.provision.rpartition("/")[2], rule.quote) for rule in comparison.added}
    assert {("第八条", "50%"), ("第二十五条", "3年"), ("第二十七条", "20万元"), ("第二十七条", "2%")} <= added
    assert not comparison.removed
    kept = {c.old.quote for c in comparison.changed if c.old.value}
    assert "15%" not in kept  # annual surplus and mark-up did not change


def test_a_provision_of_the_same_text_under_another_number_has_moved(comparison):
    assert [(m.old.path, m.new.path) for m in comparison.moved] == [("第六章/第二十七条", "第六章/第二十八条")]


def test_the_text_is_compared_clause_by_clause_in_both_originals(versions, comparison):
    a, b = versions
    for change in comparison.text:
        assert a.text[change.old_start : change.old_end] == change.old_quote
        assert b.text[change.new_start : change.new_end] == change.new_quote
    said = {(c.kind, c.old_quote, c.new_quote) for c in comparison.text}
    assert ("inserted", "", "体育健身、养生保健消费") in said
    assert ("replaced", "累计结余不得超过当年筹资总额的30%", "累计结余不得超过当年筹资总额的25%") in said
    assert not any("本办法所称城乡居民基本医疗保险" in c.old_quote for c in comparison.text)  # it only moved


def test_small_documents():
    result = compare_documents(extract(OLD), extract(NEW))
    assert [(c.old.quote, c.new.quote, c.direction) for c in result.changed] == [
        ("30%", "25%", "stricter"),
        ("20个工作日", "10日", "stricter"),
    ]
    assert [rule.quote for rule in result.added] == ["15年"]
    assert not result.removed
    assert [(m.old.label, m.new.label) for m in result.moved] == [("第四条", "第五条")]
    assert [c.kind for c in result.text] == ["replaced", "replaced", "inserted", "replaced"]


def test_a_document_and_itself_do_not_differ_in_either_script():
    traditional = normalize(OLD, to="hant").text
    assert compare_documents(extract(OLD), extract(OLD)).identical
    assert compare_documents(extract(OLD), extract(traditional)).identical


def test_the_two_directions_mirror_each_other():
    there, back = compare_documents(extract(OLD), extract(NEW)), compare_documents(extract(NEW), extract(OLD))
    assert {r.quote for r in there.added} == {r.quote for r in back.removed}
    assert {(c.old.quote, c.new.quote) for c in there.changed} == {(c.new.quote, c.old.quote) for c in back.changed}


def bound(comparator, value, unit="%", kind="percent", **slots):
    return Rule(0, 1, "", slots.pop("modality", "standard"), comparator, kind, value, unit=unit, **slots)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (bound("<=", "30"), bound("<", "30"), "stricter"),  # the number itself is excluded
        (bound(">=", "60"), bound(">=", "50"), "looser"),
        (bound("==", "60"), bound(">=", "60"), "looser"),
        (bound("==", "60"), bound(">=", "65"), "higher"),
        (bound("between", "5", high="12"), bound("between", "5", high="10"), "stricter"),
        (bound("<=", "5", modality="penalty"), bound("<=", "3", modality="penalty"), "lower"),
        (bound("<=", "90", "day", "duration"), bound("<=", "3", "month", "duration"), None),  # 89 to 92 days
        (bound("<=", "60", "day", "duration"), bound("<=", "3", "month", "duration"), "looser"),
        (bound("<=", "1", "year", "duration"), bound("<=", "6", "month", "duration"), "stricter"),
        (bound("<=", "--03-31", "date", "date"), bound("<=", "--02-20", "date", "date"), "stricter"),
        (bound("<=", "15"), bound("<=", "15000", "CNY", "money"), None),
        (bound("==", "20", "CNY", "money", per="month"), bound("==", "20", "CNY", "money", per="year"), None),
    ],
)
def test_how_bounds_relate(old, new, expected):
    assert relation(old, new) == expected


numbers = st.decimals(0, 1000, places=2).map(lambda d: f"{d:f}")
OPPOSITE = {"stricter": "looser", "looser": "stricter", "higher": "lower", "lower": "higher", "same": "same"}


@given(numbers, numbers, *[st.sampled_from(["<=", "<", ">=", ">", "=="])] * 2)
def test_relations_have_opposites(a, b, first, second):
    old, new = bound(first, a), bound(second, b)
    forth, back = relation(old, new), relation(new, old)
    assert forth is not None
    if {first, second} & {"=="} or first[0] == second[0]:
        assert back == OPPOSITE[forth]
    assert relation(old, replace(old)) == "same"


def test_intervals_hold_themselves():
    assert Interval(1, 2).holds(Interval(1, 2, True, True))
    assert not Interval(1, 2, True).holds(Interval(1, 2))


TABLE = Path(__file__).parent / "cases" / "compare.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text("utf-8").splitlines()]


def regulation(sentences, title="梅溪市社会保险办法"):
    """A regulation of one article a sentence between the usual first and last."""
    said = ["为了保障参保人员的权益，制定本办法。", *sentences, "本办法由市医疗保障部门负责解释。"]
    articles = "\n\n".join(f"第{'一二三四五六七'[n]}条　{sentence}" for n, sentence in enumerate(said))
    return extract(f"{title}\n\n{articles}\n")


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_what_became_of_each_rule(case):
    titles = case.get("titles", ["梅溪市社会保险办法"] * 2)
    result = compare_documents(regulation(case["old"], titles[0]), regulation(case["new"], titles[1]))
    assert [[c.old.quote, c.new.quote, c.direction] for c in result.changed] == case["changed"]
    assert [rule.quote for rule in result.added] == case.get("added", [])
    assert [rule.quote for rule in result.removed] == case.get("removed", [])
    assert result.identical == case.get("identical", result.identical)
    assert len(result.moved) == case.get("moved", len(result.moved))
