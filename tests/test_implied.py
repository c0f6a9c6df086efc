"""The table of wordings that decide what a number measures."""

from __future__ import annotations

from typing import get_args

import pytest

from ingest import extract
from ingest.extract.vocabulary import indicator_labels
from ingest.lexicon import load_table
from ingest.records import Kind

ENTRIES = load_table("implied")["correction"]
FIELDS = {
    *("like", "to", "kinds", "of", "bound", "unit", "regulation", "source"),
    *("ahead", "behind", "after_bound", "sentence", "lead", "quote", "article"),
}


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["like"] for entry in ENTRIES])
def test_an_entry_is_whole(entry):
    """A misspelt field or key would silently never fit."""
    assert set(entry) <= FIELDS
    assert entry["source"]
    assert {entry["to"], *entry.get("of", ())} <= set(indicator_labels())
    assert set(entry["kinds"]) <= set(get_args(Kind))
    assert entry.get("bound") in (None, "open", "ceiling", "none")


@pytest.mark.parametrize(
    ("text", "quote", "indicator", "why"),
    [
        ("督导检查10个县区，查实违规资金5565万元。", "10个", "other", "places are no cases"),
        ("共采购77种集中带量药品。", "77种", "drug_count", "what is counted stands behind"),
        ("我院编制床位300张。", "300张", "other", "beds are no staff"),
        ("全年失业保险金支出5,000万元。", "5,000万元", "fund_expenditure", "支出 ahead of the number names the flow"),
        ("提取了452家定点医疗机构54030条采购数据。", "54030条", "case_count", "the number before is of another kind"),
    ],
)
def test_figures_of_reports(text, quote, indicator, why):
    figures = {figure.quote: figure.indicator for figure in extract(text).figures}
    assert figures[quote] == indicator, why
