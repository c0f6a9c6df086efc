"""Turns texts into unit vectors: the shipped static model, through numpy alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.errors import MissingExtraError, StoreError
from kb.ngrams import NgramVocabulary

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SHIPPED_MODEL = Path(__file__).parent / "models" / "fadu-static"
_TOKENS_AT_ONCE = 16_384
_TEXTS_AT_ONCE = 512


class Embedder(Protocol):
    """Whatever turns texts into vectors whose dot product is their likeness.

    Attributes:
        name: identifies the model and its version; vectors of different names must not be compared.
        dimension: length of a vector.
    """

    name: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts, `(len(texts), dimension)` float32, unit length."""
        ...


class StaticEmbedder:
    """A static model: a text's vector is the mean of the vectors of its character n-grams, at unit length.

    Traditional and simplified, full and half width, capital and small letters are read alike.

    Args:
        path: folder with `config.json`, `tokenizer.json`, `weights.npy` and `scales.npy`.

    Raises:
        StoreError: the folder holds no such model.
    """

    def __init__(self, path: Path = SHIPPED_MODEL) -> None:
        try:
            config = json.loads((path / "config.json").read_text(encoding="utf-8"))
            vocabulary = json.loads((path / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
            self._rows: NDArray[np.int8] = np.load(path / "weights.npy", allow_pickle=False)
            self._scales: NDArray[np.float32] = np.load(path / "scales.npy", allow_pickle=False)
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(
                f"{path}: no static embedding model can be read there ({error}); reinstall fadu or name another folder"
            ) from error
        self.name: str = config["name"]
        self.dimension: int = self._rows.shape[1]
        self.vocabulary = NgramVocabulary(sorted(vocabulary, key=vocabulary.__getitem__), *config["fold"])

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The token matrix, `(tokens, dimension)` float32, computed anew."""
        matrix: NDArray[np.float32] = self._rows.astype(np.float32) * self._scales[:, None]
        return matrix

    def vectors_of(self, tokens: NDArray[np.integer]) -> NDArray[np.float32]:
        """Vectors of some tokens, `(len(tokens), dimension)` float32, as long as they weigh in a text."""
        rows: NDArray[np.float32] = self._rows.take(tokens, axis=0).astype(np.float32)
        rows *= self._scales[tokens, None]
        return rows

    @cached_property
    def sizes(self) -> NDArray[np.float32]:
        """Lengths of all token vectors, `(tokens,)` float32."""
        squares = [
            np.square(self._rows[start : start + _TOKENS_AT_ONCE], dtype=np.float32).sum(axis=1)
            for start in range(0, len(self._rows), _TOKENS_AT_ONCE)
        ]
        lengths: NDArray[np.float32] = np.sqrt(np.concatenate(squares)) * self._scales
        return lengths

    def products(self, tokens: NDArray[np.integer], others: NDArray[np.float32]) -> NDArray[np.float32]:
        """Inner products of some tokens' vectors with other vectors, `(n, dimension)`; `(len(tokens), n)` float32."""
        rows = self._rows.take(tokens, axis=0).astype(np.float32)
        products: NDArray[np.float32] = (rows @ others.T) * self._scales[tokens, None]
        return products

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts, `(len(texts), dimension)` float32, unit length; a text without a known character too."""
        result = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            part = texts[start : start + _TEXTS_AT_ONCE]
            self._encode_into(result[start : start + len(part)], part)
        return result

    def _encode_into(self, result: NDArray[np.float32], texts: Sequence[str]) -> None:
        ids, offsets = self.vocabulary.find_tokens(texts)
        for row in range(len(texts)):
            result[row] = self._sum(ids[offsets[row] : offsets[row + 1]])
        result /= np.linalg.norm(result, axis=1, keepdims=True)

    def _sum(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        total = np.zeros(self.dimension, dtype=np.float32)
        for start in range(0, len(ids), _TOKENS_AT_ONCE):
            part = ids[start : start + _TOKENS_AT_ONCE]
            total += self._scales.take(part) @ self._rows.take(part, axis=0).astype(np.float32)
        return total if len(ids) else self._rows[0] * self._scales[0]


@cache
def default_embedder() -> Embedder:
    """The shipped static model, loaded once a process."""
    return StaticEmbedder()


def sentence_transformer(path: Path = SHIPPED_MODEL) -> SentenceTransformer:
    """The static model of a folder as a `SentenceTransformer`, for whatever builds on that library.

    Raises:
        MissingExtraError: sentence-transformers is not installed.
        StoreError: the folder holds no static model.
    """
    try:
        from kb.stock import sentence_transformer_from_static
    except ImportError as error:
        raise MissingExtraError("a SentenceTransformer of the static model", "models") from error
    return sentence_transformer_from_static(StaticEmbedder(path), path / "tokenizer.json")
