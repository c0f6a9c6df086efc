"""Taking files in: which are new, what is in them, one transaction each, in a fixed order.

What is done to a file before it is stored is the pure function `prepare`, so any pool of processes can map it.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest import extract, read
from ingest.errors import FaduError, ReadError
from ingest.lexicon.packs import active_packs, set_packs
from ingest.messages import say
from ingest.normalize import aligned_document
from ingest.readers import find_files, sha256_of
from ingest.records import Extraction
from kb.passages import Passage, find_passages
from kb.store import Store
from kb.types import IngestEvent, IngestReport, Outcome, Refusal

if TYPE_CHECKING:
    from kb.embed import Embedder

_AHEAD = 4
Progress = Callable[[IngestEvent], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be stored."""

    extraction: Extraction
    passages: tuple[Passage, ...]


def prepare(path: str) -> Prepared | Refusal:
    """Everything there is to know of one file, or why it is refused; needs no knowledge base.

    A failure of fadu itself on one file is a refusal too, so that it cannot take the other files down.
    """
    try:
        source = read(path)
        source.text.encode("utf-8")
        extraction = extract(source)
        return Prepared(extraction, tuple(find_passages(source, extraction, aligned_document(source.text))))
    except Exception as error:
        return refusal_from(path, error)


def refusal_from(path: str, error: Exception) -> Refusal:
    """The refusal of a file that an error ended: what it is, and what to do."""
    if isinstance(error, ReadError):
        return Refusal(path, error.message)
    if isinstance(error, FaduError):
        return Refusal(path, error.message or say("other", text=str(error)))
    return Refusal(path, say("fadu_failed", error=f"{type(error).__name__}: {error}"))


def ingest_files(
    store: Store,
    load_embedder: Callable[[], Embedder],
    paths: Iterable[str | Path],
    jobs: int,
    progress: Progress | None,
) -> IngestReport:
    """Stores what is new or changed among files and folders.

    Args:
        store: open for writing.
        load_embedder: called once, when the first document needs vectors.
        paths: files and folders.
        jobs: processes that prepare documents; 1 works in this one.
        progress: called once a file.

    Raises:
        ReadError: a path does not exist; nothing was stored.
        StoreError: the base cannot be written; the documents before are stored, with all their records.
    """
    files = list(dict.fromkeys(str(path.resolve()) for path in find_files(paths)))
    changed = [file for file in files if not _is_known(store, file)]
    results = _prepared(changed, min(jobs, len(changed)))
    waiting = set(changed)
    taken: dict[Outcome, list[str]] = {"added": [], "unchanged": [], "replaced": []}
    refused: list[Refusal] = []
    for done, file in enumerate(files, 1):
        outcome: Outcome = "unchanged"
        reason = ""
        if file in waiting:
            result = next(results)
            if isinstance(result, Refusal):
                outcome, reason = "refused", result.reason
                refused.append(result)
            else:
                outcome = store_prepared(store, load_embedder(), file, result)
        if outcome != "refused":
            taken[outcome].append(file)
        if progress:
            progress(IngestEvent(file, outcome, reason, done, len(files)))
    return IngestReport(tuple(taken["added"]), tuple(taken["unchanged"]), tuple(taken["replaced"]), tuple(refused))


def embedding_text(passage: Passage) -> str:
    """What of a passage is embedded."""
    return f"{passage.context_s}\n{passage.text_s}"


def _is_known(store: Store, file: str) -> bool:
    known = store.known_hash(file)
    if known is None:
        return False
    try:
        return sha256_of(file) == known
    except ReadError:
        return False  # reading it for real says what is wrong


def store_prepared(
    store: Store, embedder: Embedder, file: str, prepared: Prepared, collection: str = "default"
) -> Outcome:
    """Embeds and stores one document as the current version of `file`."""
    vectors = embedder.encode([embedding_text(p) for p in prepared.passages])
    row = store.save(file, prepared.extraction, prepared.passages, vectors, collection)
    return "added" if row.version == 1 else "replaced"


def _prepared(files: Sequence[str], jobs: int) -> Iterator[Prepared | Refusal]:
    if jobs <= 1:
        yield from map(prepare, files)
        return
    at = 0
    while at < len(files):
        try:
            for result in _pooled(files[at:], jobs):
                at += 1
                yield result
        except BrokenProcessPool:
            yield _alone(files[at])
            at += 1


def _pooled(files: Sequence[str], jobs: int) -> Iterator[Prepared | Refusal]:
    """Results in the order of `files`, a few prepared ahead so that memory stays bounded."""
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, spawn, initializer=set_packs, initargs=(active_packs(),))
    futures: deque[Future[Prepared | Refusal]] = deque()
    try:
        for file in files:
            futures.append(pool.submit(prepare, file))
            if len(futures) >= jobs * _AHEAD:
                yield futures.popleft().result()
        while futures:
            yield futures.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _alone(file: str) -> Prepared | Refusal:
    """A file whose process may have died over it, once more in a process of its own."""
    try:
        return next(_pooled([file], 1))
    except BrokenProcessPool:
        return Refusal(file, say("reading_ended"))
