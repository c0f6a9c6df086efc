"""Conflicts between documents: those the corpus holds, and none where rules only look alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest import extract, read
from kb.check import document_row
from kb.conflicts import find_conflicts
from kb.types import StoredRule

REGULATIONS = Path(__file__).parent.parent / "corpus" / "regulations"


def stored(*documents):
    """The rules of texts and files, each with its document."""
    found = []
    for number, document in enumerate(documents):
        extraction = extract(document if isinstance(document, str) else read(document))
        row = document_row(extraction)
        found += [StoredRule(row, None, rule) for rule in extraction.rules]
        assert extraction.rules, number
    return found


@pytest.fixture(scope="module")
def conflicts():
    files = sorted(f for f in REGULATIONS.iterdir() if f.suffix in (".txt", ".md", ".docx", ".html", ".pdf"))
    return find_conflicts(stored(*files))


def sides(conflicts, kind):
    return {
        (
            c.indicator,
            *(
                (rule.document.title[:3], rule.record.provision.split("/")[1], rule.record.quote)
                for rule in (c.senior, c.junior)
            ),
        )
        for c in conflicts
        if c.kind == kind
    }


def test_the_corpus_holds_these_contradictions_and_no_other(conflicts):
    assert sides(conflicts, "contradictory") == {
        ("waiting_period", ("云岭省", "第十一条", "60日"), ("安澜市", "第十七条", "3个月")),
        ("waiting_period", ("云岭省", "第十一条", "60日"), ("栖水市", "第八条", "90日")),
        ("reimbursement_ratio", ("云岭省", "第七条", "75%"), ("栖水市", "第四条", "70%")),
        ("reimbursement_ratio", ("云岭省", "第七条", "60%"), ("栖水市", "第四条", "55%")),
    }


def test_a_city_may_be_stricter_than_its_province(conflicts):
    assert {
        ("markup_rate", ("云岭省", "第十三条", "15%"), ("栖水市", "第九条", "10%")),
        ("deadline", ("云岭省", "第十四条", "30日"), ("栖水市", "第十条", "20日")),
        ("cumulative_surplus_ratio", ("云岭省", "第十五条", "25%"), ("栖水市", "第十一条", "20%")),
    } <= sides(conflicts, "stricter-local")


def test_a_newer_issue_of_one_title_supersedes_the_older(conflicts):
    found = {(c.senior.record.quote, c.junior.record.quote) for c in conflicts if c.kind == "superseded"}
    assert {("25%", "30%"), ("65%", "60%"), ("30日", "45日"), ("15年", "10年"), ("3个月", "60日")} <= found
    for conflict in conflicts:
        if conflict.kind == "superseded":
            assert (conflict.senior.document.effective, conflict.junior.document.effective) == (
                "2023-01-01", "2018-01-01"
            )  # fmt: skip
        assert "2018" not in conflict.junior.document.effective[:4] or conflict.kind == "superseded"


def test_an_explanation_names_both_places_and_both_bounds(conflicts):
    (found,) = (c for c in conflicts if c.kind == "contradictory" and c.junior.record.quote == "3个月")
    for words in ("云岭省城乡居民基本医疗保险规定", "第十一条", "不得超过60日", "第十七条", "3个月", "以上位文件为准"):
        assert words in found.explanation


PROVINCE = """秋原省职工基本医疗保险规定

（2021年3月1日秋原省人民政府第5次常务会议通过　自2021年5月1日起施行）

第一条　为了规范职工基本医疗保险，制定本规定。

第二条　职工基本医疗保险基金累计结余不得超过当年筹资总额的25%。
"""
CITY = """临溪市职工基本医疗保险办法

（2022年3月1日临溪市人民政府第9次常务会议通过　自2022年5月1日起施行）

第一条　为了规范职工基本医疗保险，制定本办法。

第二条　{}
"""


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("职工基本医疗保险基金累计结余不得超过当年筹资总额的30%。", "contradictory"),
        ("职工基本医疗保险基金累计结余不得超过当年筹资总额的20%。", "stricter-local"),
        ("职工基本医疗保险基金累计结余不得超过当年筹资总额的25%。", None),  # the same
        ("城乡居民基本医疗保险基金累计结余不得超过当年筹资总额的30%。", None),  # another scheme
        ("职工基本医疗保险基金当年结余不得超过当年筹资总额的30%。", None),  # another measure
        ("定点医疗机构违反规定的，应当在30日内改正。", None),  # nothing alike
    ],
)
def test_only_rules_on_one_matter_conflict(rule, kind):
    found = find_conflicts(stored(PROVINCE, CITY.format(rule)))
    assert [c.kind for c in found] == ([kind] if kind else [])


def test_cities_do_not_bind_each_other_nor_a_province_those_of_another():
    rule = "职工基本医疗保险基金累计结余不得超过当年筹资总额的30%。"
    city = CITY.format(rule)
    assert not find_conflicts(stored(city, city.replace("临溪市", "东浦市").replace("30%", "35%")))
    other = PROVINCE.replace("秋原省", "白河省")
    assert not find_conflicts(stored(PROVINCE, other, city))  # the text does not say whose city it is


def test_several_bounds_on_one_matter_in_one_document_are_left_alone():
    rule = "职工基本医疗保险基金累计结余不得超过当年筹资总额的30%。\n\n第三条　{}"
    twice = CITY.format(rule.format("前条所称累计结余，试点期间不得超过当年筹资总额的40%。"))
    assert not find_conflicts(stored(PROVINCE, twice))


def test_reports_and_rules_without_a_bound_do_not_conflict():
    report = "安平市2023年医保基金审计报告\n\n累计结余占当年筹资总额的38%，超过了25%的规定。\n"
    bare = CITY.format("定点医疗机构不得分解住院。")
    assert not find_conflicts(stored(PROVINCE, bare)) + find_conflicts([*stored(PROVINCE), *stored(report)])


TABLE = Path(__file__).parent / "cases" / "conflicts.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text("utf-8").splitlines()]


def regulation(place, year, title, sentence):
    """A regulation of a province or a city with one article in question between the usual ones."""
    return (
        f"{place}{title}\n\n（{year}年3月1日{place}人民政府第5次常务会议通过　自{year}年5月1日起施行）\n\n"
        f"第一条　为了规范职工基本医疗保险，制定本{title[-2:]}。\n\n第二条　{sentence}\n\n"
        f"第三条　本{title[-2:]}由医疗保障部门负责解释。\n"
    )


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_which_rules_disagree(case):
    if case.get("issues"):
        older = regulation("临溪市", 2020, "职工基本医疗保险办法", case["upper"])
        newer = regulation("临溪市", 2022, "职工基本医疗保险办法", case["lower"])
    else:
        older = regulation("秋原省", 2021, "职工基本医疗保险规定", case["upper"])
        newer = regulation("临溪市", 2022, "职工基本医疗保险办法", case["lower"])
    found = find_conflicts(stored(older, newer))
    assert [conflict.kind for conflict in found] == ([case["kind"]] if case["kind"] else [])
