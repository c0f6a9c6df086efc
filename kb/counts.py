"""How much a knowledge base holds, counted in SQLite."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from kb.filters import in_force
from kb.schema import figures, passages, rules
from kb.store import Store
from kb.types import EVERYTHING, Filters


@dataclass(frozen=True, slots=True)
class Counts:
    """Documents, and the passages, rules and figures of their current versions."""

    documents: int
    passages: int
    rules: int
    figures: int


def count_records(store: Store, filters: Filters = EVERYTHING) -> Counts:
    """What the versions in force hold."""
    current = in_force(filters)
    with store.reading() as connection:
        held = (
            connection.execute(select(func.count()).select_from(t).where(t.c.version_id.in_(current))).scalar_one()
            for t in (passages, rules, figures)
        )
        documents = connection.execute(select(func.count()).select_from(current.subquery())).scalar_one()
        return Counts(documents, *held)
