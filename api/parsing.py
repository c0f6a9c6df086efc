"""Parsing in processes of its own, so that the server's thread of requests never waits for a document.

Each slot is one process. A document that takes too long or kills its process costs that process and nothing else.
"""

from __future__ import annotations

import multiprocessing
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from ingest.errors import FaduError, ReadError
from ingest.messages import say

TIME_LIMIT = 120.0
"""Seconds one document may take; a parser of its own (PDF, Office) is stopped after 60 by the sandbox before."""
_DOCUMENTS_PER_PROCESS = 200
T = TypeVar("T")


class BusyError(FaduError):
    """More work waits than the server takes on; try again later."""

    def __init__(self, waiting: int) -> None:
        super().__init__(say("busy", waiting=waiting))
        self.limit = waiting


class StoppedError(FaduError):
    """The server stops; the work was not done."""

    def __init__(self) -> None:
        super().__init__(say("stopping"))


class Parsers:
    """A fixed number of processes that read documents; safe to use from several threads.

    Args:
        slots: processes at the same time; each starts with its first document.
        waiting: callers of `run_now` that may wait or be served at the same time.
        seconds: what one document may take.
    """

    def __init__(self, slots: int, *, waiting: int = 8, seconds: float = TIME_LIMIT) -> None:
        self._free: queue.LifoQueue[ProcessPoolExecutor | None] = queue.LifoQueue()
        for _ in range(slots):
            self._free.put(None)
        self._room = threading.BoundedSemaphore(waiting)
        self._waiting = waiting
        self._seconds = seconds
        self._running: set[ProcessPoolExecutor] = set()
        self._guard = threading.Lock()
        self._stopped = False

    def run_now(self, function: Callable[..., T], *args: Any, name: str) -> T:
        """As `run`, for a request somebody waits for.

        Raises:
            BusyError: too many wait already.
        """
        if not self._room.acquire(blocking=False):
            raise BusyError(self._waiting)
        try:
            return self.run(function, *args, name=name)
        finally:
            self._room.release()

    def run(self, function: Callable[..., T], *args: Any, name: str) -> T:
        """`function(*args)` in a process, waiting for a free one.

        Args:
            function: importable, with arguments and a result that can be pickled.
            name: the document, for messages.

        Raises:
            ReadError: it took too long or ended its process.
            StoppedError: the server stops.
        """
        slot = self._free.get()
        try:
            slot = self._started(slot)
            return slot.submit(function, *args).result(self._seconds)
        except TimeoutError as error:
            self._end(slot)
            slot = None
            raise ReadError(name, say("reading_took_long", seconds=round(self._seconds))) from error
        except (BrokenProcessPool, RuntimeError) as error:
            self._end(slot)
            slot = None
            if self._stopped:
                raise StoppedError from error
            if isinstance(error, BrokenProcessPool):
                raise ReadError(name, say("reading_ended")) from error
            raise
        finally:
            self._free.put(slot)

    def stop(self) -> None:
        """Ends every process at once; what runs fails with `StoppedError`, and so does what comes after."""
        with self._guard:
            self._stopped = True
            running = list(self._running)
        for slot in running:
            self._end(slot)

    def _started(self, slot: ProcessPoolExecutor | None) -> ProcessPoolExecutor:
        with self._guard:
            if self._stopped:
                raise StoppedError
            if slot is None:
                context = multiprocessing.get_context("spawn")
                slot = ProcessPoolExecutor(1, context, max_tasks_per_child=_DOCUMENTS_PER_PROCESS)
                self._running.add(slot)
            return slot

    def _end(self, slot: ProcessPoolExecutor | None) -> None:
        if slot is None:
            return
        with self._guard:
            self._running.discard(slot)
        # The pool has no way to end a process that is at work; `_processes` is what its own documentation of
        # `terminate_workers` (Python 3.14) names.
        for process in list((slot._processes or {}).values()):
            process.kill()
        slot.shutdown(wait=False, cancel_futures=True)
