"""Embeddings from any service that speaks OpenAI's form of them: `POST {url}/embeddings`."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np
from numpy.typing import NDArray

from ingest.errors import StoreError

_AT_ONCE = 64
_TIMEOUT_S = 60
_TRIES = 4
_BUSY = frozenset({429, 500, 502, 503, 504})


class EndpointEmbedder:
    """An embedding model behind HTTP; texts leave this machine when the address is another one.

    Args:
        url: the address up to and without `/embeddings`, such as `http://localhost:11434/v1`.
        model: its name there; with the address it names the vectors.
        key: sent as a bearer token; None for none.

    Raises:
        StoreError: the address is no HTTP address, or the service does not answer with vectors.
    """

    def __init__(self, url: str, model: str, key: str | None = None) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise StoreError(f"{url}: not the address of an embedding service; give http://… or https://…")
        self._url = url.rstrip("/") + "/embeddings"
        self._model = model
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self.name = f"openai:{model}@{url.rstrip('/')}"
        self.dimension = 0
        self.dimension = len(self.encode(["法"])[0])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts, `(len(texts), dimension)` float32, unit length.

        Raises:
            StoreError: the service cannot be reached, refuses, or answers with something else.
        """
        parts = [self._embedded(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)]
        vectors = np.concatenate([*parts, np.empty((0, self.dimension or parts[0].shape[1]), dtype=np.float32)])
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        return vectors

    def _embedded(self, texts: Sequence[str]) -> NDArray[np.float32]:
        answer = self._asked({"model": self._model, "input": [text or " " for text in texts]})
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise self._failed(f"its answer holds no embeddings ({error!r})") from error
        if vectors.ndim != 2 or len(vectors) != len(texts) or self.dimension not in (0, vectors.shape[1]):
            raise self._failed(f"{len(texts)} texts came back as vectors of shape {vectors.shape}")
        return vectors

    def _asked(self, body: dict[str, Any]) -> Any:
        request = Request(self._url, json.dumps(body).encode("utf-8"), self._headers)
        for left in reversed(range(_TRIES)):
            try:
                with urlopen(request, timeout=_TIMEOUT_S) as response:
                    return json.load(response)
            except HTTPError as error:
                with error:
                    if error.code not in _BUSY or not left:
                        raise self._failed(f"HTTP {error.code} {error.reason}") from error
            except (URLError, OSError, ValueError) as error:
                raise self._failed(str(getattr(error, "reason", error))) from error
            time.sleep(0.5 * 2 ** (_TRIES - left - 1))
        raise AssertionError("the last try returns or raises")

    def _failed(self, why: str) -> StoreError:
        return StoreError(f"{self._url}: the embedding service failed: {why}; check its address, model and key")
