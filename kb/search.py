"""Search: exact addresses first, then lexical and dense candidates fused, and the rules that answer.

Filters are answered in SQLite before either index is asked, so a filter never starves the result.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING

from kb.answers import find_answers
from kb.articles import with_articles
from kb.duplicates import find_members
from kb.engine import Engine
from kb.exact import find_numbered, find_quoting, find_valued
from kb.filters import in_force
from kb.held import Found
from kb.lookup import find_provisions_at
from kb.newer import newer_first
from kb.question import Question, question_from_query
from kb.ranking import FEWER_RERANKED, RERANKED, Ranking, rank_passages
from kb.scope import Scope
from kb.types import DocumentRow, Filters, Hit, SearchResult
from kb.validity import view_of

if TYPE_CHECKING:
    from kb.store import Store

SHOWN = 50
"""Candidates looked at; those beyond the `k` hits still tell which rules are near the question."""
_FEW = 20
"""Up to so many hits, fewer candidates are reranked."""
_ROW = re.compile(r"[\t|]")


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
    named = _named_hits(engine.store, question, filters)
    if named and question.only_address:
        return SearchResult(query, tuple(with_articles(engine.store, named[:k])))
    ranking = rank(engine, question, filters, RERANKED if k > _FEW else FEWER_RERANKED)
    generation = engine.state.generation
    found = engine.held.passages(ranking.best(max(SHOWN, 2 * k)), generation)
    documents = engine.held.documents([one.version for one in found], generation, view_of(filters))
    found = [one for one in found if one.version in documents]
    found, scores = newer_first(found, documents, ranking.final)
    chosen = _distinct(engine, found, k, filters)
    hits = _hits(engine, question, chosen, documents, replace(ranking, final=scores))
    near = ((one.version, one.passage, scores[one.id]) for one in found)
    rules = find_answers(engine, question, filters, k, near)
    shown = tuple(with_articles(engine.store, _merged(named, hits, k)))
    return SearchResult(query, shown, rules, engine.degraded, () if named else _missing(question))


def rank(engine: Engine, question: Question, filters: Filters, reranked: int = RERANKED) -> Ranking:
    """How passages answer a question, stage by stage.

    Quoted words must stand in them; where they stand nowhere and more is asked, the rest is not left unanswered.
    """
    scope = engine.scopes.of(filters, engine.state.generation)
    if question.phrases:
        quoting = find_quoting(engine.store, engine.lexical, question.phrases, scope)
        if len(quoting) or question.only_named:
            scope = Scope(quoting)
    exact = [value for value in question.values if value.exact]
    stating = find_valued(engine.store, exact, scope)
    if len(stating) and question.only_named:
        scope = Scope(stating)
    return rank_passages(engine, question.text, scope, stating, reranked)


def _named_hits(store: Store, question: Question, filters: Filters) -> list[Hit]:
    """What the query names: provisions by their address, in the document whose number stands before it; documents."""
    numbered = find_numbered(store, question.numbers, filters)
    if numbered and question.addresses:
        places = [replace(filters, document=f"{hit.document.id}@{hit.document.version}") for hit in numbered]
        addresses = [replace(address, title="") for address in question.addresses]
        if hits := [hit for a in addresses for place in places for hit in find_provisions_at(store, a, place)]:
            return hits
    return numbered + [
        hit
        for address in question.addresses
        if address.title or address.start == 0
        for hit in find_provisions_at(store, address, filters)
    ]


def _missing(question: Question) -> tuple[str, ...]:
    """The addresses a query that is nothing else is made of, those that name a document."""
    if not question.only_address:
        return ()
    return tuple(question.text[a.start : a.end] for a in question.addresses if a.title)


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


def _hits(
    engine: Engine,
    question: Question,
    chosen: Mapping[Found, tuple[str, ...]],
    documents: Mapping[int, DocumentRow],
    ranking: Ranking,
) -> list[Hit]:
    values = tuple(value.quantity.quote for value in question.values if value.exact)
    quotes = engine.held.quotes(list(chosen), engine.state.generation)
    hits: list[Hit] = []
    for one, also in chosen.items():
        passage, quote = one.passage, quotes[one.id]
        why = matched_words(question.text, f"{passage.context_s}\n{passage.text_s}")
        if one.id in ranking.stating:
            why += tuple(value for value in values if value not in why)
        if one.id in ranking.dense:
            why += ("dense",)
        reading = passage.text_s if _ROW.search(quote) and "：" in passage.text_s else ""
        score = round(ranking.final[one.id], 4)
        place = (passage.path, passage.label, quote, passage.start, passage.end)
        hits.append(Hit(documents[one.version], *place, score, why, reading, also))
    return hits


def _distinct(engine: Engine, found: Sequence[Found], k: int, filters: Filters) -> dict[Found, tuple[str, ...]]:
    """The first `k` passages that say different things, each with the names of the other places that say the same."""
    firsts: dict[int, Found] = {}
    for one in found:
        firsts.setdefault(one.group, one)
    chosen = dict(islice(firsts.items(), k))
    repeated = chosen.keys() & {one.group for one in found if one.repeated}
    with engine.store.reading() as connection:
        members = find_members(connection, repeated, in_force(filters)) if repeated else {}
    versions = [place.version for places in members.values() for place in places]
    documents = engine.held.documents(versions, engine.state.generation, view_of(filters))
    return {
        one: tuple(
            dict.fromkeys(
                _named(documents[place.version], place.label)
                for place in members.get(group, ())
                if place.passage != one.id
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
