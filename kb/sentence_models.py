"""Models of others through sentence-transformers: embedders and cross-encoders, which it imports when one is made.

Nothing is downloaded: a model is a folder, or a name that this machine's cache of the model hub already holds.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import MissingExtraError, StoreError

if TYPE_CHECKING:
    from kb.features import Candidates

_WEIGHTS = ("*.safetensors", "*.bin", "*.onnx")


class SentenceTransformerEmbedder:
    """Any sentence-transformers model; safe from several threads.

    Args:
        model: its folder, or its name on the hub when it is in this machine's cache. The name of the vectors holds
            a fingerprint of a folder's weights, so that another model in the same place is not taken for it.

    Raises:
        MissingExtraError: sentence-transformers is not installed.
        StoreError: there is no such model.
    """

    def __init__(self, model: str) -> None:
        self._model = _loaded("SentenceTransformer", model, "embedding model")
        self._guard = Lock()
        self.name = f"sentence-transformers:{_identity(model)}"
        self.dimension = len(self.encode(["法"])[0])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts, `(len(texts), dimension)` float32, unit length."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._guard:  # tokenizers that pad must not be used by two threads at once
            vectors = self._model.encode(
                list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)


class CrossEncoderReranker:
    """Any cross-encoder with one output as reranker; safe from several threads.

    Args:
        model: its folder, or its name on the hub when it is in this machine's cache.

    Raises:
        MissingExtraError: sentence-transformers is not installed.
        StoreError: there is no such model, or it gives classes instead of a score.
    """

    trust_in_fusion = 0.0

    def __init__(self, model: str) -> None:
        self._model = _loaded("CrossEncoder", model, "reranker")
        self._guard = Lock()
        if self._model.num_labels != 1:
            raise StoreError(
                f"{model}: a classifier of {self._model.num_labels} classes, not a reranker; name a cross-encoder "
                "that gives one score"
            )

    def scores(self, question: str, found: Candidates) -> NDArray[np.float32]:
        """`(len(found),)`: the larger the likelier; the model's own scores, before any squeezing."""
        if not len(found):
            return np.empty(0, dtype=np.float32)
        pairs = [(question, f"{c}\n{t}") for c, t in zip(found.contexts, found.texts, strict=True)]
        unchanged = importlib.import_module("torch").nn.Identity()
        with self._guard:
            scores = self._model.predict(pairs, activation_fn=unchanged, show_progress_bar=False)
        return np.asarray(scores, dtype=np.float32)


def _loaded(kind: str, model: str, what: str) -> Any:
    try:
        library = importlib.import_module("sentence_transformers")
    except ImportError as error:
        raise MissingExtraError(f"the {what} {model}", "models") from error
    try:
        return getattr(library, kind)(model, local_files_only=True)
    except Exception as error:  # whatever a library that reads many formats raises over a folder that is none of them
        why = str(error).strip().partition("\n")[0]
        raise StoreError(
            f"{model}: no {what} could be loaded from there ({type(error).__name__}: {why}); give the folder of a "
            "sentence-transformers model; fadu downloads none"
        ) from error


def _identity(model: str) -> str:
    """The name of a model, with the first 12 hex digits of the SHA-256 of its weights where it is a folder."""
    folder = Path(model)
    if not folder.is_dir():
        return model
    digest = hashlib.sha256()
    for file in sorted(file for pattern in _WEIGHTS for file in folder.rglob(pattern)):
        with file.open("rb") as weights:
            digest.update(hashlib.file_digest(weights, "sha256").digest())
    return f"{folder.resolve().name}#{digest.hexdigest()[:12]}"
