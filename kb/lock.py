"""One writer at a time: a lock of the operating system on a file that names the holder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from ingest.errors import LockedError
from ingest.messages import say


class WriterLock:
    """Held from `take` until `release` or the death of the process, whichever comes first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> Self:
        """Takes the lock or fails at once.

        Raises:
            LockedError: another process, or another writer of this one, holds it.
        """
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(handle)
            raise LockedError(say("locked", folder=str(self._path.parent), holder=holder)) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
        self._handle = handle
        return self

    @contextmanager
    def waited_for(self) -> Iterator[Self]:
        """Holds the lock, however long another one keeps it."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield self
        finally:
            os.close(handle)

    def release(self) -> None:
        """Gives the lock back; harmless when it is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
