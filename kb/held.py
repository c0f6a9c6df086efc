"""The passages and documents searches meet, held in memory between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from ingest.records import Rule
from kb.answers import label_of
from kb.columns import RuleColumns, read_columns
from kb.passages import Passage
from kb.recent import Recent
from kb.rows import record_from_json
from kb.schema import duplicates, passages, rules, texts
from kb.types import DocumentRow, Filters, StoredRule
from kb.validity import View, view_of

if TYPE_CHECKING:
    from kb.store import Store

_PASSAGES = 16_384
"""Passages held: about 25 MB of short provisions."""
_DOCUMENTS = 8_192
_QUOTES = 4_096
_RULES = 4_096
_COLUMNS = 64
_c = passages.c
_FOUND = (
    select(
        _c.id,
        _c.version_id,
        duplicates.c.group_id,
        *(_c.path, _c.label, _c.start, _c.end, _c.context_s, _c.text_s),
    )
    .outerjoin(duplicates, duplicates.c.passage_id == _c.id)
    .where(_c.id.in_(bindparam("ids", expanding=True)))
)
_QUOTED = (
    select(_c.id, func.substr(texts.c.text, _c.start + 1, _c.end - _c.start))
    .join(texts, texts.c.version_id == _c.version_id)
    .where(_c.id.in_(bindparam("ids", expanding=True)))
)

_RECORDS = select(rules.c.row, rules.c.version_id, rules.c.provision, rules.c.record).where(
    rules.c.row.in_(bindparam("rows", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Found:
    """A passage as stored; `group` names what it says, and is `repeated` where other passages say the same."""

    id: int
    version: int
    group: int
    repeated: bool
    passage: Passage


class Held:
    """What was read of a store last, forgotten when it changes; safe from several threads.

    Args:
        store: the truth.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._passages = Recent[int, Found](_PASSAGES)
        self._documents = Recent[tuple[int, View], DocumentRow](_DOCUMENTS)
        self._quotes = Recent[int, str](_QUOTES)
        self._rules = Recent[tuple[int, View], StoredRule](_RULES)
        self._columns = Recent[tuple[str, Filters, str], RuleColumns](_COLUMNS)

    def passages(self, ids: Iterable[int], generation: int) -> list[Found]:
        """Passages by id at the store's present generation, in order, unknown ones left out."""
        return list(self._passages.get(ids, generation, self._read_passages).values())

    def documents(self, versions: Iterable[int], generation: int, view: View) -> dict[int, DocumentRow]:
        """Rows by version key at the store's present generation, as a view tells of them."""
        view = view.settled

        def read(missing: list[tuple[int, View]]) -> dict[tuple[int, View], DocumentRow]:
            rows = self._store.documents_by_key([version for version, _ in missing], view)
            return {(version, view): row for version, row in rows.items()}

        found = self._documents.get([(version, view) for version in versions], generation, read)
        return {version: row for (version, _), row in found.items()}

    def quotes(self, found: Sequence[Found], generation: int) -> dict[int, str]:
        """The words of passages as they stand in the original, by id."""
        quotes = self._quotes.get([one.id for one in found], generation, self._read_quotes)
        for one in found:
            if len(quotes[one.id]) != one.passage.end - one.passage.start:  # SQL ends a text at a NUL character
                quotes[one.id] = self._store.text(one.version)[one.passage.start : one.passage.end]
        return quotes

    def rules_on(self, indicator: str, filters: Filters, generation: int) -> RuleColumns:
        """The rules with a number on an indicator that filters let through."""
        key = (indicator, filters, view_of(filters).day)
        return self._columns.get([key], generation, lambda _: {key: read_columns(self._store, indicator, filters)})[key]

    def rules(self, rows: Iterable[int], generation: int, view: View) -> dict[int, StoredRule]:
        """Rule records by row at the store's present generation, their documents as a view tells of them."""
        keys = [(row, view.settled) for row in rows]
        found = self._rules.get(keys, generation, lambda missing: self._read_rules(missing, generation))
        return {row: rule for (row, _), rule in found.items()}

    def _read_rules(self, keys: list[tuple[int, View]], generation: int) -> dict[tuple[int, View], StoredRule]:
        view = keys[0][1]
        with self._store.reading() as connection:
            read = connection.execute(_RECORDS, {"rows": [row for row, _ in keys]}).all()
        documents = self.documents([version for _, version, *_ in read], generation, view)
        return {
            (row, view): StoredRule(documents[version], label_of(path), record_from_json(Rule, record))
            for row, version, path, record in read
            if version in documents
        }

    def _read_passages(self, ids: list[int]) -> dict[int, Found]:
        with self._store.reading() as connection:
            rows = connection.execute(_FOUND, {"ids": ids}).all()
        return {
            i: Found(i, version, i if group is None else group, group is not None, Passage(*passage))
            for i, version, group, *passage in rows
        }

    def _read_quotes(self, ids: list[int]) -> dict[int, str]:
        with self._store.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(_QUOTED, {"ids": ids})}
