"""Checks people keep: a report with its findings, what was remarked on each, and whether it is dealt with.

They lie in a database of their own beside the knowledge base, so that a remark never waits for an ingestion.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

from ingest.errors import StoreError

DATABASE = "reviews.sqlite"
State = Literal["running", "done", "failed"]

_WAIT = 10.0  # seconds a write waits for another
_SCHEMA = """
CREATE TABLE IF NOT EXISTS checks (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, against TEXT NOT NULL, made_at TEXT NOT NULL, state TEXT NOT NULL,
    message TEXT NOT NULL, counts TEXT NOT NULL, owner TEXT NOT NULL, texts TEXT NOT NULL, findings TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS notes (
    check_id TEXT NOT NULL REFERENCES checks (id) ON DELETE CASCADE, finding INTEGER NOT NULL,
    handled INTEGER NOT NULL, comment TEXT NOT NULL, PRIMARY KEY (check_id, finding)
);
"""
_SUMMARY = "id, name, against, made_at, state, message, counts, owner"


@dataclass(frozen=True, slots=True)
class Review:
    """One check.

    Attributes:
        id: names it in links; hard to guess.
        name: the report's title or file name.
        against: which rules it was held against, in words.
        made_at: when it was begun, ISO 8601 in UTC.
        state: `running`, `done` or `failed`.
        message: what is being done while it runs, why it failed.
        counts: how many findings of each status, as JSON.
        owner: name of the key it was begun with.
    """

    id: str
    name: str
    against: str
    made_at: str
    state: State
    message: str
    counts: str
    owner: str


@dataclass(frozen=True, slots=True)
class Note:
    """What was said of one finding."""

    handled: bool = False
    comment: str = ""


class Reviews:
    """The reviews of one knowledge base. Safe to use from several threads.

    Args:
        folder: the knowledge base's folder.

    Raises:
        StoreError: the database cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / DATABASE
        with self._writing() as connection:
            connection.executescript(_SCHEMA)

    def begin(self, name: str, against: str, owner: str) -> str:
        """Notes that a check is under way; returns its id."""
        identity = uuid4().hex
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._writing() as connection:
            connection.execute(
                f"INSERT INTO checks ({_SUMMARY}, texts, findings) "
                "VALUES (?, ?, ?, ?, 'running', '', '{}', ?, '{}', '[]')",
                (identity, name, against, now, owner),
            )
        return identity

    def tell(self, identity: str, message: str) -> None:
        """What a running check is doing."""
        with self._writing() as connection:
            connection.execute("UPDATE checks SET message = ? WHERE id = ?", (message, identity))

    def finish(self, identity: str, name: str, texts: str, findings: str, counts: str) -> None:
        """Keeps the findings of a check with the texts they quote, each as JSON."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE checks SET state = 'done', message = '', name = ?, texts = ?, findings = ?, counts = ? "
                "WHERE id = ?",
                (name, texts, findings, counts, identity),
            )

    def fail(self, identity: str, reason: str) -> None:
        """Notes why a check came to nothing."""
        with self._writing() as connection:
            connection.execute("UPDATE checks SET state = 'failed', message = ? WHERE id = ?", (reason, identity))

    def fail_running(self, reason: str) -> None:
        """Gives up the checks a process before this one left unfinished."""
        with self._writing() as connection:
            connection.execute("UPDATE checks SET state = 'failed', message = ? WHERE state = 'running'", (reason,))

    def all(self) -> list[Review]:
        """Every check, the latest first."""
        with self._reading() as connection:
            return [
                Review(*row)
                for row in connection.execute(f"SELECT {_SUMMARY} FROM checks ORDER BY made_at DESC, rowid DESC")
            ]

    def get(self, identity: str) -> Review | None:
        """One check."""
        with self._reading() as connection:
            row = connection.execute(f"SELECT {_SUMMARY} FROM checks WHERE id = ?", (identity,)).fetchone()
        return None if row is None else Review(*row)

    def results(self, identity: str) -> tuple[str, str]:
        """The texts and the findings of a check, each as JSON."""
        with self._reading() as connection:
            row = connection.execute("SELECT texts, findings FROM checks WHERE id = ?", (identity,)).fetchone()
        return ("{}", "[]") if row is None else (row[0], row[1])

    def notes(self, identity: str) -> Mapping[int, Note]:
        """What was said of the findings of a check, by the finding's place in its list."""
        with self._reading() as connection:
            rows = connection.execute("SELECT finding, handled, comment FROM notes WHERE check_id = ?", (identity,))
            return {finding: Note(bool(handled), comment) for finding, handled, comment in rows}

    def note(self, identity: str, finding: int, note: Note) -> None:
        """Keeps what was said of one finding, in place of what was said before."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO notes VALUES (?, ?, ?, ?) ON CONFLICT (check_id, finding) "
                "DO UPDATE SET handled = excluded.handled, comment = excluded.comment",
                (identity, finding, note.handled, note.comment),
            )

    def remove(self, identity: str) -> None:
        """Deletes a check with all that was said of it."""
        with self._writing() as connection:
            connection.execute("DELETE FROM checks WHERE id = ?", (identity,))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=_WAIT)) as connection:
                connection.execute("PRAGMA foreign_keys = ON")
                yield connection
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}; check the disk and its permissions") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection, connection:
            yield connection
