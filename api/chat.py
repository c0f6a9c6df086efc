"""Answers for chatbots: the extractive answer with its sources as plain text, and the check of what a model wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from kb.ask import NOTHING, answer
from kb.followup import question_in_context

if TYPE_CHECKING:
    from api.llm import Model
    from kb import KnowledgeBase
    from kb.quoting import Source
    from kb.types import DocumentRow, Filters

MAX_PASSAGES = 8
UNVERIFIED = "〔未核实〕"
SOURCES = "\n\n来源：\n"
"""What stands between an answer and its list of sources, one line each."""
_TITLE = re.compile(r"《([^《》]{2,60})》")
_IMAGE = re.compile(
    r"!\[[^\]]*\]\([^)]*\)|!\[[^\]]*\]\[[^\]]*\]|<\s*(?:img|picture|source|video|iframe)\b[^>]*>?", re.IGNORECASE
)
_LINK = re.compile(r"\[([^\]]*)\]\((?!/)[^)]*\)")


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
    if not sources or text == NOTHING:
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


def cited(document: DocumentRow, label: str) -> str:
    """A place as people cite it: 《title》第十三条."""
    return f"《{document.title or PurePath(document.source).name}》{label}"


def checked(text: str, sources: Sequence[Source]) -> str:
    """What a model wrote, with every number and every 《title》 marked that its sources do not hold.

    Images and addresses elsewhere are taken out: a document could have made the model write them.
    """
    from ingest.normalize import normalize

    plain = _LINK.sub(r"\1", _IMAGE.sub("", text))
    aligned = normalize(plain)
    evidence = normalize("\n".join(f"{cited(s.document, s.label)}\n{s.quote}" for s in sources)).text
    marks = sorted({aligned.to_source(0, end)[1] for end in _unsupported(aligned.text, evidence)}, reverse=True)
    for end in marks:
        plain = f"{plain[:end]}{UNVERIFIED}{plain[end:]}"
    return plain.strip()


def _unsupported(text: str, evidence: str) -> list[int]:
    """Where the numbers and titles of normalized `text` end that `evidence` does not hold."""
    from ingest.extract.quantities import find_quantities

    held = {(q.kind, q.value, q.high) for q in find_quantities(evidence)}
    ends = [q.end for q in find_quantities(text) if (q.kind, q.value, q.high) not in held]
    titles = set(_TITLE.findall(evidence))
    ends += [m.end() for m in _TITLE.finditer(text) if not any(m[1] in title for title in titles)]
    return ends


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
