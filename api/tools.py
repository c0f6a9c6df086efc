"""The tools a chatbot is given, the same over MCP and as an OpenAPI tool server: answers it can quote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from api.chat import link_to
from api.citing import cited
from api.contract import (
    document_to_dict,
    finding_to_dict,
    hit_to_dict,
    number_to_dict,
    search_to_dict,
    stored_to_dict,
    verification_to_dict,
)
from ingest.errors import QueryError

if TYPE_CHECKING:
    from kb import KnowledgeBase
    from kb.types import Filters

MOST_DOCUMENTS = 200


def search_passages(kb: KnowledgeBase, query: str, k: int, filters: Filters) -> dict[str, Any]:
    """Passages and rules, best first."""
    return search_to_dict(kb.search(query, k=k, filters=filters))


def search_rules(kb: KnowledgeBase, limit: int, filters: Filters) -> dict[str, Any]:
    """Rules with their bounds."""
    table = kb.rules(filters, limit=limit, distinct=True)
    return {"total": table.total, "rules": [stored_to_dict(rule) for rule in table]}


def get_provision(kb: KnowledgeBase, address: str) -> dict[str, Any]:
    """The text of an article.

    Raises:
        QueryError: it is no address, or nothing here has it.
    """
    hits = kb.find_address(address)
    if not hits:
        raise QueryError(f"nothing here has the address {address!r}; list_documents names the documents")
    return {"address": address, "provisions": [hit_to_dict(hit) for hit in hits]}


def list_documents(kb: KnowledgeBase, filters: Filters) -> dict[str, Any]:
    """The documents, at most `MOST_DOCUMENTS`; `total` counts all."""
    rows = kb.documents(filters)
    return {"total": len(rows), "documents": [document_to_dict(row) for row in rows[:MOST_DOCUMENTS]]}


def verify_quote(kb: KnowledgeBase, text: str) -> dict[str, Any]:
    """Whether a sentence stands here word for word with its numbers."""
    return verification_to_dict(kb.verify(text))


def verify_number(kb: KnowledgeBase, number: str, about: str) -> dict[str, Any]:
    """Whether a number with its unit stands here where something is spoken of.

    Raises:
        QueryError: `number` holds no number.
    """
    checks = [number_to_dict(check) for check in kb.verify_number(f"{about}{number}")]
    if not checks:
        raise QueryError(f"{number!r} holds no number; write it with its unit, such as 60% or 1000元")
    return {"number": number, "about": about, "found": all(check["found"] for check in checks), "numbers": checks}


def check_report(kb: KnowledgeBase, text: str) -> dict[str, Any]:
    """The findings of a report."""
    from ingest.extract import extract

    return {"findings": [finding_to_dict(finding) for finding in kb.check(extract(text))]}


def connector_search(kb: KnowledgeBase, query: str, base_url: str) -> str:
    """The JSON a ChatGPT connector expects of `search`; an id names a span of one version of a document."""
    hits = kb.search(query, k=10).hits
    return json.dumps(
        {
            "results": [
                {
                    "id": f"{hit.document.id}@{hit.document.version}:{hit.start}-{hit.end}",
                    "title": cited(hit.document, hit.label),
                    "url": link_to(hit.document, hit.start, hit.end, base_url),
                }
                for hit in hits
            ]
        },
        ensure_ascii=False,
    )


def connector_fetch(kb: KnowledgeBase, identity: str, base_url: str) -> str:
    """The JSON a ChatGPT connector expects of `fetch`.

    Raises:
        QueryError: `search` gives no such id.
    """
    name, _, span = identity.partition(":")
    start, _, end = span.partition("-")
    document, text = kb.document(name), kb.text(name)
    if span and not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit()):
        raise QueryError(f"{identity!r} is no id that search gives")
    left, right = (min(int(start), len(text)), min(int(end), len(text))) if span else (0, len(text))
    return json.dumps(
        {
            "id": identity,
            "title": cited(document, ""),
            "text": text[left:right],
            "url": link_to(document, left, right, base_url),
            "metadata": {"document_id": document.id, "issuer": document.issuer or "", "status": document.status or ""},
        },
        ensure_ascii=False,
    )
