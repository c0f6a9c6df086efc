"""The lexical index: tantivy over our own tokens. Derived from the store, and rebuilt from it at any time.

It holds the passages of every version; which versions count is said with each query, so that a replaced version
can still be found as of its day.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.errors import StoreError
from kb import tokens
from kb.stamp import Stamp, fingerprints, is_whole, read_stamp, write_stamp
from kb.tokens import find_tokens

if TYPE_CHECKING:
    import tantivy

    from kb.scope import Scope
    from kb.store import Store

FOLDER = "lexical"
FORMAT = f"tantivy-{tokens.FORMAT}"
CONTEXT_WEIGHT = 0.5
_HEAP = 150_000_000
"""Bytes of passages written as one piece; 110,000 passages in one are searched a quarter faster than in three."""
_COMMON, _COMMON_FROM = 0.12, 2_000
"""Share of the passages, and how many at least, that hold a character no search for any of several asks for; in
110,000 passages it takes half as long without them, and finds as well."""
_MOST = 4_000
"""Passages asked for at most to find `k` of some; naming thousands of ids in a query takes longer."""
_MOST_OF_VERSIONS = 500
"""The same where versions can be named instead of passages."""


class LexicalIndex:
    """BM25 over passages.

    Args:
        folder: where the index lies; it may be absent, broken or behind until `catch_up`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: tantivy.Index | None = None
        self._held: Stamp | None = None

    @property
    def generation(self) -> int | None:
        """The generation of the store this index has caught up with, None when it must be rebuilt.

        An index is examined when it is first seen: every file has to be as it was written.
        """
        stamp = read_stamp(self._folder)
        if stamp is None or stamp.format != FORMAT:
            return None
        if stamp != self._held:
            self._index, self._held = self._opened() if is_whole(self._folder, stamp) else None, stamp
        return stamp.generation if self._index else None

    def catch_up(self, store: Store, *, rebuild: bool = False) -> None:
        """Brings the index in step with the store; only the writer may call it.

        Raises:
            StoreError: it cannot be written.
        """
        target, known = store.generation, self.generation
        if known == target and not rebuild:
            return
        try:
            if known is None or known > target or rebuild:
                shutil.rmtree(self._folder, ignore_errors=True)
                known = 0
            self._write(store, known)
            files = [f for f in self._folder.iterdir() if not f.name.endswith(".lock")]
            write_stamp(self._folder, Stamp(target, FORMAT, files=fingerprints(self._folder, files)))
        except (ValueError, OSError) as error:  # tantivy reports what the disk refuses as ValueError
            raise StoreError(
                f"{self._folder}: the lexical index could not be written ({error}); what was stored is safe; free disk "
                "space or check permissions, then run fadu doctor --repair"
            ) from error

    def _write(self, store: Store, since: int) -> None:
        import tantivy

        self._folder.mkdir(parents=True, exist_ok=True)
        changed, removed = store.changed_since(since)
        writer = tantivy.Index(_schema(), str(self._folder)).writer(_HEAP, 1)
        if since:
            for version in (*changed, *removed):
                writer.delete_documents_by_term("version", version)
        for passage, version, context, text in store.passage_texts(changed):
            writer.add_document(
                tantivy.Document(
                    id=passage,
                    version=version,
                    context=" ".join(find_tokens(context)),
                    body=" ".join(find_tokens(text)),
                )
            )
        writer.commit()
        writer.wait_merging_threads()

    def search(
        self, query: str, k: int, within: Scope | None = None, *, every: bool = False
    ) -> list[tuple[int, float]]:
        """(passage id, score) of the `k` best passages, best first.

        Args:
            query: normalized text.
            k: how many.
            within: look only at these passages.
            every: a passage must hold every token of the query.
        """
        index = self._current()
        if index is None:
            return []
        try:
            return self._searched(index, query, k, within, every)
        except ValueError:  # damaged since it was examined
            self._index = None
            return []

    def _searched(
        self, index: tantivy.Index, query: str, k: int, within: Scope | None, every: bool
    ) -> list[tuple[int, float]]:
        import tantivy

        tokens = list(dict.fromkeys(find_tokens(query)))
        if every:
            terms = [tantivy.Query.boolean_query(_of_token(index.schema, token)) for token in tokens]
            wanted = [(tantivy.Occur.Must, term) for term in terms]
        else:
            wanted = [field for token in _telling(index, tokens) for field in _of_token(index.schema, token)]
        if not wanted or (within is not None and not len(within)):
            return []
        question = tantivy.Query.boolean_query(wanted)
        if within is None:
            return _ranked(index, question, k)
        most = _MOST if within.versions is None else _MOST_OF_VERSIONS
        if (many := 2 * k * self.count() // len(within)) <= most:
            best = _ranked(index, question, many)
            found = np.isin(np.array([i for i, _ in best], dtype=np.int64), within.ids)
            kept = [hit for hit, inside in zip(best, found.tolist(), strict=True) if inside]
            if len(kept) >= k or len(best) < many:
                return kept[:k]
        if within.versions is None:
            allowed = tantivy.Query.term_set_query(index.schema, "id", within.ids.tolist())
        else:
            allowed = tantivy.Query.term_set_query(index.schema, "version", list(within.versions))
        must = [(tantivy.Occur.Must, question), (tantivy.Occur.Must, tantivy.Query.const_score_query(allowed, 0.0))]
        return _ranked(index, tantivy.Query.boolean_query(must), k)

    def count(self) -> int:
        """How many passages it holds."""
        index = self._current()
        return index.searcher().num_docs if index else 0

    def ids(self) -> set[int]:
        """Every passage it holds."""
        index = self._current()
        if index is None:
            return set()
        import tantivy

        searcher = index.searcher()
        hits = searcher.search(tantivy.Query.all_query(), max(1, searcher.num_docs), count=False).hits
        return {int(i) for i in searcher.fast_field_values("id", [address for _, address in hits]) if i is not None}

    def _opened(self) -> tantivy.Index | None:
        import tantivy

        try:
            folder = self._folder if os.access(self._folder, os.W_OK) else self._linked()
            return tantivy.Index.open(str(folder))
        except (ValueError, OSError):
            return None

    def _linked(self) -> Path:
        """A temporary folder of links to the index, for tantivy locks a file even to read."""
        place = Path(tempfile.mkdtemp(prefix="fadu-"))
        weakref.finalize(self, shutil.rmtree, place, ignore_errors=True)
        for file in self._folder.iterdir():
            if not file.name.endswith(".lock"):
                (place / file.name).symlink_to(file.resolve())
        return place

    def _current(self) -> tantivy.Index | None:
        return self._index if self.generation is not None else None


def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)
    builder.add_integer_field("version", indexed=True)
    for name in ("context", "body"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _telling(index: tantivy.Index, tokens: list[str]) -> list[str]:
    """The tokens without the characters so many passages hold that they tell little; all where nothing else is left."""
    searcher = index.searcher()
    most = max(_COMMON_FROM, _COMMON * searcher.num_docs)
    telling = [token for token in tokens if len(token) > 1 or searcher.doc_freq("body", token) <= most]
    return telling or tokens


def _of_token(schema: tantivy.Schema, token: str) -> list[tuple[tantivy.Occur, tantivy.Query]]:
    import tantivy

    return [
        (tantivy.Occur.Should, tantivy.Query.boost_query(tantivy.Query.term_query(schema, name, token), weight))
        for name, weight in (("body", 1.0), ("context", CONTEXT_WEIGHT))
    ]


def _ranked(index: tantivy.Index, query: tantivy.Query, k: int) -> list[tuple[int, float]]:
    searcher = index.searcher()
    hits = searcher.search(query, k, count=False).hits
    ids = searcher.fast_field_values("id", [address for _, address in hits])
    return [(int(i), float(score)) for i, (score, _) in zip(ids, hits, strict=True) if i is not None]
