"""Everything that is SQLite's own: the engine, its pragmas, the look at a file before it is opened.

The rest of `kb` speaks SQLAlchemy Core only, so another database needs a module like this one and no more.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from ingest.errors import StoreError
from kb import migrations

_MAGIC = b"SQLite format 3\0"
_APPLICATION_ID = int.from_bytes(b"fadu", "big")
_BUSY_SECONDS = 10
_RESTORE = "restore it from a backup, or move it away and ingest the documents again"


def open_engine(path: Path, *, write: bool) -> Engine:
    """An engine on an existing base, refused before SQLite can touch it if it is not fit to be opened.

    Raises:
        StoreError: the file is no knowledge base, is damaged, or was written by a newer fadu.
        OperationalError: it cannot be opened as it lies.
    """
    _check_header(path)
    engine = _engine(path, write=write)
    try:
        with engine.begin() as connection:
            number = migrations.applied(connection)
            if number < migrations.newest() and write:
                migrations.migrate(connection)
                number = _mark(connection)
    except OperationalError:
        engine.dispose()
        raise
    except DatabaseError as error:
        engine.dispose()
        raise StoreError(f"{path}: the knowledge base is damaged ({error.orig}); {_RESTORE}") from error
    if number != migrations.newest():
        engine.dispose()
        raise StoreError(f"{path}: written by an older fadu; run fadu doctor --repair to bring it up to date")
    return engine


def create_base(path: Path) -> None:
    """Writes a new, empty base; it appears under `path` complete or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    engine = _engine(draft, write=True)
    with engine.begin() as connection:
        migrations.create(connection)
        _mark(connection)
    engine.dispose()
    settled = sqlite3.connect(draft)
    settled.execute("PRAGMA journal_mode = WAL")
    settled.close()
    os.replace(draft, path)


def find_damage(connection: Connection) -> list[str]:
    """What SQLite's own checks say is wrong, nothing when all is well."""
    integrity = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    messages = [str(line) for line in integrity if line != "ok"]
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        messages.append(f"row {row[1]} of {row[0]} refers to a missing row of {row[2]}")
    return messages


def _engine(path: Path, *, write: bool) -> Engine:
    url = URL.create("sqlite", database=str(path))
    if not write and _is_sealed(path):
        url = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"immutable": "1", "uri": "true"})
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA query_only = {'OFF' if write else 'ON'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _is_sealed(path: Path) -> bool:
    """Whether nothing can be written beside a base that was closed properly: it is read without SQLite's own files."""
    wal = path.with_name(path.name + "-wal")
    return not os.access(path.parent, os.W_OK) and not (wal.exists() and wal.stat().st_size)


def _mark(connection: Connection) -> int:
    number = migrations.newest()
    connection.exec_driver_sql(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {number}")
    return number


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(100)
        size = file.seek(0, os.SEEK_END)
    if len(header) < 100 or header[:16] != _MAGIC:
        raise StoreError(f"{path}: not a knowledge base, or damaged at its beginning; {_RESTORE}")
    if _number(header, 68) != _APPLICATION_ID:
        raise StoreError(f"{path}: an SQLite database that fadu did not write; choose another folder with --kb")
    if _number(header, 60) > migrations.newest():
        raise StoreError(
            f"{path}: written by a newer fadu (schema {_number(header, 60)}, this one knows {migrations.newest()}); "
            "upgrade fadu with pip install -U fadu"
        )
    page = int.from_bytes(header[16:18], "big")
    wal = path.with_name(path.name + "-wal")
    settled = not wal.exists() or wal.stat().st_size == 0
    if settled and size < _number(header, 28) * (65536 if page == 1 else page):
        raise StoreError(f"{path}: the knowledge base is cut off; {_RESTORE}")


def _number(header: bytes, offset: int) -> int:
    return int.from_bytes(header[offset : offset + 4], "big")
