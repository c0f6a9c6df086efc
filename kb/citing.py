"""From a citation to the document and the provision it means, where the knowledge base has them."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.records import Citation
from kb.address import Levels
from kb.filters import in_force
from kb.lookup import find_provisions_at
from kb.simplify import simplified
from kb.store import Store
from kb.titles import number_key, title_rank
from kb.types import DocumentRow, Filters, Target
from kb.validity import view_of

_NAMED = 2
"""The least rank of a title: a citation is written out, so that it may not abbreviate one letter by letter."""


@dataclass(frozen=True, slots=True)
class _Cited:
    """A citation's place as an address: its levels are read already."""

    title: str
    article: str
    levels: Levels

    def readings(self, taiwan: bool) -> list[Levels]:
        return [self.levels]


def resolve_citation(store: Store, citation: Citation, filters: Filters) -> Target | None:
    """What a citation means: by its document number, else by the title it has or stands for.

    Args:
        store: the truth.
        citation: of any document; a bare 第X条 counts where `refers_to` says whose it is.
        filters: the documents that count.

    Returns:
        The document, with the provision where one is cited; the document alone where it lacks that provision; None
        where the base has no such document.
    """
    document = _document(store, citation, filters)
    if document is None:
        return None
    if citation.article is not None:
        levels = Levels(citation.article, citation.paragraph, citation.item, citation.subitem)
        title = simplified(document.title or "")
        for hit in find_provisions_at(store, _Cited(title, citation.article, levels), filters):
            if hit.document.id == document.id:
                return Target(document, hit.path, hit.label, hit.start, hit.end)
    return Target(document)


def _document(store: Store, citation: Citation, filters: Filters) -> DocumentRow | None:
    documents = [row for _, row in store.documents(in_force(filters), view_of(filters))]
    if citation.doc_number:
        number = number_key(citation.doc_number)
        numbered = next((row for row in documents if row.doc_number and number_key(row.doc_number) == number), None)
        if numbered is not None:
            return numbered
    title = simplified(citation.refers_to or citation.title or "").strip("《》")
    if not title:
        return None
    ranked = [(title_rank(title, simplified(row.title or "")), row) for row in documents]
    best = max((rank for rank, _ in ranked), default=0)
    return next(row for rank, row in ranked if rank == best) if best >= _NAMED else None
