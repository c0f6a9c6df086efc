"""The articles that hits stand in: a paragraph of a long article is read with the article around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from kb.address import levels_of_path, readable_label
from kb.schema import provisions, versions
from kb.simplify import simplified
from kb.store import Store
from kb.types import Article, Hit


def with_articles(store: Store, hits: Sequence[Hit]) -> list[Hit]:
    """Hits that are a part of an article, with that article; the others as they are."""
    c = provisions.c
    wanted = {(hit.document.id, hit.document.version, number) for hit in hits if (number := _article_of(hit.path))}
    if not wanted:
        return list(hits)
    own = (versions.c.document_id, versions.c.version, c.article)
    query = (
        select(*own, versions.c.id, c.path, c.start, c.end)
        .join(versions, versions.c.id == c.version_id)
        .where(versions.c.document_id.in_({document for document, *_ in wanted}), c.article.in_({w[2] for w in wanted}))
        .where(c.paragraph.is_(None), c.item.is_(None), c.subitem.is_(None))
    )
    with store.reading() as connection:
        rows = [row for row in connection.execute(query) if tuple(row[:3]) in wanted]
    around: dict[tuple[str, int], list[tuple[int, str, int, int]]] = {}
    for document, version, _, key, path, start, end in rows:
        around.setdefault((document, version), []).append((key, path, start, end))
    found = []
    for hit in hits:
        for key, path, start, end in around.get((hit.document.id, hit.document.version), ()):
            quote = store.text(key)[start:end].rstrip() if start <= hit.start and hit.end <= end else ""
            if len(quote) > hit.end - hit.start:
                article = Article(path, readable_label(path), quote, start, start + len(quote))
                hit = replace(hit, article=article)
        found.append(hit)
    return found


def _article_of(path: str) -> str | None:
    return levels_of_path("/".join(map(simplified, path.split("/")))).article if path else None
