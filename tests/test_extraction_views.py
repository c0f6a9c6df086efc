"""What was found in a document, as a page and as lines: complete, escaped, true to the original."""

from __future__ import annotations

import html
import re

import pytest

from api.reports.explained import LAYERS, explain_extraction
from api.reports.extraction_html import extraction_to_html
from api.reports.extraction_text import extraction_to_text
from ingest import extract

TEXT = (
    "某县城乡居民基本医疗保险办法\n第一条 根据《社会保险法》第二十三条，参保率不低于95%。\n"
    "第二条 三级医院报销比例为60%，<b>起付标准</b>为500元 & 更多。\n第三条 严禁分解收费。\n"
)


@pytest.fixture(scope="module")
def page() -> str:
    return extraction_to_html(extract(TEXT))


def test_the_original_stands_on_the_page_whole(page: str) -> None:
    original = re.search(r'<section id="text"[^>]*>(.*?)</section>', page, re.S)
    assert original
    bare = re.sub(r'<span class="cards".*?</span></a>', "</a>", original[1], flags=re.S)
    assert html.unescape(re.sub(r"<[^>]+>", "", bare)) == TEXT


def test_text_of_documents_is_escaped(page: str) -> None:
    assert "<b>起付标准</b>" not in page
    assert "&lt;b&gt;" in page


def test_the_page_stands_alone(page: str) -> None:
    assert not re.search(r"<script|<link|<img|https?://|@import|url\(", page)
    assert "default-src 'none'" in page


def test_every_record_is_marked_and_listed(page: str) -> None:
    """Each has a mark in the text that leads to its row and a row that leads to the mark."""
    for index, record in enumerate(explain_extraction(extract(TEXT))):
        assert f'id="at-{index}"' in page
        assert f'id="record-{index}" href="#at-{index}"' in page
        assert html.escape(record.title) in page


def test_cues_light_up_with_their_record(page: str) -> None:
    records = explain_extraction(extract(TEXT))
    index, rule = next((i, r) for i, r in enumerate(records) if any(c.quote == "不低于" for c in r.cues))
    assert f".r{index}:is(:hover,:focus)) .c{index}" in page
    assert "界限“不低于”" in page
    assert rule.confidence is not None


def test_layers_on_the_page_can_be_switched(page: str) -> None:
    shown = {record.layer for record in explain_extraction(extract(TEXT))}
    assert shown <= set(LAYERS)
    for layer in shown:
        assert f'id="show-{layer}" checked' in page


def test_lines_explain_only_when_asked() -> None:
    found = extract(TEXT)
    assert "线索：" not in extraction_to_text(found, explain=False)
    explained = extraction_to_text(found, explain=True)
    start = TEXT.index("不低于")
    assert f"界限“不低于”[{start}:{start + 3}]" in explained
    assert "【95%】" in explained


def test_an_empty_document_has_a_page() -> None:
    assert "提取结果" in extraction_to_html(extract(""))
