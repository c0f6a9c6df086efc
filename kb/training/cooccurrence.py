"""First vectors: which tokens share clauses (positive pointwise mutual information, reduced by SVD)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from kb.training.clauses import Clauses

_SMOOTHING = 0.75
_FEWEST = 4
_MOST_TOKENS = 90


def vectors_from_cooccurrence(
    clauses: Clauses, size: int, dimension: int, limit: int, seed: int
) -> NDArray[np.float32]:
    """Token vectors of direction by co-occurrence and of length by inverse document frequency.

    Args:
        clauses: the corpus.
        size: number of tokens in the vocabulary.
        dimension: length of a vector.
        limit: at most so many clauses are read, drawn by `seed`.
        seed: seed of the draw and of the SVD.

    Returns:
        `(size, dimension)` float32; tokens never seen get small random vectors.
    """
    random = np.random.default_rng(seed)
    incidence = _incidence(clauses, size, limit, random)
    frequency = np.asarray(incidence.sum(axis=0)).ravel()
    information = _positive_information(incidence)
    left, values, _ = randomized_svd(information, dimension, n_oversamples=8, n_iter=2, random_state=seed)
    vectors = (left * np.sqrt(values)).astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    absent = norms[:, 0] < 1e-6
    vectors[absent] = random.standard_normal((int(absent.sum()), dimension))
    norms[absent] = np.linalg.norm(vectors[absent], axis=1, keepdims=True)
    weights = np.log((incidence.shape[0] + 1) / (frequency + 1)) / np.log(incidence.shape[0])
    weights[absent] = 0.1
    weighted: NDArray[np.float32] = (vectors / norms * weights[:, None]).astype(np.float32)
    return weighted


def _incidence(clauses: Clauses, size: int, limit: int, random: np.random.Generator) -> sparse.csr_matrix:
    number = len(clauses.bounds) - 1
    drawn = np.sort(random.choice(number, min(limit, number), replace=False))
    lengths = np.minimum(clauses.bounds[drawn + 1] - clauses.bounds[drawn], _MOST_TOKENS)
    pointers = np.concatenate(([0], np.cumsum(lengths)))
    places = np.arange(pointers[-1]) - np.repeat(pointers[:-1] - clauses.bounds[drawn], lengths)
    values = np.ones(len(places), dtype=np.float32)
    matrix = sparse.csr_matrix((values, clauses.ids[places], pointers), shape=(len(drawn), size))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def _positive_information(incidence: sparse.csr_matrix) -> sparse.csr_matrix:
    size = incidence.shape[1]
    blocks = []
    transposed = incidence.T.tocsr()
    for start in range(0, size, 3000):
        block = (transposed[start : start + 3000] @ incidence).tocsr()
        block.data[block.data < _FEWEST] = 0
        block.eliminate_zeros()
        blocks.append(block)
    together = sparse.vstack(blocks).tocsr()
    together.setdiag(0)
    together.eliminate_zeros()
    totals = np.asarray(together.sum(axis=1)).ravel()
    smoothed = totals**_SMOOTHING
    rows = np.repeat(np.arange(size), np.diff(together.indptr))
    expected = totals[rows] * smoothed[together.indices] / smoothed.sum()
    together.data = np.maximum(np.log(together.data / expected), 0).astype(np.float32)
    together.eliminate_zeros()
    return together
