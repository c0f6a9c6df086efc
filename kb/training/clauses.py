"""Articles as token ids, cut into clauses: the form in which all of training reads text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.ngrams import NgramVocabulary
from kb.training.corpus import Article

_CLAUSE_END = re.compile(r"(?<=[。；;\n])|(?<=[，：,:])(?=.{12})")
_SHORTEST = 8

Ids = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Clauses:
    """Token ids of articles by clause.

    Attributes:
        ids: all clauses' token ids, one after another.
        bounds: clause `c` has `ids[bounds[c]:bounds[c + 1]]`.
        articles: article `a` has the clauses `articles[a]` to `articles[a + 1] - 1`; the first is its title.
    """

    ids: Ids
    bounds: NDArray[np.int64]
    articles: NDArray[np.int64]

    def clause(self, index: int) -> Ids:
        """Token ids of one clause."""
        return self.ids[self.bounds[index] : self.bounds[index + 1]]

    def article(self, index: int) -> Ids:
        """Token ids of one article, title included."""
        return self.ids[self.bounds[self.articles[index]] : self.bounds[self.articles[index + 1]]]

    def __len__(self) -> int:
        return len(self.articles) - 1


def clauses_from_articles(articles: Sequence[Article], vocabulary: NgramVocabulary) -> Clauses:
    """Cuts articles at sentence ends, semicolons and, where enough follows, commas; short clauses join the next."""
    texts: list[str] = []
    starts = [0]
    for article in articles:
        texts.append(article.title)
        texts.extend(_cut(article.body))
        starts.append(len(texts))
    ids, bounds = vocabulary.find_tokens(texts)
    return Clauses(ids, bounds, np.array(starts))


def _cut(body: str) -> list[str]:
    clauses: list[str] = []
    held = ""
    for piece in _CLAUSE_END.split(body):
        held += piece
        if len(held) >= _SHORTEST:
            clauses.append(held)
            held = ""
    if held.strip():
        clauses.append(held)
    return clauses


def join(first: Clauses, second: Clauses) -> Clauses:
    """Both corpora as one, the second's articles after the first's."""
    return Clauses(
        np.concatenate((first.ids, second.ids)),
        np.concatenate((first.bounds, second.bounds[1:] + first.bounds[-1])),
        np.concatenate((first.articles, second.articles[1:] + first.articles[-1])),
    )
