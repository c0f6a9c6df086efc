"""Structure: parts, provisions, metadata."""

from __future__ import annotations

import doctest
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.records import Part
from ingest.source import DroppedSpan, Source
from ingest.structure import authority, find_parts, find_provisions, read_metadata
from ingest.structure.document_numbers import find_document_numbers
from ingest.structure.ordinals import ordinal_from_text

CASES = Path(__file__).parent / "cases"
TODAY = date(2026, 1, 1)

LINES = st.sampled_from(
    [
        "某市医疗保障办法",
        "当前位置：首页>政策",
        "以下是小编整理的范文",
        "篇1",
        "篇2",
        "第一章 总则",
        "第一条 甲。",
        "第二条 乙：",
        "第3条",
        "（一）丙；",
        "（二）丁。",
        "一、情况",
        "1.收入。",
        "附件1：表",
        "相关文章：",
        "目 录",
        "",
        " 　",
        "参保人员按照规定享受待遇。" * 12,
    ]
)
PAGES = st.lists(LINES, max_size=25).map("\n".join) | st.text(
    alphabet="第一二三条款章（）、。1. \n篇附件则", max_size=120
)


def cases(name: str) -> list[Any]:
    rows = [json.loads(line) for line in (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [pytest.param(row, id=row["why"]) for row in rows]


def source(n: str, *dropped: DroppedSpan) -> Source:
    return Source(name="page.html", text=n, sha256="", format="html", dropped=dropped)


def whole(n: str) -> list[Part]:
    return [Part(0, len(n), "")]


@pytest.mark.parametrize("case", cases("provisions"))
def test_provisions_are_addressed_by_path(case: dict[str, Any]) -> None:
    assert [p.path for p in find_provisions(case["text"], whole(case["text"]))] == case["paths"]


@pytest.mark.parametrize("case", cases("parts"))
def test_pages_are_divided_into_articles_and_boilerplate(case: dict[str, Any]) -> None:
    parts, boilerplate = find_parts(case["text"])
    assert [p.title for p in parts] == case["parts"]
    assert [b.reason for b in boilerplate] == case["reasons"]


@pytest.mark.parametrize("case", cases("metadata"))
def test_a_document_says_what_it_is(case: dict[str, Any]) -> None:
    n = case["text"]
    parts, _ = find_parts(n)
    found = read_metadata(n, None, parts, find_provisions(n, parts), today=TODAY)
    expected = case["expect"]
    amended = {"amended": list(found["amended"])} if "amended" in found else {}
    assert {key: (found | amended).get(key) for key in expected} == expected


@given(PAGES, st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=3))
def test_every_code_point_lies_in_exactly_one_part_or_boilerplate(n: str, drops: list[tuple[int, int]]) -> None:
    dropped = [DroppedSpan(min(a, b, len(n)), min(max(a, b), len(n)), "advert") for a, b in drops]
    parts, boilerplate = find_parts(n, source(n, *dropped))
    spans = sorted([(p.start, p.end) for p in parts] + [(b.start, b.end) for b in boilerplate])
    assert [s for s, _ in spans] == [0, *(e for _, e in spans)][: len(spans)]
    assert (spans[-1][1] if spans else 0) == len(n)
    assert all(s < e for s, e in spans)


@given(PAGES)
def test_provisions_nest_and_never_cross(n: str) -> None:
    provisions = find_provisions(n, find_parts(n)[0])
    assert len({p.id for p in provisions}) == len(provisions)
    open_spans: list[tuple[int, int]] = []
    for p in provisions:
        assert 0 <= p.start <= p.end <= len(n)
        while open_spans and open_spans[-1][1] <= p.start:
            open_spans.pop()
        assert not open_spans or p.end <= open_spans[-1][1]
        open_spans.append((p.start, p.end))


def test_spans_run_from_the_label_to_the_last_character_before_the_next_sibling() -> None:
    n = "第一条 甲：\n（一）乙；\n\n（二）丙。\n\n第二条 丁。\n"
    quotes = {p.path: n[p.start : p.end] for p in find_provisions(n, whole(n))}
    assert quotes == {
        "第一条": "第一条 甲：\n（一）乙；\n\n（二）丙。",
        "第一条/（一）": "（一）乙；",
        "第一条/（二）": "（二）丙。",
        "第二条": "第二条 丁。",
    }


def test_the_first_paragraph_begins_after_the_label() -> None:
    n = "第一条 甲。\n\n乙。\n第二条 丙。"
    paragraphs = [n[p.start : p.end] for p in find_provisions(n, whole(n)) if "/" in p.path]
    assert paragraphs == ["甲。", "乙。"]


def test_headings_follow_their_labels() -> None:
    n = "第一章 总则\n第一条【目的】甲。\n第二条 乙。\n"
    assert [p.heading for p in find_provisions(n, whole(n))] == ["总则", "目的", ""]


def test_an_outline_heading_is_its_first_sentence() -> None:
    n = "一、加强监管。各地要认真落实。\n二、参保情况\n"
    assert [p.heading for p in find_provisions(n, whole(n))] == ["加强监管", "参保情况"]


def test_a_span_dropped_by_the_reader_leaves_the_regulation_whole() -> None:
    n = "某办法\n第一条 甲。\n扫码关注公众号\n第二条 乙。\n第三条 丙。"
    advert = n.index("扫码")
    parts, boilerplate = find_parts(n, source(n, DroppedSpan(advert, advert + 8, "advert")))
    assert [p.title for p in parts] == ["某办法", "某办法"]
    assert [n[b.start : b.end] for b in boilerplate] == ["扫码关注公众号\n"]
    assert [p.path for p in find_provisions(n, parts)] == ["第一条", "第二条", "第三条"]


def test_the_files_own_fields_fill_what_the_text_leaves_out() -> None:
    n = "某市医保通知\n各单位：\n现将有关事项通知如下。"
    given = Source("n.html", n, "", "html", metadata={"发文字号": "某医保〔2020〕1号", "成文日期": "2020-05-06"})
    found = read_metadata(n, given, find_parts(n)[0], [], today=TODAY)
    assert found["doc_number"] == "某医保〔2020〕1号"
    assert found["published"] == "2020-05-06"


@given(st.integers(1, 9999))
def test_ordinals_read_what_chinese_writes(number: int) -> None:
    digits, text, zero = "零一二三四五六七八九", "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // scale % 10
        if digit:
            text += ("零" if zero and text else "") + digits[digit] + name
        zero = not digit
    assert ordinal_from_text(text) == number == ordinal_from_text(str(number))


@given(st.text(alphabet="国发令第〔〕[]20xX189号和的 、", max_size=60))
def test_document_numbers_lie_inside_the_text(n: str) -> None:
    spans = list(find_document_numbers(n))
    assert all(0 <= s < e <= len(n) and "号" in n[s:e] for s, e in spans)


def test_the_examples_of_authority_hold() -> None:
    outcome = doctest.testmod(authority)
    assert outcome.attempted
    assert not outcome.failed
