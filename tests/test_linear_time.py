"""Hostile text costs no more than its length: twice the text takes about twice the time, in every layer.

Each text is one stretch repeated, to about 100 KB of UTF-8 where documents are meant. Times are processor time, the
least of several tries, so that a busy machine does not fail the test; what is quadratic misses the bound by far.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from ingest import extract, read
from ingest.normalize import aligned_document, normalize
from kb.passages import find_passages
from kb.question import question_from_query
from kb.repeats import Sentences
from kb.search import matched_words
from kb.shingles import body_from_text
from kb.support import Question

LENGTH = 16_000
QUERY = 4_000
GROWTH = 3
SLACK = 0.15
TRIES = 8
STRETCHES = (
    *'政第一（(“"、《占按号的为比表共十千万○０之至-．.?&/|；：。，’」 \t\n\u3000\u200bA',
    *(
        "补贴",
        "医院",
        "不得",
        "增长",
        "标准",
        "其中",
        "规定",
        "2024",
        "2024年",
        "1,000",
        "0万",
        "80%",
        "10万元",
        "元/人",
    ),
    *(
        "百分之",
        "12.5%，",
        "，占",
        "的，",
        "第一条",
        "（（））",
        "《》",
        "》规定",
        "〔2024〕1号",
        "一、",
        "(1)",
        "1\t",
        "|1",
    ),
    *(
        "x\n",
        "1\n",
        "一\n",
        "甲乙\n",
        "\n\n",
        "\n\t\t\n",
        "<p>",
        "隨著",
        "根据",
        "制定",
        "现将",
        "自2024年1月1日起",
        "1-",
    ),
    *("中华人民共和国", "分第分", "标准标标准标按", "”号", "‘’", "千0000", "百0000", "A1", "参?；", "&lt;", "第1-1条"),
)


def taken_in(text: str) -> object:
    """All that ingestion does with a text before it is stored."""
    source = read(f"文件\n{text}".encode(), name="hostile.txt")
    return find_passages(source, extract(source), aligned_document(source.text))


def supported(text: str) -> object:
    return Question(text, [text]).share_held(text)


LAYERS: dict[str, tuple[Callable[[str], object], int]] = {
    "ingest": (taken_in, LENGTH),
    "to traditional": (lambda text: normalize(text, "hant"), LENGTH),
    "query": (question_from_query, QUERY),
    "support": (supported, QUERY),
    "duplicates": (body_from_text, LENGTH),
    "repeats": (Sentences, LENGTH),
    "highlight": (lambda text: matched_words(text[:200], text), LENGTH),
}


def seconds(work: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    work(text)
    return time.process_time() - started


@pytest.mark.parametrize("layer", LAYERS)
def test_twice_the_text_takes_twice_the_time(layer):
    work, length = LAYERS[layer]
    work("第一条 费率为8%。\n第二条 參保人員，占5%。")
    slow = {}
    for stretch in STRETCHES:
        text = (stretch * (2 * length))[: 2 * length]
        single = double = float("inf")
        for _ in range(TRIES):
            single = min(single, seconds(work, text[:length]))
            double = min(double, seconds(work, text))
            if double <= GROWTH * single + SLACK:
                break
        else:
            slow[stretch] = f"{single:.2f} s, then {double:.2f} s"
    assert not slow
