"""Search, the tables of rules and figures, and verification of quotes."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from api.commands.ask import answer_to_dict
from api.contract import hit_to_dict, search_to_dict, stored_to_dict, verification_to_dict
from api.cursors import cursor_from, row_from
from api.etags import NOT_MODIFIED, revalidated
from api.library import Library, library_of
from api.problems import describe_problems
from api.schemas.lookup import AddressAnswer, AnswerText, FacetAnswer, FigurePage, RulePage, SearchAnswer, VerifyAnswer
from api.schemas.queries import AddressQuery, AskRequest, FilterQuery, SearchQuery, TableQuery, VerifyRequest
from kb.followup import question_in_context

if TYPE_CHECKING:
    from kb.types import Table

router = APIRouter(prefix="/api", tags=["lookup"], responses=describe_problems(503))
Reader = Annotated[Library, Depends(library_of)]


@router.get(
    "/search",
    operation_id="search",
    summary="Search passages and rules",
    response_model=SearchAnswer,
    response_model_exclude_unset=True,
    responses=NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def search(query: Annotated[SearchQuery, Query()], library: Reader, response: Response) -> Response:
    """Passages, best first, each with its document, place, quote and span, and the rules that answer the query.

    The query may be in simplified or traditional characters; an address such as 社会保险法第二十三条 is resolved.
    """
    result = library.kb.search(query.q, k=query.k, filters=library.filters_from_query(query))
    answer = search_to_dict(result)
    for found in (*answer["hits"], *answer["rules"]):  # a schema would hide folders of the server; none is applied here
        found["document"] = {**found["document"], "source": PurePath(found["document"]["source"]).name}
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False)
    return Response(text, media_type="application/json", headers=dict(response.headers))


@router.get(
    "/rules",
    operation_id="list_rules",
    summary="List rules",
    response_model=RulePage,
    response_model_exclude_unset=True,
    responses=NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def list_rules(query: Annotated[TableQuery, Query()], library: Reader) -> dict[str, Any]:
    """Rules that match all filters: bounds, scope, provision and the quote each was read from."""
    table = library.kb.rules(library.filters_from_query(query), **_window(query))
    return _page(table, query)


@router.get(
    "/figures",
    operation_id="list_figures",
    summary="List figures",
    response_model=FigurePage,
    response_model_exclude_unset=True,
    responses=NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def list_figures(query: Annotated[TableQuery, Query()], library: Reader) -> dict[str, Any]:
    """Figures that match all filters: the numbers documents report, with indicator, period and quote."""
    table = library.kb.figures(library.filters_from_query(query), **_window(query))
    return _page(table, query)


def _window(query: TableQuery) -> dict[str, Any]:
    after = row_from(query.cursor)
    offset = 0 if after is not None else query.offset
    return {"limit": query.limit, "offset": offset, "distinct": not query.all, "after": after}


def _page(table: Table[Any], query: TableQuery) -> dict[str, Any]:
    more = len(table) == query.limit and table.last is not None
    return {
        "total": table.total,
        "next": cursor_from(table.last) if more and table.last is not None else None,
        "items": [stored_to_dict(record) for record in table],
    }


@router.get(
    "/facets",
    operation_id="list_facets",
    summary="List what there is to filter by",
    response_model=FacetAnswer,
    responses=NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def list_facets(query: Annotated[FilterQuery, Query()], library: Reader) -> dict[str, Any]:
    """The values of each slot of documents, rules and figures, with how many have each, most frequent first."""
    facets = library.kb.facets(library.filters_from_query(query))
    return {
        name: {
            slot: [{"value": value, "count": count} for value, count in counted]
            for slot, counted in getattr(facets, name).items()
        }
        for name in ("documents", "rules", "figures")
    }


@router.get(
    "/provisions",
    operation_id="get_provision",
    summary="Get a provision by its address",
    response_model=AddressAnswer,
    response_model_exclude_unset=True,
    responses=NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def get_provision(query: Annotated[AddressQuery, Query()], library: Reader) -> dict[str, Any]:
    """The text an address names, in either script; empty when nothing here has that address."""
    hits = library.kb.find_address(query.address, filters=library.filters_from_query(query))
    return {"address": query.address, "items": [hit_to_dict(hit) for hit in hits]}


@router.post(
    "/ask",
    operation_id="ask_question",
    summary="Answer a question in the documents' words",
    response_model=AnswerText,
    response_model_exclude_unset=True,
)
def ask_question(request: AskRequest, query: Annotated[FilterQuery, Query()], library: Reader) -> dict[str, Any]:
    """A rule or provision quoted with its number, document and article; or that the base holds nothing on it.

    A follow-up question (`那二级医院呢`) is read in the light of `history`.
    """
    from kb.ask import answer

    asked = question_in_context(request.question, [turn.content for turn in request.history if turn.role == "user"])
    return answer_to_dict(answer(library.kb, asked, library.filters_from_query(query)))


@router.post(
    "/verify",
    operation_id="verify_quote",
    summary="Verify a quote and its numbers",
    response_model=VerifyAnswer,
    response_model_exclude_unset=True,
)
def verify_quote(request: VerifyRequest, library: Reader) -> dict[str, Any]:
    """Whether a sentence stands in the knowledge base word for word, whether each number in it does, and where."""
    return verification_to_dict(library.kb.verify(request.text))
