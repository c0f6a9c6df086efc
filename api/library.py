"""The knowledge base behind a server: one reader for all threads, a writer only while something is written."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from fastapi import Request

from api.jobs import Job, Jobs
from api.parsing import Parsers, StoppedError
from api.problems import ApiError
from ingest.errors import LockedError, QueryError

if TYPE_CHECKING:
    from kb import KnowledgeBase
    from kb.types import DocumentRow, Filters

_UNSAFE_NAME = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200b-\u200f\u202a-\u202e\ufeff\ud800-\udfff]')
_NAME_BYTES = 200
_SUFFIX_LENGTH = 10


class Library:
    """Opens the knowledge base at `path`, making it if there is none, and serializes this process's writing.

    Raises:
        StoreError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        from kb import KnowledgeBase

        self.path = path.resolve()
        self.kb = KnowledgeBase.open(self.path, create=True, resident=True)
        self._uploads = self.path / "uploads"
        self._writing = threading.Lock()
        slots = max(2, os.cpu_count() or 1)
        self.parsers = Parsers(slots)
        self.jobs = Jobs(self.path / "jobs", self.writer, self.kb.known_hash, self.parsers, slots)

    def close(self) -> None:
        """Stops what is being read and closes the reader; unfinished jobs are resumed by the next server."""
        self.stop()
        self.kb.close()

    def stop(self) -> None:
        """Ends the work in hand; requests that wait for it are answered, reading works on."""
        self.jobs.stop()

    @contextmanager
    def writer(self, patience: float = 3.0) -> Iterator[KnowledgeBase]:
        """The knowledge base opened for writing.

        Args:
            patience: seconds that another process has to finish its writing.

        Raises:
            LockedError: another process is writing.
        """
        with self._writing, self._opened(patience) as kb:
            yield kb

    def _opened(self, patience: float) -> KnowledgeBase:
        from kb import KnowledgeBase

        until = time.monotonic() + patience
        while True:
            try:
                return KnowledgeBase.open(self.path, write=True)
            except LockedError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def document(self, identity: str) -> DocumentRow:
        """A stored document.

        Raises:
            ApiError: 404, there is none of that id.
        """
        try:
            return self.kb.document(identity)
        except QueryError as error:
            raise ApiError(404, str(error)) from error

    def begin(self, files: Sequence[tuple[str, bytes]]) -> Job:
        """Accepts uploaded files; a job takes them in, which this does not wait for.

        A file of the same name as an earlier upload is a new version of that document. A ZIP archive gives a document
        for each file in it.

        Args:
            files: names as the client gave them, and contents.

        Raises:
            BusyError: too many jobs wait.
        """
        return self.jobs.begin([(safe_name(name), data) for name, data in files], self._uploads)

    def take_in(self, name: str, data: bytes) -> tuple[str, DocumentRow]:
        """Takes one file in and waits for it.

        Returns:
            The outcome (`added`, `unchanged`, `replaced`) and the document.

        Raises:
            ApiError: 422, the file cannot be read as a document.
            LockedError: another process is writing.
            BusyError: too many jobs wait.
        """
        job = self.begin([(name, data)])
        job.wait()
        return outcome_of(job)

    def remove(self, identity: str) -> None:
        """Removes a document with its history and, if it was uploaded, the file kept of it.

        Raises:
            ApiError: 404, there is none of that id; 422, it names one version.
            LockedError: another process is writing.
        """
        if "@" in identity:
            raise ApiError(422, "a document is removed with all its versions; give its id without @")
        source = Path(self.document(identity).source)
        with self.writer() as kb:
            kb.remove(identity)
            if source.parent == self._uploads:
                source.unlink(missing_ok=True)

    def filters_from_query(self, query: object) -> Filters:
        """The filters of a `FilterQuery`; other fields of it are ignored."""
        from dataclasses import fields

        from kb.types import Filters

        return Filters(**{field.name: getattr(query, field.name) for field in fields(Filters)})


def outcome_of(job: Job) -> tuple[str, DocumentRow]:
    """The outcome (`added`, `unchanged`, `replaced`) and the document of a job with one file, which has ended.

    Raises:
        ApiError: 422, the file cannot be read as a document.
        FaduError: what kept the job from going on.
    """
    if job.error is not None:
        raise job.error
    if not job.files:
        raise StoppedError
    taken = job.files[0]
    if taken.document is None:
        raise ApiError(422, taken.reason)
    return taken.outcome, taken.document


def safe_name(name: str) -> str:
    """A file name without folders, control characters or what a file system minds; never empty or hidden.

    >>> safe_name("../../etc/通知.txt"), safe_name("a\\x00b.pdf"), safe_name("..")
    ('通知.txt', 'a_b.pdf', 'document')
    """
    clean = _UNSAFE_NAME.sub("_", re.split(r"[/\\]", name)[-1]).strip(" .")
    stem, suffix = PurePath(clean).stem, PurePath(clean).suffix
    if len(suffix) > _SUFFIX_LENGTH:
        stem, suffix = clean, ""
    return stem.encode()[:_NAME_BYTES].decode(errors="ignore") + suffix or "document"


def library_of(request: Request) -> Library:
    """The library of the running application (a FastAPI dependency)."""
    library: Library = request.app.state.library
    return library
