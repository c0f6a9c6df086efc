"""Parts of articles: found by themselves, given with the article around them, both in offsets of the original."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.contract import hit_to_dict
from api.screen import Screen
from kb import KnowledgeBase

_PAID = "参保人员在定点医疗机构发生的符合规定的医疗费用，由统筹基金按照规定支付，"
LONG = f"""平湖市医疗保障办法

第一条 为了保障权益，制定本办法。

第二条 {_PAID * 6}按月结算。
异地就医的参保人员应当在入院后五个工作日内备案。{_PAID * 5}另行规定。
急诊抢救的，不受前款限制。
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "办法.txt").write_text(LONG, encoding="utf-8")
    with KnowledgeBase.open(folder / "kb", create=True, write=True) as kb:
        kb.ingest([folder / "办法.txt"])
        yield kb


@pytest.mark.parametrize(
    ("query", "label", "article"),
    [
        ("异地就医五个工作日内备案", "第二条第二款", "第二条"),  # found by its words
        ("平湖市医疗保障办法第二条第三款", "第二条第三款", "第二条"),  # named by its address
        ("为了保障权益", "第一条", None),  # an article that is whole needs nothing around it
    ],
)
def test_a_part_comes_with_its_article(base: KnowledgeBase, query: str, label: str, article: str | None) -> None:
    hit = base.search(query).hits[0]
    assert (hit.label, hit.article and hit.article.label) == (label, article)
    text = base.text(hit.document.id)
    assert text[hit.start : hit.end] == hit.quote
    if hit.article:
        assert text[hit.article.start : hit.article.end] == hit.article.quote
        assert hit.article.start <= hit.start < hit.end <= hit.article.end
        assert hit.quote in hit_to_dict(hit)["article"]["quote"]
        if "条第三款" in query:
            assert base.find_address(query) == [hit]
    assert ("article" in hit_to_dict(hit)) == (article is not None)


def test_the_command_line_marks_the_part_in_its_article(base: KnowledgeBase) -> None:
    from api.commands.search import _draw

    result = base.search("异地就医五个工作日内备案", k=1)
    assert "   in 第二条 [" in _draw(result, Screen(False, 100), explain=False, full=False)
    assert "【异地就医的参保人员" in _draw(result, Screen(False, 100), explain=False, full=True)


def test_passages_of_a_long_article_are_its_paragraphs(base: KnowledgeBase) -> None:
    rows = [dict(zip(base.table("passages").columns, row, strict=True)) for row in base.table("passages")]
    assert [row["label"] for row in rows][-3:] == ["第二条第一款", "第二条第二款", "第二条第三款"]
    assert all(str(row["quote"]).endswith(("。", "法")) for row in rows)
