"""Where a search looks: filters answered in SQLite once, and remembered while the base does not change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from kb.filters import in_force, narrows_passages, passage_conditions
from kb.recent import Recent
from kb.schema import passages, versions
from kb.types import EVERYTHING, Filters

if TYPE_CHECKING:
    from kb.store import Store

Scope = NDArray[np.int64] | None
"""The ids of the passages a search may find, ascending; None for every passage of the base."""

_REMEMBERED = 64


class Scopes:
    """The scopes of a store's filters; safe from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = Recent[Filters, Scope](_REMEMBERED)

    def of(self, filters: Filters, generation: int) -> Scope:
        """Where to look under `filters` at the store's present generation."""
        return self._known.get([filters], generation, lambda _: {filters: self._answered(filters)})[filters]

    def _answered(self, filters: Filters) -> Scope:
        if filters == EVERYTHING and not self._store.superseded():
            return None
        query = select(passages.c.id).join(versions, versions.c.id == passages.c.version_id)
        query = query.where(versions.c.id.in_(in_force(filters)))
        with self._store.reading() as connection:
            if narrows_passages(filters):
                ids = connection.execute(query.where(*passage_conditions(filters))).scalars()
                return np.sort(np.fromiter(ids, dtype=np.int64))
            blocks = query.with_only_columns(func.min(passages.c.id), func.count()).group_by(passages.c.version_id)
            ranges = [np.arange(first, first + count) for first, count in connection.execute(blocks)]
        return np.sort(np.concatenate([*ranges, np.empty(0, dtype=np.int64)]))
