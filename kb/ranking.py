"""Ranks passages for a question: lexical and dense candidates, fused, the best of them put in order by the reranker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kb.features import Candidates
from kb.held import Found
from kb.rerankers import reranker_from_environment
from kb.scope import Scope

if TYPE_CHECKING:
    from kb.engine import Engine

LEXICAL_POOL = 200
DENSE_POOL = 300
"""Candidates asked of each index."""
RERANKED = 150
"""Fused candidates the reranker puts in order; those after them keep the order of the fusion. 200 raise R@100 on lay
legal questions by 0.01 and a search by a tenth of its time."""
FEWER_RERANKED = 40
"""Candidates put in order where only the first are shown: on lay legal questions MRR@10 .569 as with all, 60 give .570,
30 give .567; each ten take a millisecond of processor time."""
STATING_POOL = 50
"""Candidates asked of the lexical index among passages that state a value the question names."""
STATING = 1.0
"""Log odds such a passage is given."""
DENSE_WEIGHT = 0.8
"""Share of the dense score in the fusion of z-scores; equal weights cost 0.08 MRR on lay legal questions."""
SOFTENED = 4.0
"""Log odds by which a score falls to a fraction 1/e of the best."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passage ids with their scores after each stage; those of `fused` and `final` lie between 0 and 1.

    `stating` has those that state every value the question names.
    """

    lexical: Mapping[int, float]
    dense: Mapping[int, float]
    fused: Mapping[int, float]
    final: Mapping[int, float]
    stating: frozenset[int] = frozenset()

    def best(self, k: int) -> list[int]:
        """Ids of the `k` best, best first."""
        return sorted(self.final, key=lambda i: (-self.final[i], i))[:k]


def rank_passages(
    engine: Engine, question: str, scope: Scope | None, stating: NDArray[np.int64], reranked: int = RERANKED
) -> Ranking:
    """Ranks what answers a normalized question; the reranker is that of `kb.rerankers`.

    Args:
        engine: the store and its indexes.
        question: normalized text.
        scope: where to look.
        stating: passages within the scope that state a value the question names, ids ascending; they have an advantage.
        reranked: how many candidates the reranker puts in order.
    """
    lexical = dict(engine.lexical.search(question, LEXICAL_POOL, scope))
    known = frozenset(stating.tolist())
    if known:
        lexical |= dict(engine.lexical.search(question, STATING_POOL, Scope(stating)))
    if engine.load_embedder is None:
        fused = fuse(lexical, {})
        return Ranking(lexical, {}, fused, fused, known)
    embedder = engine.load_embedder()
    vector = embedder.encode([question])[0]
    dense = dict(engine.dense.search(vector, DENSE_POOL, scope, state=engine.state))
    fused = fuse(lexical, dense)
    reranker = reranker_from_environment(embedder.name)
    if reranker is None or not fused:
        return Ranking(lexical, dense, fused, fused, known)
    best = sorted(fused, key=lambda i: (-fused[i], i))[:reranked]
    missing = np.array(sorted(i for i in best if i not in dense), dtype=np.int64)
    cosines = dense | dict(engine.dense.search(vector, len(missing), Scope(missing), state=engine.state))
    found = engine.held.passages(best, engine.state.generation)
    if not found:
        return Ranking(lexical, dense, fused, fused, known)
    scores = reranker.scores(question, _candidates(found, lexical, dense, cosines))
    ids = np.array([one.id for one in found], dtype=np.int64)
    odds = np.array([fused[i] for i in ids.tolist()], np.float32)
    scores += reranker.trust_in_fusion * np.log(odds / (1 - odds)) + STATING * np.isin(ids, stating)
    return Ranking(lexical, dense, fused, _squeezed(ids, scores, fused), known)


def fuse(lexical: Mapping[int, float], dense: Mapping[int, float]) -> dict[int, float]:
    """Weighted sum of z-scores, squeezed to between 0 and 1; what a list lacks counts as its last.

    >>> fused = fuse({1: 9.0, 2: 3.0}, {1: 0.8, 3: 0.2})
    >>> sorted(fused, key=fused.get, reverse=True)[0], 0 < min(fused.values()) < max(fused.values()) < 1
    (1, True)
    """
    ids = np.union1d(*(np.fromiter(scores, np.int64, len(scores)) for scores in (lexical, dense)))
    total = np.zeros(len(ids))
    for scores, weight in ((lexical, 1 - DENSE_WEIGHT), (dense, DENSE_WEIGHT)):
        if not scores:
            continue
        values = np.fromiter(scores.values(), np.float64, len(scores))
        column = np.full(len(ids), values.min())
        column[np.searchsorted(ids, np.fromiter(scores, np.int64, len(scores)))] = values
        total += weight * (column - values.mean()) / (values.std() or 1.0)
    return dict(zip(ids.tolist(), (1 / (1 + np.exp(-total))).tolist(), strict=True))


def _candidates(
    found: Sequence[Found], lexical: Mapping[int, float], dense: Mapping[int, float], cosines: Mapping[int, float]
) -> Candidates:
    ids = [one.id for one in found]
    return Candidates(
        np.array(ids, dtype=np.int64),
        np.array([one.version for one in found], dtype=np.int64),
        [one.passage.context_s for one in found],
        [one.passage.text_s for one in found],
        np.array([lexical.get(i, 0.0) for i in ids], dtype=np.float32),
        np.array([cosines.get(i, 0.0) for i in ids], dtype=np.float32),
        np.array([i in dense for i in ids], dtype=np.bool_),
    )


def _squeezed(ids: NDArray[np.int64], scores: NDArray[np.float32], fused: Mapping[int, float]) -> dict[int, float]:
    """Odds against the best, softened; what was not scored comes after, in the order of its fused score."""
    odds = np.exp((scores.astype(np.float64) - float(scores.max())) / SOFTENED)
    last = float(odds.min())
    final = {i: last * score for i, score in fused.items()}
    final.update(zip(ids.tolist(), odds.tolist(), strict=True))
    return final
