"""Trains the shipped models, embedder and reranker: `python -m kb.train --data DIR --out DIR`.

Same data, seed and versions, same model.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import FaduError, MissingExtraError

try:
    import torch

    from kb.training import corpus, reranking, retrieval
    from kb.training.clauses import Clauses, Ids, clauses_from_articles, join
    from kb.training.contrast import Batch, ContrastiveTrainer
    from kb.training.cooccurrence import vectors_from_cooccurrence
    from kb.training.export import write_model
    from kb.training.finetune import Finetuner, FinetuneSettings, Lesson
    from kb.training.pairs import Pair, draw_pairs, thin
    from kb.training.split import Trained
    from kb.training.vocabulary import choose_vocabulary
except ImportError as error:
    raise MissingExtraError("training an embedder", "models") from error

from kb.embed import StaticEmbedder
from kb.ngrams import NgramVocabulary

_OPENERS = [
    "怎么办",
    "是否可以",
    "如何处理",
    "吗",
    "应当怎么",
    "有什么规定",
    "需要什么条件",
    "多少",
    "谁承担责任",
    "能不能",
    "什么情况下",
    "合法吗",
    "如何认定",
    "应该怎样",
    "哪些",
    "由谁负责",
    "有哪些要求",
    "可否",
]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the models, besides the data.

    Attributes:
        dimension: length of a vector.
        clauses: clauses read for co-occurrence.
        steps: steps of self-supervision.
        statutes, background, pairs: pairs a step from the statutes, from the background, from the pair files.
        weights: weight of statutes, background and questions in choosing the vocabulary.
        soups: fine-tuning runs whose matrices are averaged.
        folds: parts of the questions; the reranker learns each from an embedder that never saw it.
        seed: seed of everything drawn.
    """

    name: str = "fadu-static-2"
    dimension: int = 256
    clauses: int = 1_500_000
    steps: int = 400
    statutes: int = 1_000
    background: int = 500
    pairs: int = 400
    rate: float = 0.005
    scale: float = 30.0
    weights: tuple[float, float, float] = (1.0, 0.3, 15.0)
    finetune: FinetuneSettings = field(default_factory=FinetuneSettings)
    soups: int = 3
    folds: int = 3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Start:
    """What self-supervision ends with: a model that has not met the questions' articles as answers.

    Attributes:
        vocabulary: the tokens.
        clauses: the statutes as token ids.
        vectors: `(tokens, dimension)`.
    """

    vocabulary: NgramVocabulary
    clauses: Clauses
    vectors: NDArray[np.float32]


def train(data: Path, out: Path, recipe: Recipe) -> None:
    """Trains on the retrieval files of `data`, writes the folders `fadu-static` and `fadu-rerank`, prints the figures.

    Args:
        data: the data folder, or its `retrieval` folder.
        out: the folder of the models, made if absent.
        recipe: what decides the models.
    """
    folder = corpus.retrieval_folder(data)
    torch.use_deterministic_algorithms(True)
    statutes, (questions, held) = corpus.read_statutes(folder), corpus.read_questions(folder)
    written = corpus.read_written(statutes)
    start = self_supervised(folder, statutes, questions, recipe)
    finetuner = Finetuner(start.clauses, len(start.vocabulary))
    labelled, extra = (_lessons(finetuner, start, statutes, group) for group in (questions, written))
    static = out / "fadu-static"
    runs = []
    for seed in range(recipe.seed, recipe.seed + recipe.soups):
        runs.append(finetuner.run(start.vectors, labelled, extra, recipe.finetune, seed))
        _say(f"fine-tuned with seed {seed}")
    write_model(static, recipe.name, start.vocabulary, _with_unknown(np.mean(runs, axis=0, dtype=np.float32)))
    Trained.of(questions, written, statutes).write(static)
    embedder = StaticEmbedder(static)
    _report(embedder, statutes, questions, held)
    with tempfile.TemporaryDirectory() as scratch:
        index = reranking.ArticleIndex(statutes, Path(scratch) / "lexical")
        rarity = reranking.rarity_of(index, embedder)
        folds = []
        for fold in range(recipe.folds):
            asked, drafted = (_without(fold, recipe.folds, group) for group in (labelled, extra))
            vectors = finetuner.run(start.vectors, asked, drafted, recipe.finetune, recipe.seed)
            write_model(Path(scratch) / "fold", f"fold {fold}", start.vocabulary, _with_unknown(vectors))
            fresh = questions[fold :: recipe.folds]
            folds.append(list(reranking.find_examples(index, StaticEmbedder(Path(scratch) / "fold"), rarity, fresh)))
            _say(f"candidates of fold {fold + 1} of {recipe.folds} found")
    settings = reranking.RerankSettings()
    for stage, figures in reranking.cross_validated(folds, settings).items():
        _say(f"questions trained on, each by models that never saw it: {stage:8} {figures}")
    network = reranking.fit([example for fold in folds for example in fold], settings)
    reranking.write_reranker(out / "fadu-rerank" / "weights.npz", embedder, rarity, network)


def self_supervised(
    folder: Path, statutes: Sequence[corpus.Article], questions: Sequence[corpus.Question], recipe: Recipe
) -> Start:
    """The model before it learns from questions.

    Args:
        folder: the retrieval files.
        statutes: the articles that questions are answered from.
        questions: those whose wording has a say in the vocabulary.
        recipe: what decides the model.
    """
    background, pairs = corpus.read_background(folder), corpus.read_pairs(folder)
    asked = [question.text for question in questions] + [first for first, _ in pairs]
    texts = ([a.text for a in statutes], [a.text for a in background], asked)
    vocabulary = choose_vocabulary(list(zip(recipe.weights, texts, strict=True)))
    _say(f"{len(vocabulary)} tokens from {len(statutes)} and {len(background)} articles, {len(asked)} questions")
    clauses = clauses_from_articles(statutes, vocabulary)
    other = clauses_from_articles(background, vocabulary)
    vectors = vectors_from_cooccurrence(
        join(clauses, other), len(vocabulary), recipe.dimension, recipe.clauses, recipe.seed
    )
    _say("co-occurrence vectors made")
    openers = _ids_of(_OPENERS, vocabulary)
    firsts, seconds = (_ids_of([pair[side] for pair in pairs], vocabulary) for side in (0, 1))
    related = list(zip(firsts, seconds, strict=True))
    return Start(vocabulary, clauses, _self_supervise(vectors, clauses, other, related, openers, recipe))


def _lessons(
    finetuner: Finetuner, start: Start, statutes: Sequence[corpus.Article], questions: Sequence[corpus.Question]
) -> list[Lesson]:
    place = {article.id: index for index, article in enumerate(statutes)}
    gold = [np.array([place[article] for article in sorted(question.gold)]) for question in questions]
    return finetuner.lessons(start.vectors, _ids_of([q.text for q in questions], start.vocabulary), gold)


def _without(fold: int, folds: int, lessons: Sequence[Lesson]) -> list[Lesson]:
    return [lesson for i, lesson in enumerate(lessons) if i % folds != fold]


def _with_unknown(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The unknown token, row 0, as the mean of all others."""
    vectors[0] = vectors[1:].mean(axis=0)
    return vectors


def _self_supervise(
    vectors: NDArray[np.float32],
    statutes: Clauses,
    background: Clauses,
    related: Sequence[Pair],
    openers: Sequence[Ids],
    recipe: Recipe,
) -> NDArray[np.float32]:
    random = np.random.default_rng(recipe.seed)
    sources = [
        (recipe.statutes, draw_pairs(statutes, openers, random)),
        (recipe.background, draw_pairs(background, openers, random)),
        (recipe.pairs, _draw_related(related, random)),
    ]
    trainer = ContrastiveTrainer(vectors, rate=recipe.rate, steps=recipe.steps, scale=recipe.scale, seed=recipe.seed)
    for step in range(recipe.steps):
        drawn = [next(source) for number, source in sources for _ in range(number)]
        loss = trainer.step(Batch([first for first, _ in drawn], [second for _, second in drawn]))
        if step % 50 == 0:
            _say(f"self-supervision, step {step} of {recipe.steps}: loss {loss:.3f}")
    return trainer.vectors


def _draw_related(related: Sequence[Pair], random: np.random.Generator) -> Iterator[Pair]:
    long_enough = [pair for pair in related if len(pair[0]) >= 4 and len(pair[1]) >= 4]
    while True:
        first, second = long_enough[int(random.integers(len(long_enough)))]
        yield thin(first, random), thin(second, random)


def _ids_of(texts: Sequence[str], vocabulary: NgramVocabulary) -> list[Ids]:
    ids, offsets = vocabulary.find_tokens(texts)
    return [ids[offsets[row] : offsets[row + 1]] for row in range(len(texts))]


def _report(
    embedder: StaticEmbedder,
    statutes: Sequence[corpus.Article],
    questions: Sequence[corpus.Question],
    held: Sequence[corpus.Question],
) -> None:
    articles = embedder.encode([article.text for article in statutes])
    queries = embedder.encode([question.text for question in held])
    rankings = retrieval.rank_dense(queries, articles, np.array([article.id for article in statutes]))
    new = retrieval.unseen(held, questions)
    _say(f"held back                  {retrieval.measure(rankings, held)}")
    few = retrieval.measure([rankings[i] for i in new], [held[i] for i in new])
    _say(f"held back, articles unseen {few}")


def _say(message: str) -> None:
    print(f"[{time.process_time():6.0f} s] {message}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m kb.train", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("FADU_DATA"), help="data folder (default $FADU_DATA)"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write the models to")
    parser.add_argument("--steps", type=int, help="steps of self-supervision")
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("no data folder: give --data or set FADU_DATA")
    try:
        train(Path(options.data), options.out, replace(Recipe(), steps=options.steps) if options.steps else Recipe())
    except FaduError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
