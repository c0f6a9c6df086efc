"""Retrieval figures over the statutes in $FADU_DATA on held-back questions: BM25, the shipped embedder, other models.

    FADU_DATA=DIR python benchmarks/retrieval.py [--model FOLDER | --sentence-transformers NAME]

The questions are those `kb.train` holds back, the same by a fixed seed; examination questions were never trained on.
BM25 reads the n-grams of the shipped vocabulary.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.embed import SHIPPED_MODEL, Embedder, SentenceTransformerEmbedder, StaticEmbedder
from kb.ngrams import NgramVocabulary
from kb.training import corpus
from kb.training.retrieval import BM25, measure, rank_dense, unseen

Rankings = list[NDArray[np.int64]]


def main() -> int:
    """Prints the figures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=SHIPPED_MODEL, help="folder of a static model")
    parser.add_argument("--sentence-transformers", metavar="NAME", help="a sentence-transformers model instead")
    options = parser.parse_args()
    if not os.environ.get("FADU_DATA"):
        print("benchmarks/retrieval.py: FADU_DATA is not set; set it to the data folder", file=sys.stderr)
        return 2
    folder = corpus.retrieval_folder(Path(os.environ["FADU_DATA"]))
    statutes = corpus.read_statutes(folder)
    trained, held = corpus.read_questions(folder)
    exam = corpus.read_exam_questions(folder)
    named = options.sentence_transformers
    embedder: Embedder = SentenceTransformerEmbedder(named) if named else StaticEmbedder(options.model)
    texts, ids = [article.text for article in statutes], np.array([article.id for article in statutes])
    asked = [question.text for question in (*held, *exam)]
    print(f"{len(statutes)} articles, {len(held)} questions held back, {len(exam)} examination questions")
    for name, rankings in (
        ("BM25", _rank_lexical(texts, asked, ids)),
        (embedder.name, _rank_with(embedder, texts, asked, ids)),
    ):
        _print(name, rankings, held, exam, unseen(held, trained))
    return 0


def _rank_lexical(texts: Sequence[str], asked: Sequence[str], ids: NDArray[np.int64]) -> Rankings:
    vocabulary: NgramVocabulary = StaticEmbedder().vocabulary
    bm25 = BM25(*vocabulary.find_tokens(texts), len(vocabulary))
    tokens, offsets = vocabulary.find_tokens(asked)
    return [ids[bm25.rank(tokens[offsets[row] : offsets[row + 1]])] for row in range(len(asked))]


def _rank_with(embedder: Embedder, texts: Sequence[str], asked: Sequence[str], ids: NDArray[np.int64]) -> Rankings:
    start = time.process_time()
    articles = embedder.encode(texts)
    print(f"{embedder.name}: {len(texts) / (time.process_time() - start):,.0f} articles a CPU second")
    return rank_dense(embedder.encode(asked), articles, ids)


def _print(
    name: str,
    rankings: Rankings,
    held: Sequence[corpus.Question],
    exam: Sequence[corpus.Question],
    new: Sequence[int],
) -> None:
    print(name)
    print(f"  held back              {measure(rankings[: len(held)], held)}")
    print(f"  … with unseen articles {measure([rankings[i] for i in new], [held[i] for i in new])}")
    print(f"  examination            {measure(rankings[len(held) :], exam)}")


if __name__ == "__main__":
    sys.exit(main())
