"""Figures of a retriever over the statutes: BM25 as the yardstick, and ranking measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kb.training.corpus import Question


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over questions: reciprocal rank and nDCG of the first ten, recall of the first ten and hundred."""

    questions: int
    mrr10: float
    ndcg10: float
    recall10: float
    recall100: float

    def __str__(self) -> str:
        return (
            f"n={self.questions:4d}  MRR@10 {self.mrr10:.3f}  nDCG@10 {self.ndcg10:.3f}  "
            f"R@10 {self.recall10:.3f}  R@100 {self.recall100:.3f}"
        )


def measure(rankings: Sequence[NDArray[np.int64]], questions: Sequence[Question]) -> Figures:
    """Measures rankings, each the ids of articles, best first; the first hundred count."""
    rows = []
    for ranking, question in zip(rankings, questions, strict=True):
        hits = np.isin(ranking[:100], list(question.gold))
        first = np.flatnonzero(hits[:10])
        discounts = 1 / np.log2(np.arange(2, 12))
        ideal = discounts[: len(question.gold)].sum()
        rows.append(
            (
                1 / (first[0] + 1) if len(first) else 0.0,
                discounts[: len(hits)][hits[:10]].sum() / ideal,
                hits[:10].sum() / len(question.gold),
                hits.sum() / len(question.gold),
            )
        )
    means = np.mean(rows, axis=0)
    return Figures(len(rows), *(float(mean) for mean in means))


def unseen(questions: Sequence[Question], trained: Sequence[Question]) -> list[int]:
    """Places of the questions none of whose articles answers a question trained on."""
    seen = {article for question in trained for article in question.gold}
    return [place for place, question in enumerate(questions) if not question.gold & seen]


def rank_dense(
    queries: NDArray[np.float32], articles: NDArray[np.float32], ids: NDArray[np.int64], depth: int = 100
) -> list[NDArray[np.int64]]:
    """The `depth` articles nearest to each query, both given as unit vectors, as ids, best first."""
    rankings = []
    for start in range(0, len(queries), 64):
        for row in queries[start : start + 64] @ articles.T:
            best = np.argpartition(-row, depth)[:depth]
            rankings.append(ids[best[np.argsort(-row[best], kind="stable")]])
    return rankings


class BM25:
    """BM25 over token ids.

    Args:
        ids: token ids of all documents, one after another.
        offsets: `(documents + 1,)` bounds of each document's ids.
        size: number of tokens in the vocabulary.
    """

    def __init__(
        self, ids: NDArray[np.int32], offsets: NDArray[np.int64], size: int, k1: float = 1.2, b: float = 0.75
    ) -> None:
        documents = len(offsets) - 1
        ones = np.ones(len(ids), dtype=np.float32)
        counts = sparse.csr_matrix((ones, ids, offsets), shape=(documents, size), copy=True)
        counts.sum_duplicates()
        frequency = np.bincount(counts.indices, minlength=size)
        lengths = np.diff(offsets)
        rows = np.repeat(np.arange(documents), np.diff(counts.indptr))
        damping = k1 * (1 - b + b * lengths / lengths.mean())
        inverse = np.log1p((documents - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        counts.data = inverse[counts.indices] * counts.data * (k1 + 1) / (counts.data + damping[rows])
        self._weights = counts.astype(np.float32).T.tocsr()

    def rank(self, ids: NDArray[np.int32], depth: int = 100) -> NDArray[np.int64]:
        """Places of the `depth` best documents for a query's token ids."""
        query = np.bincount(ids, minlength=self._weights.shape[0]).astype(np.float32)
        scores = sparse.csr_matrix(query) @ self._weights
        row = np.asarray(scores.todense()).ravel()
        best = np.argpartition(-row, depth)[:depth]
        ranked: NDArray[np.int64] = best[np.argsort(-row[best], kind="stable")]
        return ranked
