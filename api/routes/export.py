"""Whole tables as files, sent while they are made."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api.exports import Form, bare_sheet, text_chunks, write_workbook, zip_chunks
from api.library import Library, library_of
from api.problems import describe_problems
from api.schemas.queries import ExportQuery
from api.sheets import write_parquet

if TYPE_CHECKING:
    from kb.flat import FlatTable

router = APIRouter(prefix="/api", tags=["relations"], responses=describe_problems(503))
Reader = Annotated[Library, Depends(library_of)]
_CHUNK = 256 * 1024
_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "a workbook; a ZIP archive with one file a table; or the file of the one `table`",
        "content": {
            media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for media in _MEDIA.values()
        },
    }
}


@router.get(
    "/export",
    operation_id="export_tables",
    summary="Export every table",
    response_class=StreamingResponse,
    responses=_FILE,
)
def export_tables(query: Annotated[ExportQuery, Query()], library: Reader) -> StreamingResponse:
    """Documents, their versions and relations, rules, figures, quantities, citations, provisions and passages.

    CSV and JSON Lines are made while they are sent, a document at a time; workbooks and Parquet in a file first.
    """
    from kb.export import NAMES

    filters = library.filters_from_query(query)
    tables = [library.kb.table(name, filters) for name in ([query.table] if query.table else NAMES)]
    name, form = query.table or "fadu-export", query.file
    if form == "xlsx":
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent
        write_workbook(tables, file, folders=False)
        return _attached(_sent(file), f"{name}.xlsx", "xlsx")
    if query.table:
        return _attached(_content(tables[0], form), f"{name}.{form}", form)
    files = ((f"{table.name}.{form}", _content(table, form)) for table in tables)
    return _attached(zip_chunks(files), f"{name}-{form}.zip", "zip")


def _content(table: FlatTable, form: Form) -> Iterator[bytes]:
    if form == "parquet":
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent
        write_parquet(bare_sheet(table), file)
        yield from _sent(file)
    else:
        yield from text_chunks(bare_sheet(table), form)


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _attached(chunks: Iterator[bytes], name: str, form: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(chunks, media_type=_MEDIA[form], headers=headers)
