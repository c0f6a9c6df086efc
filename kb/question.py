"""What a query asks: addresses it names, indicators it is after, and what narrows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.extract.vocabulary import Indicator, Mention, indicators, scope_terms
from kb.address import Address, find_addresses
from kb.simplify import simplified

_ASKS_AMOUNT = re.compile(r"多少|几[成倍天年月]|多久|多长|多高|多大|怎么算|百分之几|上限|下限|最高|最低")


@dataclass(frozen=True, slots=True)
class Question:
    """A query understood.

    Attributes:
        text: the query normalized.
        addresses: articles it names.
        indicators: canonical keys it asks for, empty when it asks for no measure.
        scopes: words that narrow it by slot: `scheme` `institution` `service` `population`.
    """

    text: str
    addresses: tuple[Address, ...]
    indicators: frozenset[str]
    scopes: Mapping[str, tuple[str, ...]]


def question_from_query(query: str) -> Question:
    """What a query in either script asks.

    >>> asked = question_from_query("三級醫院住院報銷比例是多少")
    >>> sorted(asked.indicators), asked.scopes["institution"], asked.scopes["service"]
    (['reimbursement_ratio'], ('三级医院',), ('住院',))
    """
    text = simplified(query.strip())
    scopes: dict[str, tuple[str, ...]] = {}
    for mention in scope_terms().find(text).found:
        known = scopes.get(mention.item.slot, ())
        scopes[mention.item.slot] = (*known, mention.item.name) if mention.item.name not in known else known
    return Question(text, tuple(find_addresses(text)), _indicators(text), scopes)


def _indicators(text: str) -> frozenset[str]:
    """The measures named by the longest words; words that only hint at one count when an amount is asked for."""
    found = indicators().find(text).found
    longest = [m for m in found if not any(_inside(m, other) for other in found)]
    strong = frozenset(m.item.key for m in longest if not m.item.weak)
    if strong or not _ASKS_AMOUNT.search(text):
        return strong
    return frozenset(m.item.key for m in longest)


def _inside(mention: Mention[Indicator], other: Mention[Indicator]) -> bool:
    return (
        other.start <= mention.start
        and mention.end <= other.end
        and (other.end - other.start) > (mention.end - mention.start)
    )
