"""Self-supervised training pairs, drawn without end from articles: parts of a text that belong together.

Three kinds: a fragment of a clause, worded as a question half of the time, against its article; some clauses of an
article against the others; a title against its body.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from kb.training.clauses import Clauses, Ids

MOST_TOKENS = 120
_NEIGHBOURS = 4

Pair = tuple[Ids, Ids]


def draw_pairs(clauses: Clauses, openers: Sequence[Ids], random: np.random.Generator) -> Iterator[Pair]:
    """Pairs of token ids, without end.

    Articles come in runs of four neighbours, so that a batch asks to tell articles of one law apart.

    Args:
        clauses: the corpus.
        openers: token ids of question words to mix into fragments.
        random: source of every draw.
    """
    while True:
        start = int(random.integers(len(clauses) - _NEIGHBOURS))
        for article in range(start, start + _NEIGHBOURS):
            first, end = int(clauses.articles[article]), int(clauses.articles[article + 1])
            pair = _pair(clauses, first, end, openers, random)
            if len(pair[0]) >= 4 and len(pair[1]) >= 4:
                yield thin(pair[0], random), thin(pair[1], random)


def thin(ids: Ids, random: np.random.Generator, most: int = MOST_TOKENS) -> Ids:
    """At most `most` of the ids, drawn without replacement."""
    return ids if len(ids) <= most else ids[random.choice(len(ids), most, replace=False)]


def _pair(clauses: Clauses, first: int, end: int, openers: Sequence[Ids], random: np.random.Generator) -> Pair:
    body = list(range(first + 1, end))
    kind = random.random()
    if kind < 0.1 or not body:
        return clauses.clause(first), _joined(clauses, body)
    if kind < 0.35 and len(body) > 1:
        random.shuffle(body)
        cut = int(random.integers(1, len(body)))
        return _joined(clauses, [first, *body[:cut]]), _joined(clauses, body[cut:])
    chosen = int(random.integers(len(body)))
    fragment = _fragment(clauses.clause(body[chosen]), random)
    if random.random() < 0.3:
        fragment = np.concatenate((fragment, clauses.clause(first)))
    if random.random() < 0.5:
        fragment = np.concatenate((fragment, openers[int(random.integers(len(openers)))]))
    others = body[:chosen] + body[chosen + 1 :] if len(body) > 1 and random.random() < 0.6 else body
    return fragment, _joined(clauses, [first, *others])


def _fragment(clause: Ids, random: np.random.Generator) -> Ids:
    length = int(random.integers(10, 45))
    if len(clause) <= length:
        return clause
    start = int(random.integers(len(clause) - length))
    return clause[start : start + length]


def _joined(clauses: Clauses, places: Sequence[int]) -> Ids:
    return np.concatenate([clauses.clause(place) for place in places]) if places else np.zeros(0, dtype=np.int32)
