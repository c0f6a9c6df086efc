"""fadu beside what is usually put together for the same job: LangChain with Chroma, jieba BM25 and their ensemble.

    pip install -c constraints.txt -e '.[models,bench]'
    python benchmarks/peer_retrieval.py [--data DIR] [--limit N] [--json]

DIR is that of `benchmarks/retrieval.py`, whose questions are asked here too. The peer gets fadu's passages ready and
fadu's embedder through sentence-transformers, so what differs is the rest: candidates, fusion, order, store. Both
run in this process, one after the other; the ratios travel, the seconds do not. fadu's ingestion reads the files and
extracts their records as well; the peer's only indexes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jieba
import numpy as np
from numpy.typing import NDArray
from retrieval import (
    add_data,
    article_finder,
    built,
    figures_of,
    folder_from_options,
    held_questions,
    ranked,
    write_laws,
)

from kb import KnowledgeBase
from kb.embed import sentence_transformer
from kb.ingestion import embedding_text
from kb.store import Store
from kb.training.corpus import DataError

DEPTH = 100
"""Passages asked of each retriever of the peer."""
STAGES = {"lexical": "bm25", "dense": "chroma", "final": "ensemble"}
"""Which of the peer's retrievers stands beside which stage of fadu."""
Find = Callable[[Sequence[int]], NDArray[np.int64]]


def main() -> int:
    """Prints the figures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser)
    options = parser.parse_args()
    try:
        import langchain_chroma  # noqa: F401
        import rank_bm25  # noqa: F401
    except ImportError as error:
        print(f"peer_retrieval.py: {error}; run pip install -c constraints.txt -e '.[models,bench]'", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory() as scratch:
            figures = run(folder_from_options(options), Path(scratch), options.limit)
    except DataError as error:
        print(f"peer_retrieval.py: {error}", file=sys.stderr)
        return 2
    print(json.dumps(figures, ensure_ascii=False, indent=1) if options.json else described(figures))
    return 0


def run(folder: Path, scratch: Path, limit: int | None) -> dict[str, Any]:
    """Both systems on the same passages and questions.

    Args:
        folder: the data.
        scratch: an empty folder for both.
        limit: how many articles, None for all.
    """
    articles, held, _ = held_questions(folder, limit)
    spans = write_laws(articles, scratch / "laws")
    ingested = built(scratch / "laws", scratch / "kb")
    questions = [question.text for question in held]
    store = Store.open(scratch / "kb")
    find = article_finder(store, spans)
    with KnowledgeBase.open(scratch / "kb", resident=True) as kb:
        kb.warm()
        own = ranked(kb, find, questions)
        own_ms = milliseconds([lambda q=q: kb.search(q) for q in questions])
    passages = [
        (i, embedding_text(passage))
        for i, _, passage in store.passages(sorted(store.current_passage_ids()))  # as `kb.ingestion` embeds them
    ]
    peer = Peer(scratch / "peer", passages)
    peer_ms = milliseconds([lambda q=q: peer.ensemble.invoke(q) for q in questions])
    theirs = {stage: [find(peer.search(name, q)) for q in questions] for stage, name in STAGES.items()}
    store.close()
    every = range(len(held))
    quality = {"fadu": figures_of(own, held, every), "peer": figures_of(theirs, held, every)}
    stages = quality["peer"].keys()
    return {
        "articles": len(articles),
        "passages": len(passages),
        "questions": len(held),
        "quality": quality,
        "quality_ratio": {s: ratios(quality["fadu"][s], quality["peer"][s]) for s in stages},
        "ingest": {"fadu": {name: ingested[name] for name in peer.spent}, "peer": peer.spent},
        "ingest_ratio": ratios(peer.spent, ingested),
        "query_ms": {"fadu": own_ms, "peer": peer_ms},
        "query_ratio": ratios(peer_ms, own_ms),
    }


class Peer:
    """LangChain's retrievers over passages.

    Args:
        folder: where Chroma lies.
        passages: (id, text).

    Attributes:
        spent: seconds and CPU seconds that indexing took.
        ensemble: both retrievers, fused as LangChain does by default.
    """

    def __init__(self, folder: Path, passages: Sequence[tuple[int, str]]) -> None:
        from langchain_chroma import Chroma
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever
        from langchain_core.embeddings import Embeddings

        model = sentence_transformer()
        jieba.initialize()

        class Shared(Embeddings):
            """fadu's model as LangChain asks for one."""

            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return model.encode(texts, show_progress_bar=False).tolist()

            def embed_query(self, text: str) -> list[float]:
                return self.embed_documents([text])[0]

        texts, metadatas = [text for _, text in passages], [{"id": i} for i, _ in passages]
        wall, cpu = time.perf_counter(), time.process_time()
        chroma = Chroma.from_texts(texts, Shared(), metadatas, persist_directory=str(folder))
        bm25 = BM25Retriever.from_texts(texts, metadatas, preprocess_func=jieba.lcut, k=DEPTH)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        self.spent = {"seconds": round(wall, 1), "cpu_seconds": round(cpu, 1)}
        dense = chroma.as_retriever(search_kwargs={"k": DEPTH})
        self.ensemble = EnsembleRetriever(retrievers=[bm25, dense], weights=[0.5, 0.5], id_key="id")
        self._retrievers = {"bm25": bm25, "chroma": dense, "ensemble": self.ensemble}

    def search(self, name: str, question: str) -> list[int]:
        """Passage ids, best first, from the retriever of that name."""
        return [document.metadata["id"] for document in self._retrievers[name].invoke(question)]


def milliseconds(searches: Sequence[Callable[[], object]]) -> dict[str, float]:
    """Percentiles of the time calls take, one after another."""
    times = []
    for search in searches:
        started = time.perf_counter()
        search()
        times.append(1000 * (time.perf_counter() - started))
    return {f"p{p}": round(float(np.percentile(times, p)), 1) for p in (50, 99)}


def ratios(above: dict[str, float], below: dict[str, float]) -> dict[str, float]:
    """Figure by figure."""
    return {name: round(value / below[name], 2) for name, value in above.items() if below[name]}


def described(figures: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [f"{figures['articles']} articles, {figures['passages']} passages, {figures['questions']} questions"]
    for who, stages in figures["quality"].items():
        for stage, row in stages.items():
            lines.append(f"{who:12} {stage:9} " + "  ".join(f"{name} {value:.3f}" for name, value in row.items()))
    for stage, row in figures["quality_ratio"].items():
        lines.append(f"{'fadu / peer':12} {stage:9} " + "  ".join(f"{name} {value:.2f}" for name, value in row.items()))
    for name, ratio in (("ingest", "ingest_ratio"), ("query_ms", "query_ratio")):
        own, theirs = figures[name]["fadu"], figures[name]["peer"]
        lines.append(f"{name}: fadu {own}, peer {theirs}, peer / fadu {figures[ratio]}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
