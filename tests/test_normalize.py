"""Normalization: the table of cases, idempotence on arbitrary text, detection, and the alignment of what it does."""

from __future__ import annotations

import doctest
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import FaduError, LexiconError
from ingest.lexicon import load_table
from ingest.normalize import AlignedText, convert, detect_script, normalize
from ingest.normalize.census import Census
from ingest.normalize.converters import converter
from ingest.normalize.damage import damaged, narrowed
from ingest.normalize.shifted import shifted_step

TABLE = Path(__file__).with_name("cases") / "normalize.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]

PIECES = st.sampled_from(
    [
        *"参保人员的，。；著帐覆藉瞭後於臺裡爲與医Ａ３％．　○二年?.'`&;<>/\n\r\u200b\u00a0\ufeff鍖荤枟å\x8c»€Hㄔ",
        *(
            "&nbsp;",
            "&amp;",
            "&lt;br&gt;",
            "<p>",
            "</p>",
            "&#160;",
            "㎡",
            "⑴",
            "?；颊",
            "医保。中心",
            "医疗",
            "著有成績",
        ),
        *(
            "隨著",
            "帳戶",
            "薴",
            "苧烯",
            "賸餘",
            "\U00020bb7",
            "\n第一条 ",
            "一、",
            "为了规范社会保险经办服务工作保障合法权益\n",
        ),
    ]
)
TEXTS = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=30).map("".join))


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    aligned = normalize(case["input"], case.get("to", "hans"))
    assert aligned.text == case["text"]
    if "repairs" in case:
        assert [[repair.quote, repair.repaired] for repair in aligned.repairs] == case["repairs"]


@pytest.mark.parametrize("to", ["hans", "hant", "tw", "hk"])
@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_normalizing_twice_changes_nothing(to: Any, text: str) -> None:
    once = normalize(text, to)
    assert normalize(once.text, to).text == once.text


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_the_alignment_holds(text: str) -> None:
    aligned = normalize(text)
    assert aligned.source == text
    assert aligned.to_source(0, len(aligned.text))[1] <= len(text)
    images = [aligned.to_source(at, at + 1) for at in range(len(aligned.text))]
    assert images == sorted(images)
    for repair in aligned.repairs:
        assert text[repair.start : repair.end] == repair.quote
    replayed = AlignedText.of(text)
    for step in aligned.steps:
        replayed = replayed.apply(step)
    assert replayed == aligned


def test_spans_point_at_the_source_through_every_kind_of_step() -> None:
    source = "參保人員&nbsp;每月繳費２％，面積８０㎡。"
    aligned = normalize(source)
    assert aligned.text == "参保人员 每月缴费2%，面积80平方米。"
    for found, meant in (("缴费2%", "繳費２％"), ("80平方米", "８０㎡"), ("人员 每月", "人員&nbsp;每月")):
        start = aligned.text.index(found)
        begin, end = aligned.to_source(start, start + len(found))
        assert source[begin:end] == meant
        assert aligned.from_source(begin, end) == (start, start + len(found))


def test_clean_text_goes_through_without_a_step() -> None:
    assert normalize("第一条 为了规范医疗保障关系，制定本条例。\n第二条 本条例适用于本市。").steps == ()


@pytest.mark.parametrize(
    ("text", "script", "variant"),
    [
        ("参保人员享受医疗保险待遇", "hans", "cn"),
        ("參保職工的醫保待遇由統籌地區人民政府規定", "hant", "cn"),
        ("勞工保險之被保險人，依本條例請領新臺幣給付", "hant", "tw"),
        ("香港強積金計劃，僱員每月供款以港幣計算", "hant", "hk"),
        ("參保职工與参保職工", "mixed", None),
        ("12% of A", "none", None),
        ("", "none", None),
    ],
)
def test_scripts_are_told_apart(text: str, script: str, variant: str | None) -> None:
    found = detect_script(text)
    assert (found.script, found.variant) == (script, variant)
    assert 0 <= found.confidence <= 1


def test_mainland_text_in_taiwan_forms_keeps_its_simplified_words() -> None:
    mixed = "我市醫保參保職工待遇顯著提高，為人民政府所統籌。显著成绩"
    assert "显著成绩" in normalize(mixed).text


@pytest.mark.parametrize("config", ["s2twp", "tw2sp"])
def test_phrases_that_change_length_are_aligned(config: str) -> None:
    text = "請用滑鼠連上網際網路，查詢保險費率。" if config == "tw2sp" else "请用鼠标连上互联网，查询保险费率。"
    step = convert(text, config)
    assert step is not None
    aligned = AlignedText.of(text).apply(step)
    rate = aligned.text.index("率")
    assert text[slice(*aligned.to_source(rate, rate + 1))] == "率"
    assert len(step.blocks) <= 4


def test_an_unknown_configuration_is_named() -> None:
    with pytest.raises(FaduError, match="no configuration"):
        converter("x2y")


def test_a_missing_table_is_named() -> None:
    with pytest.raises(LexiconError, match=r"none\.toml"):
        load_table("none")


def test_every_shifted_repair_reproduces_its_damage() -> None:
    text = (
        "為保障參"
        + narrowed(damaged("保患者或親") or "")
        + "屬的權益，切實加強醫"
        + narrowed(damaged("保基金監") or "")
        + "管工作"
    )
    step = shifted_step(text, Census.of(text))
    assert step is not None
    assert [repair.repaired for repair in step.repairs] == ["保患者或親", "保基金監"]
    for repair in step.repairs:
        assert narrowed(damaged(repair.repaired) or "") == narrowed(repair.quote)
        assert repair.inferred
        assert 0.5 < repair.confidence <= 1


def test_damage_out_of_step_has_no_reading() -> None:
    assert damaged("参保人员") is None
    assert damaged("\u0e01") is None


@pytest.mark.parametrize(
    "name", ["aligned", "detect", "script", "overrides", "width", "markup", "invisible", "stray", "damage", "mojibake"]
)
def test_examples_in_the_documentation(name: str) -> None:
    module = importlib.import_module(f"ingest.normalize.{name}")
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed
