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

HARD_DEPTH = 60
"""How many of each ranking are taken for hard negatives."""
_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question to learn from.

    Attributes:
        ids: its token ids.
        gold: places of the articles that answer it.
        hard: places of articles that seem to and do not.
    """

    ids: Ids
    gold: NDArray[np.int64]
    hard: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FinetuneSettings:
    """Sizes and rates of fine-tuning.

    Attributes:
        steps: steps of a run.
        questions: questions a step.
        labelled: share of them that is drawn from the labelled questions; the rest are written ones.
        hard: hard negatives drawn a question.
        random: articles a step drawn at random.
        rate: Adam's step size at the start.
        scale: factor on cosines.
    """

    steps: int = 260
    questions: int = 96
    labelled: float = 0.35
    hard: int = 10
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

    def lessons(
        self, vectors: NDArray[np.float32], questions: Sequence[Ids], gold: Sequence[NDArray[np.int64]]
    ) -> list[Lesson]:
        """Questions with hard negatives: the best of BM25 and of a model.

        Args:
            vectors: `(tokens, dimension)` of the model.
            questions: token ids.
            gold: places of the articles that answer each.
        """
        articles = self._counts @ vectors
        articles /= np.maximum(np.linalg.norm(articles, axis=1, keepdims=True), 1e-9)
        lessons = []
        for start in range(0, len(questions), _AT_ONCE):
            asked = questions[start : start + _AT_ONCE]
            scores = np.stack([vectors[ids].sum(axis=0) for ids in asked]) @ articles.T
            near = np.argpartition(-scores, HARD_DEPTH, axis=1)[:, :HARD_DEPTH]
            for ids, right, row in zip(asked, gold[start : start + _AT_ONCE], near, strict=True):
                seeming = np.union1d(row, self._bm25.rank(ids, HARD_DEPTH))
                lessons.append(Lesson(ids, right, np.setdiff1d(seeming, right)))
        return lessons

    def run(
        self,
        vectors: NDArray[np.float32],
        labelled: Sequence[Lesson],
        written: Sequence[Lesson],
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
        first = round(settings.questions * settings.labelled) if written else settings.questions
        turns = [_turns(labelled, random), _turns(written, random)]
        trainer = ContrastiveTrainer(vectors, rate=settings.rate, steps=settings.steps, scale=settings.scale, seed=seed)
        for _ in range(settings.steps):
            drawn = [next(turns[0 if i < first else 1]) for i in range(settings.questions)]
            trainer.step(self._batch(drawn, settings, random))
        return trainer.vectors

    def _batch(self, lessons: Sequence[Lesson], settings: FinetuneSettings, random: np.random.Generator) -> Batch:
        partners = [int(random.choice(lesson.gold)) for lesson in lessons]
        hard = [int(article) for lesson in lessons for article in random.choice(lesson.hard, settings.hard)]
        others = random.integers(len(self._articles), size=settings.random).tolist()
        candidates = np.array(partners + hard + others)
        right = np.stack([np.isin(candidates, lesson.gold) for lesson in lessons])
        texts = [thin(self._articles[article], random) for article in candidates]
        return Batch([lesson.ids for lesson in lessons], texts, right)


def _turns(lessons: Sequence[Lesson], random: np.random.Generator) -> Iterator[Lesson]:
    """The lessons in random order, without end; each once before any comes again."""
    while True:
        for place in random.permutation(len(lessons)):
            yield lessons[place]
