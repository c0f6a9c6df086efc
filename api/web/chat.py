"""问答: a conversation; each answer in the documents' own words with its sources, or that there is none.

A page holds its conversation itself, in fields of its form, so that a follow-up works without a script and the server
keeps nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup, escape

from api.chat import SOURCES, reply_to
from api.llm import configured_model
from api.web.events import event, stream
from api.web.labels import Validity, validity
from api.web.places import Places
from api.web.refusals import said_in_chinese
from api.web.route import PageRoute, Reader, filters_from_request, text_of
from api.web.script import original
from api.web.view import page_text, render
from ingest.errors import FaduError, QueryError

if TYPE_CHECKING:
    from api.library import Library

_MARK = re.compile(r"〔(\d{1,3})〕")
_LINK = re.compile(r"/documents/([0-9a-z]{1,64}@\d{1,9})\?mark=(\d{1,9})-(\d{1,9})")
_TURNS = 20
"""Earlier questions a conversation keeps."""
_PIECE = 24
_QUESTION = 200
_ANSWER = 40_000
router = APIRouter(include_in_schema=False, route_class=PageRoute)

_EXAMPLES = (
    "安澜市三级医院住院报销比例是多少？",
    "失业保险金最长领取多少个月？",
    "住房公积金缴存比例的上限是多少？",
    "单位欠缴滞纳金怎么算？",
)

Question = Annotated[str, Form(max_length=_QUESTION)]
Asked = Annotated[list[str] | None, Form()]
Said = Annotated[list[str] | None, Form()]


@dataclass(frozen=True, slots=True)
class Cited:
    """A source of an answer; without a link where its document is gone."""

    number: int
    citation: str
    link: str = ""
    context: str = ""
    validity: Validity | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with its answer as it is shown.

    Attributes:
        question: as it was asked.
        text: the answer with its sources, as the questions after it refer to it.
        lines: the answer, its marks 〔1〕 leading to the provisions.
        sources: what is quoted; none when there is no answer.
        understood: the question a follow-up was read as, empty where it stood by itself.
    """

    question: str
    text: str
    lines: tuple[Markup, ...]
    sources: tuple[Cited, ...]
    understood: str = ""


@router.get("/ask")
def show_chat(request: Request, library: Reader) -> HTMLResponse:
    """An empty conversation; `q` asks at once, for whoever comes by a link."""
    question = text_of(request, "q")
    return _page(request, library, [_answered(request, library, question, [])] if question else [])


@router.post("/ask")
def ask(request: Request, library: Reader, q: Question = "", asked: Asked = None, said: Said = None) -> HTMLResponse:
    """The conversation with one more question answered."""
    earlier = _earlier(asked, said)
    turns = [_turn(library, question, text) for question, text in earlier]
    if question := q.strip():
        turns.append(_answered(request, library, question, earlier))
    return _page(request, library, turns)


@router.post("/ask/stream")
def stream_answer(
    request: Request, library: Reader, q: Question = "", asked: Asked = None, said: Said = None
) -> Response:
    """The answer as events: `text`, a piece of it; `end`, all of it as HTML; or `failed`, and why."""
    return stream(_events(request, library, q.strip(), _earlier(asked, said)))


def _events(request: Request, library: Library, question: str, earlier: Sequence[tuple[str, str]]) -> Iterator[str]:
    try:
        turn = _answered(request, library, question, earlier)
    except FaduError as error:
        yield event("failed", said_in_chinese(error))
        return
    if turn.sources:
        words = turn.text.rpartition(SOURCES)[0]
        for at in range(0, len(words), _PIECE):
            yield event("text", words[at : at + _PIECE])
    yield event("end", page_text(request, "_turn.html", turn=turn))


def _page(request: Request, library: Library, turns: Sequence[Turn]) -> HTMLResponse:
    counts = library.remembered("counts", library.kb.counts)
    return render(request, "ask.html", section="ask", turns=turns, examples=_EXAMPLES, counts=counts)


def _earlier(asked: Sequence[str] | None, said: Sequence[str] | None) -> list[tuple[str, str]]:
    """The conversation a form brings back; browsers send line breaks as CR LF."""
    pairs = zip(asked or (), said or (), strict=False)
    return [(q[:_QUESTION], text.replace("\r\n", "\n")[:_ANSWER]) for q, text in pairs][-_TURNS:]


def _answered(request: Request, library: Library, question: str, earlier: Sequence[tuple[str, str]]) -> Turn:
    turns = [part for q, text in earlier for part in (("user", q), ("assistant", text))]
    reply = reply_to(library.kb, [*turns, ("user", question)], filters_from_request(request), "", configured_model())
    return _turn(library, question, reply.text, reply.question if reply.question != question else "")


def _turn(library: Library, question: str, text: str, understood: str = "") -> Turn:
    """An answer made of its plain text: what a form brings back looks like what was just said."""
    words, _, listed = text.rpartition(SOURCES)
    sources = _sources(library, listed) if words else ()
    links = {source.number: source for source in sources}
    lines = tuple(_linked(line, links) for line in (words or text).split("\n") if line.strip())
    return Turn(question, text, lines, sources, understood)


def _sources(library: Library, listed: str) -> tuple[Cited, ...]:
    places = Places(library.kb)
    found = []
    for line in listed.split("\n"):
        words, _, address = line.rpartition(" ")
        mark, link = _MARK.match(words), _LINK.fullmatch(address)
        if mark is None or link is None:
            continue
        number, citation = int(mark[1]), words[mark.end() :]
        identity, start, end = link.groups()
        try:
            document = library.kb.document(identity)
        except QueryError:
            found.append(Cited(number, citation))
            continue
        place = places.at(document, int(start), int(end))
        found.append(Cited(number, place.citation, place.link, place.context, validity(document)))
    return tuple(found)


def _linked(line: str, sources: dict[int, Cited]) -> Markup:
    """A line of an answer, whose marks 〔1〕 lead to the provision."""
    pieces = _MARK.split(line)
    html = [escape(piece) for piece in pieces]
    for at in range(1, len(pieces), 2):
        source = sources.get(int(pieces[at]))
        mark = f"〔{pieces[at]}〕"
        html[at] = escape(mark)
        if source is not None and source.link:
            html[at] = Markup('<a class="ref" href="{}" data-context="{}" title="{}">{}</a>').format(
                source.link, source.context, source.citation, mark
            )
    return original(Markup("").join(html))
