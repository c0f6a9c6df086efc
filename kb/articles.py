"""The articles that hits stand in: a paragraph of a long article is read with the article around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import bindparam, func, select, tuple_

from kb.address import levels_of_path, readable_label
from kb.schema import provisions, texts, versions
from kb.simplify import simplified
from kb.store import Store
from kb.types import Article, Hit

_c = provisions.c
_OWN = (versions.c.document_id, versions.c.version)
_ARTICLES = (
    select(*_OWN, versions.c.id, _c.path, _c.start, _c.end, func.substr(texts.c.text, _c.start + 1, _c.end - _c.start))
    .join(versions, versions.c.id == _c.version_id)
    .join(texts, texts.c.version_id == _c.version_id)
    .where(versions.c.document_id.in_(bindparam("documents", expanding=True)))
    .where(_c.article.in_(bindparam("articles", expanding=True)))
    .where(tuple_(*_OWN, _c.article).in_(bindparam("wanted", expanding=True)))
    .where(_c.paragraph.is_(None), _c.item.is_(None), _c.subitem.is_(None))
)
"""Articles with their texts, cut out by the database: to read whole documents took a fifth of a search."""


def with_articles(store: Store, hits: Sequence[Hit]) -> list[Hit]:
    """Hits that are a part of an article, with that article; the others as they are."""
    wanted = {(hit.document.id, hit.document.version, number) for hit in hits if (number := _article_of(hit.path))}
    if not wanted:
        return list(hits)
    values = {
        "documents": list({document for document, *_ in wanted}),
        "articles": list({article for *_, article in wanted}),
        "wanted": list(wanted),
    }
    with store.reading() as connection:
        rows = connection.execute(_ARTICLES, values).all()
    around: dict[tuple[str, int], list[tuple[str, int, int, str]]] = {}
    for document, version, key, path, start, end, text in rows:
        whole = text if len(text) == end - start else store.text(key)[start:end]  # SQL ends a text at a NUL character
        around.setdefault((document, version), []).append((path, start, end, whole.rstrip()))
    found = []
    for hit in hits:
        for path, start, end, quote in around.get((hit.document.id, hit.document.version), ()):
            if start <= hit.start and hit.end <= end and len(quote) > hit.end - hit.start:
                article = Article(path, readable_label(path), quote, start, start + len(quote))
                hit = replace(hit, article=article)
        found.append(hit)
    return found


@lru_cache(maxsize=16_384)
def _article_of(path: str) -> str | None:
    return levels_of_path("/".join(map(simplified, path.split("/")))).article if path else None
