"""Passages: whole sentences, whole small provisions, rows of tables with their headers."""

from __future__ import annotations

import itertools
import re

import pytest
from kb_samples import DOCUMENTS, HEALTH

from ingest import extract, normalize
from ingest.source import Cell, Source, Table
from kb.passages import LONGEST, find_passages


def passages_of(text, tables=()):
    source = Source("t", text, "0", "txt", tables=tables)
    return find_passages(source, extract(source), normalize(text))


@pytest.mark.parametrize("text", DOCUMENTS.values())
def test_passages_follow_one_another_and_hold_every_provision(text):
    found = passages_of(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    held = "".join(text[p.start : p.end] for p in found)
    for article in re.findall(r"第[一二三四五六\d]+[条條].*", text):
        assert article in held
    assert all(text[p.start : p.end].strip() == text[p.start : p.end] for p in found)


def test_a_small_article_is_one_passage_with_its_chapter_as_context():
    (passage,) = [p for p in passages_of(HEALTH) if p.label == "第三条"]
    assert HEALTH[passage.start : passage.end].endswith("（三）一级医院90%。")
    assert passage.context_s == "安平市职工基本医疗保险办法 待遇"
    assert "三级医院80%" in passage.text_s


def test_a_long_article_is_cut_between_its_paragraphs_and_sentences_only():
    sentence = "参保人员应当按照规定缴纳基本医疗保险费，享受相应的待遇。"
    text = f"办法\n\n第一条 {sentence * 20}\n\n{sentence * 3}\n\n第二条 本办法自发布之日起施行。\n"
    found = passages_of(text)
    assert all(p.end - p.start <= LONGEST for p in found)
    assert all(text[p.start : p.end].endswith("。") for p in found if p.path)
    assert sum(text[p.start : p.end].count(sentence) for p in found) == 23


def test_text_without_any_stop_is_kept_whole():
    text = "标题\n\n" + "长" * 3000
    assert max(p.end - p.start for p in passages_of(text)) == 3000


def test_each_row_of_a_table_carries_its_headers_and_is_no_part_of_a_sentence():
    text = "附件\n\n级别\t比例\n三級醫院\t80%\n二級醫院\t85%\n\n以上比例自2024年起执行。"
    rows = []
    for line in text.split("\n")[2:5]:
        at = text.index(line)
        cut = line.index("\t")
        rows.append((Cell(at, at + cut, line[:cut]), Cell(at + cut + 1, at + len(line), line[cut + 1 :])))
    table = Table(rows[0][0].start, rows[-1][-1].end, tuple(rows))
    found = passages_of(text, (table,))
    assert [p.text_s for p in found if "医院" in p.text_s] == ["级别：三级医院；比例：80%", "级别：二级医院；比例：85%"]
    assert [text[p.start : p.end] for p in found if "：" in p.text_s] == ["三級醫院\t80%", "二級醫院\t85%"]
    assert any(p.text_s.startswith("以上比例") for p in found)


def test_a_row_is_read_under_every_heading_of_its_columns():
    """A title over the table, headings in two rows, and a cell over two columns, which counts under both."""
    text = "住院待遇表\n级别\t报销比例\n级别\t在职\t退休\n一级\t90%\t95%\n未定级\t50%"
    spans = iter([(m.start(), m.end()) for m in re.finditer(r"[^\t\n]+", text)])
    cells = [Cell(start, end, text[start:end]) for start, end in spans]
    title, level, ratio, low, working, retired, first, nine, ninety_five, other, half = cells
    rows = (
        (title, title, title),
        (level, ratio, ratio),
        (low, working, retired),
        (first, nine, ninety_five),
        (other, half, half),
    )
    found = [p for p in passages_of(text, (Table(0, len(text), rows, header_rows=3),)) if "级别：" in p.text_s]
    assert [p.text_s for p in found] == [
        "级别：一级；报销比例 在职：90%；报销比例 退休：95%",
        "级别：未定级；报销比例 在职：50%；报销比例 退休：50%",
    ]
    assert all("住院待遇表" in p.context_s for p in found)
