"""问答: a question, the answer in the documents' own words with its sources, or that there is none."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from api.web.labels import validity
from api.web.places import Places
from api.web.route import PageRoute, Reader, filters_from_request, text_of
from api.web.script import original
from api.web.view import render

_MARK = re.compile(r"〔(\d{1,3})〕")
router = APIRouter(include_in_schema=False, route_class=PageRoute)

_EXAMPLES = (
    "安澜市三级医院住院报销比例是多少？",
    "失业保险金最长领取多少个月？",
    "住房公积金缴存比例的上限是多少？",
    "单位欠缴滞纳金怎么算？",
)


@router.get("/ask")
def show_chat(request: Request, library: Reader) -> HTMLResponse:
    """The conversation; `q` asks at once, for whoever comes without a script or by a link."""
    question = text_of(request, "q")
    answer = _answered(request, library, question) if question else None
    return render(
        request,
        "ask.html",
        section="ask",
        question=question,
        answer=answer,
        examples=_EXAMPLES,
        counts=library.kb.counts(),
    )


@router.get("/ask/answer")
def answer_part(request: Request, library: Reader) -> HTMLResponse:
    """One answer, to be put under its question."""
    question = text_of(request, "q")
    return render(request, "_answer.html", question=question, answer=_answered(request, library, question))


def _answered(request: Request, library: Reader, question: str) -> dict[str, object]:
    from kb.ask import answer

    found = answer(library.kb, question, filters_from_request(request))
    places = Places(library.kb)
    sources: list[dict[str, Any]] = [
        {
            "number": source.number,
            "place": places.at(source.document, source.start, source.end),
            "validity": validity(source.document),
        }
        for source in found.sources
    ]
    links = {source["number"]: source["place"].link for source in sources}
    lines = [_linked(line, links) for line in found.text.split("\n")]
    return {"lines": lines, "supported": found.supported, "sources": sources}


def _linked(line: str, links: dict[int, str]) -> Markup:
    """A line of an answer, whose marks 〔1〕 lead to the provision."""
    pieces = _MARK.split(line)
    html = [escape(piece) for piece in pieces]
    for at in range(1, len(pieces), 2):
        number = int(pieces[at])
        if number in links:
            html[at] = Markup('<a class="ref" href="{}">〔{}〕</a>').format(links[number], number)
    return original(Markup("").join(html))
