"""The knowledge base behind a server: one reader for all threads, a writer only while something is written."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from fastapi import Request

from api.problems import ApiError
from ingest.errors import QueryError

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

        self.path = path
        self.kb = KnowledgeBase.open(path, create=True, resident=True)
        self._uploads = path / "uploads"
        self._writing = threading.Lock()

    def close(self) -> None:
        """Closes the reader."""
        self.kb.close()

    @contextmanager
    def writer(self) -> Iterator[KnowledgeBase]:
        """The knowledge base opened for writing.

        Raises:
            LockedError: another process is writing.
        """
        from kb import KnowledgeBase

        with self._writing, KnowledgeBase.open(self.path, write=True) as kb:
            yield kb

    def document(self, identity: str) -> DocumentRow:
        """A stored document.

        Raises:
            ApiError: 404, there is none of that id.
        """
        try:
            return self.kb.document(identity)
        except QueryError as error:
            raise ApiError(404, str(error)) from error

    def take_in(self, name: str, data: bytes) -> tuple[str, DocumentRow]:
        """Keeps an uploaded file in the knowledge base's `uploads` folder and ingests it.

        A file of the same name as an earlier upload is a new version of that document.

        Returns:
            The outcome (`added`, `unchanged`, `replaced`) and the document.

        Raises:
            ApiError: 422, the file cannot be read as a document.
            LockedError: another process is writing.
        """
        from kb.types import IngestEvent

        folder = self._uploads
        target = folder / safe_name(name)
        events: list[IngestEvent] = []
        with self.writer() as kb:
            folder.mkdir(exist_ok=True)
            before = target.read_bytes() if target.exists() else None
            target.write_bytes(data)
            kb.ingest([target], progress=events.append)
            event = events[-1]
            if event.outcome == "refused":
                if before is None:
                    target.unlink()
                else:
                    target.write_bytes(before)
                raise ApiError(422, event.reason.replace(str(target), target.name))
            row = next(row for row in kb.documents() if row.source == event.source)
        return event.outcome, row

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
            if source.parent == self._uploads.resolve():
                source.unlink(missing_ok=True)

    def filters_from_query(self, query: object) -> Filters:
        """The filters of a `FilterQuery`; other fields of it are ignored."""
        from dataclasses import fields

        from kb.types import Filters

        return Filters(**{field.name: getattr(query, field.name) for field in fields(Filters)})


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
