"""Whether a sentence and its numbers really stand in the knowledge base."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from sqlalchemy import select

from ingest.extract.quantities import find_quantities
from ingest.normalize import normalize
from ingest.records import Provision, Quantity
from kb.address import readable_label
from kb.engine import Engine
from kb.passages import Passage
from kb.rows import ProvisionLabels, record_from_json
from kb.schema import quantities
from kb.simplify import simplified
from kb.store import Store
from kb.types import EVERYTHING, DocumentRow, Filters, NumberCheck, NumberMatch, QuoteMatch, Verification
from kb.wording import find_wording_changes

NEAR = 0.7
"""Dice overlap of character bigrams from which a sentence counts as nearly there."""
_CANDIDATES = 30
_MATCHES = 5
_MARGIN = 50
_STOP = re.compile(r"[，。；：！？,;!?\n\r]")
_REACH = 16  # characters a near match is drawn out at most on each side
_LONGEST = 1000  # characters of a text whose differences are shown


@dataclass(frozen=True, slots=True)
class _Bare:
    """A text without punctuation and blanks; `at[i]` is where character `i` stood."""

    text: str
    at: list[int]


class _Shelf:
    """Provisions of the documents looked at, loaded once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._places: dict[int, ProvisionLabels] = {}

    def provision(self, version: int, offset: int) -> Provision | None:
        if version not in self._places:
            self._places[version] = ProvisionLabels(self.store.provisions(version))
        return self._places[version].innermost(offset)


def verify_text(engine: Engine, text: str, filters: Filters = EVERYTHING) -> Verification:
    """Looks a quote up, punctuation, blanks, width and script aside.

    Args:
        engine: the store and its lexical index.
        text: a sentence or a passage, in either script.
        filters: where to look.
    """
    normalized = simplified(text)
    wanted = _bare(normalized)
    store = engine.store
    scope = engine.scopes.of(filters, engine.state.generation)
    ids = [i for i, _ in engine.lexical.search(normalized, _CANDIDATES, scope)]
    found = store.passages(ids)
    candidates = [(version, passage.start, passage.end) for _, version, passage in found]
    likely = [(v, p.start, p.end) for _, v, p in sorted(found, key=lambda f: -_shared(wanted.text, f[2]))[:_MATCHES]]
    documents = store.documents_by_key(sorted({version for version, *_ in candidates}))
    shelf = _Shelf(store)
    matches: dict[tuple[int, int], tuple[int, QuoteMatch]] = {}
    for version, start, end in likely:
        match = _best_match(wanted, shelf, documents[version], version, start, end)
        if match:
            matches.setdefault((version, match.start), (version, match))
    best = sorted(matches.values(), key=lambda pair: (-pair[1].similarity, pair[0], pair[1].start))
    exact = [pair for pair in best if pair[1].match == "exact"]
    best = [(version, _told_apart(text, match)) for version, match in (exact or best)[:_MATCHES]]
    spans = [(version, match.start, match.end) for version, match in best] or candidates
    numbers = tuple(_check(store, shelf, documents, number, spans) for number in find_quantities(normalized))
    return Verification(text, tuple(match for _, match in best), numbers)


def _whole_clauses(text: str, start: int, end: int) -> tuple[int, int]:
    """A span that ends amid a clause, drawn to the clause's ends where these are near."""
    before = _STOP.split(text[max(0, start - _REACH) : start])[-1]
    after = _STOP.split(text[end : end + _REACH])[0]
    left = start - len(before.lstrip()) if len(before) < min(_REACH, start) else start
    return left, end + len(after.rstrip()) if len(after) < _REACH else end


def _told_apart(text: str, match: QuoteMatch) -> QuoteMatch:
    """A near match with its differences from the text, where both are short enough to compare."""
    if match.match == "exact" or len(text) > _LONGEST or len(match.quote) > _LONGEST:
        return match
    return replace(match, differences=find_wording_changes(text, match.quote))


def _shared(wanted: str, passage: Passage) -> float:
    """The share of the shorter one's bigrams that a quote and a passage have in common."""
    asked, held = ({"".join(pair) for pair in pairwise(text)} for text in (wanted, _bare(passage.text_s).text))
    return len(asked & held) / max(1, min(len(asked), len(held)))


def _bare(text: str) -> _Bare:
    kept = [(i, c) for i, c in enumerate(text) if c.isalnum() or c in "%‰"]
    return _Bare("".join(c for _, c in kept), [i for i, _ in kept])


def _best_match(
    wanted: _Bare, shelf: _Shelf, document: DocumentRow, version: int, start: int, end: int
) -> QuoteMatch | None:
    """The best place for the text in and around one passage; a quote may run over the passage's ends."""
    text = shelf.store.text(version)
    reach = 2 * len(wanted.text) + _MARGIN
    left, right = max(0, start - reach), min(len(text), end + reach)
    aligned = normalize(text[left:right])
    here = _bare(aligned.text)
    at, length, similarity = _place(wanted.text, here.text.casefold())
    if similarity < NEAR or not length:
        return None
    first, last = aligned.to_source(here.at[at], here.at[at + length - 1] + 1)
    around = shelf.provision(version, left + first)
    path = around.path if around else ""
    span = (left + first, left + last) if similarity == 1 else _whole_clauses(text, left + first, left + last)
    return QuoteMatch(
        document,
        path,
        readable_label(path),
        text[span[0] : span[1]],
        *span,
        match="exact" if similarity == 1 else "near",
        similarity=round(similarity, 4),
    )


def _place(wanted: str, text: str) -> tuple[int, int, float]:
    """(start, length, similarity) of the stretch of `text` most like `wanted`; 1 only when it is the same."""
    at = text.find(wanted)
    if at >= 0:
        return at, len(wanted), 1.0
    if len(wanted) < 2 or len(text) < 2:
        return 0, 0, 0.0
    bigrams = ["".join(pair) for pair in pairwise(text)]
    asked = Counter("".join(pair) for pair in pairwise(wanted))
    held = np.fromiter((b in asked for b in bigrams), dtype=np.int64, count=len(bigrams))
    size = min(len(wanted) - 1, len(bigrams))
    sums = np.concatenate([[0], np.cumsum(held)])
    at = int(np.argmax(sums[size:] - sums[:-size]))
    inside = np.flatnonzero(held[at : at + size])
    if not len(inside):
        return 0, 0, 0.0
    first, last = at + int(inside[0]), at + int(inside[-1]) + 1
    shared = sum((Counter(bigrams[first:last]) & asked).values())
    similarity = 2 * shared / (last - first + asked.total())
    return first, last - first + 1, min(similarity, 0.9999)


def _check(
    store: Store,
    shelf: _Shelf,
    documents: dict[int, DocumentRow],
    number: Quantity,
    spans: Sequence[tuple[int, int, int]],
) -> NumberCheck:
    places = [
        _number_place(shelf, documents[version], version, found)
        for version, start, end in spans
        for found in _held(store, version, start, end)
        if _equal(number, found)
    ]
    match: NumberMatch = "exact" if places else "absent"
    return NumberCheck(
        number.quote, number.kind, number.value, number.unit, bool(places), tuple(places[:_MATCHES]), match
    )


def _held(store: Store, version: int, start: int, end: int) -> list[Quantity]:
    c = quantities.c
    query = select(c.record).where(c.version_id == version, c.start >= start, c.end <= end).order_by(c.start)
    with store.reading() as connection:
        return [record_from_json(Quantity, record) for record in connection.execute(query).scalars()]


def _equal(asked: Quantity, found: Quantity) -> bool:
    """Same measure; a sum of money without its currency said equals one in any."""
    same_unit = asked.unit == found.unit or asked.kind == found.kind == "money"
    return (asked.kind, asked.value, asked.high) == (found.kind, found.value, found.high) and same_unit


def _number_place(shelf: _Shelf, document: DocumentRow, version: int, found: Quantity) -> QuoteMatch:
    around = shelf.provision(version, found.start)
    path = around.path if around else ""
    return QuoteMatch(
        document, path, readable_label(path), found.quote, found.start, found.end, match="exact", similarity=1.0
    )
