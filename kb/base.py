"""The knowledge base as the rest of fadu sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import ColumnElement, func, select, tuple_

from ingest.errors import QueryError, StoreError
from ingest.lexicon.packs import use_packs
from ingest.records import Citation, Extraction, Figure, Provision, Rule
from kb.address import parse_address
from kb.answers import label_of
from kb.citing import resolve_citation
from kb.dense import DenseSearch
from kb.embed import Embedder
from kb.embedders import embedder_from_environment
from kb.engine import Engine
from kb.filters import figure_conditions, in_force, rule_conditions
from kb.lexical import FOLDER as LEXICAL
from kb.lexical import LexicalIndex
from kb.lookup import find_provisions_at
from kb.ordering import natural_order, order_by
from kb.question import question_from_query
from kb.ranking import Ranking
from kb.rows import record_from_json
from kb.schema import documents, figures, rules, versions
from kb.scope import Scopes
from kb.search import find_hits, rank
from kb.simplify import simplified
from kb.store import Store, document_id
from kb.types import (
    EVERYTHING,
    DocumentRow,
    Filters,
    Finding,
    Hit,
    IngestEvent,
    IngestReport,
    NumberCheck,
    Outcome,
    Problem,
    QuoteMatch,
    SearchResult,
    StoredFigure,
    StoredRule,
    Table,
    Target,
    Verification,
)
from kb.upkeep import Upkeep

if TYPE_CHECKING:
    from ingest.lexicon.packs import Pack
    from kb.compare import Comparison
    from kb.conflicts import Conflict
    from kb.counts import Counts
    from kb.facets import Facets
    from kb.ingestion import Prepared
    from kb.spans import Span


@dataclass(frozen=True, slots=True)
class _Page:
    """Which of the matching records are wanted, and whether repetitions count once; `after` is the row of a record."""

    limit: int | None = None
    offset: int = 0
    distinct: bool = False
    after: int | None = None
    sort: str = ""


class KnowledgeBase:
    """One knowledge base, open. Reading is safe from several threads; use as a context manager or `close` it.

    Args:
        store: the truth.
        embedder: makes the vectors; None loads what `FADU_EMBEDDER` names, else the shipped model, when first needed.
        resident: the process answers many queries.
    """

    def __init__(self, store: Store, embedder: Embedder | None, *, resident: bool) -> None:
        self._store = store
        self._embedder = embedder
        self._resident = resident
        self._collections: frozenset[str] | None = None
        self._lexical = LexicalIndex(store.folder / LEXICAL)
        self._dense = DenseSearch(store, resident=resident)
        self._scopes = Scopes(store)
        self._upkeep = Upkeep(store, self._lexical, chroma=resident)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        create: bool = False,
        write: bool = False,
        embedder: Embedder | None = None,
        resident: bool = False,
    ) -> Self:
        """Opens a knowledge base; indexes that lag are brought in step, for a resident process in the background.

        Args:
            path: its folder.
            create: make it if it is missing.
            write: ingest, remove and repair; one writer at a time.
            embedder: another model than `FADU_EMBEDDER` names, else the shipped one; a base keeps to its first.
            resident: the process answers many queries (a server): Chroma is used.

        Raises:
            StoreError: there is no base, or it is damaged, foreign or newer; it was not touched.
            LockedError: `write`, and another process is writing.
        """
        base = cls(Store.open(Path(path), create=create, write=write), embedder, resident=resident)
        try:
            base._catch_up_on_opening()
        except BaseException:
            base.close()
            raise
        return base

    def limited_to(self, collections: frozenset[str]) -> Self:
        """This base with nothing in it but some collections, whatever is asked of it; it shares what is open."""
        limited = copy(self)
        limited._collections = collections
        return limited

    def close(self) -> None:
        """Closes everything and gives the writer lock back."""
        self._upkeep.close()
        self._dense.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def warm(self) -> None:
        """Brings the indexes in step and loads them and the model, so that the first question waits for nothing.

        Raises:
            StoreError: the vectors were made by another embedder.
        """
        self._upkeep.catch_up(chroma=self._resident)
        self._upkeep.wait()
        self._dense.warm()
        self.search("预热")

    def ingest(
        self,
        paths: Iterable[str | Path],
        *,
        jobs: int = 1,
        progress: Callable[[IngestEvent], None] | None = None,
        packs: Sequence[Pack | str | Path] = (),
    ) -> IngestReport:
        """Takes files and folders in; what is unchanged is left alone, what changed becomes a new version.

        Args:
            paths: files and folders.
            jobs: processes that read and extract; with more than one, a script must guard its start with
                `if __name__ == "__main__"`.
            progress: called once a file, in order.
            packs: vocabulary packs, or their files; what is unchanged keeps the records it has.

        Returns:
            What was done; a file that cannot be read is refused and the rest goes on.

        Raises:
            ReadError: a path does not exist; nothing was taken in.
            LexiconError: a pack is malformed; nothing was taken in.
            StoreError: the base was not opened for writing or cannot be written; what came before is stored.
        """
        from kb.ingestion import ingest_files

        if not self._store.writable:
            raise StoreError(f"{self._store.folder}: opened for reading; open it with write=True to ingest")
        try:
            with use_packs(packs):
                return ingest_files(self._store, self._bound_embedder, paths, jobs, progress)
        finally:
            self._upkeep.catch_up(chroma=True)

    def save(
        self, source: str | Path, prepared: Prepared, *, collection: str = "default"
    ) -> tuple[Outcome, DocumentRow]:
        """Stores what `kb.ingestion.prepare` made of a file; `catch_up` then brings the indexes in step.

        Args:
            source: what names the document for good.
            prepared: what is in it.
            collection: what a new document belongs to.

        Raises:
            StoreError: the base was not opened for writing or cannot be written.
        """
        from kb.ingestion import store_prepared

        name = str(source)
        if self._store.known_hash(name) == prepared.extraction.document.sha256:
            return "unchanged", self.document(document_id(name))
        outcome = store_prepared(self._store, self._bound_embedder(), name, prepared, collection)
        return outcome, self.document(document_id(name))

    def known_hash(self, source: str | Path) -> str | None:
        """The SHA-256 of the current version of a source, None for a new source."""
        return self._store.known_hash(str(source))

    @property
    def state(self) -> int:
        """A number that changes with every change of the documents."""
        return self._store.generation

    def catch_up(self) -> None:
        """Brings the indexes in step with what was saved; only a base opened for writing may."""
        self._upkeep.catch_up(chroma=True)

    def remove(self, identity: str) -> None:
        """Deletes a document with its history.

        Raises:
            QueryError: there is no such document.
        """
        if not self._store.remove(identity):
            raise _unknown(identity)
        self._upkeep.catch_up(chroma=True)

    def search(self, query: str, *, k: int = 10, filters: Filters = EVERYTHING) -> SearchResult:
        """Passages and rules that answer a query in either script, best first.

        Args:
            query: words, a question, or an address such as 民法典第三条.
            k: how many passages, and how many rules at most.
            filters: where to look.
        """
        return find_hits(self._engine(), query, k, self._narrowed(filters))

    def rank(self, query: str, *, filters: Filters = EVERYTHING) -> Ranking:
        """The passages behind `search` with their scores after each stage; for measuring and explaining."""
        return rank(self._engine(), question_from_query(query), self._narrowed(filters))

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
        return self._rules(rule_conditions(filters), filters, _Page(limit, offset, distinct, after, sort))

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
        rows, total = self._page(
            figures, figure_conditions(filters), filters, _Page(limit, offset, distinct, after, sort)
        )
        known = self._store.documents_by_key(sorted({row.version_id for row in rows}))
        return Table(
            tuple(StoredFigure(known[row.version_id], record_from_json(Figure, row.record), row.times) for row in rows),
            total,
            rows[-1].row if rows else None,
        )

    def documents(self, filters: Filters = EVERYTHING) -> list[DocumentRow]:
        """Documents by title; the slots of `filters` that speak of contents are ignored."""
        return [row for _, row in self._store.documents(in_force(self._narrowed(filters)))]

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
        return self._store.documents_by_key([key])[key]

    def versions(self, identity: str) -> list[DocumentRow]:
        """Every version of a document, oldest first.

        Raises:
            QueryError: there is no such document.
        """
        self._key(identity)
        name = identity.partition("@")[0]
        rows = self._store.documents(select(versions.c.id).where(versions.c.document_id == name))
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

    def find_address(self, address: str, *, filters: Filters = EVERYTHING) -> list[Hit]:
        """The provisions an address names: 民法典第三条, 社保法23条2款; none when it names nothing here.

        Raises:
            QueryError: it is not the address of one article.
        """
        return find_provisions_at(self._store, parse_address(simplified(address)), self._narrowed(filters))

    def resolve(self, citation: Citation, *, filters: Filters = EVERYTHING) -> Target | None:
        """The document a citation means, with its provision where one is cited; None where the base lacks it."""
        return resolve_citation(self._store, citation, self._narrowed(filters))

    def verify(self, text: str) -> Verification:
        """Whether a quote and its numbers stand in the base, punctuation, width and script aside."""
        from kb.verify import verify_text

        return verify_text(self._engine(), text, self._narrowed(EVERYTHING))

    def verify_quote(self, text: str) -> tuple[QuoteMatch, ...]:
        """Where a quote stands, exactly or nearly, the best first; near ones with what differs."""
        return self.verify(text).matches

    def verify_number(self, sentence: str) -> tuple[NumberCheck, ...]:
        """Whether each number of a sentence stands here on the matter the sentence puts it to, in whatever words.

        Args:
            sentence: 三级医院住院报销比例为65%; what it leaves out (a region, a year) can be any.
        """
        from kb.claims import check_claims

        @cache
        def records_of(indicator: str) -> list[StoredRule | StoredFigure]:
            filters = Filters(indicator=indicator)
            return [*self.rules(filters), *self.figures(filters)]

        @cache
        def text_of(document: DocumentRow) -> str:
            return self.text(f"{document.id}@{document.version}")

        return check_claims(sentence, records_of, self.verify(sentence).numbers, text_of)

    def check(self, report: Extraction, filters: Filters = EVERYTHING) -> list[Finding]:
        """What a report breaks, keeps or leaves undecided of the rules stored here and of those it quotes itself.

        Args:
            report: the report as extracted; it need not be stored, and is not held against itself when it is.
            filters: which rules count.
        """
        from kb.check import check_report, indicators_to_check

        measured = (rules.c.indicator.in_(indicators_to_check(report)), rules.c.comparator.is_not(None))
        stored = self._rules([*rule_conditions(filters), *measured], filters)
        others = [rule for rule in stored if rule.document.sha256 != report.document.sha256]
        return check_report(report, others, chosen=filters.document is not None)

    def compare(self, former: str, latter: str) -> Comparison:
        """What differs between two stored documents or versions, each `id` or `id@version`.

        Raises:
            QueryError: there is no such document.
        """
        from kb.compare import compare_documents

        return compare_documents(self.extraction(former), self.extraction(latter))

    def conflicts(self, filters: Filters = EVERYTHING) -> list[Conflict]:
        """Rules stored here that disagree.

        Args:
            filters: which rules count.
        """
        from kb.conflicts import find_conflicts

        return find_conflicts(list(self.rules(filters)))

    def doctor(self, repair: bool = False) -> list[Problem]:
        """What is wrong with the base; with `repair`, what is derived is rebuilt.

        Raises:
            StoreError: `repair`, and the base was not opened for writing.
        """
        from kb.doctor import examine

        if repair and not self._store.writable:
            raise StoreError(f"{self._store.folder}: opened for reading; open it with write=True to repair it")
        return examine(self._store, self._lexical, self._any_embedder, repair=repair)

    def _any_embedder(self) -> Embedder:
        self._embedder = self._embedder or embedder_from_environment()
        return self._embedder

    def _bound_embedder(self) -> Embedder:
        """The embedder, refused when the base was made with another one."""
        embedder = self._any_embedder()
        self._store.use_embedder(embedder.name, embedder.dimension)
        return embedder

    def _engine(self) -> Engine:
        state = self._store.state
        degraded = self._upkeep.behind(state.generation)
        if degraded and self._resident:
            self._upkeep.start()

        def embedder() -> Embedder:
            found = self._any_embedder()
            self._store.check_embedder(state, found.name, found.dimension)
            return found

        load = None if state.embedder is None else embedder
        return Engine(self._store, state, self._lexical, self._dense, self._scopes, load, degraded)

    def _key(self, identity: str) -> int:
        key = self._store.version_key(identity)
        if key is None or not self._is_seen(key):
            raise _unknown(identity)
        return key

    def _is_seen(self, key: int) -> bool:
        if self._collections is None:
            return True
        return self._store.documents_by_key([key])[key].collection in self._collections

    def _narrowed(self, filters: Filters) -> Filters:
        """Filters that look only where this base may."""
        if self._collections is None:
            return filters
        asked = filters.collections
        return replace(filters, collections=self._collections if asked is None else asked & self._collections)

    def _rules(
        self,
        conditions: list[ColumnElement[bool]],
        filters: Filters,
        page: _Page | None = None,
    ) -> Table[StoredRule]:
        rows, total = self._page(rules, conditions, filters, page or _Page())
        known = self._store.documents_by_key(sorted({row.version_id for row in rows}))
        return Table(
            tuple(
                StoredRule(
                    known[row.version_id], label_of(row.provision), record_from_json(Rule, row.record), row.times
                )
                for row in rows
            ),
            total,
            rows[-1].row if rows else None,
        )

    def _page(
        self, table: Any, conditions: list[ColumnElement[bool]], filters: Filters, page: _Page
    ) -> tuple[list[Any], int]:
        filters = self._narrowed(filters)
        alike = (table.c.version_id, table.c.said if page.distinct else table.c.row)
        matching = (
            select(func.min(table.c.row).label("row"), func.count().label("times"))
            .join(versions, versions.c.id == table.c.version_id)
            .where(versions.c.id.in_(in_force(filters, by_region=False)), *conditions)
            .group_by(*alike)
            .subquery()
        )
        order = natural_order(table)
        query = (
            select(table.c.row, table.c.version_id, table.c.provision, table.c.record, matching.c.times)
            .join(matching, matching.c.row == table.c.row)
            .join(versions, versions.c.id == table.c.version_id)
            .join(documents, documents.c.id == versions.c.document_id)
            .order_by(*(order_by(table, page.sort) if page.sort else order))
            .limit(page.limit)
            .offset(page.offset)
        )
        with self._store.reading() as connection:
            if page.after is not None:
                placed = (
                    select(*order).select_from(table.join(versions).join(documents)).where(table.c.row == page.after)
                )
                place = connection.execute(placed).one_or_none()
                if place is None:
                    raise QueryError("the record this page follows is gone; begin again with the first page")
                query = query.where(tuple_(*order) > tuple_(*place))
            total = connection.execute(select(func.count()).select_from(matching)).scalar_one()
            return list(connection.execute(query).all()), total

    def _catch_up_on_opening(self) -> None:
        """Brings the indexes in step, in the background where the process stays; a writer does so after it has written.

        Where nothing can be written, what the indexes hold answers.
        """
        if self._store.writable or not self._upkeep.behind(self._store.generation):
            return
        with suppress(PermissionError):
            if not self._resident or self._upkeep.quick():
                self._upkeep.catch_up(chroma=False)
        if self._resident:
            self._upkeep.start()


def _unknown(identity: str) -> QueryError:
    return QueryError(f"no document {identity!r} in this knowledge base; fadu search and fadu export name the ids")
