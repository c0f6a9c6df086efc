"""What a knowledge base holds, to look up and to list."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ingest.records import Extraction, Provision
from kb.filters import figure_conditions, in_force, rule_conditions
from kb.opened import Opened
from kb.schema import versions
from kb.tables import Window, stored_figures, stored_rules
from kb.types import EVERYTHING, DocumentRow, Filters, StoredFigure, StoredRule, Table
from kb.validity import view_of

if TYPE_CHECKING:
    from kb.counts import Counts
    from kb.facets import Facets
    from kb.flat import FlatTable
    from kb.spans import Span


class Contents(Opened):
    """What an open knowledge base holds: documents with their records, and the tables over all of them."""

    def rules(
        self,
        filters: Filters = EVERYTHING,
        *,
        limit: int | None = None,
        offset: int = 0,
        distinct: bool = False,
        after: int | None = None,
        sort: str = "",
    ) -> Table[StoredRule]:
        """Rule records, by document and place.

        Args:
            filters: what to keep.
            limit: page size, None for all.
            offset: records to skip.
            distinct: give a record that a document repeats in the same words once, with its `count`.
            after: begin behind the record that another page's `last` names; goes with no `sort`.
            sort: a slot to sort by (see `kb.ordering`), behind `-` for the largest first.

        Raises:
            QueryError: the record `after` is gone.
        """
        window = Window(limit, offset, distinct, after, sort)
        return stored_rules(self._store, rule_conditions(filters), self._narrowed(filters), window)

    def figures(
        self,
        filters: Filters = EVERYTHING,
        *,
        limit: int | None = None,
        offset: int = 0,
        distinct: bool = False,
        after: int | None = None,
        sort: str = "",
    ) -> Table[StoredFigure]:
        """Figure records, by document and place; arguments as `rules`."""
        window = Window(limit, offset, distinct, after, sort)
        return stored_figures(self._store, figure_conditions(filters), self._narrowed(filters), window)

    def table(self, name: str, filters: Filters = EVERYTHING) -> FlatTable:
        """A whole table as flat rows, for `to_dataframe`, `to_arrow` and export; memory stays that of one document.

        Args:
            name: `documents`, `versions`, `relations`, `rules`, `figures`, `quantities`, `citations`, `provisions` or
                `passages`.
            filters: what to keep; those that speak of contents narrow rules and figures alone.

        Raises:
            QueryError: there is no such table.
        """
        from kb.export import export_table

        return export_table(self._store, name, self._narrowed(filters))

    def documents(self, filters: Filters = EVERYTHING) -> list[DocumentRow]:
        """Documents by title; the slots of `filters` that speak of contents are ignored."""
        narrowed = self._narrowed(filters)
        return [row for _, row in self._store.documents(in_force(narrowed), view_of(narrowed))]

    def counts(self) -> Counts:
        """How many documents, passages, rules and figures the current versions hold."""
        from kb.counts import count_records

        return count_records(self._store, self._narrowed(EVERYTHING))

    def facets(self, filters: Filters = EVERYTHING, of: Collection[str] | None = None) -> Facets:
        """The values documents, rules and figures can be filtered by, with how many have each; `of` names fewer."""
        from kb.facets import PARTS, count_facets

        return count_facets(self._store, self._narrowed(filters), PARTS if of is None else of)

    def document(self, identity: str) -> DocumentRow:
        """The current version of `id`, or the version `id@version`.

        Raises:
            QueryError: there is no such document.
        """
        key = self._key(identity)
        return self._store.documents_by_key([key], self._view)[key]

    def versions(self, identity: str) -> list[DocumentRow]:
        """Every version of a document, oldest first.

        Raises:
            QueryError: there is no such document.
        """
        self._key(identity)
        name = identity.partition("@")[0]
        rows = self._store.documents(select(versions.c.id).where(versions.c.document_id == name), self._view)
        return sorted((row for _, row in rows), key=lambda row: row.version)

    def text(self, identity: str) -> str:
        """The original text of `id` or `id@version`.

        Raises:
            QueryError: there is no such document.
        """
        return self._store.text(self._key(identity))

    def extraction(self, identity: str) -> Extraction:
        """Everything stored of `id` or `id@version`, as it was extracted.

        Raises:
            QueryError: there is no such document.
        """
        return self._store.extraction(self._key(identity))

    def spans(self, identity: str) -> list[Span]:
        """Where the records of `id` or `id@version` stand in its original.

        Raises:
            QueryError: there is no such document.
        """
        from kb.spans import find_spans

        return find_spans(self._store, self._key(identity))

    def records_at(self, identity: str, offset: int) -> list[tuple[str, Any]]:
        """(layer, record) of what `id` or `id@version` says at an offset of its original.

        Raises:
            QueryError: there is no such document.
        """
        from kb.spans import records_at

        return records_at(self._store, self._key(identity), offset)

    def provisions(self, identity: str) -> tuple[Provision, ...]:
        """The provisions of `id` or `id@version`, in order.

        Raises:
            QueryError: there is no such document.
        """
        return self._store.provisions(self._key(identity))
