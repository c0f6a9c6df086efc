"""What a reranker knows of a candidate: how a passage meets a question, by words, by meaning, and by its surroundings.

Every feature is a plain number of about unit size that means the same in a base of ten passages and of a million.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.embed import StaticEmbedder
from kb.recent import Recent

Floats = NDArray[np.float32]

_CLAUSES = re.compile(r"[^。；;\n]+[。；;\n]*")
_UNKNOWN_RANK = 400
_NEAR_RANK = 10.0
_LONGEST_TEXT = 600
_TEXTS, _CONTEXTS = 8_192, 4_096
"""Texts and contexts whose tokens are held; 1 to 2 kB each."""
_FOREVER = 0
_NONE = np.zeros(1, dtype=np.int64)
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages that may answer a question, row by row.

    Attributes:
        ids: passage ids; neighbours in a document have neighbouring ids.
        documents: version keys.
        contexts, texts: normalized.
        lexical: BM25 scores, 0 where the lexical index did not find the passage.
        cosines: `(n,)` cosine of question and passage.
        found_dense: whether the vector index found it.
    """

    ids: NDArray[np.int64]
    documents: NDArray[np.int64]
    contexts: Sequence[str]
    texts: Sequence[str]
    lexical: Floats
    cosines: Floats
    found_dense: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class _Text:
    """The token ids of a passage's clauses, one after another, and how many each clause has."""

    ids: NDArray[np.int32]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Context:
    """The token ids of what stands around passages, and the direction they point in: unit length, or 0 for none."""

    ids: NDArray[np.int32]
    direction: Floats


@dataclass(frozen=True, slots=True)
class _Tokens:
    """Token ids of several passages, one after another.

    Attributes:
        ids: of every clause of every passage.
        rows: the passage each token stands in.
        clauses: where each clause's tokens begin, and where the last one's end.
        firsts: which clause is a passage's first.
    """

    ids: NDArray[np.int32]
    rows: NDArray[np.int64]
    clauses: NDArray[np.int64]
    firsts: NDArray[np.int64]


class FeatureMaker:
    """Makes features from the tokens and vectors of a static model.

    Args:
        embedder: the model whose vectors gave the cosines.
        rarity: `(tokens,)` inverse document frequency of its tokens.
    """

    def __init__(self, embedder: StaticEmbedder, rarity: Floats) -> None:
        self._embedder = embedder
        self._rarity = rarity
        self._lengths = embedder.vocabulary.lengths
        self._texts = Recent[str, _Text](_TEXTS)
        self._contexts = Recent[str, _Context](_CONTEXTS)

    def features(self, question: str, found: Candidates) -> Floats:
        """`(len(found), len(NAMES))` features."""
        asked = np.unique(self._embedder.vocabulary.find_tokens([question])[0])
        columns = features_among(found)
        if len(asked):
            columns += self._matches(asked, found)
        else:
            columns += [np.zeros(len(found), np.float32)] * _MATCHES
        columns.append((np.log1p(np.fromiter(map(len, found.texts), np.float32, len(found))) / 6).astype(np.float32))
        columns.append(np.full(len(found), np.log1p(len(question)) / 4, np.float32))
        return np.stack(columns, axis=1).astype(np.float32)

    def _matches(self, asked: NDArray[np.int32], found: Candidates) -> list[Floats]:
        n = len(found)
        tokens = self._tokens(found.texts)
        around = self._contexts.get(found.contexts, _FOREVER, self._read_contexts)
        places = {context: i for i, context in enumerate(around)}
        contexts = np.fromiter((places[context] for context in found.contexts), np.int64, n)

        place = np.full(len(self._rarity), -1, np.int32)
        place[asked] = np.arange(len(asked))
        in_text = _membership(place[tokens.ids], tokens.rows, n, len(asked))
        of_context = np.repeat(np.arange(len(around)), [len(one.ids) for one in around.values()])
        context_ids = np.concatenate([one.ids for one in around.values()])
        in_context = _membership(place[context_ids], of_context, len(around), len(asked))[contexts]
        lengths, rarity = self._lengths[asked], self._rarity[asked]
        pairs = np.where(lengths == 2, rarity, 0)
        return [
            _share(in_text, np.where(lengths == 1, rarity, 0)),
            _share(in_text, pairs),
            _share(in_text, np.where(lengths > 2, rarity, 0)),
            _share(in_context, pairs),
            _share(in_text | in_context, pairs),
            *self._soft(asked, tokens),
            self._likeness(asked, np.stack([one.direction for one in around.values()]))[contexts],
        ]

    def _soft(self, asked: NDArray[np.int32], tokens: _Tokens) -> list[Floats]:
        """How near the question's tokens come to some token of a passage, and the question to its best clause."""
        n = len(tokens.firsts)
        place = np.full(len(self._rarity), -1, np.int32)
        distinct = np.flatnonzero(np.bincount(tokens.ids, minlength=len(place)))
        place[distinct] = np.arange(len(distinct))
        at = place[tokens.ids]

        known = self._embedder.vectors_of(asked)
        toward = known.sum(axis=0)
        long = asked[self._lengths[asked] > 1]
        wanted = known[self._lengths[asked] > 1]
        weights = np.linalg.norm(wanted, axis=1)
        probes = np.concatenate([wanted / weights[:, None], (toward / np.linalg.norm(toward))[None]])
        met = self._embedder.products(distinct, probes)
        sizes, direct = self._embedder.sizes[distinct], met[:, -1]
        nearness = met[:, :-1] / sizes[:, None]

        best = np.zeros((n, len(long)), np.float32)
        whole = self._lengths[tokens.ids] > 1
        owners = tokens.rows[whole]
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        if len(starts):
            best[owners[starts]] = np.maximum.reduceat(nearness[at[whole]], starts, axis=0)
        np.maximum(best, 0, out=best)

        sums, spread = (_between(values[at], tokens.clauses) for values in (direct, sizes))
        return [
            _share(best, self._rarity[long]),
            _share(best, weights),
            _share(best**3, weights),
            np.maximum.reduceat(sums / (spread + 2), tokens.firsts).astype(np.float32),
            np.maximum.reduceat(sums / np.sqrt(spread + 1), tokens.firsts).astype(np.float32),
        ]

    def _likeness(self, asked: NDArray[np.int32], directions: Floats) -> Floats:
        toward = self._embedder.vectors_of(asked).sum(axis=0)
        likeness: Floats = directions @ (toward / np.linalg.norm(toward))
        return likeness

    def _tokens(self, texts: Sequence[str]) -> _Tokens:
        known = self._texts.get(texts, _FOREVER, self._read_texts)
        found = [known[text] for text in texts]
        clauses = np.fromiter((len(one.counts) for one in found), np.int64, len(found))
        return _Tokens(
            np.concatenate([one.ids for one in found]),
            np.repeat(np.arange(len(found)), [len(one.ids) for one in found]),
            np.cumsum(np.concatenate([_NONE, *(one.counts for one in found)])),
            np.cumsum(clauses) - clauses,
        )

    def _read_texts(self, texts: list[str]) -> dict[str, _Text]:
        pieces = [[m[0] for m in _CLAUSES.finditer(text[:_LONGEST_TEXT])] or [text] for text in texts]
        ids, offsets = self._embedder.vocabulary.find_tokens([clause for of_one in pieces for clause in of_one])
        counts, read, at = np.diff(offsets), {}, 0
        for text, clauses in zip(texts, pieces, strict=True):
            end = at + len(clauses)
            read[text] = _Text(ids[offsets[at] : offsets[end]].copy(), counts[at:end].copy())
            at = end
        return read

    def _read_contexts(self, contexts: list[str]) -> dict[str, _Context]:
        ids, offsets = self._embedder.vocabulary.find_tokens(contexts)
        read = {}
        for context, start, end in zip(contexts, offsets, offsets[1:], strict=False):
            vector = self._embedder.vectors_of(ids[start:end]).sum(axis=0)
            read[context] = _Context(ids[start:end].copy(), vector / max(float(np.linalg.norm(vector)), _NOTHING))
        return read


_MATCHES = 11
NAMES = (
    "lexical",
    "lexical_of_best",
    "lexical_rank",
    "cosine",
    "cosine_below_best",
    "dense_rank",
    "found_by_both",
    "document_lexical",
    "document_cosine",
    "document_share",
    "neighbour_lexical",
    "neighbour_cosine",
    "characters",
    "pairs",
    "words",
    "context_pairs",
    "pairs_anywhere",
    "near_by_rarity",
    "near_by_weight",
    "very_near",
    "best_clause",
    "best_clause_mass",
    "context_likeness",
    "length",
    "question_length",
)


AMONG = NAMES.index("characters")
"""How many features, the first ones, say how a candidate stands among the others."""


def features_among(found: Candidates) -> list[Floats]:
    """The first `AMONG` features, each `(len(found),)`: by scores alone, without reading a text."""
    return [*_scores(found), *_surroundings(found)]


def _scores(found: Candidates) -> list[Floats]:
    lexical, cosines = found.lexical, found.cosines
    top = max(float(lexical.max(initial=0)), 1e-6)
    return [
        lexical / 30,
        lexical / top,
        _nearness_of_rank(lexical, lexical > 0),
        cosines,
        cosines - cosines.max(initial=-1),
        _nearness_of_rank(cosines, found.found_dense),
        ((lexical > 0) & found.found_dense).astype(np.float32),
    ]


def _nearness_of_rank(scores: Floats, counted: NDArray[np.bool_]) -> Floats:
    ranks = np.full(len(scores), _UNKNOWN_RANK)
    order = np.argsort(-np.where(counted, scores, -np.inf), kind="stable")
    ranks[order] = np.arange(len(scores))
    ranks[~counted] = _UNKNOWN_RANK
    return (_NEAR_RANK / (_NEAR_RANK + ranks)).astype(np.float32)


def _surroundings(found: Candidates) -> list[Floats]:
    """Best scores of other passages of the same document, and of the passages before and after."""
    _, group = np.unique(found.documents, return_inverse=True)
    likely = np.exp((found.cosines - found.cosines.max(initial=-1)) * 20)
    share = np.bincount(group, weights=likely)[group] / max(likely.sum(), 1e-6)
    lexical = found.lexical / max(float(found.lexical.max(initial=0)), 1e-6)
    lowest = float(found.cosines.min(initial=1))
    return [
        _best_other(lexical, group),
        _best_other(found.cosines, group),
        share.astype(np.float32),
        _best_beside(found, lexical, 0.0),
        _best_beside(found, found.cosines, lowest),
    ]


def _best_beside(found: Candidates, scores: Floats, otherwise: float) -> Floats:
    """For each row the better score of the passages before and after it in its document, `otherwise` for none."""
    order = np.argsort(found.ids)
    ids = found.ids[order]
    best = np.full(len(scores), -np.inf, np.float32)
    for step in (-1, 1):
        at = order[np.minimum(np.searchsorted(ids, found.ids + step), len(ids) - 1)]
        beside = (found.ids[at] == found.ids + step) & (found.documents[at] == found.documents)
        best = np.maximum(best, np.where(beside, scores[at], -np.inf))
    return np.where(np.isneginf(best), otherwise, best).astype(np.float32)


def _best_other(scores: Floats, group: NDArray[np.int64]) -> Floats:
    """For each row the best score of the other rows of its group; half its own where it is alone."""
    order = np.lexsort((-scores, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    first = order[starts]
    alone = np.bincount(group)[group] == 1
    best = scores[first][group]
    seconds = np.where(np.bincount(group) > 1, scores[order[np.minimum(starts + 1, len(order) - 1)]], 0)
    result = np.where(np.isin(np.arange(len(scores)), first), seconds[group], best)
    return np.where(alone, scores / 2, result).astype(np.float32)


def _membership(at: NDArray[np.int32], rows: NDArray[np.int64], n: int, width: int) -> NDArray[np.bool_]:
    """`(n, width)`: whether a row has the column; `at` is the column of each token, negative for none."""
    hit = at >= 0
    return (np.bincount(rows[hit] * width + at[hit], minlength=n * width) > 0).reshape(n, width)


def _between(values: Floats, offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sums of stretches of values."""
    sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    differences: NDArray[np.float64] = np.diff(sums[offsets])
    return differences


def _share(held: NDArray[np.bool_] | Floats, weights: Floats) -> Floats:
    share: Floats = (held.astype(np.float32) @ weights / max(float(weights.sum()), 1e-6)).astype(np.float32)
    return share
