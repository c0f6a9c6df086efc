"""What a query asks: addresses it names, indicators it is after, and what narrows them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingest.extract.vocabulary import Indicator, Mention, indicators, scope_terms
from kb.address import Address, find_addresses
from kb.simplify import simplified

_JOINS = re.compile(r"[、，,；;和与及或跟]|还有")
_ASKS_AMOUNT = re.compile(r"多少|几[成倍天年月]|多久|多长|多高|多大|怎么算|百分之几|上限|下限|最高|最低")


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
    """

    text: str
    addresses: tuple[Address, ...]
    only_address: bool
    indicators: Mapping[str, tuple[str, ...]]
    scopes: Mapping[str, tuple[str, ...]]


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
    addresses = tuple(find_addresses(text))
    edges = [0, *(edge for address in addresses for edge in (address.start, address.end)), len(text)]
    rest = (text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    only_address = bool(addresses) and not any(c.isalnum() for piece in rest for c in piece)
    return Question(text, addresses, only_address, _indicators(text), scopes)


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
