"""Where a base's Chroma index lies, on disk beside it or on a server, and whether it is in step with the store.

The stamp of either lies in the base's folder. `FADU_CHROMA=http://HOST:PORT` names a server.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit
from uuid import uuid4

from ingest.errors import StoreError
from kb.chroma import ChromaIndex
from kb.stamp import Stamp, fingerprints, is_whole, read_stamp, remove_stamp, write_stamp

if TYPE_CHECKING:
    from kb.store import Store

SETTING = "FADU_CHROMA"
FOLDER = "chroma"
FORMAT = "chroma-2"
_PROBES = 8
_STEP = 1_000
"""Vectors handed over between two looks at whether to stop."""
_LARGEST, _ALLOWANCE = 40, 100_000_000
"""Bytes a number of a vector may take on disk, and what an empty index may: 100,000 vectors of 256 take 6.5 bytes a
number; a damaged index has been seen to grow a file without end."""
_WRITTEN_OUT = 1_000
"""Vectors from which Chroma writes them out of its SQLite into files of their own."""
_ROOM = 32_000_000
"""Bytes that stay free besides what is written: on a full disk Chroma waits forever."""


class ChromaPlace:
    """The Chroma index of one base.

    Args:
        folder: of the base.
        server: (host, port, whether over TLS), None for a folder beside the base.
    """

    def __init__(self, folder: Path, server: tuple[str, int, bool] | None = None) -> None:
        self._folder = folder / FOLDER
        self._server = server
        self._format = f"{FORMAT}@{server[0]}:{server[1]}" if server else FORMAT
        self._distrusted: Stamp | None = None

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The index where `FADU_CHROMA` says.

        Raises:
            StoreError: the setting is no address.
        """
        setting = os.environ.get(SETTING)
        return cls(folder, _server_from(setting) if setting else None)

    @property
    def name(self) -> str:
        """Where it lies, for people."""
        return f"{self._server[0]}:{self._server[1]}" if self._server else str(self._folder)

    @property
    def generation(self) -> int | None:
        """The generation of the store the index has caught up with, None when it must be rebuilt; imports nothing."""
        stamp = self._stamp()
        return stamp.generation if stamp else None

    def open(self, store: Store) -> ChromaIndex | None:
        """The index, examined: every file as it was written, every id there, some vectors found; None when it is not.

        Raises:
            StoreError: Chroma cannot be opened or reached.
        """
        stamp = self._stamp()
        if stamp is None or not is_whole(self._folder, stamp):
            self.distrust()
            return None
        index = self._opened(stamp.place)
        try:
            if answers_truly(index, store):
                return index
        except BaseException:
            index.close()
            raise
        index.close()
        self.distrust()
        return None

    def distrust(self) -> None:
        """Has the index rebuilt, by this process at least where nothing can be written."""
        self._distrusted = read_stamp(self._folder)
        with suppress(OSError):
            remove_stamp(self._folder)

    def catch_up(self, store: Store, *, rebuild: bool = False, stop: Callable[[], bool] = lambda: False) -> bool:
        """Brings the index in step with the store; only the holder of its lock may call it.

        A rebuilt index gets a folder or collection of its own: a server may still hold the former one open.

        Args:
            store: the truth.
            rebuild: throw away what is there.
            stop: asked between batches; an index that was interrupted is rebuilt the next time.

        Returns:
            Whether anything had to be done.

        Raises:
            StoreError: Chroma fails or has no room; it can be called again.
        """
        known = None if rebuild else self._stamp()
        generation = store.generation
        if known and known.generation == generation:
            return False
        if known and not is_whole(self._folder, known):
            known = None
        former = read_stamp(self._folder)
        if known is None and not self._server:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        expected = store.current_passage_ids()
        self._need_room(len(expected) * store.state.dimension)
        remove_stamp(self._folder)
        place = known.place if known else f"fadu-{uuid4().hex}"
        complete = self._filled(store, place, expected, stop)
        if complete is None:
            return True
        if not complete and known:
            return self.catch_up(store, rebuild=True, stop=stop)
        if not complete or size_of(self._folder) > _LARGEST * len(expected) * store.state.dimension + _ALLOWANCE:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise StoreError(f"{self.name}: Chroma could not be made to hold the vectors; the exact scan answers")
        if self._server and former and former.format == self._format and former.place != place:
            self._opened(former.place).drop()
        self._distrusted = None
        write_stamp(self._folder, Stamp(generation, self._format, place, self._fingerprints(place, len(expected))))
        return True

    def _filled(self, store: Store, place: str, expected: set[int], stop: Callable[[], bool]) -> bool | None:
        """Whether the index holds the expected vectors now; None where it was told to stop."""
        index = self._opened(place)
        try:
            present = index.ids()
            index.delete(sorted(present - expected))
            missing = sorted(expected - present)
            for at in range(0, len(missing), _STEP):
                if stop():
                    return None
                index.upsert(*store.vectors(missing[at : at + _STEP]))
            return answers_truly(index, store, expected)
        finally:
            index.close()

    def _opened(self, place: str) -> ChromaIndex:
        if self._server:
            host, port, secure = self._server
            return ChromaIndex.on_server(host, port, secure=secure, collection=place)
        return ChromaIndex.on_disk(self._folder / place)

    def _stamp(self) -> Stamp | None:
        stamp = read_stamp(self._folder)
        return stamp if stamp and stamp.format == self._format and stamp != self._distrusted else None

    def _fingerprints(self, place: str, count: int) -> dict[str, str]:
        """Of the files Chroma leaves alone until it is written to: none while its SQLite still holds every vector."""
        if self._server or count < _WRITTEN_OUT:
            return {}
        files = [f for f in (self._folder / place).rglob("*") if f.is_file() and ".sqlite3" not in f.name]
        return fingerprints(self._folder, files)

    def _need_room(self, numbers: int) -> None:
        if self._server:
            return
        needed, free = 2 * 7 * numbers + _ROOM, shutil.disk_usage(self._folder).free
        if free < needed:
            raise StoreError(
                f"{self._folder}: Chroma needs {needed // 10**6} MB of free disk and has {free // 10**6}; the exact "
                "scan answers; free disk space, then run fadu doctor --repair"
            )


def size_of(folder: Path) -> int:
    """Bytes of disk the files below a folder take up to their ends, holes included."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def answers_truly(index: ChromaIndex, store: Store, expected: set[int] | None = None) -> bool:
    """Whether the index holds the current passages, `expected` where known, and finds some by their own vectors."""
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
    except StoreError:
        return False


def _server_from(setting: str) -> tuple[str, int, bool]:
    try:
        parts = urlsplit(setting)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise StoreError(f"{SETTING}={setting!r} is no address of a Chroma server; write http://HOST:PORT")
    secure = parts.scheme == "https"
    return parts.hostname, port or (443 if secure else 8000), secure
