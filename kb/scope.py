"""Where a search looks: filters answered in SQLite once, and remembered while the base does not change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from kb.filters import in_force, narrows_passages, passage_conditions
from kb.recent import Recent
from kb.schema import passages, versions
from kb.types import EVERYTHING, Filters
from kb.validity import view_of

if TYPE_CHECKING:
    from kb.store import Store

_REMEMBERED = 64


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """The passages a search may find.

    Attributes:
        ids: theirs, ascending.
        versions: keys of the versions whose passages, all of them, these are; None for any other choice.
    """

    ids: NDArray[np.int64]
    versions: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.ids)


class Scopes:
    """The scopes of a store's filters; safe from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = Recent[tuple[Filters, str], Scope | None](_REMEMBERED)

    def of(self, filters: Filters, generation: int) -> Scope | None:
        """Where to look under `filters` at the store's present generation; None for everywhere."""
        key = (filters, view_of(filters).day)
        return self._known.get([key], generation, lambda _: {key: self._answered(filters)})[key]

    def _answered(self, filters: Filters) -> Scope | None:
        if filters == EVERYTHING and not self._store.superseded():
            return None
        query = select(passages.c.id).join(versions, versions.c.id == passages.c.version_id)
        query = query.where(versions.c.id.in_(in_force(filters)))
        with self._store.reading() as connection:
            if narrows_passages(filters):
                ids = connection.execute(query.where(*passage_conditions(filters))).scalars()
                return Scope(np.sort(np.fromiter(ids, dtype=np.int64)))
            blocks = query.with_only_columns(passages.c.version_id, func.min(passages.c.id), func.count())
            rows = connection.execute(blocks.group_by(passages.c.version_id)).all()
        ranges = [np.arange(first, first + count) for _, first, count in rows]
        together = np.sort(np.concatenate([*ranges, np.empty(0, dtype=np.int64)]))
        return Scope(together, tuple(version for version, *_ in rows))
