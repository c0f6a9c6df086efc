"""Cross tables of one indicator."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest import extract, read
from ingest.errors import QueryError
from kb.check import document_row
from kb.pivot import NOT_STATED, parse_indicator, pivot
from kb.types import StoredRule

REGULATIONS = Path(__file__).parent.parent / "corpus" / "regulations"


@pytest.fixture(scope="module")
def rules():
    found = []
    for name in ("安澜市城乡居民基本医疗保险办法-2018.txt", "安澜市城乡居民基本医疗保险办法-2023.txt"):
        extraction = extract(read(REGULATIONS / name))
        row = document_row(extraction)
        found += [StoredRule(row, None, rule) for rule in extraction.rules if rule.indicator == "deductible"]
    return found


def test_documents_of_one_title_are_told_apart_and_levels_run_upwards(rules):
    table = pivot(rules, "document", "institution")
    assert [row.split()[0] for row in table.rows] == ["安政发〔2017〕31号", "安政发〔2022〕26号"]
    assert table.columns[:3] == ("一级医院", "二级医院", "三级医院")
    quotes = [[r.record.quote for r in table.cell(row, "三级医院") if r.record.kind == "money"] for row in table.rows]
    assert quotes == [["800元"], ["1000元"]]


def test_what_is_not_stated_comes_last_and_every_record_has_one_cell(rules):
    table = pivot(rules, "region", "institution")
    assert table.rows == ("安澜市",)
    assert table.columns[-1] == NOT_STATED
    assert sorted(r.record.start for cell in table.cells.values() for r in cell) == sorted(
        r.record.start for r in rules
    )
    assert table.cell("安澜市", "没有这一列") == ()


def test_rows_and_columns_must_differ(rules):
    with pytest.raises(QueryError, match="choose two of"):
        pivot(rules, "region", "region")


def test_nothing_gives_an_empty_table():
    assert pivot([], "document", "institution").rows == ()


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("reimbursement_ratio", "reimbursement_ratio"),
        ("最高支付限额", "payment_cap"),
        ("最高支付限額", "payment_cap"),  # traditional
        ("累计结余", "cumulative_surplus_ratio"),  # a word for it, not its name
        ("藥品加成率", "markup_rate"),
    ],
)
def test_indicators_are_named_as_people_name_them(words, key):
    assert parse_indicator(words) == key


@pytest.mark.parametrize("words", ["", "火星", "other words"])
def test_words_that_name_no_indicator_are_refused_with_the_choice(words):
    with pytest.raises(QueryError, match="reimbursement_ratio"):
        parse_indicator(words)
