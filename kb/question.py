"""What a query asks: addresses and documents it names, words it quotes, indicators and values it is after."""

from __future__ import annotations

import operator
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.extract.bounds import find_bound
from ingest.extract.quantities import find_quantities
from ingest.extract.vocabulary import Indicator, Mention, indicators, scope_terms
from ingest.records import Comparator, Quantity
from ingest.structure.document_numbers import find_document_numbers
from kb.address import Address, find_addresses
from kb.simplify import simplified

_JOINS = re.compile(r"[、，,；;和与及或跟]|还有")
_ASKS_AMOUNT = re.compile(r"多少|几[成倍天年月]|多久|多长|多高|多大|怎么算|百分之几|上限|下限|最高|最低")
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_REACHED = {"满", "达", "达到", "年满", "已满", "届满"}
_PHRASE = re.compile(r"“([^“”]{2,})”|\"([^\"]{2,})\"|「([^「」]{2,})」|『([^『』]{2,})』")


@dataclass(frozen=True, slots=True)
class AskedValue:
    """A number with a unit that a query names; `comparator` is None where it asks for that very value."""

    quantity: Quantity
    comparator: Comparator | None

    @property
    def exact(self) -> bool:
        """Whether what states this very value can answer: not where what lies below or above it is asked for."""
        return self.comparator not in ("<", ">")

    def meets(self, kind: str | None, value: str | None, unit: str | None) -> bool:
        """Whether a stated number is that value, or lies on the side asked for; 6 months are not 180 days."""
        asked = self.quantity
        if kind != asked.kind or value is None or not (unit == asked.unit or kind == "money"):
            return False
        if self.comparator is None or kind == "date":
            return value == asked.value
        return _COMPARE[self.comparator](Decimal(value), asked.amount)


@dataclass(frozen=True, slots=True)
class Question:
    """A query understood.

    Attributes:
        text: the query normalized.
        addresses: articles it names.
        only_address: it asks for nothing else.
        indicators: canonical keys it asks for with the kinds of quantity they take, usual one first; empty when it
            asks for no measure.
        scopes: words that narrow it by slot: `scheme` `institution` `service` `population`.
        numbers: numbers of documents it names, normalized: 国发〔1998〕44号.
        phrases: words it quotes, which a passage must hold as they stand.
        values: numbers with units it names.
        only_named: it holds nothing but addresses, document numbers, quoted words and values.
    """

    text: str
    addresses: tuple[Address, ...]
    only_address: bool
    indicators: Mapping[str, tuple[str, ...]]
    scopes: Mapping[str, tuple[str, ...]]
    numbers: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    values: tuple[AskedValue, ...] = ()
    only_named: bool = False


def question_from_query(query: str) -> Question:
    """What a query in either script asks.

    >>> asked = question_from_query("三級醫院住院報銷比例是多少")
    >>> list(asked.indicators), asked.scopes["institution"], asked.scopes["service"]
    (['reimbursement_ratio'], ('三级医院',), ('住院',))
    """
    text = simplified(query.strip())
    scopes: dict[str, tuple[str, ...]] = {}
    for mention in scope_terms().find(text).found:
        known = scopes.get(mention.item.slot, ())
        scopes[mention.item.slot] = (*known, mention.item.name) if mention.item.name not in known else known
    places = list(find_document_numbers(text))
    addresses = tuple(find_addresses(text))
    values = tuple(_values(text, places))
    spans = [(address.start, address.end) for address in addresses]
    only_address = bool(addresses) and not _beside(text, spans)
    spans += [*places, *((value.quantity.start, value.quantity.end) for value in values)]
    quoted = list(_PHRASE.finditer(text))
    spans += [m.span() for m in quoted]
    return Question(
        text,
        addresses,
        only_address,
        _indicators(text),
        scopes,
        numbers=tuple(text[start:end] for start, end in places),
        phrases=tuple(next(filter(None, m.groups())) for m in quoted),
        values=values,
        only_named=bool(spans) and not _beside(text, spans),
    )


def _beside(text: str, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether a text says anything besides some spans."""
    blank = list(text)
    for start, end in spans:
        blank[start:end] = " " * (end - start)
    return any(c.isalnum() for c in blank)


def _values(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[AskedValue]:
    """The numbers with units outside `taken` spans; each with the bound the words around it put on it."""
    start = 0
    for quantity in find_quantities(text):
        if any(s < quantity.end and quantity.start < e for s, e in taken) or quantity.high:
            continue
        bound = find_bound(text, quantity, start, len(text))
        comparator = bound.comparator if bound and bound.comparator in _COMPARE and bound.word not in _REACHED else None
        yield AskedValue(quantity, comparator)
        start = quantity.end


def _indicators(text: str) -> dict[str, tuple[str, ...]]:
    """The measures named by the longest words; words that only hint at one count when an amount is asked for.

    Of words that follow one another without a conjunction, the last is the measure and the others narrow it:
    医院, 住院 and 报销比例 in 三级医院住院报销比例.
    """
    found = indicators().find(text).found
    longest = list(_outermost(found))
    strong = [m for m in longest if not m.item.weak]
    if not strong and _ASKS_AMOUNT.search(text):
        strong = longest
    starts = [m.start for m in strong]
    following = (bisect_left(starts, m.end) for m in strong)
    return {
        m.item.key: m.item.kinds
        for m, after in zip(strong, following, strict=True)
        if after == len(starts) or _JOINS.search(text, m.end, starts[after])
    }


def _outermost(found: Iterable[Mention[Indicator]]) -> Iterator[Mention[Indicator]]:
    """Those that stand in no longer one, in order; several of the same span stay."""
    furthest = (0, 0)
    for mention in sorted(found, key=lambda m: (m.start, -m.end)):
        reach = (mention.end, -mention.start)
        if reach >= furthest:
            furthest = reach
            yield mention
