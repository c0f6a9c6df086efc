"""What a query asks: addresses it names, indicators it is after, and what narrows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
    rest = text
    for address in reversed(addresses):
        rest = rest[: address.start] + rest[address.end :]
    only_address = bool(addresses) and not any(c.isalnum() for c in rest)
    return Question(text, addresses, only_address, _indicators(text), scopes)


def _indicators(text: str) -> dict[str, tuple[str, ...]]:
    """The measures named by the longest words; words that only hint at one count when an amount is asked for.

    Of words that follow one another without a conjunction, the last is the measure and the others narrow it:
    医院, 住院 and 报销比例 in 三级医院住院报销比例.
    """
    found = indicators().find(text).found
    longest = [m for m in found if not any(_inside(m, other) for other in found)]
    strong = [m for m in longest if not m.item.weak]
    if not strong and _ASKS_AMOUNT.search(text):
        strong = longest
    heads = [
        m
        for m in strong
        if not any(other.start >= m.end and not _JOINS.search(text, m.end, other.start) for other in strong)
    ]
    return {m.item.key: m.item.kinds for m in heads}


def _inside(mention: Mention[Indicator], other: Mention[Indicator]) -> bool:
    return (
        other.start <= mention.start
        and mention.end <= other.end
        and (other.end - other.start) > (mention.end - mention.start)
    )
