"""How the shipped reranker is made: what the product finds for each training question, by embedders that never saw it.

The questions are parted in folds; an embedder fine-tuned on the others finds the candidates of each, so that the
reranker learns from cosines as good as they will be on questions nobody has asked yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray

from kb.embed import StaticEmbedder
from kb.features import AMONG, NAMES, Candidates, FeatureMaker, features_among
from kb.lexical import LexicalIndex
from kb.ranking import DENSE_POOL, LEXICAL_POOL, RERANKED, fuse
from kb.rerank import network_scores
from kb.simplify import simplified
from kb.training.corpus import Article, Question
from kb.training.retrieval import Figures, measure

if TYPE_CHECKING:
    from kb.store import Store

Floats = NDArray[np.float32]

SHARES = (0.3, 0.1, 0.03)
"""How much of the documents the smaller bases have that the reranker learns from besides the whole."""
_PASSAGES_KEPT, _ANSWERING_KEPT = 0.9, 0.7
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class Example:
    """What the product would give the reranker for a question.

    Attributes:
        question: the question.
        articles: `(n,)` ids of the candidates, best by fusion first; at most `RERANKED`.
        found: the candidates.
        features: `(n, features)`.
    """

    question: Question
    articles: NDArray[np.int64]
    found: Candidates
    features: Floats

    @property
    def right(self) -> NDArray[np.bool_]:
        """`(n,)`: which candidates answer the question."""
        return np.isin(self.articles, list(self.question.gold))

    def part(self, kept: NDArray[np.bool_]) -> Example:
        """The same in a base that lacks the other candidates."""
        rows = np.flatnonzero(kept).tolist()
        found = Candidates(
            self.found.ids[rows],
            self.found.documents[rows],
            [self.found.contexts[i] for i in rows],
            [self.found.texts[i] for i in rows],
            self.found.lexical[rows],
            self.found.cosines[rows],
            self.found.found_dense[rows],
        )
        features = self.features[rows]
        features[:, :AMONG] = np.stack(features_among(found), axis=1)
        return Example(self.question, self.articles[rows], found, features)


@dataclass(frozen=True, slots=True)
class RerankSettings:
    """Sizes and rates of the network: `width` hidden units, averaged over `seeds` runs of `epochs`."""

    width: int = 24
    seeds: int = 5
    epochs: int = 25
    questions: int = 16
    rate: float = 3e-3
    decay: float = 0.1
    dropout: float = 0.1


class ArticleIndex:
    """Articles indexed as the product indexes passages, in the order of their laws.

    Args:
        articles: what is searched; articles of one title are neighbours in the order of their ids.
        folder: where the lexical index is written.
    """

    generation = 1

    def __init__(self, articles: Sequence[Article], folder: Path) -> None:
        titles = {title: i + 1 for i, title in enumerate(dict.fromkeys(a.title for a in articles))}
        ordered = sorted(articles, key=lambda a: titles[a.title])
        self.articles = np.array([a.id for a in ordered])
        self.documents = np.array([titles[a.title] for a in ordered])
        self.contexts = [simplified(a.title) for a in ordered]
        self.texts = [simplified(a.body.strip()) for a in ordered]
        self.lexical = LexicalIndex(folder)
        self.lexical.catch_up(cast("Store", self))

    def changed_since(self, _generation: int) -> tuple[list[int], list[int]]:
        """Every law, as `Store.changed_since`."""
        return np.unique(self.documents).tolist(), []

    def passage_texts(self, keys: Sequence[int]) -> Iterator[tuple[int, int, str, str]]:
        """Every article, as `Store.passage_texts`."""
        wanted = set(keys)
        rows = zip(self.documents.tolist(), self.contexts, self.texts, strict=True)
        yield from ((i, law, context, text) for i, (law, context, text) in enumerate(rows) if law in wanted)

    def embedded_texts(self) -> list[str]:
        """What of each article is embedded."""
        return [f"{context}\n{text}" for context, text in zip(self.contexts, self.texts, strict=True)]


def rarity_of(index: ArticleIndex, embedder: StaticEmbedder) -> Floats:
    """`(tokens,)` logarithm of how few articles hold each token of the embedder's vocabulary."""
    size = len(embedder.vocabulary)
    ids, offsets = embedder.vocabulary.find_tokens(index.embedded_texts())
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    holding = np.bincount(np.unique(rows * size + ids) % size, minlength=size)
    rarity: Floats = np.log((len(index.texts) + 1) / (holding + 1)).astype(np.float16).astype(np.float32)
    return rarity


def find_examples(
    index: ArticleIndex, embedder: StaticEmbedder, rarity: Floats, questions: Sequence[Question]
) -> Iterator[Example]:
    """An example of each question."""
    vectors = embedder.encode(index.embedded_texts())
    maker = FeatureMaker(embedder, rarity)
    for question in questions:
        text = simplified(question.text)
        lexical = dict(index.lexical.search(text, LEXICAL_POOL))
        cosines = vectors @ embedder.encode([text])[0]
        near = np.argpartition(-cosines, DENSE_POOL)[:DENSE_POOL]
        fused = fuse(lexical, dict(zip(near.tolist(), cosines[near].tolist(), strict=True)))
        ids = np.array(sorted(fused, key=lambda i: (-fused[i], i))[:RERANKED])
        found = Candidates(
            ids,
            index.documents[ids],
            [index.contexts[i] for i in ids],
            [index.texts[i] for i in ids],
            np.array([lexical.get(i, 0.0) for i in ids.tolist()], dtype=np.float32),
            cosines[ids],
            np.isin(ids, near),
        )
        yield Example(question, index.articles[ids], found, maker.features(text, found))


def in_smaller_bases(examples: Sequence[Example], seed: int) -> list[Example]:
    """The examples as they would be in bases of fewer documents, `SHARES` of them.

    A document stays with the chance of the share, one that answers mostly; of those that stay a passage may be missing.
    """
    random = np.random.default_rng(seed)
    smaller = []
    for share in SHARES:
        for example in examples:
            documents = example.found.documents
            distinct = np.unique(documents)
            kept = np.isin(documents, distinct[random.random(len(distinct)) < share])
            kept &= random.random(len(documents)) < _PASSAGES_KEPT
            if random.random() < _ANSWERING_KEPT:
                kept |= np.isin(documents, documents[example.right])
            kept |= example.right
            if kept.sum() >= _FEWEST:
                smaller.append(example.part(kept))
    return smaller


def fit(examples: Sequence[Example], settings: RerankSettings) -> dict[str, Floats]:
    """The network of `kb.rerank.Reranker`, trained so that of each question's candidates the right ones score best.

    It learns from the examples and from the same in smaller bases.
    """
    answered = [example for example in examples if example.right.any()]
    taught = answered + in_smaller_bases(answered, settings.seeds)
    stacked = np.concatenate([example.features for example in taught])
    mean, spread = stacked.mean(axis=0), stacked.std(axis=0) + 1e-6
    features = np.zeros((len(taught), RERANKED, len(NAMES)), np.float32)
    right, there = (np.zeros((len(taught), RERANKED), np.bool_) for _ in range(2))
    for i, example in enumerate(taught):
        n = len(example.articles)
        features[i, :n] = (example.features - mean) / spread
        right[i, :n], there[i, :n] = example.right, True
    tensors = torch.from_numpy(features), torch.from_numpy(right), torch.from_numpy(there)
    runs = [_run(*tensors, settings, seed) for seed in range(settings.seeds)]
    stacks = {name: np.stack([run[name] for run in runs]) for name in runs[0]}
    return {"mean": mean, "spread": spread, **stacks}


def _run(
    features: torch.Tensor, right: torch.Tensor, there: torch.Tensor, settings: RerankSettings, seed: int
) -> dict[str, Floats]:
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    size = len(NAMES)
    weights = {
        "inner": torch.randn(size, settings.width) / size**0.5,
        "bias": torch.zeros(settings.width),
        "outer": torch.randn(settings.width) * 0.1,
        "direct": torch.zeros(size),
    }
    for weight in weights.values():
        weight.requires_grad_()
    optimizer = torch.optim.AdamW(weights.values(), lr=settings.rate, weight_decay=settings.decay)
    steps = settings.epochs * -(-len(right) // settings.questions)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2 * settings.rate, total_steps=steps)
    for _ in range(settings.epochs):
        order = random.permutation(len(right))
        for start in range(0, len(order), settings.questions):
            batch = torch.from_numpy(order[start : start + settings.questions])
            optimizer.zero_grad()
            loss = _loss(features[batch], right[batch], there[batch], weights, settings.dropout)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return {name: weight.detach().numpy() for name, weight in weights.items()}


def _loss(
    features: torch.Tensor,
    right: torch.Tensor,
    there: torch.Tensor,
    weights: dict[str, torch.Tensor],
    dropout: float,
) -> torch.Tensor:
    hidden = torch.relu(features @ weights["inner"] + weights["bias"])
    hidden = torch.nn.functional.dropout(hidden, dropout)
    scores = hidden @ weights["outer"] + features @ weights["direct"]
    likelihood = torch.log_softmax(scores.masked_fill(~there, float("-inf")), 1)
    return -(likelihood.masked_fill(~right, 0).sum(1) / right.sum(1)).mean()


def cross_validated(folds: Sequence[Sequence[Example]], settings: RerankSettings) -> dict[str, Figures]:
    """Figures of the fusion and of a reranker that learned from the other folds, over the questions of all folds."""
    rankings: dict[str, list[NDArray[np.int64]]] = {"fused": [], "reranked": []}
    for fold, examples in enumerate(folds):
        others = [example for i, other in enumerate(folds) if i != fold for example in other]
        network = fit(others, settings)
        for example in examples:
            order = np.argsort(-network_scores(network, example.features), kind="stable")
            rankings["fused"].append(example.articles)
            rankings["reranked"].append(example.articles[order])
    asked = [example.question for examples in folds for example in examples]
    return {stage: measure(found, asked) for stage, found in rankings.items()}


def write_reranker(path: Path, embedder: StaticEmbedder, rarity: Floats, network: dict[str, Floats]) -> None:
    """Writes the file that `kb.rerank.Reranker` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        embedder=np.array(embedder.name),
        features=np.array(NAMES),
        rarity=rarity.astype(np.float16),
        **network,  # type: ignore[arg-type]
    )
