"""Text and Markdown, and the spans of whatever is put together."""

from __future__ import annotations

from documents import check_spans, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers import read
from ingest.readers.layout import TextBuilder, grid_from_spans


def test_text_stands_as_found() -> None:
    source = read("标题\r\n\r\n第一条　内容。\r\n".encode("gb18030"), name="办法.txt")
    assert source.text == "标题\r\n\r\n第一条　内容。\r\n"
    assert (source.format, source.encoding, source.warnings) == ("txt", "gb18030", ())
    assert source.encoding_confidence is not None
    assert source.encoding_confidence > 0.8
    assert len(source.sha256) == 64


def test_markdown_tables_are_recorded() -> None:
    text = "# 待遇\n\n| 级别 | 比例 |\n|---|:-:|\n| 三级 | 70% |\n| 二级 | |\n\n甲 | 乙\n--- | ---\n丙\\|丁 | 戊\n"
    source = check_spans(read(text.encode(), name="a.md"))
    assert source.text == text
    assert rows_of(source) == [["级别", "比例"], ["三级", "70%"], ["二级", ""]]
    assert rows_of(source, 1) == [["甲", "乙"], ["丙\\|丁", "戊"]]


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=6), min_size=1, max_size=4), max_size=5))
def test_built_tables_keep_their_spans(rows: list[list[str]]) -> None:
    builder = TextBuilder()
    builder.add_block("前", drop="navigation")
    builder.add_table(rows)
    builder.add_block("后", drop="links")
    source = check_spans(builder.source("x", b"", "txt"))
    assert len(source.text.split("\n")) >= len(rows) + 2


@given(
    st.lists(
        st.lists(st.tuples(st.text("甲乙", max_size=2), st.integers(0, 3), st.integers(0, 3)), max_size=4), max_size=5
    )
)
@settings(max_examples=60)
def test_grids_of_any_spans_can_be_built(rows: list[list[tuple[str, int, int]]]) -> None:
    builder = TextBuilder()
    builder.add_table(grid_from_spans(rows))
    check_spans(builder.source("x", b"", "html"))
