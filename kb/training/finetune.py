"""Fine-tuning on questions and the articles that answer them; hard negatives are BM25's and the model's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kb.training.clauses import Clauses, Ids
from kb.training.contrast import Batch, ContrastiveTrainer
from kb.training.pairs import thin
from kb.training.retrieval import BM25

Answered = tuple[Ids, NDArray[np.int64]]
"""Token ids of a question and the places of the articles that answer it."""


@dataclass(frozen=True, slots=True)
class FinetuneSettings:
    """Sizes and rates of fine-tuning.

    Attributes:
        steps: steps of a run.
        questions: questions a step.
        labelled: share of them that is drawn from the labelled questions; the rest are written ones.
        hard: hard negatives a question, drawn from the `pool` best of BM25 and of the model at the start.
        random: articles a step drawn at random.
        rate: Adam's step size at the start.
        scale: factor on cosines.
    """

    steps: int = 200
    questions: int = 96
    labelled: float = 0.35
    hard: int = 10
    pool: int = 60
    random: int = 1000
    rate: float = 0.006
    scale: float = 25.0


class Finetuner:
    """Holds what every fine-tuning run over the same articles needs.

    Args:
        clauses: the articles.
        size: number of tokens in the vocabulary.
    """

    def __init__(self, clauses: Clauses, size: int) -> None:
        self._articles = [clauses.article(place) for place in range(len(clauses))]
        bounds = clauses.bounds[clauses.articles]
        self._bm25 = BM25(clauses.ids, bounds, size)
        ones = np.ones(len(clauses.ids), dtype=np.float32)
        self._counts = sparse.csr_matrix((ones, clauses.ids, bounds), shape=(len(clauses), size))

    def run(
        self,
        vectors: NDArray[np.float32],
        labelled: Sequence[Answered],
        written: Sequence[Answered],
        settings: FinetuneSettings,
        seed: int,
    ) -> NDArray[np.float32]:
        """Fine-tunes a token matrix and returns the new one.

        Args:
            vectors: `(tokens, dimension)` start values.
            labelled: questions people asked.
            written: questions written for the articles.
            settings: sizes and rates.
            seed: seed of every draw.
        """
        random = np.random.default_rng(seed)
        asked = [*labelled, *written]
        pool = self._hard_negatives(vectors, asked, settings.pool)
        groups = [np.arange(len(labelled)), np.arange(len(labelled), len(asked))]
        first = round(settings.questions * settings.labelled) if written else settings.questions
        turns = [_turns(group, random) for group in groups]
        trainer = ContrastiveTrainer(vectors, rate=settings.rate, steps=settings.steps, scale=settings.scale, seed=seed)
        for _ in range(settings.steps):
            drawn = [next(turns[0 if i < first else 1]) for i in range(settings.questions)]
            trainer.step(self._batch([asked[i] for i in drawn], [pool[i] for i in drawn], settings, random))
        return trainer.vectors

    def _batch(
        self,
        asked: Sequence[Answered],
        pools: Sequence[NDArray[np.int64]],
        settings: FinetuneSettings,
        random: np.random.Generator,
    ) -> Batch:
        partners = [int(random.choice(gold)) for _, gold in asked]
        hard = [int(article) for pool in pools for article in random.choice(pool, settings.hard)]
        others = random.integers(len(self._articles), size=settings.random).tolist()
        candidates = np.array(partners + hard + others)
        right = np.stack([np.isin(candidates, gold) for _, gold in asked])
        texts = [thin(self._articles[article], random) for article in candidates]
        return Batch([ids for ids, _ in asked], texts, right)

    def _hard_negatives(
        self, vectors: NDArray[np.float32], asked: Sequence[Answered], depth: int
    ) -> list[NDArray[np.int64]]:
        articles = self._counts @ vectors
        articles /= np.maximum(np.linalg.norm(articles, axis=1, keepdims=True), 1e-9)
        pool = []
        for ids, gold in asked:
            scores = articles @ vectors[ids].sum(axis=0)
            near = np.argpartition(-scores, depth)[:depth]
            pool.append(np.setdiff1d(np.union1d(near, self._bm25.rank(ids, depth)), gold))
        return pool


def _turns(places: NDArray[np.int64], random: np.random.Generator) -> Iterator[int]:
    """The places in random order, without end; each once before any comes again."""
    while True:
        yield from random.permutation(places).tolist()
