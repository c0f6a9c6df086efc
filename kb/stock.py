"""The static model inside sentence-transformers: its stock `StaticEmbedding`, fed with expanded n-grams."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer

if TYPE_CHECKING:
    from kb.embed import StaticEmbedder
    from kb.ngrams import NgramVocabulary


class NgramStaticEmbedding(StaticEmbedding):
    """`StaticEmbedding` that expands each text to its n-grams before the word-level tokenizer sees it."""

    def __init__(self, tokenizer: Tokenizer, vocabulary: NgramVocabulary, **settings: Any) -> None:
        super().__init__(tokenizer, **settings)
        self._vocabulary = vocabulary

    def preprocess(self, inputs: Any, prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Token ids and offsets of texts, as the stock module wants them."""
        expanded = [self._vocabulary.expand((prompt or "") + text) for text in inputs]
        features: dict[str, Any] = super().preprocess(expanded, **kwargs)
        return features


def sentence_transformer_from_static(embedder: StaticEmbedder, tokenizer: Path) -> SentenceTransformer:
    """A `SentenceTransformer` with the embedder's matrix and its word-level tokenizer file."""
    module = NgramStaticEmbedding(
        Tokenizer.from_file(str(tokenizer)), embedder.vocabulary, embedding_weights=embedder.vectors
    )
    return SentenceTransformer(modules=[module, Normalize()], device="cpu")
