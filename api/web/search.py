"""检索: answers first, then passages with what matched marked in the original."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.web.marks import Mark, find_words, paragraphs
from api.web.places import Place, Places
from api.web.route import PageRoute, Reader, chosen, filters_from_request, number_of, text_of
from api.web.view import render

if TYPE_CHECKING:
    from markupsafe import Markup

    from kb.types import Hit, StoredRule

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_POOL = 50
_SHOWN = 10
_RULES = 8
_FACETS = (("kind", "类别"), ("region", "地区"), ("issuer", "制定机关"), ("status", "时效"))
_EXAMPLES = (
    "三级医院住院报销比例是多少",
    "社会保险法第二十三条",
    "统筹基金累计结余不得超过",
    "失業給付最長發給期限",
    "住房公积金缴存比例",
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A hit as it is shown, with the article it is a part of, the hit marked in it."""

    hit: Hit
    place: Place
    html: Markup
    article: Markup | None


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """A rule that answers, with the sentence it was read from."""

    stored: StoredRule
    place: Place
    html: Markup


@dataclass(frozen=True, slots=True)
class Facet:
    """A slot to narrow by: its values with how many of the passages found have them."""

    name: str
    label: str
    values: tuple[tuple[str, int], ...]


@router.get("/")
def show_search(request: Request, library: Reader) -> HTMLResponse:
    """The search page; without a query it says what is there and how to ask."""
    query = text_of(request, "q")
    filters = filters_from_request(request)
    if not query:
        counts = library.remembered("counts", library.kb.counts)
        return render(
            request, "welcome.html", section="search", query="", filters={}, counts=counts, examples=_EXAMPLES
        )
    kb = library.kb
    result = kb.search(query, k=_POOL, filters=filters)
    places = Places(kb)
    page = number_of(request, "page", 1)
    shown = result.hits[(page - 1) * _SHOWN : page * _SHOWN]
    rules = [
        AnswerRule(r, places.at(r.document, r.record.start, r.record.end),
                   places.sentence(r.document, r.record.start, r.record.end))
        for r in result.rules[:_RULES]
    ]  # fmt: skip
    return render(
        request,
        "search.html",
        section="search",
        query=query,
        filters=chosen(filters),
        rules=rules if page == 1 else [],
        addressed=[_passage(hit, places) for hit in shown if "address" in hit.why],
        passages=[_passage(hit, places) for hit in shown if "address" not in hit.why],
        facets=_facets(result.hits),
        total=len(result.hits),
        most=_POOL,
        page=page,
        pages=-(-len(result.hits) // _SHOWN),
        as_of=filters.as_of,
        missing=result.missing,
    )


@router.get("/suggest")
def suggest(request: Request, library: Reader) -> HTMLResponse:
    """Suggestions for what was typed so far: a list to be put under the box."""
    from api.web.suggest import find_suggestions

    return render(request, "_suggestions.html", suggestions=find_suggestions(library.kb, text_of(request, "q")))


def _passage(hit: Hit, places: Places) -> Passage:
    marks = find_words(hit.quote, hit.why)
    place, html = places.at(hit.document, hit.start, hit.end), paragraphs(hit.quote, 0, len(hit.quote), marks)
    if hit.article is None:
        return Passage(hit, place, html, None)
    at, text = hit.start - hit.article.start, hit.article.quote
    return Passage(hit, place, html, paragraphs(text, 0, len(text), [Mark(at, at + len(hit.quote), "target")]))


def _facets(hits: Sequence[Hit]) -> list[Facet]:
    counted: dict[str, Counter[str]] = {name: Counter() for name, _ in _FACETS}
    for hit in hits:
        for name, _ in _FACETS:
            if value := getattr(hit.document, name):
                counted[name][value] += 1
    return [
        Facet(name, label, tuple(counted[name].most_common(8))) for name, label in _FACETS if len(counted[name]) > 0
    ]
