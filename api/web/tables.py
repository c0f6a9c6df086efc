"""规则库 and 指标: the records as tables, their export, and one indicator as a cross table with a chart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from api.web.columns import COLUMNS, TableName, amount_of, columns_from, is_sortable, unit_of
from api.web.places import Places, cite, versioned_id
from api.web.records import find_facets, find_records
from api.web.route import PageRoute, Reader, chosen, filters_from_request, number_of, text_of
from api.web.view import render

if TYPE_CHECKING:
    from api.library import Library
    from api.sheets import Sheet
    from api.web.columns import Stored
    from kb import KnowledgeBase
    from kb.flat import Value
    from kb.pivot import Axis

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_ROWS = 50
_TITLES = {"rules": "规则库", "figures": "指标"}
_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@router.get("/rules")
def show_rules(request: Request, library: Reader) -> HTMLResponse:
    """The table of rules."""
    return _show(request, library, "rules")


@router.get("/figures")
def show_figures(request: Request, library: Reader) -> HTMLResponse:
    """The table of figures."""
    return _show(request, library, "figures")


@router.get("/export/{name}.{form}")
def export_table(request: Request, name: TableName, form: Literal["xlsx", "csv"], library: Reader) -> Response:
    """Every record that matches the filters, with all columns, its quote and its citation."""
    from api.sheets import sheet_to_csv, sheets_to_xlsx

    records = find_records(library.kb, name, filters_from_request(request), text_of(request, "sort")).records
    sheet = _sheet(library.kb, name, list(records))
    data = sheets_to_xlsx([sheet]) if form == "xlsx" else sheet_to_csv(sheet)
    return Response(
        data, media_type=_MEDIA[form], headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    )


@router.get("/pivot")
def show_pivot(request: Request, library: Reader) -> HTMLResponse:
    """One indicator over two axes, as a table and a chart."""
    from api.reports.pivot_chart import pivot_to_svg
    from ingest.extract.vocabulary import indicator_labels
    from kb.pivot import parse_indicator, pivot

    kb = library.kb
    filters = filters_from_request(request)
    indicator = parse_indicator(filters.indicator or "reimbursement_ratio")
    rows, columns = _axis(request, "rows", "document"), _axis(request, "columns", "institution")
    if rows == columns:
        columns = "institution" if rows != "institution" else "document"
    of_figures = text_of(request, "of") == "figures"
    narrowed = replace(filters, indicator=indicator)
    found = kb.figures(narrowed, distinct=True) if of_figures else kb.rules(narrowed, distinct=True)
    table = pivot(found.records, rows, columns)
    return render(
        request,
        "pivot.html",
        section="figures",
        indicator=indicator,
        indicators=sorted(indicator_labels().items(), key=lambda one: one[1]),
        table=table,
        chart=Markup(pivot_to_svg(indicator, table, alone=False)) if table.rows else "",
        rows=rows,
        columns=columns,
        of="figures" if of_figures else "rules",
        filters=chosen(replace(filters, indicator=None)),
        versioned=versioned_id,
    )


def _axis(request: Request, name: str, default: Axis) -> Axis:
    from kb.pivot import AXES

    wanted = text_of(request, name)
    return next((axis for axis in AXES if axis == wanted), default)


def _show(request: Request, library: Library, name: TableName) -> HTMLResponse:
    filters = filters_from_request(request)
    page, sort = number_of(request, "page", 1), text_of(request, "sort")
    wanted = request.query_params.getlist("cols")
    kb = library.kb
    asked = (name, filters, sort, page)
    found = library.remembered(asked, lambda: find_records(kb, name, filters, sort, (page - 1) * _ROWS, _ROWS))
    values = {**chosen(filters), "sort": sort, "cols": wanted}
    return render(
        request,
        "table.html",
        section=name,
        name=name,
        title=_TITLES[name],
        filters=chosen(filters),
        values=values,
        found=found,
        groups=library.remembered((name, filters), lambda: find_facets(kb, name, filters)),
        columns=columns_from(name, wanted),
        all_columns=COLUMNS[name],
        sort=sort,
        sortable=is_sortable,
        page=page,
        pages=-(-found.total // _ROWS),
        versioned=versioned_id,
    )


def _sheet(kb: KnowledgeBase, name: TableName, records: list[Stored]) -> Sheet:
    from api.sheets import Sheet

    places = Places(kb)
    columns = COLUMNS[name]
    heads = (*(column.label for column in columns), "数", "单位", "原文", "引文", "起", "止")
    rows: list[tuple[Value, ...]] = []
    for stored in records:
        record = stored.record
        place = places.at(stored.document, record.start, record.end)
        text = kb.text(versioned_id(stored.document))
        sentence = "".join(_sentence(text, record.start, record.end))
        cells: tuple[Value, ...] = tuple(column.show(stored) or None for column in columns)
        rows.append((*cells, amount_of(stored), unit_of(stored), sentence, cite(stored.document, place.label),
                     record.start, record.end))  # fmt: skip
    return Sheet(_TITLES[name], heads, tuple(rows))


def _sentence(text: str, start: int, end: int) -> tuple[str, str, str]:
    from api.present import sentence_around

    return sentence_around(text, start, end)
