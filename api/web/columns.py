"""The columns of the tables of rules and figures: what each shows, and which stand there unless asked otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from api.present import describe_bound, describe_figure, describe_rule, describe_unit
from api.web.labels import MODALITIES, document_name, indicator_name, validity
from ingest.records import Rule
from kb.types import StoredFigure, StoredRule

Stored: TypeAlias = StoredRule | StoredFigure
TableName = Literal["rules", "figures"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in addresses, its heading, what a record shows in it, and how wide it wants to be."""

    key: str
    label: str
    show: Callable[[Stored], str]
    look: str = ""


def amount_of(stored: Stored) -> int | float | None:
    """The number itself, None for what has none: rules without a bound, and dates."""
    record = stored.record
    if record.value is None or record.kind == "date":
        return None
    number = Decimal(record.value)
    return int(number) if number == int(number) else float(number)


def _slot(name: str) -> Callable[[Stored], str]:
    """A slot that rules keep in their scope or in themselves, and figures in themselves."""

    def show(stored: Stored) -> str:
        record = stored.record
        holder = record.scope if isinstance(record, Rule) and hasattr(record.scope, name) else record
        value = getattr(holder, name, None)
        return "；".join(value) if isinstance(value, tuple) else value or ""

    return show


def _about(stored: Stored) -> str:
    record = stored.record
    return describe_rule(record) if isinstance(record, Rule) else describe_figure(record)


def _place(stored: Stored) -> str:
    label = stored.provision_label if isinstance(stored, StoredRule) else None
    return label or (stored.record.provision or "").rpartition("/")[2]


def _state(stored: Stored) -> str:
    state = validity(stored.document)
    return state.label if state else ""


_MODALITY = Column("modality", "性质", lambda s: MODALITIES.get(getattr(s.record, "modality", ""), ""), "narrow")
_SHARED = (
    Column("indicator", "指标", lambda s: indicator_name(s.record.indicator), "narrow"),
    Column("value", "数值", lambda s: describe_bound(s.record), "value"),
    Column("about", "内容", _about, "wide"),
    Column("period", "期间", _slot("period"), "narrow"),
    Column("region", "地区", lambda s: _slot("region")(s) or s.document.region or "", "narrow"),
    Column("scheme", "险种", _slot("scheme")),
    Column("institution", "机构", _slot("institution")),
    Column("service", "项目", _slot("service")),
    Column("population", "人群", _slot("population")),
    Column("base", "基数", _slot("base")),
)
_RULE = (
    Column("condition", "条件", _slot("condition"), "wide"),
    Column("actor", "主体", _slot("actor")),
    Column("action", "行为", _slot("action"), "wide"),
    Column("exceptions", "例外", _slot("exceptions"), "wide"),
)
_LAST = (
    Column("document", "文件", lambda s: document_name(s.document), "wide"),
    Column("doc_number", "文号", lambda s: s.document.doc_number or "", "narrow"),
    Column("place", "条款", _place, "narrow"),
    Column("effective", "施行", lambda s: s.document.effective or s.document.published or "", "narrow"),
    Column("status", "时效", _state, "narrow"),
)
COLUMNS: Mapping[TableName, tuple[Column, ...]] = {
    "rules": (_MODALITY, *_SHARED, *_RULE, *_LAST),
    "figures": (*_SHARED, *_LAST),
}
DEFAULT: Mapping[TableName, tuple[str, ...]] = {
    "rules": ("modality", "indicator", "value", "about", "document", "place", "status"),
    "figures": ("indicator", "value", "about", "period", "region", "document", "place"),
}
_UNSORTED = frozenset({"about", "place", "base", "condition", "actor", "action", "exceptions"})


def columns_from(name: TableName, wanted: list[str]) -> list[Column]:
    """The columns asked for, in the table's own order; those it has by default when none is known."""
    known = [column for column in COLUMNS[name] if column.key in wanted]
    return known or [column for column in COLUMNS[name] if column.key in DEFAULT[name]]


def is_sortable(column: Column) -> bool:
    """Whether the order of a column means something."""
    return column.key not in _UNSORTED


def unit_of(stored: Stored) -> str:
    """The unit of a record in Chinese."""
    return describe_unit(stored.record.unit)
