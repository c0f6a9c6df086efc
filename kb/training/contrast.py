"""Contrastive training of a token matrix: a text is the mean of its tokens' vectors, its partner must be nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from kb.training.clauses import Ids


@dataclass(frozen=True, slots=True)
class Batch:
    """Queries, candidate texts, and which candidate answers which query.

    Attributes:
        queries: token ids of each query.
        candidates: token ids of each candidate; candidate `i` is the partner of query `i`.
        right: `(queries, candidates)` bool, True where a candidate answers a query; where absent, only partners do.
    """

    queries: Sequence[Ids]
    candidates: Sequence[Ids]
    right: NDArray[np.bool_] | None = None


class ContrastiveTrainer:
    """Trains a token matrix by softmax over cosine similarities.

    Args:
        vectors: `(tokens, dimension)` start values.
        rate: Adam's step size at the start; it falls linearly to a tenth.
        steps: number of steps planned.
        scale: factor on the cosines before the softmax.
        seed: seed of torch.
    """

    def __init__(self, vectors: NDArray[np.float32], *, rate: float, steps: int, scale: float, seed: int = 0) -> None:
        torch.manual_seed(seed)
        weights = torch.from_numpy(vectors.copy())
        self._bag = torch.nn.EmbeddingBag.from_pretrained(weights, freeze=False, mode="mean", sparse=True)
        self._optimizer = torch.optim.SparseAdam(self._bag.parameters(), lr=rate, betas=(0.9, 0.99))
        self._schedule = torch.optim.lr_scheduler.LinearLR(self._optimizer, 1.0, 0.1, max(steps, 1))
        self._scale = scale

    @property
    def vectors(self) -> NDArray[np.float32]:
        """A copy of the token matrix as it stands."""
        matrix: NDArray[np.float32] = self._bag.weight.detach().numpy().copy()
        return matrix

    def step(self, batch: Batch) -> float:
        """One step; returns the loss."""
        self._optimizer.zero_grad()
        loss = self._loss(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()  # type: ignore[no-untyped-call]
        self._schedule.step()
        return float(loss.detach())

    def _loss(self, batch: Batch) -> torch.Tensor:
        queries, candidates = self._encode(batch.queries), self._encode(batch.candidates)
        scores = queries @ candidates.T * self._scale
        partners = torch.arange(len(queries))
        backward = scores[:, : len(queries)].T
        if batch.right is None:
            forward = torch.nn.functional.cross_entropy(scores, partners)
        else:
            right = torch.from_numpy(batch.right)
            likelihood = torch.log_softmax(scores, 1).masked_fill(~right, 0)
            forward = -(likelihood.sum(1) / right.sum(1)).mean()
            others = right[:, : len(queries)].T & ~torch.eye(len(queries), dtype=torch.bool)
            backward = backward.masked_fill(others, float("-inf"))
        return forward + 0.5 * torch.nn.functional.cross_entropy(backward, partners)

    def _encode(self, texts: Sequence[Ids]) -> torch.Tensor:
        lengths = np.fromiter((len(ids) for ids in texts), dtype=np.int64, count=len(texts))
        offsets = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        ids = torch.from_numpy(np.concatenate(texts).astype(np.int64))
        return torch.nn.functional.normalize(self._bag(ids, torch.from_numpy(offsets)), dim=1)
