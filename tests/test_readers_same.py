"""The same text and the same table, rendered to each format, read the same."""

from __future__ import annotations

import itertools
import shutil

import pytest
from documents import check_spans, kept_text, rows_of
from rendering import TABLES, TEXTS, example_table

from ingest.readers import read

WORDS = ("基本医疗保险", "失业保险", "住房公积金")
TEXT = "\n".join(
    f"第{number}条　{word}实行分级管理，参保率达到{number}.5%，其中“{word}”支出1,{number:03}万元（含补助）；"
    "逾期不办理的，不予支付。"
    for number, word in zip(range(1, 120), itertools.cycle(WORDS), strict=False)
)


@pytest.mark.parametrize("rendering", TEXTS)
def test_texts_are_read_back_whole_and_in_order(rendering: str) -> None:
    name, render = TEXTS[rendering]
    if rendering == "rtf" and not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    source = check_spans(read(render(TEXT), name=name))
    assert "".join(kept_text(source).split()) == "".join(TEXT.split())


@pytest.mark.parametrize("rendering", TABLES)
def test_tables_are_read_back_with_their_headings(rendering: str) -> None:
    name, render = TABLES[rendering]
    rows = example_table(12)
    source = check_spans(read(render(rows), name=name))
    assert rows_of(source)[2:] == rows[2:]
    assert source.tables[0].headings == ("医院级别", "住院待遇 起付标准", "住院待遇 在职比例", "住院待遇 退休比例")
    assert len(source.tables[0].body) == 12
