"""Answers for chatbots: the extractive answer, or what a model wrote and its sources hold, with these as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from api.citing import cited
from api.proofreading import checked
from kb.ask import NOTHING, answer
from kb.followup import question_in_context

if TYPE_CHECKING:
    from api.llm import Model
    from kb import KnowledgeBase
    from kb.quoting import Source
    from kb.types import DocumentRow, Filters

MAX_PASSAGES = 8
SOURCES = "\n\n来源：\n"
"""What stands between an answer and its list of sources, one line each."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a chatbot says.

    Attributes:
        question: the question as it was understood, standing by itself.
        text: the answer and, under it, one line a source.
        references: the sources, for machines.
        supported: whether the base holds an answer.
    """

    question: str
    text: str
    references: tuple[dict[str, Any], ...]
    supported: bool


def reply_to(
    kb: KnowledgeBase, turns: Sequence[tuple[str, str]], filters: Filters, base_url: str, model: Model | None
) -> Reply:
    """Answers the last question of a conversation.

    Args:
        kb: what the caller may see.
        turns: (role, text), oldest first, the last from the user.
        filters: where to look.
        base_url: where this server is reached, for links.
        model: writes the answer from the passages; None quotes them.
    """
    question = question_in_context(
        turns[-1][1],
        [text for role, text in turns[:-1] if role == "user"],
        [text for role, text in turns[:-1] if role == "assistant"],
    )
    found = answer(kb, question, filters)
    sources = list(found.sources)
    if model is None:
        text = found.text
    else:
        sources = _with_passages(kb, question, filters, sources)
        text = NOTHING if not sources else checked(model.write(question, turns[:-1], sources), sources)
    if not sources or text.rstrip("。. ") == NOTHING.rstrip("。"):
        return Reply(question, NOTHING, (), False)
    return Reply(
        question,
        f"{text}{SOURCES}" + "\n".join(_source_line(source, base_url) for source in sources),
        tuple(_reference(source, base_url) for source in sources),
        model is not None or found.supported,
    )


def link_to(document: DocumentRow, start: int, end: int, base_url: str) -> str:
    """The page that shows a span marked in its document."""
    return f"{base_url}/documents/{document.id}@{document.version}?mark={start}-{end}"


def _with_passages(kb: KnowledgeBase, question: str, filters: Filters, sources: list[Source]) -> list[Source]:
    """The sources of the extractive answer, and after them the passages nearest to the question."""
    from kb.quoting import Source

    known = {(s.document.id, s.start, s.end) for s in sources}
    for hit in kb.search(question, k=MAX_PASSAGES, filters=filters).hits:
        if len(sources) >= MAX_PASSAGES:
            break
        if (hit.document.id, hit.start, hit.end) not in known:
            place = (hit.document, hit.label, hit.path, hit.quote, hit.start, hit.end)
            sources = [*sources, Source(len(sources) + 1, *place)]
    return sources


def _source_line(source: Source, base_url: str) -> str:
    link = link_to(source.document, source.start, source.end, base_url)
    return f"〔{source.number}〕{cited(source.document, source.label)} {link}"


def _reference(source: Source, base_url: str) -> dict[str, Any]:
    return {
        "number": source.number,
        "document_id": source.document.id,
        "title": source.document.title or PurePath(source.document.source).name,
        "label": source.label,
        "quote": source.quote,
        "start": source.start,
        "end": source.end,
        "url": link_to(source.document, source.start, source.end, base_url),
    }
