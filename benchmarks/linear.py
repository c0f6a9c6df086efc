"""Time that hostile text takes: one stretch repeated, in every layer, and twice as much of it.

    python benchmarks/linear.py [STRETCH …]

Processor time, the least of several tries. The targets: from text to records at most one second for 100 KB of the
stretches that hold no numbers, and in every layer at most three times as long for twice the text. Text of nothing but
numbers takes about 0.3 ms a number.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

from ingest import extract, read
from ingest.normalize import aligned_document, normalize
from kb.passages import find_passages
from kb.question import question_from_query
from kb.repeats import Sentences
from kb.search import matched_words
from kb.shingles import body_from_text
from kb.support import Question

SIZE = 100_000  # bytes of UTF-8
LONG = ("补贴", "政", "2024", "（（））", "0", "第一条", "标准", "\n一")
SECONDS = 1.0

LENGTH, QUERY = 16_000, 4_000  # code points
GROWTH, SLACK, TRIES = 3, 0.15, 8
STRETCHES = (
    *'政第一（(“"、《占按号的为比表共十千万○０之至-．.?&/|；：。，’」 \t\n\u3000\u200bA',
    *[
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
    ],
    *[
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
    ],
    *("x\n", "1\n", "一\n", "甲乙\n", "\n\n", "\n\t\t\n"),
    *[
        "<p>",
        "隨著",
        "根据",
        "制定",
        "现将",
        "自2024年1月1日起",
        "1-",
        "中华人民共和国",
        "分第分",
        "标准标标准标按",
        "”号",
        "‘’",
    ],
    *["千0000", "百0000", "A1", "参?；", "&lt;", "第1-1条"],
)


def taken_in(text: str) -> object:
    """All that ingestion does with a text before it is stored."""
    source = read(f"文件\n{text}".encode(), name="hostile.txt")
    return find_passages(source, extract(source), aligned_document(source.text))


LAYERS: dict[str, tuple[Callable[[str], object], int]] = {
    "ingest": (taken_in, LENGTH),
    "to traditional": (lambda text: normalize(text, "hant"), LENGTH),
    "query": (question_from_query, QUERY),
    "support": (lambda text: Question(text).share_held(text), QUERY),
    "duplicates": (body_from_text, LENGTH),
    "repeats": (Sentences, LENGTH),
    "highlight": (lambda text: matched_words(text[:200], text), LENGTH),
}


def seconds(work: Callable[[str], object], text: str) -> float:
    """Processor time of one run."""
    started = time.process_time()
    work(text)
    return time.process_time() - started


def long_texts(stretches: Sequence[str]) -> int:
    """Prints what 100 KB and 200 KB of each stretch take; returns how many take too long."""
    slow = 0
    print(f"{'stretch':12} {'100 KB, s':>10} {'200 KB, s':>10} {'growth':>7}")
    for stretch in stretches:
        text = stretch * (SIZE // len(stretch.encode()))
        single = min(seconds(extract, text) for _ in range(3))
        double = min(seconds(extract, text + text) for _ in range(3))
        late = single > SECONDS or double > GROWTH * single + SLACK
        slow += late
        print(f"{stretch!r:12} {single:10.2f} {double:10.2f} {double / single:7.2f}{'  over' if late else ''}")
    return slow


def grows(work: Callable[[str], object], text: str, length: int) -> str | None:
    """What twice the text takes where that is more than it may; None where one of several tries keeps within."""
    single = double = float("inf")
    for _ in range(TRIES):
        single, double = min(single, seconds(work, text[:length])), min(double, seconds(work, text))
        if double <= GROWTH * single + SLACK:
            return None
    return f"{single:.2f} s, then {double:.2f} s"


def layers(stretches: Sequence[str]) -> int:
    """Prints for each layer the stretches of which twice as much takes too long; returns how many."""
    slow = 0
    for name, (work, length) in LAYERS.items():
        work("第一条 费率为8%。\n第二条 參保人員，占5%。")
        found = {s: grows(work, (s * (2 * length))[: 2 * length], length) for s in stretches}
        late = {stretch: told for stretch, told in found.items() if told}
        slow += len(late)
        print(f"{name:16} {len(stretches)} stretches, {len(late)} over{f': {late}' if late else ''}")
    return slow


def main() -> int:
    extract("第一条 费率为8%。")
    asked = sys.argv[1:]
    return 1 if long_texts(asked or LONG) + layers(asked or STRETCHES) else 0


if __name__ == "__main__":
    raise SystemExit(main())
