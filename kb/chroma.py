"""The Chroma index: approximate, fast and resident, for a server that answers many queries.

Chroma is derived and never trusted: it holds the vectors of the current passages, is compared with the store when
it is caught up, and is thrown away and rebuilt when it was interrupted or answers wrongly. It is never allowed to
embed: the vectors are always passed in.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from ingest.errors import StoreError
from kb.stamp import Stamp, read_stamp, remove_stamp, write_stamp

if TYPE_CHECKING:
    from kb.store import Store

FOLDER = "chroma"
FORMAT = "chroma-1"
_COLLECTION = "passages"
_BATCH = 5_000
_EF_SEARCH = 256
_PROBES = 8
_STEP = 1_000
"""Vectors handed over between two looks at whether to stop."""
_LARGEST, _ALLOWANCE = 40, 100_000_000
"""Bytes a number of a vector may take on disk, and what an empty index may: 100,000 vectors of 256 take 6.5 bytes a
number; a damaged index has been seen to grow a file without end."""


class ChromaIndex:
    """A `VectorIndex` in Chroma.

    Args:
        client: a Chroma client.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._collection = client.get_or_create_collection(
            _COLLECTION,
            embedding_function=_never_embed(),
            configuration={"hnsw": {"space": "ip", "ef_search": _EF_SEARCH}},
        )

    @classmethod
    def on_disk(cls, folder: Path) -> Self:
        """The index in Chroma's own folder, which is made when missing; only one process may change it."""
        import chromadb
        from chromadb.config import Settings

        return cls(chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False)))

    @classmethod
    def on_server(cls, host: str, port: int) -> Self:
        """The index on a Chroma server, 1.5.9 or newer, which checks no keys: let nobody else reach it."""
        import chromadb
        from chromadb.config import Settings

        return cls(chromadb.HttpClient(host, port, settings=Settings(anonymized_telemetry=False)))

    def upsert(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """See `VectorIndex`."""
        for at in range(0, len(ids), _BATCH):
            batch = ids[at : at + _BATCH]
            self._collection.upsert(ids=[str(i) for i in batch], embeddings=vectors[at : at + _BATCH])

    def delete(self, ids: Sequence[int]) -> None:
        """See `VectorIndex`."""
        for at in range(0, len(ids), _BATCH):
            self._collection.delete(ids=[str(i) for i in ids[at : at + _BATCH]])

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """See `VectorIndex`; approximate."""
        if k <= 0:
            return []
        found: Any = self._collection.query(query_embeddings=vector[np.newaxis], n_results=k, include=["distances"])
        return [(int(i), 1.0 - float(d)) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def ids(self) -> set[int]:
        """See `VectorIndex`."""
        return {int(i) for i in self._collection.get(include=[])["ids"]}

    def close(self) -> None:
        """See `VectorIndex`."""
        if session := getattr(self._client._server, "_session", None):
            session.close()  # an HTTP client leaves its connections open
        self._client.close()


def chroma_generation(folder: Path) -> int | None:
    """The generation of the store Chroma has caught up with, None when it must be rebuilt; imports nothing."""
    stamp = _stamp(folder)
    return stamp.generation if stamp else None


def open_chroma(folder: Path) -> ChromaIndex | None:
    """The index last caught up, None when it must be rebuilt."""
    stamp = _stamp(folder)
    return ChromaIndex.on_disk(folder / stamp.place) if stamp else None


def catch_up_chroma(store: Store, *, rebuild: bool = False, stop: Callable[[], bool] = lambda: False) -> bool:
    """Brings Chroma in step with the store; only the holder of its lock may call it.

    A rebuilt index gets a folder of its own: a server may still hold the former one open.

    Args:
        store: the truth.
        rebuild: throw away what is there.
        stop: asked between batches; an index that was interrupted is rebuilt the next time.

    Returns:
        Whether anything had to be done.
    """
    folder = store.folder / FOLDER
    known = None if rebuild else _stamp(folder)
    generation = store.generation
    if known and known.generation == generation:
        return False
    if known is None:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    remove_stamp(folder)
    place = known.place if known else uuid4().hex
    index = ChromaIndex.on_disk(folder / place)
    try:
        expected, present = store.current_passage_ids(), index.ids()
        index.delete(sorted(present - expected))
        missing = sorted(expected - present)
        for at in range(0, len(missing), _STEP):
            if stop():
                return True
            index.upsert(*store.vectors(missing[at : at + _STEP]))
        sound = answers_truly(index, store, expected)
    finally:
        index.close()
    if not sound and known:
        return catch_up_chroma(store, rebuild=True, stop=stop)
    if not sound or size_of(folder) > _LARGEST * len(expected) * store.state.dimension + _ALLOWANCE:
        shutil.rmtree(folder, ignore_errors=True)
        raise StoreError(f"{folder}: Chroma could not be made to hold the vectors; the exact scan goes on answering")
    write_stamp(folder, Stamp(generation, FORMAT, place))
    return True


def size_of(folder: Path) -> int:
    """Bytes of disk the files below a folder take up to their ends, holes included."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def answers_truly(index: ChromaIndex, store: Store, expected: set[int] | None = None) -> bool:
    """Whether the index holds the current passages, `expected` where known, and finds some by their own vectors."""
    from chromadb.errors import ChromaError

    expected = store.current_passage_ids() if expected is None else expected
    if index.ids() != expected:
        return False
    probes = sorted(expected)[:: max(1, len(expected) // _PROBES)]
    ids, vectors = store.vectors(probes)
    try:
        return all(
            (best := index.search(vector, 1)) and best[0][1] >= float(vector @ vector) - 0.01
            for _, vector in zip(ids, vectors, strict=True)
        )
    except ChromaError:
        return False


def _stamp(folder: Path) -> Stamp | None:
    stamp = read_stamp(folder)
    return stamp if stamp and stamp.format == FORMAT else None


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
