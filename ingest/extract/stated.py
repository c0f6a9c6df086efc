"""Quantities as amounts to compute with, and the rounding they were stated with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from ingest.records import Quantity

_DECIMALS = re.compile(r"\.(\d+)")
_SCALES = {"亿": Decimal(100_000_000), "万": Decimal(10_000), "千": Decimal(1_000), "百": Decimal(100)}
_NUMERAL = re.compile(r"[\d.,]+\s*([亿万千百]?)")
_COMPARED = frozenset({"money", "count", "percent", "percentage_point"})
_PLACES = frozenset({"个", "家", "所", "处", "间"})


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity ready to be computed with.

    Attributes:
        quantity: where it stands.
        value: exact decimal.
        half: half of the last place it was stated to; zero for whole persons or yuan, which are exact.
        name: the words ahead of it in its clause.
        measure: unit and denominator; amounts of one measure can be added.
        digits: significant digits, a guard against coincidence.
    """

    quantity: Quantity
    value: Decimal
    half: Decimal
    name: str
    measure: tuple[str, str | None]
    digits: int

    @property
    def start(self) -> int:
        """Where the quantity starts."""
        return self.quantity.start


def amount_from_quantity(q: Quantity, name: str) -> Amount | None:
    """The amount of a single-valued quantity in digits; None for ranges, dates and approximations."""
    if q.kind not in _COMPARED or q.high is not None or q.approx:
        return None
    scale = Decimal(1)
    numeral = _NUMERAL.match(q.quote)
    if numeral and numeral.group(1):
        scale = _SCALES[numeral.group(1)]
    decimals = _DECIMALS.search(q.quote)
    step = scale.scaleb(-len(decimals.group(1))) if decimals else scale
    exact = q.kind in ("money", "count") and scale == 1
    unit = "所" if q.unit in _PLACES else q.unit
    digits = len(q.value.replace(".", "").strip("0-"))
    return Amount(q, Decimal(q.value), Decimal(0) if exact else step / 2, name, (unit, q.per), digits)


def plain(value: Decimal, places: int = 6) -> str:
    """A decimal as a plain string with at most `places` decimals."""
    text = f"{value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
