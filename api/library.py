"""The knowledge base behind a server: one reader for all threads, a writer only while something is written."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypeVar

from fastapi import Request

from api.access import EVERYONE, Access, admitted
from api.audit import AuditLog
from api.jobs import Job, Jobs
from api.parsing import Parsers, StoppedError
from api.problems import ApiError
from api.remembered import Remembered
from ingest.errors import LockedError, QueryError, ReadError
from ingest.messages import say

if TYPE_CHECKING:
    from kb import KnowledgeBase
    from kb.types import DocumentRow, Filters

_UNSAFE_NAME = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200b-\u200f\u202a-\u202e\ufeff\ud800-\udfff]')
T = TypeVar("T")
DEFAULT = "default"
"""The collection of whatever names none."""
_NAME_BYTES = 200
_SUFFIX_LENGTH = 10


class Library:
    """Opens the knowledge base at `path`, making it if there is none, and serializes this process's writing.

    Attributes:
        kb: what the caller may see of the knowledge base.
        access: the caller.

    Raises:
        StoreError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        from kb import KnowledgeBase

        self.path = path.resolve()
        self.kb = KnowledgeBase.open(self.path, create=True, resident=True)
        self.access = EVERYONE
        self.audit = AuditLog(self.path)
        self._remembered = Remembered()
        self._writing = threading.Lock()
        slots = max(2, os.cpu_count() or 1)
        self.parsers = Parsers(slots)
        self.jobs = Jobs(self.path / "jobs", self.writer, self.kb.known_hash, self.parsers, slots, self.audit)

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """An answer that depends on the base, the day, the caller's collections and `key` alone, made once for each."""
        return self._remembered.of(self.kb.state, (date.today(), self.access.collections, key), make)

    def seen_by(self, access: Access) -> Library:
        """This library as a caller may see it; it shares everything that is open."""
        if access == EVERYONE:
            return self
        seen = copy(self)
        seen.access = access
        if access.collections is not None:
            seen.kb = self.kb.limited_to(access.collections)
        return seen

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
            raise ApiError(404, error.message or str(error)) from error

    def begin(self, files: Sequence[tuple[str, bytes]], collection: str | None = None) -> Job:
        """Accepts uploaded files; a job takes them in, which this does not wait for.

        A file of the same name as an earlier upload is a new version of that document. A ZIP archive gives a document
        for each file in it.

        Args:
            files: names as the client gave them, and contents.
            collection: what new documents belong to; None for the caller's own, else `default`.

        Raises:
            ApiError: 403, the caller may not add documents, or none to this collection; 422, it must be named.
            BusyError: too many jobs wait.
        """
        if not self.access.may("write"):
            raise ApiError(403, say("may_only_look", name=self.access.name))
        chosen = self._collection(collection)
        named = [(safe_name(name), data) for name, data in files]
        for name, data in named:
            digest = hashlib.sha256(data).hexdigest()
            self.audit.write(self.access.name, "upload", name=name, sha256=digest, collection=chosen)
        return self.jobs.begin(named, self._folder(chosen), owner=self.access.name, collection=chosen)

    def job(self, identity: str) -> Job:
        """A job the caller began; administrators see all.

        Raises:
            ApiError: 404, there is none.
        """
        job = self.jobs.get(identity)
        if job is None or not self._owns(job):
            forgotten = "jobs of a former run of the server are forgotten once they are done"
            raise ApiError(404, f"no job {identity!r}; {forgotten}")
        return job

    def own_jobs(self) -> list[Job]:
        """The jobs the caller may see, newest first."""
        return [job for job in self.jobs.all() if self._owns(job)]

    def _owns(self, job: Job) -> bool:
        return self.access.may("admin") or job.order.owner == self.access.name

    def _collection(self, asked: str | None) -> str:
        allowed = self.access.collections
        if asked is None and allowed is not None and DEFAULT not in allowed:
            if len(allowed) != 1:
                raise ApiError(422, f"name the collection: one of {', '.join(sorted(allowed))}")
            return next(iter(allowed))
        chosen = asked or DEFAULT
        if allowed is not None and chosen not in allowed:
            raise ApiError(403, f"the key {self.access.name!r} may not add documents to {chosen!r}")
        return chosen

    def _folder(self, collection: str) -> Path:
        return self.path / "uploads" if collection == DEFAULT else self.path / "collections" / collection

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
        if not self.access.may("write"):
            raise ApiError(403, say("may_only_look", name=self.access.name))
        if "@" in identity:
            raise ApiError(422, "a document is removed with all its versions; give its id without @")
        row = self.document(identity)
        source = Path(row.source)
        with self.writer() as kb:
            kb.remove(identity)
            if source.parent == self._folder(row.collection):
                source.unlink(missing_ok=True)
        self.audit.write(self.access.name, "removed", document=identity, name=source.name, collection=row.collection)

    def original(self, identity: str) -> tuple[str, bytes]:
        """Name and bytes of the file a document was read from.

        Raises:
            ApiError: 404, there is no such document, or its file is gone or has changed since.
        """
        from ingest.readers import read_original

        row = self.document(identity)
        try:
            data = read_original(row.source)
        except ReadError as error:
            raise ApiError(404, "the original file is no longer where it was read from") from error
        if hashlib.sha256(data).hexdigest() != row.sha256:
            raise ApiError(404, "the original file has changed since this version was read")
        return PurePath(row.source).name, data

    def filters_from_query(self, query: object) -> Filters:
        """The filters of a `FilterQuery`; other fields of it are ignored."""
        from kb.types import FILTER_NAMES, Filters

        return Filters(**{name: getattr(query, name) for name in FILTER_NAMES})


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
        raise ApiError(422, taken.message or taken.reason)
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


async def library_of(request: Request) -> Library:
    """The library of the running application as the caller may see it (a FastAPI dependency)."""
    library: Library = request.app.state.library
    return library.seen_by(admitted(request))
