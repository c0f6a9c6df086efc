"""What takes several documents together: comparison, conflicts, cross tables, export."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from api.commands.export import export_sheets
from api.commands.table import pivot_to_dict
from api.differences import comparison_to_dict, conflict_to_dict
from api.etags import NOT_MODIFIED, revalidated
from api.library import Library, library_of
from api.output import to_jsonl
from api.problems import describe_problems
from api.schemas.analysis import Comparison, ConflictList, PivotTable
from api.schemas.queries import ConflictQuery, ExportQuery, TableAsked
from api.sheets import Sheet

router = APIRouter(prefix="/api", tags=["relations"], responses=describe_problems(503))
Reader = Annotated[Library, Depends(library_of)]
Identity = Annotated[str, Query(min_length=1, max_length=100, description="`id`, or `id@version`")]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "a workbook, or a ZIP archive with one file a table",
        "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in (_XLSX, "application/zip")},
    }
}


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


@router.get(
    "/export",
    operation_id="export_tables",
    summary="Export every table",
    response_class=Response,
    responses=_FILE,
)
def export_tables(query: Annotated[ExportQuery, Query()], library: Reader) -> Response:
    """Rules, figures, provisions and documents as one workbook, or as CSV or JSON Lines in a ZIP archive."""
    from api.sheets import sheet_to_csv, sheets_to_xlsx

    sheets = [_without_folders(one) for one in export_sheets(library.kb, library.filters_from_query(query))]
    if query.file == "xlsx":
        return _attached(sheets_to_xlsx(sheets), "fadu-export.xlsx", _XLSX)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for sheet in sheets:
            rows = (dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows)
            lines = to_jsonl(rows).encode("utf-8", "backslashreplace") if query.file == "jsonl" else sheet_to_csv(sheet)
            archive.writestr(f"{sheet.title}.{query.file}", lines)
    return _attached(out.getvalue(), f"fadu-export-{query.file}.zip", "application/zip")


def _without_folders(sheet: Sheet) -> Sheet:
    """A sheet whose sources are names of files: where these lie on the server is nobody's business."""
    hidden = {at for at, column in enumerate(sheet.columns) if column in ("source", "document.source")}
    rows = tuple(tuple(PurePath(str(v)).name if at in hidden else v for at, v in enumerate(row)) for row in sheet.rows)
    return replace(sheet, rows=rows)


def _attached(data: bytes, name: str, media: str) -> Response:
    return Response(data, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
