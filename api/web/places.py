"""Where a span stands: the provision around it, the citation people copy, the text on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.present import sentence_around
from api.web.labels import document_name
from api.web.marks import Mark, marked
from api.web.view import context_link, document_link, place_link, provision_link
from kb.address import readable_label
from kb.rows import ProvisionLabels

if TYPE_CHECKING:
    from markupsafe import Markup

    from ingest.records import Provision
    from kb import KnowledgeBase
    from kb.types import DocumentRow


@dataclass(frozen=True, slots=True)
class Place:
    """A span of a stored document, ready to be shown.

    Attributes:
        document: the version it stands in.
        label: the provision as people cite it, empty outside all.
        path: the provision's path.
        link: the stable page of the provision, else the span in its document.
        span_link: the document with the span marked.
        context: the span with its provision around it, for the panel.
        citation: what is copied: 《title》（number）第十三条第一款
    """

    document: DocumentRow
    label: str
    path: str
    link: str
    span_link: str
    context: str
    citation: str


class Places:
    """Looks places up, the provisions of each document once.

    Args:
        kb: an open knowledge base.
    """

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._provisions: dict[str, ProvisionLabels] = {}

    def at(self, document: DocumentRow, start: int, end: int) -> Place:
        """The place of `[start, end)` in a document."""
        inner = self.provision(document, start)
        identity = public_id(document)
        label = readable_label(inner.path) if inner else ""
        key = versioned_id(document)
        span, context = place_link(key, start, end), context_link(key, start, end)
        link = provision_link(identity, inner.id) if inner else span
        return Place(document, label, inner.path if inner else "", link, span, context, cite(document, label))

    def provision(self, document: DocumentRow, start: int) -> Provision | None:
        """The innermost provision around an offset."""
        key = versioned_id(document)
        if key not in self._provisions:
            self._provisions[key] = ProvisionLabels(self._kb.provisions(key))
        return self._provisions[key].innermost(start)

    def sentence(self, document: DocumentRow, start: int, end: int) -> Markup:
        """The sentence around a span of the original, the span marked."""
        text = self._kb.text(versioned_id(document))
        before, quote, after = sentence_around(text, start, end)
        return marked(before + quote + after, 0, len(before + quote + after), [
            Mark(len(before), len(before) + len(quote), "hit")
        ])  # fmt: skip


def versioned_id(document: DocumentRow) -> str:
    """`id@version`, which names this text for good."""
    return f"{document.id}@{document.version}"


def public_id(document: DocumentRow) -> str:
    """What links name a document by: its id, with the version only where it is no longer the current one."""
    return document.id if document.current else versioned_id(document)


def cite(document: DocumentRow, label: str) -> str:
    """A citation: 《title》（number）第十三条第一款."""
    number = f"（{document.doc_number}）" if document.doc_number else ""
    return f"《{document_name(document)}》{number}{label}"


def link_of(document: DocumentRow) -> str:
    """The page of a document or, for history, of this version."""
    return document_link(public_id(document))
