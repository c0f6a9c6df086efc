"""Averages a document states, recomputed: an amount by months, or by the heads and visits it was spent on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product

from ingest.extract.context import Context
from ingest.extract.stated import Amount, plain
from ingest.records import Arithmetic

_MONTHLY = re.compile(r"平均每月|月均|每月平均|按平均[^，,]{0,6}每月")
_EACH = re.compile(r"(?:人次|次|人|户|例|床日)均|平均每(?:人次|人|次|例|户)|每(?:人次|例)平均")
_TOTALLED = re.compile(r"[共总]计?")
_NEAR = 400
_TIGHT = Decimal("0.002")
_MOST_OFF = Decimal("0.3")  # farther off, the numbers are hardly of one thing


def find_averages(ctx: Context, amounts: Sequence[Amount]) -> Iterator[Arithmetic]:
    """Averages by month and by head, and totals of monthly averages."""
    for i, claim in enumerate(amounts):
        if claim.quantity.kind != "money":
            continue
        earlier = [a for a in amounts[max(0, i - 12) : i] if claim.start - a.start <= _NEAR]
        if _MONTHLY.search(ctx.n, max(0, claim.start - 16), claim.start):
            yield from _by_month(claim, earlier)
            continue
        clause, _ = ctx.layout.clause(claim.start)
        ahead = ctx.n[max(clause, claim.start - 20) : claim.start]
        if _EACH.search(ahead):
            yield from _by_head(ctx, claim, earlier)
        elif _TOTALLED.search(ahead):
            yield from _of_months(ctx, claim, earlier)


def _by_month(claim: Amount, earlier: Sequence[Amount]) -> Iterator[Arithmetic]:
    for total in reversed(earlier):
        if total.quantity.kind != "money" or total.quantity.per:
            continue
        for months in (12, 6, 3, 9, *range(2, 12)):
            found = _quotient(claim, (total,), f"o1/{months}", total.value / months, total.half / months)
            if found.consistent:
                yield found
                return


def _by_head(ctx: Context, claim: Amount, earlier: Sequence[Amount]) -> Iterator[Arithmetic]:
    """Total over heads; called wrong only where the sentence holds one total and one count."""
    totals = [a for a in earlier if a.quantity.kind == "money" and not a.quantity.per and a.value > claim.value]
    heads = [a for a in earlier if a.quantity.kind == "count" and a.value > 1]
    tried = []
    for total, head in product(reversed(totals), reversed(heads)):
        value = total.value / head.value
        slack = value * (total.half / total.value + head.half / head.value)
        found = _quotient(claim, (total, head), "o1/o2", value, slack)
        if found.consistent and slack + claim.half <= claim.value * _TIGHT * 5:
            yield found
            return
        tried.append(found)
    sentence, _ = ctx.layout.sentence(claim.start)
    inside = [a for a in (*totals, *heads) if a.start >= sentence]
    near = [t for t in tried if all(at >= sentence for at in t.operands)]
    if len(inside) == 2 and len(near) == 1 and not near[0].consistent:
        off = abs(Decimal(near[0].recomputed) - claim.value)
        if off <= claim.value * _MOST_OFF and off > 1:
            yield near[0]


def _of_months(ctx: Context, claim: Amount, earlier: Sequence[Amount]) -> Iterator[Arithmetic]:
    for average in reversed(earlier):
        monthly = average.quantity.per == "month" or _MONTHLY.search(average.name)
        if average.quantity.kind != "money" or not monthly or average.digits < 3:
            continue
        for months in (12, 6, 3, 9):
            found = _quotient(claim, (average,), f"o1*{months}", average.value * months, average.half * months)
            if found.consistent:
                yield found
                return


def _quotient(claim: Amount, operands: Sequence[Amount], formula: str, value: Decimal, slack: Decimal) -> Arithmetic:
    holds = abs(value - claim.value) <= slack + max(claim.half, _last_place(claim))
    starts = tuple(o.start for o in operands)
    return Arithmetic(claim.start, claim.quantity.quote, starts, formula, plain(value), plain(claim.value), holds)


def _last_place(claim: Amount) -> Decimal:
    """Half of the last place of an average, which is rounded even where it is given in whole yuan."""
    exponent = Decimal(claim.quantity.value).as_tuple().exponent
    return Decimal(1).scaleb(int(exponent)) / 2 if claim.half == 0 else claim.half
