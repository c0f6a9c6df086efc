"""Numbered migrations. `schema` is the newest state; a migration brings the state before it there.

To change the schema: edit `schema.py` and append a migration that alters an existing base the same way. A new
base is created at the newest state at once, an older one runs what it lacks, in order, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, text

from kb import schema
from kb.duplicates import link_stored
from kb.moves import block_stored, place_stored, relate_stored
from kb.repeats import mark_stored
from kb.schema import metadata, schema_version


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema; `apply` runs inside the migrating transaction."""

    number: int
    description: str
    apply: Callable[[Connection], None]


def _add_duplicates(connection: Connection) -> None:
    schema.duplicates.create(connection)
    schema.passage_keys.create(connection)
    link_stored(connection)
    for table in (schema.rules, schema.figures):
        connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN said BIGINT NOT NULL DEFAULT 0"))
        mark_stored(connection, table)


def _add_collections(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE documents ADD COLUMN collection VARCHAR NOT NULL DEFAULT 'default'"))
    for index in schema.documents.indexes:
        index.create(connection)


def _block_vectors(connection: Connection) -> None:
    schema.embeddings.create(connection)
    block_stored(connection)
    connection.execute(text("DROP TABLE vectors"))
    for table in (schema.rules, schema.figures):
        connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN passage INTEGER"))
        place_stored(connection, table)


def _relate_documents(connection: Connection) -> None:
    for name in ("title_key", "number_key"):
        connection.execute(text(f"ALTER TABLE versions ADD COLUMN {name} VARCHAR"))
        connection.execute(text(f"CREATE INDEX ix_versions_{name} ON versions ({name})"))
    connection.execute(text("ALTER TABLE versions DROP COLUMN status_s"))
    schema.acts.create(connection)
    schema.relations.create(connection)
    relate_stored(connection)


def _place_passages(connection: Connection) -> None:
    for index in schema.passages.indexes:
        index.create(connection)
    connection.execute(text("DROP INDEX ix_passages_version_id"))


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "documents, versions, records, passages, vectors", metadata.create_all),
    Migration(2, "duplicate passages, repeated rules and figures", _add_duplicates),
    Migration(3, "collections of documents", _add_collections),
    Migration(4, "one block of vectors a version, the passage of each rule and figure", _block_vectors),
    Migration(5, "what documents do to one another", _relate_documents),
    Migration(6, "which passage holds a place, without reading passages", _place_passages),
)


def newest() -> int:
    """The schema number this fadu writes."""
    return MIGRATIONS[-1].number


def applied(connection: Connection) -> int:
    """The schema number of a base; raises the driver's error when it has no version table."""
    return connection.execute(select(func.max(schema_version.c.number))).scalar() or 0


def create(connection: Connection) -> None:
    """Gives an empty database the newest schema."""
    metadata.create_all(connection)
    _record(connection, MIGRATIONS)


def migrate(connection: Connection) -> None:
    """Runs the migrations a base lacks."""
    number = applied(connection)
    pending = tuple(m for m in MIGRATIONS if m.number > number)
    for migration in pending:
        migration.apply(connection)
    _record(connection, pending)


def _record(connection: Connection, done: tuple[Migration, ...]) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    rows = [{"number": m.number, "description": m.description, "applied_at": now} for m in done]
    if rows:
        connection.execute(insert(schema_version), rows)
