"""The process that reads untrusted documents: limits first, then documents from a socket, one after the other."""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
import time
from typing import BinaryIO

from ingest.errors import ReadError
from ingest.messages import say
from ingest.readers import ocr, wire
from ingest.readers.formats import read_here

MEMORY_LIMIT = 1024**3
"""Bytes of memory a reader may take: the largest documents within the other limits need about 800 MB."""

MAX_WRITTEN_BYTES = 256 * 1024 * 1024
"""Size of a file that a converter started by a reader may write."""

LAST_ALARM = 90
"""Seconds after which a reader ends by itself, in case nobody is left to end it."""

_WATCH_SECONDS = 0.05


def serve() -> None:
    """Read the documents that come in on standard input, a socket, until it is closed."""
    channel = os.dup(0)
    _silence()
    _limit()
    with open(channel, "rb") as requests, open(os.dup(channel), "wb") as answers:
        ocr.before_page = lambda: _announce_page(answers)
        while (asked := wire.next_request(requests)) is not None:
            signal.alarm(LAST_ALARM)
            _send(answers, wire.READY)
            kind, content = _answer(*asked)
            del asked
            signal.alarm(0)
            _send(answers, kind, content)
            if kind == wire.FAILED:
                return


def _answer(data: bytes, name: str) -> tuple[bytes, bytes]:
    """The document, or why there is none; nothing a file does to its reader goes further than this."""
    try:
        return wire.SOURCE, wire.source_to_bytes(read_here(data, name))
    except ReadError as error:
        return wire.REFUSED, wire.message_to_bytes(error.message)
    except MemoryError:
        return wire.FAILED, wire.message_to_bytes(say("reading_took_memory", size=MEMORY_LIMIT // 1024**3))
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return wire.FAILED, wire.message_to_bytes(say("reading_failed", error=said))


def _send(answers: BinaryIO, kind: bytes, content: bytes = b"") -> None:
    try:
        answers.write(wire.message(kind, content))
        answers.flush()
    except BrokenPipeError:
        sys.exit(0)


def _announce_page(answers: BinaryIO) -> None:
    signal.alarm(LAST_ALARM)
    _send(answers, wire.PAGE)


def _silence() -> None:
    """Nothing in or out but the channel: libraries write warnings about damaged files to standard error."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)


def _limit() -> None:
    sys.addaudithook(_forbid_network)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, MAX_WRITTEN_BYTES)
    if sys.platform == "linux":
        _lower(resource.RLIMIT_DATA, MEMORY_LIMIT)
    else:
        threading.Thread(target=_watch_memory, daemon=True).start()


def _lower(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (value, value))


def _watch_memory() -> None:
    """End the process when it takes too much, where the system does not."""
    unit = 1 if sys.platform == "darwin" else 1024
    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit < MEMORY_LIMIT:
        time.sleep(_WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _forbid_network(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith("socket."):
        raise PermissionError("documents have no network")
