"""The Chroma index: approximate, fast and resident, for a server that answers many queries.

Chroma is derived and never trusted: `kb.chroma_place` compares it with the store and has it rebuilt. It is never
allowed to embed: the vectors are always passed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.errors import StoreError

_COLLECTION = "passages"
_BATCH = 5_000
_EF_SEARCH = 256
_TIMEOUT_S = 30


class ChromaIndex:
    """A `VectorIndex` in Chroma. Every method raises StoreError where Chroma fails.

    Args:
        client: a Chroma client.
        where: what errors name.
        collection: name of the collection, made when missing.
    """

    def __init__(self, client: Any, where: str, collection: str = _COLLECTION) -> None:
        self._client = client
        self._where = where
        self._name = collection
        with _failing(where):
            self._collection = client.get_or_create_collection(
                collection,
                embedding_function=_never_embed(),
                configuration={"hnsw": {"space": "ip", "ef_search": _EF_SEARCH}},
            )

    @classmethod
    def on_disk(cls, folder: Path) -> Self:
        """The index in Chroma's own folder, which is made when missing; only one process may change it."""
        import chromadb
        from chromadb.config import Settings

        with _failing(str(folder)):
            client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
        return cls(client, str(folder))

    @classmethod
    def on_server(cls, host: str, port: int, *, secure: bool = False, collection: str = _COLLECTION) -> Self:
        """A collection on a Chroma server, 1.5.9 or newer, which checks no keys: let nobody else reach it."""
        import chromadb
        from chromadb.config import Settings

        where = f"{host}:{port}"
        with _failing(where):
            client: Any = chromadb.HttpClient(host, port, secure, settings=Settings(anonymized_telemetry=False))
        client._server._session.timeout = _TIMEOUT_S  # Chroma's client would wait forever
        return cls(client, where, collection)

    def upsert(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """See `VectorIndex`."""
        for at in range(0, len(ids), _BATCH):
            batch = ids[at : at + _BATCH]
            with _failing(self._where):
                self._collection.upsert(ids=[str(i) for i in batch], embeddings=vectors[at : at + _BATCH])

    def delete(self, ids: Sequence[int]) -> None:
        """See `VectorIndex`."""
        for at in range(0, len(ids), _BATCH):
            with _failing(self._where):
                self._collection.delete(ids=[str(i) for i in ids[at : at + _BATCH]])

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """See `VectorIndex`; approximate."""
        if k <= 0:
            return []
        with _failing(self._where):
            found: Any = self._collection.query(query_embeddings=vector[np.newaxis], n_results=k, include=["distances"])
        return [(int(i), 1.0 - float(d)) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def ids(self) -> set[int]:
        """See `VectorIndex`."""
        with _failing(self._where):
            return {int(i) for i in self._collection.get(include=[])["ids"]}

    def drop(self) -> None:
        """Deletes the collection and closes the index."""
        with _failing(self._where):
            self._client.delete_collection(self._name)
        self.close()

    def close(self) -> None:
        """See `VectorIndex`."""
        if session := getattr(self._client._server, "_session", None):
            session.close()  # an HTTP client leaves its connections open
        self._client.close()


@contextmanager
def _failing(where: str) -> Iterator[None]:
    """Turns what Chroma and its client raise into one error."""
    from chromadb.errors import ChromaError
    from httpx import HTTPError

    try:
        yield
    except (ChromaError, HTTPError, ValueError, RuntimeError, OSError) as error:
        raise StoreError(f"{where}: Chroma failed ({type(error).__name__}: {error}); the exact scan answers") from error


def _never_embed() -> Any:
    from chromadb import EmbeddingFunction

    class NeverEmbed(EmbeddingFunction[Any]):
        """Stands where Chroma would put a model of its own, which it would download."""

        def __init__(self) -> None:
            pass

        def __call__(self, input: Any) -> Any:
            raise RuntimeError("fadu passes vectors in; Chroma must not embed")

        @staticmethod
        def name() -> str:
            return "fadu-never-embeds"

        def get_config(self) -> dict[str, Any]:
            return {}

        @staticmethod
        def build_from_config(config: dict[str, Any]) -> EmbeddingFunction[Any]:
            return NeverEmbed()

    return NeverEmbed()
