"""Pages of the stored rules and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_

from ingest.errors import QueryError
from ingest.records import Figure, Rule
from kb.answers import label_of
from kb.filters import in_force
from kb.ordering import natural_order, order_by
from kb.rows import record_from_json
from kb.schema import documents, figures, rules, versions
from kb.store import Store
from kb.types import Filters, StoredFigure, StoredRule, Table
from kb.validity import view_of


@dataclass(frozen=True, slots=True)
class Window:
    """Which of the matching records are wanted, and whether repetitions count once; `after` is the row of a record."""

    limit: int | None = None
    offset: int = 0
    distinct: bool = False
    after: int | None = None
    sort: str = ""


def stored_rules(
    store: Store, conditions: list[ColumnElement[bool]], filters: Filters, window: Window
) -> Table[StoredRule]:
    """Rules that meet conditions on `rules`, in the versions the filters leave."""
    rows, total = _rows(store, rules, conditions, filters, window)
    known = store.documents_by_key(sorted({row.version_id for row in rows}), view_of(filters))
    return Table(
        tuple(
            StoredRule(known[row.version_id], label_of(row.provision), record_from_json(Rule, row.record), row.times)
            for row in rows
        ),
        total,
        rows[-1].row if rows else None,
    )


def stored_figures(
    store: Store, conditions: list[ColumnElement[bool]], filters: Filters, window: Window
) -> Table[StoredFigure]:
    """Figures that meet conditions on `figures`, in the versions the filters leave."""
    rows, total = _rows(store, figures, conditions, filters, window)
    known = store.documents_by_key(sorted({row.version_id for row in rows}), view_of(filters))
    return Table(
        tuple(StoredFigure(known[row.version_id], record_from_json(Figure, row.record), row.times) for row in rows),
        total,
        rows[-1].row if rows else None,
    )


def _rows(
    store: Store, table: Any, conditions: list[ColumnElement[bool]], filters: Filters, page: Window
) -> tuple[list[Any], int]:
    alike = (table.c.version_id, table.c.said if page.distinct else table.c.row)
    matching = (
        select(func.min(table.c.row).label("row"), func.count().label("times"))
        .join(versions, versions.c.id == table.c.version_id)
        .where(versions.c.id.in_(in_force(filters, by_region=False)), *conditions)
        .group_by(*alike)
        .subquery()
    )
    order = natural_order(table)
    query = (
        select(table.c.row, table.c.version_id, table.c.provision, table.c.record, matching.c.times)
        .join(matching, matching.c.row == table.c.row)
        .join(versions, versions.c.id == table.c.version_id)
        .join(documents, documents.c.id == versions.c.document_id)
        .order_by(*(order_by(table, page.sort, view_of(filters)) if page.sort else order))
        .limit(page.limit)
        .offset(page.offset)
    )
    with store.reading() as connection:
        if page.after is not None:
            placed = select(*order).select_from(table.join(versions).join(documents)).where(table.c.row == page.after)
            place = connection.execute(placed).one_or_none()
            if place is None:
                raise QueryError("the record this page follows is gone; begin again with the first page")
            query = query.where(tuple_(*order) > tuple_(*place))
        total = connection.execute(select(func.count()).select_from(matching)).scalar_one()
        return list(connection.execute(query).all()), total
