"""Whether a document is in force, decided in one place: an SQL expression that filters, facets and rows share.

What a text states of itself is stored; what the present day and the other documents of the base make of it is derived
with every query.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select

from kb.schema import documents, relations, versions
from kb.types import Bearing, Filters

REPEALS: Bearing = "repealed_by"
AMENDS: Bearing = "amended_by"
RENEWS: Bearing = "renewed_by"
STATUSES = ("有效", "已修改", "已废止", "尚未施行", "日期不明")


@dataclass(frozen=True, slots=True)
class View:
    """For which day documents are described, and what may be seen of others that bear on them.

    Attributes:
        on: ISO 8601; None for the present day.
        collections: the only collections whose documents count; None for all.
    """

    on: str | None = None
    collections: frozenset[str] | None = None

    @property
    def day(self) -> str:
        """The day meant."""
        return self.on or date.today().isoformat()

    @property
    def settled(self) -> View:
        """This view with its day spelt out; what is true of it stays true."""
        return View(self.day, self.collections)


TODAY = View()
"""The present day, with everything there is."""


def view_of(filters: Filters) -> View:
    """The view some filters give: their day and their collections."""
    return View(filters.as_of, filters.collections)


_OTHER, _OWNER = versions.alias("other_version"), documents.alias("other_document")
"""Made once: an alias copies every column, which took a quarter of a search that met new documents."""


def begins(version: Any) -> ColumnElement[str]:
    """The first day of a wording: of its force, or of its last amendment where that is later; NULL when unknown.

    Args:
        version: the columns of `versions` or of an alias.
    """
    start = func.coalesce(version.effective, version.published, version.adopted, "")
    amended = func.coalesce(version.last_amended, "")
    return func.nullif(case((amended > start, amended), else_=start), "")


def status_on(view: View) -> ColumnElement[str]:
    """有效, 已修改, 已废止, 尚未施行 or 日期不明, of a row of `versions`; NULL for what is no norm."""
    c, day = versions.c, view.day
    return case(
        (c.status.is_(None), None),
        (or_(c.repealed <= day, and_(c.status == "已废止", c.repealed.is_(None))), "已废止"),
        (befallen((REPEALS,), view), "已废止"),
        (c.effective > day, "尚未施行"),
        (or_(c.status == "已修改", befallen((AMENDS, RENEWS), view)), "已修改"),
        (and_(begins(c).is_(None), c.status != "有效"), "日期不明"),
        else_="有效",
    )


def befallen(kinds: tuple[Bearing, ...], view: View) -> ColumnElement[bool]:
    """Whether documents of the base had done one of some things to a row of `versions` by the day."""
    by, owner = _OTHER, _OWNER
    query = (
        select(literal(1))
        .select_from(relations.join(by, by.c.id == relations.c.by_id).join(owner, owner.c.id == by.c.document_id))
        .where(
            relations.c.version_id == versions.c.id,
            relations.c.kind.in_(kinds),
            by.c.current,
            or_(relations.c.since.is_(None), relations.c.since <= view.day),
        )
    )
    if view.collections is not None:
        query = query.where(owner.c.collection.in_(sorted(view.collections)))
    return exists(query.correlate(versions))


def premature(view: View) -> ColumnElement[bool]:
    """Whether a row of `versions` is a wording that began after the day, where an earlier one of its title is held."""
    former, owner = _OTHER, _OWNER
    query = (
        select(literal(1))
        .select_from(relations.join(former, former.c.id == relations.c.version_id).join(owner))
        .where(
            relations.c.by_id == versions.c.id,
            relations.c.kind == RENEWS,
            relations.c.since > view.day,
            begins(former.c) <= view.day,
        )
    )
    if view.collections is not None:
        query = query.where(owner.c.collection.in_(sorted(view.collections)))
    return exists(query.correlate(versions))
