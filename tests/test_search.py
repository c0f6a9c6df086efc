"""Search: addresses, both scripts, filters, days, rules that answer; every quote true to its document."""

from __future__ import annotations

import pytest
from kb_samples import HEALTH, HEALTH_AMENDED, write_documents

from ingest.errors import QueryError
from kb import KnowledgeBase
from kb.types import Filters


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    documents = write_documents(folder)
    with KnowledgeBase.open(folder / "kb", create=True, write=True) as kb:
        kb.ingest([documents])
        (documents / "职工医保办法.txt").write_text(HEALTH_AMENDED, encoding="utf-8")
        kb.ingest([documents])
    with KnowledgeBase.open(folder / "kb") as kb:
        yield kb


def labels(hits):
    return [(hit.document.title, hit.label) for hit in hits]


@pytest.mark.parametrize(
    ("address", "title", "label", "beginning"),
    [
        ("安平市职工基本医疗保险办法第三条", "安平市职工基本医疗保险办法", "第三条", "第三条 住院起付标准"),
        ("《安平市职工基本医疗保险办法》第四条第二款", "安平市职工基本医疗保险办法", "第四条第二款", "参保人员因急诊"),
        ("职工医疗保险办法第3条第2项", "安平市职工基本医疗保险办法", "第三条（二）", "（二）二级医院"),
        ("職工基本醫療保險辦法第四條第二款", "安平市职工基本医疗保险办法", "第四条第二款", "参保人员因急诊"),
        ("就业安定保险法第2条第2项", "就業安定保險法", "第2條第二項", "受領失業給付期間"),
        ("就業安定保險法第3條第一項第二款", "就業安定保險法", "第3條二", "二、拒絕參加"),
        ("就安法第1條", "就業安定保險法", "第1條", "第1條"),
        ("请问就安法第1条第1项", "就業安定保險法", "第1條第一項", "為安定勞工就業"),
    ],
)
def test_an_address_is_answered_by_that_provision(base, address, title, label, beginning):
    (hit,) = base.find_address(address)
    assert (hit.document.title, hit.label, hit.why) == (title, label, ("address",))
    assert hit.quote.startswith(beginning)
    assert base.search(address).hits == (hit,)


@pytest.mark.parametrize("address", ["就业安定保险法第99条", "民法典第一条", "职工基本医疗保险办法第四条第三款"])
def test_an_address_that_names_nothing_here_finds_nothing(base, address):
    assert base.find_address(address) == []


def test_an_address_no_document_has_is_told_apart_from_what_resembles_it(base):
    assert base.search("民法典第三条").missing == ("民法典第三条",)
    assert base.search("就业安定保险法第99条").missing == ("就业安定保险法第99条",)
    for without in ("就业安定保险法第2条", "第三条", "住院起付标准是多少"):
        assert base.search(without).missing == ()


@pytest.mark.parametrize("text", ["住院报销比例", "", "甲法第一条和乙法第二条"])
def test_what_is_no_single_address_is_refused(base, text):
    with pytest.raises(QueryError, match="not the address of one article; write it like"):
        base.find_address(text)


def test_an_address_inside_a_question_comes_first_and_the_rest_is_searched(base):
    hits = base.search("请问职工基本医疗保险办法第五条对分解住院怎么规定").hits
    assert hits[0].label == "第五条"
    assert hits[0].why == ("address",)
    assert len(hits) > 1


@pytest.mark.parametrize("query", ["失业给付最长几个月", "失業給付最長幾個月", "失業給付 最長６個月"])
def test_either_script_finds_either_script(base, query):
    hit = base.search(query).hits[0]
    assert hit.document.title == "就業安定保險法"
    assert "六個月" in hit.quote


def test_every_hit_quotes_its_document_and_says_why(base):
    result = base.search("统筹基金最高支付限额是多少", k=5)
    assert 0 < len(result.hits) <= 5
    assert "最高支付限额" in " ".join(result.hits[0].why)
    for hit in result.hits:
        assert base.text(hit.document.id)[hit.start : hit.end] == hit.quote
        assert 0 < hit.score <= 1
    assert [h.score for h in result.hits] == sorted((h.score for h in result.hits), reverse=True)


@pytest.mark.parametrize("query", ["三级医院住院报销比例是多少", "三級醫院住院報銷比例是多少"])
def test_a_question_for_a_measure_is_answered_by_the_rule(base, query):
    rule = base.search(query).rules[0]
    assert (rule.record.value, rule.record.unit, rule.record.indicator) == ("82", "%", "reimbursement_ratio")
    assert rule.provision_label.startswith("第三条")
    assert not any(r.record.scope.institution in ("二级医院", "一级医院") for r in base.search(query).rules)


def test_a_query_that_asks_for_no_measure_has_no_rules(base):
    assert base.search("定点医疗机构").rules == ()


@pytest.mark.parametrize("query", ["", "  ", "？！", "zzzz qqqq"])
def test_a_query_of_nothing_does_no_harm(base, query):
    base.search(query)


def test_only_current_versions_are_searched_unless_a_day_is_given(base):
    def quote(filters: Filters) -> str:
        return base.search("三级医院支付比例", k=1, filters=filters).hits[0].quote

    assert "82%" in quote(Filters())
    assert "82%" in quote(Filters(as_of="2024-07-01"))
    assert "80%" in quote(Filters(as_of="2024-06-30"))
    old = Filters(as_of="2023-01-01", document="职工基本医疗保险办法")
    assert [r.record.value for r in base.rules(old) if r.record.scope.institution == "三级医院"] == ["80"]
    assert base.documents(Filters(as_of="2021-12-31", document="职工基本医疗保险办法")) == []


def test_a_former_version_can_be_named(base):
    (row,) = base.documents(Filters(document="職工基本醫療保險辦法"))
    assert row.version == 2
    assert base.text(f"{row.id}@1") == HEALTH
    (hit,) = base.search("三级医院", k=1, filters=Filters(document=f"{row.id}@1")).hits
    assert hit.document.version == 1
    assert hit.document.replaced_by == f"{row.id}@2"


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        (Filters(), {"安平市职工基本医疗保险办法", "就業安定保險法", "安平市2023年医疗保障工作总结"}),
        (Filters(document="就业安定"), {"就業安定保險法"}),
        (Filters(region="安平"), {"安平市职工基本医疗保险办法", "安平市2023年医疗保障工作总结"}),
        (Filters(date_from="2024-01-01", date_to="2024-12-31"), {"安平市职工基本医疗保险办法"}),
        (Filters(document="不存在"), set()),
    ],
)
def test_filters_narrow_documents(base, filters, titles):
    assert {row.title for row in base.documents(filters)} == titles
    assert {hit.document.title for hit in base.search("保险", k=50, filters=filters).hits} <= titles


def test_filters_narrow_rules_and_figures_and_the_passages_that_hold_them(base):
    ratios = base.rules(Filters(indicator="报销比例"))
    assert [r.record.value for r in ratios] == ["82", "85", "90"]
    assert base.rules(Filters(indicator="reimbursement_ratio")) == ratios
    assert [r.record.value for r in base.rules(Filters(institution="二級醫院"))] == ["85"]
    assert all(r.record.modality == "prohibition" for r in base.rules(Filters(modality="prohibition")))
    assert len(base.figures(Filters(modality="prohibition"))) == 0
    assert {f.record.kind for f in base.figures(Filters(kind="money"))} == {"money"}
    hits = base.search("医疗保险", filters=Filters(indicator="payment_cap")).hits
    assert [h.label for h in hits] == ["第四条"]
    with pytest.raises(QueryError, match="'wish' is no modality; choose from"):
        base.rules(Filters(modality="wish"))


def test_tables_come_in_pages(base):
    whole = base.rules()
    pages = [base.rules(limit=2, offset=at) for at in range(0, len(whole), 2)]
    assert [r for page in pages for r in page] == list(whole)
    assert {page.total for page in pages} == {len(whole)} == {whole.total}
    frame = whole.to_dataframe()
    assert list(frame["quote"]) == [r.record.quote for r in whole]
    assert "document_title" in frame.columns


def test_a_literal_percent_sign_in_a_filter_is_no_wildcard(base):
    assert base.documents(Filters(document="%")) == []
