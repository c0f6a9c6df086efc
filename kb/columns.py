"""The rules on a measure in columns: what decides which of them answer a question, without the records themselves."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from kb.filters import in_force, rule_conditions
from kb.schema import rules, versions
from kb.simplify import simplified
from kb.types import Filters

if TYPE_CHECKING:
    from kb.store import Store

T = TypeVar("T", bound=Hashable)
_c = rules.c
_MEASURE = (_c.kind, _c.value, _c.unit)
_SCOPE = (_c.institution_s, _c.service_s, _c.population_s, _c.scheme_s, _c.region_s)
_READ = (_c.row, _c.version_id, _c.start, _c.provision, _c.comparator, *_MEASURE, *_SCOPE)


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A value a row: `values[codes[i]]`, each different value once."""

    codes: NDArray[np.int64]
    values: tuple[T, ...]

    @classmethod
    def of(cls, values: Iterable[T]) -> Column[T]:
        """The column of some values."""
        known: dict[T, int] = {}
        codes = [known.setdefault(value, len(known)) for value in values]
        return cls(np.array(codes, dtype=np.int64), tuple(known))

    def judged(self, judge: Callable[[T], float]) -> NDArray[np.float64]:
        """What a judge says of each row; it is asked once for each different value."""
        judged: NDArray[np.float64] = np.fromiter(map(judge, self.values), np.float64, len(self.values))[self.codes]
        return judged


@dataclass(frozen=True, slots=True)
class RuleColumns:
    """The rules with a number on one indicator.

    Attributes:
        rows, versions, starts: of each rule, `(n,)`.
        contents: equal for rules that say the same; pages repeat themselves.
        measures: kind, value and unit.
        slots: by slot of the scope, what a rule states, else for a scheme what the title of its document does; and
            whether it is the rule that states it.
        places: the first two characters of the regions of a rule and its document.
    """

    rows: NDArray[np.int64]
    versions: NDArray[np.int64]
    starts: NDArray[np.int64]
    contents: NDArray[np.int64]
    measures: Column[tuple[str | None, str, str | None]]
    slots: dict[str, Column[tuple[str | None, bool]]]
    places: Column[tuple[str, str]]


def read_columns(store: Store, indicator: str, filters: Filters) -> RuleColumns:
    """The rules of a store on an indicator that filters let through."""
    query = (
        select(*_READ, versions.c.title_s, versions.c.region)
        .join(versions, versions.c.id == _c.version_id)
        .where(versions.c.id.in_(in_force(filters, by_region=False)), *rule_conditions(filters))
        .where(_c.indicator == indicator, _c.value.is_not(None))
        .order_by(_c.row)
    )
    with store.reading() as connection:
        read: list[Any] = [tuple(row) for row in connection.execute(query)]
    columns = list(zip(*read, strict=True)) if read else [()] * (len(_READ) + 2)
    rows, found_in, starts, provisions, comparators, kinds, values, units, *scope, titles, document_regions = columns
    institutions, services, populations, schemes, regions = scope
    slots = {
        "institution": [(word, True) for word in institutions],
        "service": [(word, True) for word in services],
        "population": [(word, True) for word in populations],
        "scheme": [(scheme or title, scheme is not None) for scheme, title in zip(schemes, titles, strict=True)],
    }
    return RuleColumns(
        np.array(rows, dtype=np.int64),
        np.array(found_in, dtype=np.int64),
        np.array(starts, dtype=np.int64),
        Column.of(zip(found_in, provisions, comparators, values, units, *scope, strict=True)).codes,
        Column.of(zip(kinds, values, units, strict=True)),
        {slot: Column.of(stated) for slot, stated in slots.items()},
        Column.of(zip(map(_opening, regions), map(_opening, document_regions), strict=True)),
    )


def _opening(region: str | None) -> str:
    return simplified(region)[:2] if region else ""
