"""Ingestion jobs: uploaded files become documents in the background, every step told, none lost when the server stops.

A job's files wait in a folder of their own with its order in `job.json`; the folder goes when the job is done, and a
server that starts finds the orders of the one before and carries them out.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import shutil
import threading
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from api.audit import AuditLog
from api.memory import give_back
from api.parsing import BusyError, Parsers, StoppedError
from ingest.errors import FaduError, ReadError
from ingest.messages import Message
from ingest.readers import find_files, sha256_of
from kb.ingestion import Prepared, prepare
from kb.store import document_id
from kb.types import DocumentRow, Refusal

if TYPE_CHECKING:
    from kb import KnowledgeBase

State = Literal["queued", "running", "done", "failed"]
WAITING = 64
"""Jobs that may wait or run at the same time."""
_REMEMBERED = 1_000
_BATCH = 50
_AHEAD = 8
_ORDER = "job.json"
_LOG = logging.getLogger("fadu.api")
Writer = Callable[[], AbstractContextManager["KnowledgeBase"]]


@dataclass(frozen=True, slots=True)
class Order:
    """What a job is to do: `names` are files in the job's folder, `target` where they are kept once taken in."""

    id: str
    names: tuple[str, ...]
    target: str
    collection: str
    owner: str
    created: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file: `outcome` is `added`, `replaced`, `unchanged` or `refused`, then with a `message`."""

    name: str
    outcome: str
    message: Message | None = None
    document: DocumentRow | None = None

    @property
    def reason(self) -> str:
        """Why it was refused, and what to do, in English; empty when it was not."""
        return str(self.message or "")


@dataclass(slots=True)
class Job:
    """One job. Its files only grow; `changed` is notified with every step.

    Attributes:
        order: what it is to do.
        state: `failed` means that it could not go on, with the reason in `error`.
        total: documents it holds, None until its archives have been opened.
        files: what became of each document, in order.
    """

    order: Order
    state: State = "queued"
    total: int | None = None
    files: list[Taken] = field(default_factory=list)
    error: FaduError | None = None
    laid_down: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def ended(self) -> bool:
        """Whether nothing more will ever happen."""
        return self.state in ("done", "failed")

    @property
    def left(self) -> bool:
        """Whether this server does no more of it: it has ended, or was laid down when the server stopped."""
        return self.ended or self.laid_down

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until this server has done with it; false when that did not come in time."""
        with self.changed:
            return self.changed.wait_for(lambda: self.left, seconds)

    def _tell(self, **values: Any) -> None:
        with self.changed:
            for name, value in values.items():
                setattr(self, name, value)
            self.changed.notify_all()


class Jobs:
    """Takes jobs on and carries them out in threads; parsing happens in the processes of `parsers`.

    Args:
        folder: where waiting files lie.
        writer: opens the knowledge base for writing, one caller at a time.
        known: the SHA-256 a source is stored with, None for a new one.
        parsers: read the documents.
        threads: jobs carried out at the same time.
        audit: told what became of each document.
    """

    def __init__(
        self,
        folder: Path,
        writer: Writer,
        known: Callable[[str], str | None],
        parsers: Parsers,
        threads: int,
        audit: AuditLog,
    ) -> None:
        self._audit = audit
        self._folder = folder
        self._writer = writer
        self._known = known
        self._parsers = parsers
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        for order in self._left_over():
            self._enqueue(Job(order))
        self._threads = [threading.Thread(target=self._work, name=f"job-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def begin(
        self, files: Sequence[tuple[str, bytes]], target: Path, *, collection: str = "default", owner: str = ""
    ) -> Job:
        """Accepts files; returns at once.

        Args:
            files: safe names and contents.
            target: the folder they are kept in once taken in.
            collection: what new documents belong to.
            owner: name of the key they came with.

        Raises:
            BusyError: too many jobs wait.
            StoppedError: the server stops.
            OSError: the disk is full.
        """
        if self._stopping.is_set():
            raise StoppedError
        if self.unfinished() >= WAITING:
            raise BusyError(WAITING)
        names = tuple(dict.fromkeys(name for name, _ in files))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        order = Order(uuid.uuid4().hex, names, str(target), collection, owner, now)
        place = self._folder / order.id
        try:
            place.mkdir(parents=True)
            for name, data in files:
                (place / name).write_bytes(data)
            (place / f"{_ORDER}.part").write_text(json.dumps(asdict(order)), encoding="utf-8")
            os.replace(place / f"{_ORDER}.part", place / _ORDER)
        except OSError:
            shutil.rmtree(place, ignore_errors=True)
            raise
        job = Job(order)
        self._enqueue(job)
        return job

    def get(self, identity: str) -> Job | None:
        """A job of this server's run, or one it resumed; the last thousand are remembered."""
        with self._guard:
            return self._jobs.get(identity)

    def all(self) -> list[Job]:
        """Every job remembered, newest first."""
        with self._guard:
            return list(self._jobs.values())[::-1]

    def unfinished(self) -> int:
        """Jobs that wait or run."""
        return sum(not job.ended for job in self.all())

    def stop(self) -> None:
        """Stops between two documents; jobs not finished are carried out when the server starts again."""
        self._stopping.set()
        for _ in self._threads:
            self._waiting.put(None)
        self._parsers.stop()
        for thread in self._threads:
            thread.join(8)

    def _left_over(self) -> Iterator[Order]:
        orders = []
        for path in self._folder.glob(f"*/{_ORDER}"):
            try:
                values = json.loads(path.read_text(encoding="utf-8"))
                orders.append(Order(**values | {"names": tuple(values["names"])}))
            except (OSError, ValueError, TypeError, KeyError) as error:
                _LOG.warning("a job left over at %s cannot be read and stays there: %s", path.parent, error)
        yield from sorted(orders, key=lambda order: order.created)

    def _enqueue(self, job: Job) -> None:
        with self._guard:
            self._jobs[job.order.id] = job
            for identity in [i for i, old in self._jobs.items() if old.ended][: max(0, len(self._jobs) - _REMEMBERED)]:
                del self._jobs[identity]
        self._waiting.put(job)

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            job._tell(state="running")
            try:
                self._carry_out(job)
            except StoppedError:
                job._tell(state="queued", laid_down=True)
                continue
            except FaduError as error:
                job._tell(state="failed", error=error)
            except Exception as error:
                _LOG.error("job %s failed", job.order.id, exc_info=error)
                job._tell(state="failed", error=FaduError("internal error; the server's log has the details"))
            else:
                job._tell(state="done")
            shutil.rmtree(self._folder / job.order.id, ignore_errors=True)
            give_back()

    def _carry_out(self, job: Job) -> None:
        place = self._folder / job.order.id
        if self._stopping.is_set():
            raise StoppedError
        paths = find_files(place / name for name in job.order.names)
        job._tell(total=len(paths))
        ready: list[tuple[str, Prepared | Refusal | None]] = []
        for path, future, more in self._prepared(place, paths, Path(job.order.target)):
            ready.append((str(path.relative_to(place)), future.result()))
            if len(ready) >= _BATCH or not more:
                self._store(job, place, ready)
                ready = []
        self._store(job, place, ready)

    def _prepared(
        self, place: Path, paths: Sequence[Path], target: Path
    ) -> Iterator[tuple[Path, Future[Prepared | Refusal | None], bool]]:
        """Each path with what was read of it (None for what is stored already), and whether the next is ready too."""
        with ThreadPoolExecutor(len(self._threads)) as pool:
            ahead: deque[tuple[Path, Future[Prepared | Refusal | None]]] = deque()
            left = iter(paths)
            try:
                while True:
                    for path in islice(left, _AHEAD - len(ahead)):
                        ahead.append((path, pool.submit(self._read, path, str(target / path.relative_to(place)))))
                    if not ahead:
                        return
                    path, future = ahead.popleft()
                    future.exception()
                    yield path, future, bool(ahead) and ahead[0][1].done()
            finally:
                pool.shutdown(cancel_futures=True)

    def _read(self, path: Path, source: str) -> Prepared | Refusal | None:
        if self._stopping.is_set():
            raise StoppedError
        try:
            if self._known(source) == sha256_of(path):
                return None
            return self._parsers.run(prepare, str(path), name=path.name)
        except ReadError as error:
            return Refusal(str(path), error.message)

    def _store(self, job: Job, place: Path, ready: Sequence[tuple[str, Prepared | Refusal | None]]) -> None:
        target = Path(job.order.target)
        folder = f"{place}{os.sep}"
        taken = []
        with self._writer() as kb:
            for inside, result in ready:
                if isinstance(result, Refusal):
                    why = result.message.with_values(lambda text: text.replace(folder, ""))
                    taken.append(Taken(inside, "refused", why))
                    continue
                source = target / inside
                if result is None:
                    taken.append(Taken(inside, "unchanged", document=kb.document(document_id(str(source)))))
                    continue
                _keep(place, target, inside)
                outcome, row = kb.save(source, result, collection=job.order.collection)
                taken.append(Taken(inside, outcome, document=row))
            kb.catch_up()
        for one in taken:
            document = one.document.id if one.document else None
            self._audit.write(job.order.owner, one.outcome, document=document, name=one.name, job=job.order.id)
        job._tell(files=[*job.files, *taken])


def _keep(place: Path, target: Path, inside: str) -> None:
    """Puts the uploaded file that holds a document where the originals are kept, whole or not at all."""
    name = inside.partition("!/")[0]
    staged, kept = place / name, target / name
    if kept.exists() and kept.samefile(staged):
        return
    target.mkdir(parents=True, exist_ok=True)
    part = target / f".{place.name}.part"
    os.link(staged, part)
    os.replace(part, kept)
