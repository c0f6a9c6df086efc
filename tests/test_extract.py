"""Figures and rules: what a number is, by the sentence it stands in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.extract import extract
from ingest.normalize import normalize
from ingest.records import Extraction

CASES = [
    json.loads(line) for line in (Path(__file__).parent / "cases" / "statements.jsonl").read_text("utf-8").splitlines()
]
FRAMES = {
    "regulation": "望川市医疗保险办法\n\n第一条 为了规范管理，制定本办法。\n\n第二条 本办法适用于本市。\n\n"
    "第三条 {}\n\n第四条 本办法由市医疗保障局解释。\n",
    "report": "望川市医疗保障工作情况报告\n\n现将有关情况报告如下：\n\n{}\n\n以上是全年工作情况。\n",
    "plan": "望川市医疗保障工作计划\n\n一、总体要求\n\n健全完善医疗保障体系，推进各项改革。\n\n"
    "二、工作任务\n\n{}（市医疗保障局负责）\n\n强化督导，加快推进，逐步完善。\n",
}
KEYS = ("comparator", "modality", "indicator", "change", "period", "unit", "value", "per")


def _found(extraction: Extraction, layer: str) -> list[Any]:
    return [r for r in getattr(extraction, layer) if layer == "figures" or r.comparator]


def _agrees(record: Any, expected: dict[str, str]) -> bool:
    for slot, value in expected.items():
        actual = getattr(record, slot, None)
        if actual is None and hasattr(record, "scope"):
            actual = getattr(record.scope, slot, None)
        if actual != value:
            return False
    return True


@pytest.mark.parametrize("script", ["hans", "hant"])
@pytest.mark.parametrize("case", CASES, ids=[c["why"] for c in CASES])
def test_statements(case: dict[str, Any], script: str) -> None:
    """Each sentence, in its kind of document and in both scripts, gives exactly the records listed."""
    convert = (lambda text: normalize(text, "hant").text) if script == "hant" else str
    text = convert(FRAMES[case["kind"]].format(case["text"]))
    extraction = extract(text)
    for layer in ("figures", "rules"):
        if layer not in case:
            continue
        records = _found(extraction, layer)
        expected = [{k: v if k in KEYS or v is None else convert(v) for k, v in e.items()} for e in case[layer]]
        assert [r.quote for r in records] == [e["quote"] for e in expected]
        for record, wanted in zip(records, expected, strict=True):
            assert _agrees(record, wanted), f"{record} is not {wanted}"


def _spans(extraction: Extraction) -> list[Any]:
    layers = ("quantities", "figures", "rules", "citations", "missing", "repairs")
    return [record for layer in layers for record in getattr(extraction, layer)]


@pytest.mark.parametrize("case", CASES, ids=[c["why"] for c in CASES])
def test_quotes_are_the_source(case: dict[str, Any]) -> None:
    """`text[start:end] == quote` for every record."""
    extraction = extract(FRAMES[case["kind"]].format(case["text"]))
    for record in _spans(extraction):
        assert extraction.text[record.start : record.end] == record.quote


def test_empty_text_gives_an_empty_extraction() -> None:
    """No text, no records, no failure."""
    extraction = extract("")
    assert not _spans(extraction)
    assert extraction.coverage.kept == extraction.coverage.dropped == 0


@pytest.mark.parametrize("script", ["hans", "hant"])
@pytest.mark.parametrize(
    ("text", "exceptions"),
    [
        # a proviso in the sentence itself
        (
            "用人单位应当在30日内申报，但用人单位聘用的离退休人员除外。",
            {"30日": ["但用人单位聘用的离退休人员除外"]},
        ),
        # a proviso as a sentence of its own, as Taiwan writes it
        ("保险人应于三十日内核定。但通知显有困难者，不在此限。", {"三十日": ["但通知显有困难者，不在此限"]}),
        # 除…外 ahead holds for what follows, not for the sentence before
        (
            "申报应当在5日内完成。除急诊、抢救外，报销比例不得超过70%。",
            {"5日": [], "70%": ["除急诊、抢救外"]},
        ),
        # a reservation
        ("保险金的领取期限不得超过24个月。法律另有规定的，从其规定。", {"24个月": ["法律另有规定的，从其规定"]}),
        # a bound behind 但 is a rule of its own, not an exception
        ("工资不得低于最低工资标准的80%，但最长不得超过24个月。", {"80%": [], "24个月": []}),
        # 除…外，还… adds to the rule
        ("除支付工资外，还应当在10日内支付补偿金。", {"10日": []}),
    ],
)
def test_exceptions(text: str, exceptions: dict[str, list[str]], script: str) -> None:
    convert = (lambda text: normalize(text, "hant").text) if script == "hant" else str
    extraction = extract(convert(FRAMES["regulation"].format(text)))
    found = {rule.quote: list(rule.exceptions) for rule in extraction.rules if rule.comparator}
    assert found == {convert(quote): [convert(e) for e in listed] for quote, listed in exceptions.items()}


@pytest.mark.parametrize("script", ["hans", "hant"])
@pytest.mark.parametrize(
    ("text", "claims"),
    [
        # a year's balance is revenue less expenditure: right, and wrong by a digit
        ("收入45.2亿元，支出38.7亿元，当期结余6.5亿元。", [("6.5亿元", "o1-o2", "650000000", True)]),
        ("收入45.2亿元，支出38.7亿元，当期结余7.5亿元。", [("7.5亿元", "o1-o2", "650000000", False)]),
        # one of several revenues gives the balance: no slip
        (
            "总收入60亿元，其中医保收入45.2亿元，支出38.7亿元，当期结余6.5亿元。",
            [("6.5亿元", "o1-o2", "650000000", True)],
        ),
        # an accumulated balance depends on years the text does not tell
        ("收入45.2亿元，支出38.7亿元，累计结余52.3亿元。", []),
    ],
)
def test_arithmetic(text: str, claims: list[tuple[str, str, str, bool]], script: str) -> None:
    convert = (lambda text: normalize(text, "hant").text) if script == "hant" else str
    extraction = extract(convert(FRAMES["report"].format(text)))
    found = [(c.claim, c.formula, c.recomputed, c.consistent) for c in extraction.arithmetic]
    assert found == [(convert(claim), *rest) for claim, *rest in claims]


@pytest.mark.parametrize(
    ("kind", "text", "duties"),
    [
        ("regulation", "用人单位应缴纳失业保险费。", [("用人单位应缴纳失业保险费", "用人单位")]),
        # 应 within a name obliges no one
        ("regulation", "本办法适用于用人单位应缴纳的失业保险费。", []),
        ("report", "全县应参合人口42.6万人，实际参合41.8万人。", []),
        # what is bounded is not the party that must act
        ("regulation", "配套资金应按时到位。", [("配套资金应按时到位", None)]),
    ],
)
def test_duties(kind: str, text: str, duties: list[tuple[str, str | None]]) -> None:
    extraction = extract(FRAMES[kind].format(text))
    found = [(rule.quote, rule.actor) for rule in extraction.rules if not rule.comparator]
    frame = extract(FRAMES[kind].format(""))
    assert [duty for duty in found if duty[0] not in {rule.quote for rule in frame.rules}] == duties


def test_a_notice_that_disposes_sets_rules() -> None:
    """A 通知 on a matter of its own (现将有关事项通知如下) lays down what it says, without articles too."""
    extraction = extract(
        "关于调整望川市失业保险费率有关问题的通知\n\n各县人力资源和社会保障局：\n\n经市政府同意，现将有关事项通知如下：\n\n"
        "一、失业保险单位费率为0.7%，个人费率为0.3%。\n\n二、逾期未缴的，按日加收万分之五的滞纳金。\n"
    )
    assert [(r.quote, r.modality, r.per) for r in extraction.rules if r.comparator] == [
        ("0.7%", "standard", None),
        ("0.3%", "standard", None),
        ("万分之五", "penalty", "day"),
    ]
    assert extraction.figures == ()
