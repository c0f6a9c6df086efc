"""What takes several documents together: comparison, conflicts, cross tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.commands.table import pivot_to_dict
from api.differences import comparison_to_dict, conflict_to_dict
from api.etags import NOT_MODIFIED, revalidated
from api.library import Library, library_of
from api.problems import describe_problems
from api.schemas.analysis import Comparison, ConflictList, PivotTable
from api.schemas.queries import ConflictQuery, TableAsked

router = APIRouter(prefix="/api", tags=["relations"], responses=describe_problems(503))
Reader = Annotated[Library, Depends(library_of)]
Identity = Annotated[str, Query(min_length=1, max_length=100, description="`id`, or `id@version`")]


@router.get(
    "/compare",
    operation_id="compare_documents",
    summary="Compare two documents or versions",
    response_model=Comparison,
    response_model_exclude_unset=True,
    responses=describe_problems(404) | NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def compare_documents(a: Identity, b: Identity, library: Reader) -> dict[str, Any]:
    """Rules added, removed and changed (tightened, loosened), provisions moved, and the text clause by clause."""
    for identity in (a, b):
        library.document(identity)
    return comparison_to_dict(library.kb.compare(a, b))


@router.get(
    "/conflicts",
    operation_id="list_conflicts",
    summary="List rules that disagree",
    response_model=ConflictList,
    response_model_exclude_unset=True,
    responses=NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def list_conflicts(query: Annotated[ConflictQuery, Query()], library: Reader) -> dict[str, Any]:
    """Rules of different documents on one matter: contradictory, superseded by a newer issue, or stricter locally."""
    found = library.kb.conflicts(library.filters_from_query(query))
    wanted = [conflict for conflict in found if query.only in (None, conflict.kind)]
    window = wanted[query.offset : query.offset + query.limit]
    return {"total": len(wanted), "items": [conflict_to_dict(conflict) for conflict in window]}


@router.get(
    "/table",
    operation_id="get_table",
    summary="One indicator as a cross table",
    response_model=PivotTable,
    response_model_exclude_unset=True,
    responses=NOT_MODIFIED,
    dependencies=[Depends(revalidated)],
)
def get_table(query: Annotated[TableAsked, Query()], library: Reader) -> dict[str, Any]:
    """The rules (or figures) of an indicator by document, region, level of hospital, scheme and so on."""
    from kb.pivot import parse_indicator, pivot

    indicator = parse_indicator(query.measure)
    filters = replace(library.filters_from_query(query), indicator=indicator)
    found = library.kb.figures(filters) if query.of == "figures" else library.kb.rules(filters)
    return pivot_to_dict(indicator, pivot(found.records, query.rows, query.columns))
