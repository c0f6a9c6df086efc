"""Fine-tuning on labelled questions, with hard negatives from BM25 and from the model itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kb.training.clauses import Clauses, Ids
from kb.training.contrast import Batch, ContrastiveTrainer
from kb.training.pairs import Pair, thin
from kb.training.retrieval import BM25


@dataclass(frozen=True, slots=True)
class FinetuneSettings:
    """Sizes and rates of fine-tuning.

    Attributes:
        epochs: passes over the questions.
        questions: questions a step.
        hard: hard negatives a question, drawn from the `pool` best of BM25 and of the model at the start.
        random: articles a step drawn at random.
        pairs: self-supervised pairs a step, so that what they taught is kept.
        rate: Adam's step size at the start.
        scale: factor on cosines.
    """

    epochs: int = 5
    questions: int = 96
    hard: int = 5
    pool: int = 60
    random: int = 600
    pairs: int = 192
    rate: float = 0.006
    scale: float = 25.0


class Finetuner:
    """Holds what every fine-tuning run over the same questions needs.

    Args:
        clauses: the articles.
        questions: token ids of each question.
        gold: places of the articles that answer each question.
        size: number of tokens in the vocabulary.
    """

    def __init__(
        self, clauses: Clauses, questions: Sequence[Ids], gold: Sequence[NDArray[np.int64]], size: int
    ) -> None:
        self._articles = [clauses.article(place) for place in range(len(clauses))]
        self._questions = questions
        self._gold = gold
        self._size = size
        bounds = clauses.bounds[clauses.articles]
        bm25 = BM25(clauses.ids, bounds, size)
        self._lexical = [bm25.rank(ids) for ids in questions]
        ones = np.ones(len(clauses.ids), dtype=np.float32)
        self._counts = sparse.csr_matrix((ones, clauses.ids, bounds), shape=(len(clauses), size))

    def run(
        self, vectors: NDArray[np.float32], pairs: Iterator[Pair], settings: FinetuneSettings, seed: int
    ) -> NDArray[np.float32]:
        """Fine-tunes a token matrix and returns the new one.

        Args:
            vectors: `(tokens, dimension)` start values.
            pairs: self-supervised pairs to mix in.
            settings: sizes and rates.
            seed: seed of every draw.
        """
        random = np.random.default_rng(seed)
        pool = self._hard_negatives(vectors, settings.pool)
        steps = settings.epochs * -(-len(self._questions) // settings.questions)
        trainer = ContrastiveTrainer(vectors, rate=settings.rate, steps=steps, scale=settings.scale, seed=seed)
        for _ in range(settings.epochs):
            order = random.permutation(len(self._questions))
            for start in range(0, len(order), settings.questions):
                asked = order[start : start + settings.questions]
                drawn = [next(pairs) for _ in range(settings.pairs)]
                support = Batch([query for query, _ in drawn], [text for _, text in drawn])
                trainer.step(self._batch(asked, pool, settings, random), support)
        return trainer.vectors

    def _batch(
        self,
        asked: NDArray[np.int64],
        pool: Sequence[NDArray[np.int64]],
        settings: FinetuneSettings,
        random: np.random.Generator,
    ) -> Batch:
        partners = [int(random.choice(self._gold[place])) for place in asked]
        hard = [int(article) for place in asked for article in random.choice(pool[place], settings.hard)]
        others = random.integers(len(self._articles), size=settings.random).tolist()
        candidates = np.array(partners + hard + others)
        barred = np.stack([np.isin(candidates, self._gold[place]) for place in asked])
        np.fill_diagonal(barred, val=False)
        texts = [thin(self._articles[article], random) for article in candidates]
        return Batch([self._questions[place] for place in asked], texts, barred)

    def _hard_negatives(self, vectors: NDArray[np.float32], depth: int) -> list[NDArray[np.int64]]:
        articles = self._counts @ vectors
        articles /= np.maximum(np.linalg.norm(articles, axis=1, keepdims=True), 1e-9)
        pool = []
        for ids, lexical, gold in zip(self._questions, self._lexical, self._gold, strict=True):
            scores = articles @ vectors[ids].sum(axis=0)
            near = np.argpartition(-scores, depth)[:depth]
            pool.append(np.setdiff1d(np.union1d(near, lexical[:depth]), gold))
        return pool
