"""Passages that say the same, linked: within a document, over documents and over versions.

A passage joins the group of the earliest passage most like it, and founds one when that has none; groups never merge,
so what is stored later does not change what was linked before. Only passages with a duplicate have a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, insert, select

from kb.passages import Passage
from kb.schema import duplicates, passage_keys, passages
from kb.shingles import BANDS, NEAR, Body, body_from_text, passage_key_rows, similarity

_ROW_BYTES = 8 * BANDS
_VARIABLES = 10_000
"""Most values in one query; databases limit them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member of a group stands."""

    passage: int
    version: int
    label: str


class KeyIndex:
    """Which stored passage had a key first; keys are those of `kb.shingles`.

    Args:
        keys: sorted.
        ids: the passage of each key, ascending among equal keys.
    """

    def __init__(self, keys: NDArray[np.int64], ids: NDArray[np.int64]) -> None:
        self._keys, self._ids = keys, ids

    @classmethod
    def load(cls, connection: Connection) -> Self:
        """The keys of every passage stored."""
        c = passage_keys.c
        rows = connection.execute(select(c.first, c.hashes).order_by(c.first)).all()
        keys = np.frombuffer(b"".join(row.hashes for row in rows), "<i8").astype(np.int64)
        owners = [np.arange(len(row.hashes) // _ROW_BYTES, dtype=np.int64) + row.first for row in rows]
        ids = np.repeat(np.concatenate([*owners, np.empty(0, dtype=np.int64)]), BANDS)
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], ids[order])

    def earliest(self, keys: NDArray[np.int64]) -> dict[int, int]:
        """Key → the first passage that had it, for those of `keys` that are known."""
        if not len(self._keys):
            return {}
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        known = self._keys[at] == keys
        return dict(zip(keys[known].tolist(), self._ids[at[known]].tolist(), strict=True))

    def add(self, first: int, keys: NDArray[np.int64]) -> None:
        """Adds the keys, (n, BANDS), of the passages from `first` on, which are later than all before."""
        flat, ids = keys.ravel(), np.repeat(np.arange(first, first + len(keys)), BANDS)
        order = np.argsort(flat, kind="stable")
        at = np.searchsorted(self._keys, flat[order], side="right")
        self._keys, self._ids = np.insert(self._keys, at, flat[order]), np.insert(self._ids, at, ids[order])


def link_duplicates(
    connection: Connection, index: KeyIndex, version: int, first: int, found: Sequence[Passage]
) -> NDArray[np.int64]:
    """Links newly stored passages with those before them that say the same.

    Args:
        connection: inside the transaction that stored them.
        index: the passages stored before.
        version: key of the version they belong to.
        first: id of `found[0]`; the others follow.
        found: the passages, in order of id.

    Returns:
        Their keys, to be added to `index` when the transaction is committed.
    """
    bodies = [body_from_text(passage.text_s) for passage in found]
    keys = passage_key_rows(bodies, [f"{passage.context_s}\n{passage.path}" for passage in found])
    earliest = index.earliest(keys.ravel())
    known = _bodies(connection, set(earliest.values()))
    stored = find_groups(connection, known)
    groups = dict(stored)
    for i, (body, own) in enumerate(zip(bodies, keys.tolist(), strict=True), first):
        twin = _most_like(body, sorted({earliest[key] for key in own if key in earliest}), known)
        if twin is not None:
            groups[i] = groups.setdefault(twin, twin)
        known[i] = body
        for key in own:
            earliest.setdefault(key, i)
    rows = [{"passage_id": i, "group_id": group} for i, group in sorted(groups.items()) if i not in stored]
    if rows:
        connection.execute(insert(duplicates), rows)
    blob = keys.astype("<i8").tobytes()
    connection.execute(insert(passage_keys), {"version_id": version, "first": first, "hashes": blob})
    return keys


def link_stored(connection: Connection) -> None:
    """Links every passage of a base that was written before duplicates were."""
    index = KeyIndex.load(connection)
    c = passages.c
    for version in connection.execute(select(c.version_id).distinct().order_by(c.version_id)).scalars().all():
        query = select(c.id, c.path, c.label, c.start, c.end, c.context_s, c.text_s).order_by(c.id)
        rows = connection.execute(query.where(c.version_id == version)).all()
        first = rows[0].id
        index.add(first, link_duplicates(connection, index, version, first, [Passage(*row[1:]) for row in rows]))


def find_groups(connection: Connection, ids: Iterable[int]) -> dict[int, int]:
    """Passage id → group, for those of `ids` that have a duplicate."""
    c = duplicates.c
    found: dict[int, int] = {}
    for some in _chunks(ids):
        found.update(
            (row[0], row[1])
            for row in connection.execute(select(c.passage_id, c.group_id).where(c.passage_id.in_(some)))
        )
    return found


def find_members(connection: Connection, groups: Iterable[int], within: Select[int]) -> Mapping[int, list[Place]]:
    """Group → where its members stand among the versions `within` selects, in order of document and place."""
    c = passages.c
    members: dict[int, list[Place]] = {}
    for some in _chunks(groups):
        query = (
            select(duplicates.c.group_id, c.id, c.version_id, c.label)
            .join(passages, c.id == duplicates.c.passage_id)
            .where(duplicates.c.group_id.in_(some), c.version_id.in_(within))
            .order_by(c.version_id, c.start)
        )
        for group, *place in connection.execute(query):
            members.setdefault(group, []).append(Place(*place))
    return members


def _most_like(body: Body, candidates: Iterable[int], known: Mapping[int, Body]) -> int | None:
    """The passage most like a body, the earliest of equals; None where none is like enough."""
    best, twin = max(((similarity(body, known[i]), -i) for i in candidates), default=(0.0, 0))
    return -twin if best >= NEAR else None


def _bodies(connection: Connection, ids: Iterable[int]) -> dict[int, Body]:
    c = passages.c
    found: dict[int, Body] = {}
    for some in _chunks(ids):
        rows = connection.execute(select(c.id, c.text_s).where(c.id.in_(some)))
        found.update((i, body_from_text(text)) for i, text in rows)
    return found


def _chunks(values: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(values)
    for at in range(0, len(ordered), _VARIABLES):
        yield ordered[at : at + _VARIABLES]
