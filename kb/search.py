"""Search: exact addresses first, then lexical and dense candidates fused, and the rules that answer.

Filters are answered in SQLite before either index is asked, so a filter never starves the result.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from kb.answers import find_answers
from kb.duplicates import find_groups, find_members
from kb.filters import in_force
from kb.lookup import find_provisions_at
from kb.passages import Passage
from kb.question import Question, question_from_query
from kb.scope import Scope, Scopes
from kb.types import DocumentRow, Filters, Hit, SearchResult

if TYPE_CHECKING:
    from kb.dense import DenseSearch
    from kb.embed import Embedder
    from kb.lexical import LexicalIndex
    from kb.store import State, Store

POOL = 200
"""Candidates asked of each index."""
SHOWN = 50
"""Fused candidates looked at; those beyond the `k` hits still tell which rules are near the question."""
DENSE_WEIGHT = 0.7
"""Share of the dense score in the fusion of z-scores; equal weights cost 0.08 MRR on lay legal questions."""


_Found = tuple[int, int, Passage]
_ROW = re.compile(r"[\t|]")


@dataclass(frozen=True, slots=True)
class Engine:
    """What a search asks; `load_embedder` is None for a base without vectors.

    `degraded` says that an index is behind the store.
    """

    store: Store
    state: State
    lexical: LexicalIndex
    dense: DenseSearch
    scopes: Scopes
    load_embedder: Callable[[], Embedder] | None
    degraded: bool = False


def find_hits(engine: Engine, query: str, k: int, filters: Filters) -> SearchResult:
    """Passages and rules for a query in either script.

    Args:
        engine: the store and its indexes.
        query: what is asked.
        k: how many passages, and how many rules at most.
        filters: where to look.
    """
    question = question_from_query(query)
    if not question.text:
        return SearchResult(query)
    addressed = [
        hit
        for address in question.addresses
        if address.title or address.start == 0
        for hit in find_provisions_at(engine.store, address, filters)
    ]
    if addressed and question.only_address:
        return SearchResult(query, tuple(addressed[:k]))
    scope = engine.scopes.of(filters, engine.state.generation)
    lexical = dict(engine.lexical.search(question.text, POOL, scope))
    dense = _dense(engine, question, scope)
    scores = fuse(lexical, dense)
    ranked = sorted(scores, key=lambda i: (-scores[i], i))[: max(SHOWN, 2 * k)]
    found = engine.store.passages(ranked)
    documents = engine.store.documents_by_key(sorted({version for _, version, _ in found}))
    chosen = _distinct(engine.store, found, k, filters)
    hits = _hits(engine.store, question, chosen, documents, scores, frozenset(dense))
    rules = find_answers(engine.store, question, filters, k, [(v, p, scores[i]) for i, v, p in found])
    return SearchResult(query, _merged(addressed, hits, k), rules, engine.degraded)


def fuse(lexical: Mapping[int, float], dense: Mapping[int, float]) -> dict[int, float]:
    """Weighted sum of z-scores, squeezed to between 0 and 1; what a list lacks counts as its last.

    >>> fused = fuse({1: 9.0, 2: 3.0}, {1: 0.8, 3: 0.2})
    >>> sorted(fused, key=fused.get, reverse=True)[0], 0 < min(fused.values()) < max(fused.values()) < 1
    (1, True)
    """
    weighted = [(lexical, 1 - DENSE_WEIGHT), (dense, DENSE_WEIGHT)]
    total = dict.fromkeys([*lexical, *dense], 0.0)
    for scores, weight in weighted:
        if not scores:
            continue
        values = np.fromiter(scores.values(), dtype=np.float64)
        mean, spread, last = float(values.mean()), float(values.std()) or 1.0, float(values.min())
        for i in total:
            total[i] += weight * (scores.get(i, last) - mean) / spread
    return {i: 1 / (1 + math.exp(-score)) for i, score in total.items()}


def matched_words(query: str, text: str) -> tuple[str, ...]:
    """The longest stretches of a query, two characters at least, that a text holds; both normalized.

    >>> matched_words("住院报销比例是多少", "三级医院住院的报销比例为80%")
    ('住院', '报销比例')
    """
    words: list[str] = []
    at = 0
    while at < len(query):
        end = at
        while end < len(query) and query[end].isalnum() and query[at : end + 1] in text:
            end += 1
        if end - at >= 2:
            words.append(query[at:end])
            at = end
        else:
            at += 1
    return tuple(dict.fromkeys(words))


def _dense(engine: Engine, question: Question, scope: Scope) -> dict[int, float]:
    if engine.load_embedder is None:
        return {}
    vector = engine.load_embedder().encode([question.text])[0]
    return dict(engine.dense.search(vector, POOL, scope, state=engine.state))


def _hits(
    store: Store,
    question: Question,
    chosen: Mapping[_Found, tuple[str, ...]],
    documents: Mapping[int, DocumentRow],
    scores: Mapping[int, float],
    dense: frozenset[int],
) -> list[Hit]:
    hits: list[Hit] = []
    for (i, version, passage), also in chosen.items():
        quote = store.text(version)[passage.start : passage.end]
        words = matched_words(question.text, f"{passage.context_s}\n{passage.text_s}")
        why = (*words, "dense") if i in dense else words
        reading = passage.text_s if _ROW.search(quote) and "：" in passage.text_s else ""
        score = round(scores[i], 4)
        place = (passage.path, passage.label, quote, passage.start, passage.end)
        hits.append(Hit(documents[version], *place, score, why, reading, also))
    return hits


def _distinct(store: Store, found: Sequence[_Found], k: int, filters: Filters) -> dict[_Found, tuple[str, ...]]:
    """The first `k` passages that say different things, each with the names of the other places that say the same."""
    with store.reading() as connection:
        groups = find_groups(connection, [i for i, *_ in found])
        firsts: dict[int, _Found] = {}
        for one in found:
            firsts.setdefault(groups.get(one[0], one[0]), one)
        chosen = dict(islice(firsts.items(), k))
        members = find_members(connection, chosen.keys() & set(groups.values()), in_force(filters))
    documents = store.documents_by_key(sorted({place.version for places in members.values() for place in places}))
    return {
        one: tuple(
            dict.fromkeys(
                _named(documents[place.version], place.label)
                for place in members.get(group, ())
                if place.passage != one[0]
            )
        )
        for group, one in chosen.items()
    }


def _named(document: DocumentRow, label: str) -> str:
    title = document.title or PurePath(document.source).name
    return f"{title} / {label}" if label else title


def _merged(addressed: Sequence[Hit], hits: Sequence[Hit], k: int) -> tuple[Hit, ...]:
    known = {(h.document.id, h.document.version, h.start, h.end) for h in addressed}
    rest = [h for h in hits if (h.document.id, h.document.version, h.start, h.end) not in known]
    return tuple([*addressed, *rest][:k])
