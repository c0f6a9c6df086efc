"""Kills ingestion with SIGKILL again and again, and looks after each kill whether anything acknowledged was lost.

    python tests/crash.py --kills 200 --place DIR [--seed N]

Run it on a small file system of its own (`mount -t tmpfs -o size=256m tmpfs DIR`): no child may write a file beyond
`FILE_LIMIT` either. A kill falls after any acknowledgement, in the middle of a document, or while the indexes are
brought in step. After it the base is opened anew and has to answer at once; to hold every document acknowledged; and to
hold of every version exactly what another base holds that took in the same bytes undisturbed: text, passages, records,
vectors, row by row. An index that says it is in step has to be. At the end the doctor has to find nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import resource
import signal
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from wholeness import contents, find_faults

from kb import KnowledgeBase
from kb.embed import default_embedder
from kb.ingestion import Prepared, prepare, store_prepared
from kb.store import DATABASE, Store

FILE_LIMIT = 64 * 2**20
BATCH = 8
ARTICLES = 5
LONGEST_WAIT = 60.0
WARMED = 0.3
"""Share of the restarts that bring every index in step before the next kill."""
SYLLABLES = "东南西北春夏秋冬金木水火土山川江河湖海云"


@dataclass(slots=True)
class Outcome:
    """What a run of kills came to; every list is empty when all is well."""

    kills: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    halved: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    versions: int = 0
    degraded: int = 0
    answers_s: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, halved, unanswered, out of step or found by the doctor."""
        return not (self.lost or self.halved or self.unanswered or self.faults or self.problems)


def torture(place: Path, kills: int, seed: int = 1) -> Outcome:
    """Ingests documents below `place`, killed `kills` times.

    Args:
        place: an empty folder.
        kills: how often.
        seed: of the documents and of the moments of the kills.
    """
    chance = random.Random(seed)
    documents = place / "documents"
    documents.mkdir()
    children = multiprocessing.get_context("forkserver")
    children.set_forkserver_preload(["kb.base", "kb.ingestion", "ingest.extract.pipeline", "kb.chroma_place"])
    outcome, acknowledged = Outcome(), dict[str, str]()
    offered: dict[str, set[str]] = {}
    clean = Store.open(place / "clean", create=True, write=True)
    clean.use_embedder(default_embedder().name, default_embedder().dimension)
    number = 0
    while outcome.kills < kills:
        number += 1
        batch = [documents / f"{chance.randrange(number * BATCH):05}.txt" for _ in range(BATCH)]
        for file in batch:
            file.write_text(written(file.stem, chance), encoding="utf-8")
            offered.setdefault(str(file), set()).add(fingerprint(file))
            prepared = prepare(str(file))
            assert isinstance(prepared, Prepared)
            store_prepared(clean, default_embedder(), str(file), prepared)
        told, tells = children.Pipe(duplex=False)
        child = children.Process(target=ingest, args=(tells, place / "kb", batch))
        child.start()
        tells.close()
        outcome.kills += killed(child.pid, told, chance, acknowledged)
        child.join()
        for source in batch:
            if acknowledged.get(str(source)) == fingerprint(source):
                offered[str(source)] = {acknowledged[str(source)]}
        examine(place / "kb", acknowledged, offered, outcome, chance)
        compare(place / "kb", clean, outcome)
    outcome.acknowledged = len(acknowledged)
    clean.close()
    with KnowledgeBase.open(place / "kb", write=True) as kb:
        kb.catch_up()
        outcome.problems = [f"{problem.part}: {problem.message}" for problem in kb.doctor()]
    return outcome


def fingerprint(file: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def written(name: str, chance: random.Random) -> str:
    """A small regulation nobody else wrote, with a number and a word of its own in each article."""
    own = ["".join(chance.choices(SYLLABLES, k=6)) for _ in range(ARTICLES)]
    lines = [f"第{name}号补助办法\n"]
    for label, word in zip("一二三四五", own, strict=True):
        lines.append(f"第{label}条 {word}人员的补助标准为每月{chance.randrange(100, 9000)}元。")
    return "\n".join(lines) + "\n"


def ingest(tells: Connection, place: Path, batch: list[Path]) -> None:
    """In a process of its own: takes a batch in and tells of each document stored."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))
    with KnowledgeBase.open(place, create=True, write=True) as kb:
        kb.ingest(batch, progress=lambda event: tells.send(event.source))
        tells.send(None)


def killed(pid: int, told: Connection, chance: random.Random, acknowledged: dict[str, str]) -> bool:
    """Kills a process after some acknowledgements and a little longer; false when it had finished before."""
    wanted = chance.randint(0, BATCH)
    until = time.monotonic() + LONGEST_WAIT
    delay = chance.random() * (3.0 if wanted == BATCH else 0.05)
    finished = False
    try:
        while time.monotonic() < until:
            if wanted <= 0:
                until, wanted = time.monotonic() + delay, BATCH + 1
            if told.poll(min(0.01, max(0.0, until - time.monotonic()))):
                source = told.recv()
                if source is None:
                    finished = True
                    break
                acknowledged[source] = fingerprint(Path(source))
                wanted -= 1
    except EOFError:
        finished = True
    os.kill(pid, signal.SIGKILL)
    try:
        while (source := told.recv()) is not None:
            acknowledged[source] = fingerprint(Path(source))
    except EOFError:
        pass
    return not finished


def examine(
    place: Path, acknowledged: dict[str, str], offered: dict[str, set[str]], outcome: Outcome, chance: random.Random
) -> None:
    """Opens the base as a server would and notes what is wrong.

    What was stored and not yet acknowledged when the process died may be there: `offered` holds the SHA-256 of every
    text a source had since its last acknowledgement, and of that one.
    """
    if not acknowledged:
        return
    with KnowledgeBase.open(place, resident=True) as kb:
        stored = {row.source: row for row in kb.documents()}
        outcome.lost += [source for source in acknowledged if source not in stored]
        source = chance.choice(sorted(acknowledged.keys() & stored.keys()))
        phrase = kb.text(stored[source].id).splitlines()[2 + chance.randrange(ARTICLES)][4:]
        started = time.perf_counter()
        result = kb.search(phrase, k=3)
        outcome.answers_s.append(time.perf_counter() - started)
        outcome.degraded += result.degraded
        if not any(hit.document.source == source and phrase in hit.quote for hit in result.hits):
            outcome.unanswered.append(f"{source}: {phrase}")
        outcome.halved += [source for source, row in stored.items() if row.sha256 not in offered[source]]
        if chance.random() < WARMED:
            kb.warm()


def compare(place: Path, clean: Store, outcome: Outcome) -> None:
    """Notes which versions differ from those of a base that was never disturbed, and what is out of step."""
    if not (place / DATABASE).exists():
        return
    store = Store.open(place)
    whole, held = contents(clean), contents(store)
    outcome.versions = len(held)
    for name, tables in held.items():
        differing = [table for table in tables if tables[table] != whole[name][table]]
        if differing:
            outcome.halved.append(f"{name[0]}: {', '.join(differing)}")
    outcome.faults += find_faults(store)
    store.close()


def main() -> int:
    """Prints what came of it; 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--place", type=Path, help="an empty folder on a small file system")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.place) as scratch:
        outcome = torture(Path(scratch), args.kills, args.seed)
    told = {name: getattr(outcome, name) for name in outcome.__slots__}
    told["answers_s"] = {"median": statistics.median(outcome.answers_s), "slowest": max(outcome.answers_s)}
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 0 if outcome.sound else 1


if __name__ == "__main__":
    sys.exit(main())
