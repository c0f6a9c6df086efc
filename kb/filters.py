"""Filters as SQL conditions. Every query here joins `documents`, `versions` and, for records, their table."""

from __future__ import annotations

from typing import Any, get_args

from sqlalchemy import ColumnElement, Select, Subquery, Table, and_, case, false, func, or_, select, union

from ingest.errors import QueryError
from ingest.extract.vocabulary import indicator_labels, indicators
from ingest.messages import say
from ingest.records import Kind, Modality
from kb.schema import documents, figures, passages, rules, versions
from kb.simplify import simplified
from kb.types import Filters
from kb.validity import RENEWS, REPEALS, STATUSES, befallen, begins, premature, status_on, view_of

_KINDS = frozenset(get_args(Kind))
_MODALITIES = frozenset(get_args(Modality))


def narrows_passages(filters: Filters) -> bool:
    """Whether any slot speaks of what a document says rather than of the document."""
    return bool(filters.scheme or filters.indicator or filters.modality or filters.institution or _quantity(filters))


def in_force(filters: Filters, *, by_region: bool = True) -> Select[int]:
    """The ids of the versions to look in: the current ones, or those in force on `as_of`.

    A version is in force when its effective (else published) date is not after the day and its repeal is. Among
    the versions of a document, and among documents that are wordings of one title, the newest such one counts; what
    another document had repealed by that day does not; an unknown date passes.

    Args:
        filters: the slots that speak of documents count.
        by_region: whether the region must be the document's.
    """
    query = select(versions.c.id).join(documents, documents.c.id == versions.c.document_id)
    query = query.where(*_document_conditions(filters))
    if filters.region and by_region:
        query = query.where(_of_region(filters.region))
    if filters.as_of is None:
        return query if _version_named(filters.document or "") else query.where(versions.c.current)
    newest = _newest_on(filters.as_of)
    return query.join(
        newest, and_(newest.c.document_id == versions.c.document_id, newest.c.version == versions.c.version)
    ).where(
        or_(versions.c.repealed.is_(None), versions.c.repealed > filters.as_of),
        ~befallen((REPEALS, RENEWS), view_of(filters)),
        ~premature(view_of(filters)),
    )


def rule_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Conditions on `rules` joined with `versions`.

    Raises:
        QueryError: the modality does not exist.
    """
    if filters.modality is None:
        return _record_conditions(filters, rules)
    if filters.modality not in _MODALITIES:
        raise QueryError(say("no_modality", modality=filters.modality, known=", ".join(sorted(_MODALITIES))))
    return [*_record_conditions(filters, rules), rules.c.modality == filters.modality]


def figure_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Conditions on `figures` joined with `versions`; a modality, which figures lack, matches none."""
    return [*_record_conditions(filters, figures), *([false()] if filters.modality else [])]


def passage_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Conditions on `passages` joined with `versions`: a passage holds a record that matches, or says the words."""
    conditions: list[ColumnElement[bool]] = []
    for text in (filters.scheme, filters.institution):
        if text:
            words = simplified(text)
            said = (passages.c.text_s, passages.c.context_s, versions.c.title_s)
            conditions.append(or_(*(column.contains(words, autoescape=True) for column in said)))
    if filters.indicator or filters.modality or _quantity(filters):
        wanted = Filters(indicator=filters.indicator, modality=filters.modality, kind=filters.kind)
        holding = (_holding(rules, rule_conditions(wanted)), _holding(figures, figure_conditions(wanted)))
        conditions.append(passages.c.id.in_(union(*holding)))
    return conditions


def _holding(table: Table, conditions: list[ColumnElement[bool]]) -> Select[int]:
    """The ids of the passages that hold a record of `rules` or `figures`."""
    return select(table.c.passage).join(versions, versions.c.id == table.c.version_id).where(*conditions)


def _quantity(filters: Filters) -> bool:
    return filters.kind in _KINDS


def _status_named(text: str) -> str:
    """The status a word means.

    Raises:
        QueryError: none.
    """
    name = simplified(text)
    if name not in STATUSES:
        raise QueryError(f"{text!r} is no status; choose from {', '.join(STATUSES)}")
    return name


def _version_named(document: str) -> bool:
    return document.partition("@")[2].isdigit()


def _newest_on(day: str) -> Subquery:
    """The newest version of each document that began by a day, else the newest in force before its amendments."""
    starts = func.coalesce(versions.c.effective, versions.c.published)
    begun = case((or_(begins(versions.c).is_(None), begins(versions.c) <= day), versions.c.version))
    newest = func.coalesce(func.max(begun), func.max(versions.c.version))
    return (
        select(versions.c.document_id, newest.label("version"))
        .where(or_(starts.is_(None), starts <= day))
        .group_by(versions.c.document_id)
        .subquery()
    )


def _document_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.collections is not None:
        conditions.append(documents.c.collection.in_(sorted(filters.collections)))
    if filters.documents is not None:
        conditions.append(documents.c.id.in_(sorted(filters.documents)))
    if filters.document:
        conditions.append(_names_document(filters.document))
    for name in ("level", "issuer"):
        if text := getattr(filters, name):
            conditions.append(versions.c[f"{name}_s"].contains(simplified(text), autoescape=True))
    if filters.status:
        conditions.append(status_on(view_of(filters)) == _status_named(filters.status))
    if filters.kind and not _quantity(filters):
        conditions.append(versions.c.kind == filters.kind)
    dated = func.coalesce(versions.c.effective, versions.c.published, versions.c.adopted)
    if filters.date_from:
        conditions.append(dated >= filters.date_from)
    if filters.date_to:
        conditions.append(dated <= filters.date_to)
    return conditions


def _of_region(region: str) -> ColumnElement[bool]:
    words = simplified(region)
    return or_(
        versions.c.region_s.contains(words, autoescape=True), versions.c.title_s.contains(words, autoescape=True)
    )


def _names_document(text: str) -> ColumnElement[bool]:
    identity, _, number = text.partition("@")
    if number.isdigit():
        return and_(documents.c.id == identity, versions.c.version == int(number))
    words = simplified(text)
    return or_(
        documents.c.id == text,
        versions.c.title_s.contains(words, autoescape=True),
        versions.c.source_s.contains(words, autoescape=True),
        versions.c.doc_number_s == words,
    )


def _record_conditions(filters: Filters, table: Table) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.scheme:
        words = simplified(filters.scheme)
        by_title = versions.c.title_s.contains(words, autoescape=True)
        unsaid = and_(table.c.scheme_s.is_(None), by_title)
        conditions.append(or_(table.c.scheme_s.contains(words, autoescape=True), unsaid))
    if filters.institution:
        conditions.append(table.c.institution_s.contains(simplified(filters.institution), autoescape=True))
    if filters.region:
        here = table.c.region_s.contains(simplified(filters.region), autoescape=True)
        conditions.append(or_(here, _of_region(filters.region)))
    if filters.indicator:
        conditions.append(_of_indicator(filters.indicator, table.c))
    if _quantity(filters):
        conditions.append(table.c.kind == filters.kind)
    return conditions


def _of_indicator(text: str, columns: Any) -> ColumnElement[bool]:
    if text in indicator_labels():
        return or_(columns.indicator == text)
    words = simplified(text)
    keys = {key for key, label in indicator_labels().items() if label == words}
    keys |= {m.item.key for m in indicators().find(words).found if m.end - m.start == len(words)}
    return or_(columns.indicator.in_(keys), columns.indicator_s.contains(words, autoescape=True))
