"""Reading documents in a process of its own, so that no file can take more than its share or bring fadu down.

Parsers of untrusted files crash, hang and swell. Here they do so in a worker process with limits on memory and time
and without network; whatever happens to it is one `ReadError`. The worker stays warm for the next document, is replaced
after some, and is a plain subprocess, so it can be used from threads, pools and programs without a main guard.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from ingest.errors import ReadError
from ingest.messages import Message, say
from ingest.readers import ocr, wire
from ingest.source import Source

TIME_LIMIT = 60.0
"""Seconds a document may take; recognised pages are given `ocr.PAGE_SECONDS` more each."""

START_LIMIT = 60.0
"""Seconds the worker may take to start: 0.1 on an idle machine."""

MAX_DOCUMENTS = 100
"""Documents after which a worker is replaced, so that what parsers leak stays small."""

MAX_IDLE = 4
"""Workers kept warm; threads that read at the same time have one each."""

_START = "import sys; sys.path[:] = sys.argv[1:]; from ingest.readers.worker import serve; serve()"


def read(data: bytes, name: str) -> Source:
    """Read a document in a worker process.

    Args:
        data: the whole file.
        name: path or label.

    Raises:
        ReadError: the reader refused it, failed or crashed on it, or took too much memory or time.
    """
    worker = _take()
    if worker is not None:
        with contextlib.suppress(_ReaderFailed):  # it may have suffered from earlier documents: a fresh one decides
            return _read_with(worker, data, name)
    try:
        return _read_with(_Worker(name), data, name)
    except _ReaderFailed as error:
        raise ReadError(name, error.message) from error


class _ReaderFailed(Exception):
    """The worker failed on a document and is gone."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.code)
        self.message = message


def _read_with(worker: _Worker, data: bytes, name: str) -> Source:
    """Read with a worker and keep it for the next document if it is still good."""
    try:
        kind, answer = worker.ask(data, name)
        if kind == wire.SOURCE:
            source = wire.source_from_bytes(answer)
            _give_back(worker)
            return source
        message = wire.message_from_bytes(answer)
    except TimeoutError as error:
        worker.end()
        raise ReadError(name, say("reading_took_long", seconds=round(TIME_LIMIT))) from error
    except BaseException:
        worker.end()
        raise
    if kind == wire.REFUSED:
        _give_back(worker)
        raise ReadError(name, message)
    worker.end()
    raise _ReaderFailed(message)


class _Worker:
    """A running worker process and the socket to it."""

    def __init__(self, name: str) -> None:
        self.documents = 0
        self._channel, theirs = socket.socketpair()
        environment = {key: value for key, value in os.environ.items() if not key.startswith("FADU_")}
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", _START, *sys.path],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env=environment,
                    start_new_session=True,
                )
        except OSError as error:
            self._channel.close()
            raise ReadError(name, say("reader_not_started", error=error.strerror or str(error))) from error

    def ask(self, data: bytes, name: str) -> tuple[bytes, bytearray]:
        """Send a document; the kind and content of the answer.

        Raises:
            TimeoutError: none came in time.
            ReadError: the answer is too long.
            _ReaderFailed: the process ended without an answer.
        """
        now = time.monotonic()
        deadline = now + TIME_LIMIT + (0 if self.documents else START_LIMIT)
        latest = deadline + ocr.PAGE_SECONDS * ocr.MAX_PAGES
        self.documents += 1
        try:
            self._wait_until(deadline)
            self._channel.sendall(wire.request_head(data, name))
            self._channel.sendall(data)
            while True:
                kind, length = wire.HEAD.unpack(self._receive(wire.HEAD.size, deadline))
                if length > wire.MAX_ANSWER:
                    raise ReadError(name, say("text_too_large", size=length // 1024**2))
                answer = self._receive(length, deadline)
                if kind == wire.READY:
                    deadline = time.monotonic() + TIME_LIMIT
                elif kind == wire.PAGE:
                    deadline = min(deadline + ocr.PAGE_SECONDS, latest)
                else:
                    return bytes(kind), answer
        except (ConnectionError, EOFError) as error:
            raise _ReaderFailed(say("reading_crashed", how=self.end())) from error

    def end(self) -> str:
        """End the process and whatever it started; says how it ended, if it already had."""
        self._channel.close()
        try:
            code = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            code = None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if code is not None and code < 0:
            return signal.Signals(-code).name
        return f"exit status {code}" if code is not None else "no answer"

    def forget(self) -> None:
        """Let go of a process that belongs to the parent of a fork."""
        self._channel.close()
        self._process.returncode = 0

    def _receive(self, length: int, deadline: float) -> bytearray:
        received = bytearray(length)
        view = memoryview(received)
        while view:
            self._wait_until(deadline)
            count = self._channel.recv_into(view)
            if count == 0:
                raise EOFError
            view = view[count:]
        return received

    def _wait_until(self, deadline: float) -> None:
        self._channel.settimeout(max(deadline - time.monotonic(), 0.001))


_idle: list[_Worker] = []
_lock = threading.Lock()


def _take() -> _Worker | None:
    with _lock:
        return _idle.pop() if _idle else None


def _give_back(worker: _Worker) -> None:
    with _lock:
        if worker.documents < MAX_DOCUMENTS and len(_idle) < MAX_IDLE:
            _idle.append(worker)
            return
    worker.end()


def _end_all() -> None:
    while worker := _take():
        worker.end()


def _forget_all() -> None:
    """A forked child shares the sockets of its parent's workers and must not use them."""
    global _lock
    _lock = threading.Lock()
    while worker := _take():
        worker.forget()


atexit.register(_end_all)
os.register_at_fork(after_in_child=_forget_all)
