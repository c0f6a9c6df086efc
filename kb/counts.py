"""How much a knowledge base holds, counted in SQLite."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from kb.schema import figures, passages, rules, versions
from kb.store import Store


@dataclass(frozen=True, slots=True)
class Counts:
    """Documents, and the passages, rules and figures of their current versions."""

    documents: int
    passages: int
    rules: int
    figures: int


def count_records(store: Store) -> Counts:
    """What the current versions hold."""
    current = select(versions.c.id).where(versions.c.current)
    with store.reading() as connection:
        held = (
            connection.execute(select(func.count()).select_from(t).where(t.c.version_id.in_(current))).scalar_one()
            for t in (passages, rules, figures)
        )
        documents = connection.execute(select(func.count()).where(versions.c.current)).scalar_one()
        return Counts(documents, *held)
