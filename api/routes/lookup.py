"""Search, the tables of rules and figures, and verification of quotes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.contract import search_to_dict, stored_to_dict, verification_to_dict
from api.library import Library, library_of
from api.problems import describe_problems
from api.schemas import FigurePage, RulePage, SearchAnswer, SearchQuery, TableQuery, VerifyAnswer, VerifyRequest

router = APIRouter(prefix="/api", tags=["lookup"], responses=describe_problems(503))
Reader = Annotated[Library, Depends(library_of)]


@router.get(
    "/search",
    operation_id="search",
    summary="Search passages and rules",
    response_model=SearchAnswer,
    response_model_exclude_unset=True,
)
def search(query: Annotated[SearchQuery, Query()], library: Reader) -> dict[str, Any]:
    """Passages, best first, each with its document, place, quote and span, and the rules that answer the query.

    The query may be in simplified or traditional characters; an address such as 社会保险法第二十三条 is resolved.
    """
    return search_to_dict(library.kb.search(query.q, k=query.k, filters=library.filters_from_query(query)))


@router.get(
    "/rules",
    operation_id="list_rules",
    summary="List rules",
    response_model=RulePage,
    response_model_exclude_unset=True,
)
def list_rules(query: Annotated[TableQuery, Query()], library: Reader) -> dict[str, Any]:
    """Rules that match all filters: bounds, scope, provision and the quote each was read from."""
    table = library.kb.rules(
        library.filters_from_query(query), limit=query.limit, offset=query.offset, distinct=not query.all
    )
    return {"total": table.total, "items": [stored_to_dict(rule) for rule in table]}


@router.get(
    "/figures",
    operation_id="list_figures",
    summary="List figures",
    response_model=FigurePage,
    response_model_exclude_unset=True,
)
def list_figures(query: Annotated[TableQuery, Query()], library: Reader) -> dict[str, Any]:
    """Figures that match all filters: the numbers documents report, with indicator, period and quote."""
    table = library.kb.figures(
        library.filters_from_query(query), limit=query.limit, offset=query.offset, distinct=not query.all
    )
    return {"total": table.total, "items": [stored_to_dict(figure) for figure in table]}


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
