"""How often questions about real regulations are answered rightly.

    python benchmarks/answering.py [--data DIR] [--fit]

DIR (default $FADU_DATA) holds `docs/cn` and `docs/tw`, 50 regulations in two bases. The 520 questions beside this file
were written from the regulations by somebody who had not seen fadu; 146 of them have no answer there, most of those by
very little. A question counts as answered rightly when its article is cited, by an answer or as what comes nearest; an
answer to a question that has none is invented. --fit prints the log odds of `kb/judge.py` that fit them best.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb import KnowledgeBase
from kb.ask import answer, widened
from kb.judge import judge
from kb.quoting import Shelf, Source
from kb.simplify import simplified
from kb.support import Question
from kb.types import EVERYTHING

QUESTIONS = Path(__file__).with_suffix(".jsonl")
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the (document, article) pairs that answer it, none where nothing does, and the number asked for."""

    base: str
    question: str
    articles: tuple[tuple[str, str], ...]
    number: str

    def is_in(self, title: str, label: str) -> bool:
        """Whether a place is in one of the articles that answer."""
        return any(title == name and _bare(label).startswith(_bare(article)) for name, article in self.articles)


def main() -> int:
    """Prints the figures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("FADU_DATA"))
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    if not options.data:
        print("benchmarks/answering.py: no data; give --data DIR or set FADU_DATA", file=sys.stderr)
        return 2
    lists: list[tuple[NDArray[np.float64], NDArray[np.bool_]]] = []
    for base in ("cn", "tw"):
        asked = [case for case in read_cases() if case.base == base]
        with (
            tempfile.TemporaryDirectory() as scratch,
            KnowledgeBase.open(Path(scratch) / "kb", create=True, write=True) as kb,
        ):
            kb.ingest([Path(options.data) / "docs" / base])
            print(base, figures_of(kb, asked))
            lists += [features_of(kb, case) for case in asked] if options.fit else []
    if options.fit:
        print("log odds at first, for search, for what is held:", [round(w, 2) for w in fit(lists)])
    return 0


def read_cases() -> list[Case]:
    """The questions."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    return [
        Case(row["base"], row["question"], tuple(map(tuple, row.get("articles", ()))), row.get("number", ""))
        for row in rows
    ]


def figures_of(kb: KnowledgeBase, cases: Sequence[Case]) -> dict[str, Any]:
    """Shares of the questions that have an answer, and of those that have none."""
    counts: Counter[str] = Counter()
    for case in cases:
        found = answer(kb, case.question)
        kind = "answered" if found.supported else "near" if found.sources else "refused"
        if not case.articles:
            counts[f"none {kind}"] += 1
            continue
        right = any(case.is_in(_name(source), source.label) for source in found.sources)
        counts["right" if right else "wrong" if found.sources else "refused"] += 1
        counts[f"{kind} right"] += right
        counts["numbers"] += bool(case.number)
        counts["right number"] += bool(case.number) and _bare(case.number) in _bare(found.text)
    has = sum(bool(case.articles) for case in cases)
    return {
        "questions": has,
        "right article": round(counts["right"] / has, 3),
        "of these as an answer": round(counts["answered right"] / has, 3),
        "right number": round(counts["right number"] / counts["numbers"], 3),
        "wrong article": round(counts["wrong"] / has, 3),
        "without an answer": len(cases) - has,
        "invented": round(counts["none answered"] / (len(cases) - has), 3),
        "nearest shown": round(counts["none near"] / (len(cases) - has), 3),
    }


def features_of(kb: KnowledgeBase, case: Case) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """`(n, 2)` what speaks for each passage, by search and by what it holds, and `(n,)` which of them answer."""
    result = kb.search(case.question, k=50)
    asked = Question(
        simplified(case.question), {simplified(h.document.region) for h in result.hits if h.document.region}
    )
    _, judged = judge(asked, widened(kb, asked, result, EVERYTHING)[0], Shelf(kb))
    features = np.array([[one.ranked, one.share] for one in judged]).reshape(-1, 2)
    right = [case.is_in(Path(one.hit.document.source).stem, one.hit.label) for one in judged]
    return features, np.array(right, dtype=bool)


def fit(lists: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]]) -> list[float]:
    """Weights under which the passages that answer, or none where none does, are likeliest; by gradient ascent."""
    weights = np.zeros(3)
    for step in range(3000):
        slope = np.zeros(3)
        for features, right in lists:
            rows = np.column_stack([np.ones(len(features)), features])
            odds = np.append(np.exp(rows @ weights), 1.0)
            all_of_them = odds / odds.sum()
            wanted = np.append(right, not right.any()) * odds
            slope += (wanted / wanted.sum() - all_of_them)[:-1] @ rows
        weights += (0.5 if step < 2000 else 0.1) * slope / len(lists)
    return [float(weight) for weight in weights]


def _name(source: Source) -> str:
    return Path(source.document.source).stem


def _bare(text: str) -> str:
    return _SPACE.sub("", text)


if __name__ == "__main__":
    sys.exit(main())
