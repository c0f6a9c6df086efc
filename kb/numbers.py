"""Whether a number is what the knowledge base says of something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.extract.quantities import find_quantities
from ingest.records import Quantity, Rule
from kb.address import readable_label
from kb.simplify import simplified
from kb.types import DocumentRow, NumberCheck, QuoteMatch
from kb.verify import equal_numbers

if TYPE_CHECKING:
    from kb.base import KnowledgeBase

_PASSAGES = 5
_PLACES = 5


def check_numbers(kb: KnowledgeBase, text: str, about: str) -> tuple[NumberCheck, ...]:
    """Each number of `text`, and where it is said of `about`.

    Where rules on the measure asked about exist, they decide; else the passages nearest to it.

    Args:
        kb: an open knowledge base.
        text: numbers with their units, in either script.
        about: what they are said of.
    """
    numbers = find_quantities(simplified(text))
    if not numbers:
        return ()
    result = kb.search(about, k=_PASSAGES)
    ruled: list[tuple[DocumentRow, str, Quantity | Rule]] = [
        (rule.document, rule.record.provision or "", rule.record) for rule in result.rules
    ]
    near: list[tuple[DocumentRow, str, Quantity | Rule]] = [
        (hit.document, hit.path, quantity)
        for hit in result.hits
        for quantity in kb.extraction(f"{hit.document.id}@{hit.document.version}").quantities
        if hit.start <= quantity.start < hit.end
    ]
    checks = []
    for number in numbers:
        held = [one for one in ruled if one[2].kind == number.kind] or near
        places = tuple(_place(*one) for one in held if equal_numbers(number, one[2]))[:_PLACES]
        checks.append(NumberCheck(number.quote, number.kind, number.value, number.unit, bool(places), places))
    return tuple(checks)


def _place(document: DocumentRow, path: str, found: Quantity | Rule) -> QuoteMatch:
    span = (found.quote, found.start, found.end)
    return QuoteMatch(document, path, readable_label(path), *span, match="exact", similarity=1.0)
