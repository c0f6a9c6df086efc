"""Retrieval figures of the product on questions whose answers are known, stage by stage.

    python benchmarks/retrieval.py [--data DIR] [--kb DIR] [--limit N] [--json]

DIR (default `retrieval` below $FADU_DATA) holds

    statutes.jsonl.gz   a line an article: {"id": 2, "name": "中华人民共和国民法典第四百六十五条", "content": "依法…"}
    queries.tsv         question id, question
    qrels.tsv           question id, 0, id of an article that answers it, 1

The statutes are written as one document a law and ingested as a user would; each question then goes through
`KnowledgeBase.rank`, and a passage found counts as its article. Questions the shipped embedder was trained on
(kb/models/fadu-static/trained.json) are left out. Reported apart are those none of whose articles answered a question
that somebody asked and the model was trained on ("unseen"), those of them that no question written for training is
about either ("untouched"), and the same asked in traditional characters. With --kb the base is kept, and used again
when it is there. --limit N takes N articles, those that answer first: for a look at whether it works, not for figures.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import opencc
from numpy.typing import NDArray

from ingest.structure.ordinals import ordinal_from_text
from kb import KnowledgeBase
from kb.embed import SHIPPED_MODEL
from kb.ranking import Ranking
from kb.store import Store
from kb.training import corpus
from kb.training.corpus import DataError
from kb.training.retrieval import Figures, measure
from kb.training.split import Trained

STAGES = ("lexical", "dense", "fused", "final")
NAMES = {"final": "reranked"}
_LABEL = re.compile(r"第(.+?)条(?:之(.+))?")
Spans = dict[str, list[tuple[int, int, int]]]


def main() -> int:
    """Prints the figures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser)
    parser.add_argument("--kb", type=Path, help="keep the knowledge base here; used again when it is there")
    options = parser.parse_args()
    try:
        folder = folder_from_options(options)
        with tempfile.TemporaryDirectory() as scratch:
            figures = run(folder, options.kb or Path(scratch) / "kb", Path(scratch) / "laws", options.limit)
    except DataError as error:
        print(f"benchmarks/retrieval.py: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        show(figures)
    return 0


def add_data(parser: argparse.ArgumentParser) -> None:
    """Adds what says on which data to measure and how to print."""
    parser.add_argument("--data", type=Path, default=os.environ.get("FADU_DATA"))
    parser.add_argument("--limit", type=int, metavar="N", help="so many articles, those that answer first")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def folder_from_options(options: argparse.Namespace) -> Path:
    """The folder with the data.

    Raises:
        DataError: none was named.
    """
    if not options.data:
        raise DataError("no data; give --data DIR or set FADU_DATA")
    return corpus.retrieval_folder(Path(options.data))


def held_questions(
    folder: Path, limit: int | None
) -> tuple[list[corpus.Article], list[corpus.Question], dict[str, set[str]]]:
    """The articles, the questions the shipped model never saw, and the ids of those that are reported apart.

    Args:
        folder: the data.
        limit: how many articles, None for all; questions they do not answer are left out.

    Raises:
        DataError: a file is missing or malformed, or no question is left.
    """
    articles = corpus.read_statutes(folder)
    trained = Trained.read(SHIPPED_MODEL)
    held = trained.held_back(corpus.read_all_questions(folder))
    if limit is not None:
        answering = {article for question in held for article in question.gold}
        articles = sorted(articles, key=lambda a: a.id not in answering)[:limit]
        held = [question for question in held if question.gold <= {article.id for article in articles}]
    if missing := {article for question in held for article in question.gold} - {article.id for article in articles}:
        raise DataError(f"{folder / 'qrels.tsv'}: {len(missing)} ids of no article, {min(missing)} first")
    if not held:
        raise DataError(f"{folder}: no question with an article that the shipped model was not trained on")
    new = {
        "unseen": {question.id for question in trained.unseen(held, articles)},
        "untouched": {question.id for question in trained.unseen(held, articles, written=True)},
    }
    return articles, held, new


def run(folder: Path, place: Path, laws: Path, limit: int | None = None) -> dict[str, Any]:
    """All figures of the questions in `folder`.

    Args:
        folder: the data.
        place: the knowledge base, made if it is not there.
        laws: where the documents are written, for as long as the base is made.
        limit: how many articles, None for all.
    """
    articles, held, new = held_questions(folder, limit)
    spans = write_laws(articles, laws)
    build = None if place.exists() else built(laws, place)
    with KnowledgeBase.open(place, resident=True) as kb:
        if {Path(row.source).name: row.length for row in kb.documents()} != {n: p[-1][1] for n, p in spans.items()}:
            raise DataError(f"{place}: a knowledge base of other documents; name a folder that is not there yet")
        kb.search("法律")
        find = article_finder(Store.open(place), spans)
        simplified = ranked(kb, find, [question.text for question in held])
        convert = opencc.OpenCC("s2t").convert
        traditional = ranked(kb, find, [convert(question.text) for question in held])
        latency = timed(kb, [question.text for question in held])
    groups = {name: [i for i, question in enumerate(held) if question.id in ids] for name, ids in new.items()}
    return {
        "articles": len(articles),
        "questions": {"held_back": len(held), **{name: len(places) for name, places in groups.items()}},
        "figures": figures_of(simplified, held, range(len(held))),
        **{name: figures_of(simplified, held, places) for name, places in groups.items()},
        "traditional": figures_of(traditional, held, range(len(held))),
        "latency_ms": latency,
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "build": build,
    }


def write_laws(articles: Sequence[corpus.Article], folder: Path) -> Spans:
    """Writes one text a law, its articles by number; returns each file's (start, end, article id)."""
    folder.mkdir(parents=True)
    laws: dict[str, list[corpus.Article]] = defaultdict(list)
    for article in articles:
        laws[article.title].append(article)
    spans: Spans = {}
    for number, (title, members) in enumerate(laws.items()):
        text = f"{title}\n"
        places = spans[f"{number:05}.txt"] = []
        for article in sorted(members, key=lambda a: order(a.label)):
            start = len(text)
            text += f"{article.label} " + "\n".join(filter(None, map(str.strip, article.body.splitlines()))) + "\n"
            places.append((start, len(text), article.id))
        (folder / f"{number:05}.txt").write_text(text, encoding="utf-8")
    return spans


def order(label: str) -> tuple[int, int]:
    """The place of an article in its law; what has no number comes last."""
    match = _LABEL.match(label)
    if match is None:
        return sys.maxsize, 0
    return ordinal_from_text(match[1]), ordinal_from_text(match[2].partition("第")[0]) if match[2] else 0


def built(laws: Path, place: Path) -> dict[str, float]:
    """Ingests the documents in a process of its own; what it took."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(build_here, laws, place).result()


def build_here(laws: Path, place: Path) -> dict[str, float]:
    """Ingests the documents; seconds, CPU seconds, passages a CPU second, peak memory."""
    wall, cpu = time.perf_counter(), time.process_time()
    with KnowledgeBase.open(place, create=True, write=True) as kb:
        report = kb.ingest([laws])
    spent = time.process_time() - cpu
    store = Store.open(place)
    passages = store.count_current()
    store.close()
    return {
        "documents": len(report.added),
        "passages": passages,
        "seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(spent, 1),
        "passages_per_cpu_second": round(passages / spent),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def article_finder(store: Store, spans: Spans) -> Callable[[Iterable[int]], NDArray[np.int64]]:
    """From passage ids, best first, to article ids, each at its first passage."""
    known: dict[int, int | None] = {}
    names: dict[int, str] = {}

    def find(ids: Iterable[int]) -> NDArray[np.int64]:
        wanted = list(ids)
        found = store.passages([i for i in wanted if i not in known])
        missing = {version for _, version, _ in found} - names.keys()
        names.update({key: Path(row.source).name for key, row in store.documents_by_key(sorted(missing)).items()})
        for i, version, passage in found:
            middle = (passage.start + passage.end) // 2
            places = spans[names[version]]
            known[i] = next((article for start, end, article in places if start <= middle < end), None)
        articles = dict.fromkeys(known[i] for i in wanted if known.get(i) is not None)
        return np.array(list(articles), dtype=np.int64)

    return find


def ranked(
    kb: KnowledgeBase, find: Callable[[Iterable[int]], NDArray[np.int64]], questions: Sequence[str]
) -> dict[str, list[NDArray[np.int64]]]:
    """Articles for each question, best first, by stage."""
    rankings: dict[str, list[NDArray[np.int64]]] = {stage: [] for stage in STAGES}
    for question in questions:
        ranking: Ranking = kb.rank(question)
        for stage in STAGES:
            scores = getattr(ranking, stage)
            rankings[stage].append(find(sorted(scores, key=lambda i: (-scores[i], i))))
    return rankings


def timed(kb: KnowledgeBase, questions: Sequence[str]) -> dict[str, float]:
    """Milliseconds of whole searches, one after another."""
    times = []
    for question in questions:
        start = time.perf_counter()
        kb.search(question)
        times.append(1000 * (time.perf_counter() - start))
    return {f"p{p}": round(float(np.percentile(times, p)), 1) for p in (50, 90, 95, 99)}


def figures_of(
    rankings: dict[str, list[NDArray[np.int64]]], held: Sequence[corpus.Question], places: Iterable[int]
) -> dict[str, dict[str, float]]:
    """Figures of some of the questions by stage."""
    chosen = list(places)
    if not chosen:
        return {}
    return {
        NAMES.get(s, s): plain(measure([r[i] for i in chosen], [held[i] for i in chosen])) for s, r in rankings.items()
    }


def plain(figures: Figures) -> dict[str, float]:
    """The figures under the names people know."""
    return {
        "MRR@10": round(figures.mrr10, 4),
        "nDCG@10": round(figures.ndcg10, 4),
        "R@10": round(figures.recall10, 4),
        "R@100": round(figures.recall100, 4),
    }


def show(figures: dict[str, Any]) -> None:
    """Prints the figures for people."""
    print(f"{figures['articles']} articles, questions {figures['questions']}")
    for group in ("figures", "unseen", "untouched", "traditional"):
        print("held back" if group == "figures" else group)
        for stage, row in figures[group].items():
            print(f"  {stage:9}", "  ".join(f"{name} {value:.3f}" for name, value in row.items()))
    print("latency (ms)", figures["latency_ms"], "memory (MB)", figures["memory_mb"])
    print("build", figures["build"] or "none: the base was there")


if __name__ == "__main__":
    sys.exit(main())
