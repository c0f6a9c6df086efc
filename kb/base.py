"""The knowledge base as the rest of fadu sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import StoreError
from ingest.lexicon.packs import use_packs
from ingest.records import Citation, Extraction
from kb.address import parse_address
from kb.articles import with_articles
from kb.citing import resolve_citation
from kb.contents import Contents
from kb.filters import rule_conditions
from kb.lookup import find_provisions_at
from kb.opened import unknown_document
from kb.question import question_from_query
from kb.ranking import Ranking
from kb.schema import rules
from kb.search import find_hits, rank
from kb.simplify import simplified
from kb.store import document_id
from kb.tables import Window, stored_rules
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
    Target,
    Verification,
)

if TYPE_CHECKING:
    from ingest.lexicon.packs import Pack
    from kb.compare import Comparison
    from kb.conflicts import Conflict
    from kb.ingestion import Prepared


class KnowledgeBase(Contents):
    """One knowledge base, open. Reading is safe from several threads; use as a context manager or `close` it."""

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

    def remove(self, identity: str) -> None:
        """Deletes a document with its history.

        Raises:
            QueryError: there is no such document.
        """
        if not self._store.remove(identity):
            raise unknown_document(identity)
        self._upkeep.catch_up(chroma=True)

    def search(self, query: str, *, k: int = 10, filters: Filters = EVERYTHING) -> SearchResult:
        """Passages and rules that answer a query in either script, best first.

        Args:
            query: words, a question, or an address such as 民法典第三条.
            k: how many passages, and how many rules at most.
            filters: where to look.
        """
        with self._turns, self._store.snapshot():  # more at once than processors only contend for the interpreter
            return find_hits(self._engine(), query, k, self._narrowed(filters))

    def rank(self, query: str, *, filters: Filters = EVERYTHING) -> Ranking:
        """The passages behind `search` with their scores after each stage; for measuring and explaining."""
        with self._store.snapshot():
            return rank(self._engine(), question_from_query(query), self._narrowed(filters))

    def find_address(self, address: str, *, filters: Filters = EVERYTHING) -> list[Hit]:
        """The provisions an address names: 民法典第三条, 社保法23条2款; none when it names nothing here.

        Raises:
            QueryError: it is not the address of one article.
        """
        found = find_provisions_at(self._store, parse_address(simplified(address)), self._narrowed(filters))
        return with_articles(self._store, found)

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
        stored = stored_rules(self._store, [*rule_conditions(filters), *measured], self._narrowed(filters), Window())
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
        return examine(self._store, self._lexical, self._chroma, self._any_embedder, repair=repair)
