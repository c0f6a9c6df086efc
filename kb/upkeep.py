"""Keeps the derived indexes in step with the store: at once where that is quick, in the background where it is not.

Each index has a lock of its own, so that a long rebuild of Chroma keeps nobody from writing documents.
"""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING

from ingest.errors import LockedError, StoreError
from kb.chroma_place import ChromaPlace
from kb.lexical import LexicalIndex
from kb.lock import WriterLock
from kb.store import LOCK

if TYPE_CHECKING:
    from kb.store import Store

LEXICAL_LOCK = "lexical.lock"
CHROMA_LOCK = "chroma.lock"
_PAUSE_S = 30.0
"""Until what failed in the background is tried again."""
_FEW = 100
"""Changed documents the lexical index takes in within a second or so."""


class Upkeep:
    """Brings the indexes of one open base in step.

    Args:
        store: the truth.
        lexical: its lexical index.
        place: its Chroma index.
        chroma: whether this process uses Chroma, and so keeps it in step.

    Attributes:
        failure: why an index could not be brought in step the last time, empty if it could.
    """

    def __init__(self, store: Store, lexical: LexicalIndex, place: ChromaPlace, *, chroma: bool) -> None:
        self._store = store
        self._lexical = lexical
        self._place = place
        self._chroma = chroma
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._guard = threading.Lock()
        self._pause_until = 0.0
        self.failure = ""

    def behind(self, generation: int) -> bool:
        """Whether an index this process uses lacks something the store has at a generation."""
        if self._lexical.generation != generation:
            return True
        return self._chroma and self._place.generation != generation

    def quick(self) -> bool:
        """Whether the lexical index lacks so little that nobody minds waiting for it."""
        known = self._lexical.generation
        return known is not None and self._store.generation - known <= _FEW

    def catch_up(self, *, chroma: bool) -> None:
        """Brings the lexical index in step, waiting for whoever does so already, and Chroma if nobody else does.

        Nothing that is stored hangs on it: what fails is kept in `failure`, and results say that they are degraded.
        """
        self.failure = ""
        try:
            with WriterLock(self._store.folder / LEXICAL_LOCK).waited_for():
                self._lexical.catch_up(self._store)
            if chroma:
                self._catch_up_chroma()
        except (StoreError, OSError) as error:
            self.failure = str(error)
            self._pause_until = time.monotonic() + _PAUSE_S

    def start(self) -> None:
        """Catches up in the background, unless that is being done, failed just now, or another process is writing."""
        with self._guard:
            running = self._thread is not None and self._thread.is_alive()
            if running or self._stop.is_set() or time.monotonic() < self._pause_until or self._is_written():
                return
            work = partial(self.catch_up, chroma=self._chroma)
            self._thread = threading.Thread(target=work, name="fadu-upkeep", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Returns when what was started is done."""
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        """Interrupts what was started; what was not finished is done by the next process."""
        self._stop.set()
        self.wait()

    def _catch_up_chroma(self) -> None:
        lock = WriterLock(self._store.folder / CHROMA_LOCK)
        while self._place.generation != self._store.generation and not self._stop.is_set():
            try:
                lock.take()
            except LockedError:
                return  # its holder looks again after letting go
            try:
                self._place.catch_up(self._store, stop=self._stop.is_set)
            finally:
                lock.release()

    def _is_written(self) -> bool:
        if self._store.writable:
            return False
        lock = WriterLock(self._store.folder / LOCK)
        try:
            lock.take()
        except LockedError:
            return True
        except OSError:
            return False  # nobody can write where no lock can be made
        lock.release()
        return False
