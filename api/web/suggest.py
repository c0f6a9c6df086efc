"""Suggestions while typing: provisions an address names, documents by title, indicators by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.web.labels import document_name, validity
from api.web.places import cite, link_of, public_id
from api.web.view import provision_link, with_query

if TYPE_CHECKING:
    from kb import KnowledgeBase

_DOCUMENTS = 6
_INDICATORS = 4
_PROVISIONS = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A line of the list: what it is, what it says and where it leads."""

    kind: str
    text: str
    link: str
    note: str = ""


def find_suggestions(kb: KnowledgeBase, typed: str) -> list[Suggestion]:
    """What the typed words may mean, in either script; nothing for fewer than two characters."""
    if len(typed) < 2:
        return []
    return [*_provisions(kb, typed), *_indicators(typed), *_documents(kb, typed)]


def _provisions(kb: KnowledgeBase, typed: str) -> list[Suggestion]:
    from ingest.errors import QueryError
    from kb.rows import ProvisionLabels

    try:
        hits = kb.find_address(typed)[:_PROVISIONS]
    except QueryError:
        return []  # it names no article
    found = []
    for hit in hits:
        at = ProvisionLabels(kb.provisions(f"{hit.document.id}@{hit.document.version}")).innermost(hit.start)
        if at:
            words = " ".join(hit.quote[len(at.label) :].split())[:40]
            link = provision_link(public_id(hit.document), at.id)
            found.append(Suggestion("条款", cite(hit.document, hit.label), link, words))
    return found


def _indicators(typed: str) -> list[Suggestion]:
    from ingest.extract.vocabulary import indicator_labels, indicators
    from kb.simplify import simplified

    words = simplified(typed)
    labels = indicator_labels()
    keys = [key for key, label in labels.items() if words in label and key != "other"]
    keys += [m.item.key for m in indicators().find(words).found if not m.item.weak and m.item.key != "other"]
    return [
        Suggestion("指标", labels[key], with_query("/pivot", indicator=key), "按机构级别、险种、地区比较")
        for key in list(dict.fromkeys(keys))[:_INDICATORS]
    ]


def _documents(kb: KnowledgeBase, typed: str) -> list[Suggestion]:
    from kb.types import Filters

    found = []
    for row in kb.documents(Filters(document=typed))[:_DOCUMENTS]:
        state = validity(row)
        note = " · ".join(filter(None, (row.doc_number, state.label if state else None)))
        found.append(Suggestion("文件", document_name(row), link_of(row), note))
    return found
