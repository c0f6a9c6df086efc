"""Ratios a document states — shares, surplus ratios, participation — against the amounts they are ratios of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, islice, pairwise

from ingest.extract.context import Context
from ingest.extract.stated import Amount, plain
from ingest.records import Arithmetic

_SHARE = re.compile(r"占(?:了)?(?P<base>[^，,。；;：:占]{2,30}?)的?\s*(?:比例|比重)?[为达到约]{0,2}\s*$")
_RATE = re.compile(
    r"(?:参合|参保|受益|收益|完成|执行|征缴|收缴|到位|结余|结存|纳保|覆盖|检查|使用)[^，,。；;]{0,4}率[为达到约]{0,2}\s*$"
)
_ANY_RATE = re.compile(r"(?<![利费税汇增长降])率[为达到约]{0,3}\s*$")
_EXCESS = re.compile(r"超(?:过|出|额)?[^，,。；;\d]{0,12}$")
_BARE_SHARE = re.compile(r"占\s*$")
_CENT = Decimal("0.01")
_SLIP = Decimal("0.03")
_STRIP = re.compile(r"^(?:当年|全年|同期|本年|年度|总|全部|平均)+|(?:总额|总量|金额|总数|总)$")
_NEAR = 700
_FEW = 6
_FARTHEST = 400
"""Amounts looked back upon at most."""


def find_shares(ctx: Context, amounts: Sequence[Amount]) -> Iterator[Arithmetic]:
    """Every stated ratio whose numerator and base the text gives."""
    before: list[Amount] = []
    for claim in amounts:
        if claim.quantity.kind in ("money", "count"):
            before.append(claim)
        if claim.quantity.kind != "percent":
            continue
        start, _ = ctx.layout.clause(claim.start)
        ahead = ctx.n[max(start, claim.start - 40) : claim.start]
        earlier = before[-_FARTHEST:]
        if match := _SHARE.search(ahead):
            yield from _share(ctx, claim, earlier, match.group("base"))
        elif _RATE.search(ahead) or _BARE_SHARE.search(ahead):
            yield from filter(None, [_reproduced(ctx, claim, earlier)])
        elif _ANY_RATE.search(ahead):
            yield from filter(None, [_reproduced(ctx, claim, _inside(ctx, claim, earlier))])
    yield from _distributed(ctx, amounts)


def _inside(ctx: Context, claim: Amount, earlier: Sequence[Amount]) -> list[Amount]:
    """The amounts of the claim's own sentence."""
    sentence, _ = ctx.layout.sentence(claim.start)
    return [a for a in earlier if a.start >= sentence]


def find_excesses(ctx: Context, amounts: Sequence[Amount], shares: Sequence[Arithmetic]) -> Iterator[Arithmetic]:
    """Amounts over a limit (超最高结存额1,007万元): what is there, less the limit's share of the base it is a share of.

    Args:
        ctx: the document.
        amounts: the amounts of one part.
        shares: its recomputed shares, each on its bases.
    """
    at = {a.start: a for a in amounts}
    made: dict[int, list[Arithmetic]] = {}
    for share in shares:
        made.setdefault(share.claim_start, []).append(share)
    for i, claim in enumerate(amounts):
        if claim.quantity.kind != "money" or not _EXCESS.search(claim.name):
            continue
        near = [a for a in amounts[max(0, i - _FEW) : i] if a.quantity.kind == "percent"]
        for stated, limit in pairwise(near):
            for share in made.get(stated.start, ()):
                top, *bases = (at[operand] for operand in share.operands)
                if top.quantity.kind == "money":
                    yield _excess(claim, top, limit, bases)


def _excess(claim: Amount, top: Amount, rate: Amount, bases: Sequence[Amount]) -> Arithmetic:
    bottom = sum((b.value for b in bases), Decimal(0))
    value = top.value - bottom * rate.value / 100
    slack = top.half + sum((b.half for b in bases), Decimal(0)) * rate.value / 100
    whole = "o3" if len(bases) == 1 else "(" + "+".join(f"o{i + 3}" for i in range(len(bases))) + ")"
    return Arithmetic(
        claim.start,
        claim.quantity.quote,
        (top.start, rate.start, *(b.start for b in bases)),
        f"o1-{whole}*o2/100",
        plain(value),
        plain(claim.value),
        abs(value - claim.value) <= slack + claim.half + _CENT,
    )


def _ratio(claim: Amount, top: Amount, bases: Sequence[Amount]) -> Arithmetic:
    bottom = sum((b.value for b in bases), Decimal(0))
    value = top.value / bottom * 100
    slack = value * ((top.half / top.value if top.value else 0) + sum((b.half for b in bases), Decimal(0)) / bottom)
    formula = "o1/o2*100" if len(bases) == 1 else "o1/(" + "+".join(f"o{i + 2}" for i in range(len(bases))) + ")*100"
    return Arithmetic(
        claim.start,
        claim.quantity.quote,
        (top.start, *(b.start for b in bases)),
        formula,
        plain(value),
        plain(claim.value),
        abs(value - claim.value) <= slack + claim.half,
    )


def _share(ctx: Context, claim: Amount, earlier: Sequence[Amount], words: str) -> Iterator[Arithmetic]:
    """A share of a named base: recomputed on it, and on what else reproduces it."""
    sentence, _ = ctx.layout.sentence(claim.start)
    tops = [a for a in reversed(earlier) if a.start >= sentence] or list(reversed(earlier[-1:]))
    bases = _named(earlier, words)
    trials = [
        _ratio(claim, top, [base])
        for top in tops[:4]
        for base in bases
        if base is not top and base.quantity.unit == top.quantity.unit
    ]
    if found := next((t for t in trials if t.consistent), None) or _reproduced(ctx, claim, earlier):
        yield found
        return
    near = [t for t in trials if t.operands[0] == tops[0].start and _gap(t, claim) <= claim.value * _SLIP]
    if near:
        slip = min(near, key=lambda t: _gap(t, claim))
        yield slip
        named = next(b for b in bases if b.start == slip.operands[1])
        if found := _without_a_part(claim, tops[0], named, earlier):
            yield found


def _gap(trial: Arithmetic, claim: Amount) -> Decimal:
    return abs(Decimal(trial.recomputed) - claim.value)


def _named(earlier: Sequence[Amount], words: str) -> list[Amount]:
    """The amounts whose name holds the words of the base, nearest first."""
    core = _STRIP.sub("", words)
    return [a for a in reversed(earlier) if a.value > 0 and (words in a.name or (len(core) >= 2 and core in a.name))]


def _reproduced(ctx: Context, claim: Amount, earlier: Sequence[Amount]) -> Arithmetic | None:
    """The nearest pair of amounts that gives the ratio; a guard of digits keeps coincidences out."""
    sentence, _ = ctx.layout.sentence(claim.start)
    tops = [a for a in reversed(earlier) if a.start >= sentence][:4] or list(reversed(earlier))[:1]
    for top in tops:
        for base in [b for b in reversed(earlier) if claim.start - b.start <= _NEAR]:
            if base is top or base.quantity.unit[:1] != top.quantity.unit[:1] or base.value <= 0 or base.digits < 2:
                continue
            found = _ratio(claim, top, [base])
            if found.consistent and claim.value > 0 and (claim.digits >= 3 or base.start >= sentence or top is tops[0]):
                return found
    return None


def _without_a_part(claim: Amount, top: Amount, named: Amount, earlier: Sequence[Amount]) -> Arithmetic | None:
    """A base made of some of the parts of the named one: a ratio that leaves interest out, say."""
    after = [
        a
        for a in earlier
        if a.start > named.start and a.measure == named.measure and a is not top and a.value < named.value
    ][:4]
    for size in (2, 3):
        for parts in combinations(after, size):
            if (
                sum((p.value for p in parts), Decimal(0)) <= named.value
                and (found := _ratio(claim, top, parts)).consistent
            ):
                return found
    return None


def _distributed(ctx: Context, amounts: Sequence[Amount]) -> Iterator[Arithmetic]:
    """A list of percentages behind 分别为 and the list of amounts it makes of one base."""
    for i, first in enumerate(amounts):
        if first.quantity.kind != "percent" or (i and amounts[i - 1].quantity.kind == "percent"):
            continue
        rates = _run(amounts, i, "percent")
        values = _run(amounts, i + len(rates), "money")
        if len(rates) < 2 or len(values) != len(rates):
            continue
        for base in reversed(amounts[max(0, i - 8) : i]):
            if base.quantity.kind != "money" or base.quantity.per:
                continue
            made = [base.value * r.value / 100 for r in rates]
            slack = [base.value * r.half / 100 + v.half for r, v in zip(rates, values, strict=True)]
            if all(abs(m - v.value) <= s for m, v, s in zip(made, values, slack, strict=True)):
                for m, r, v in zip(made, rates, values, strict=True):
                    yield Arithmetic(
                        v.start, v.quantity.quote, (base.start, r.start), "o1*o2/100", plain(m), plain(v.value), True
                    )
                    yield _ratio(r, v, [base])
                break


def _run(amounts: Sequence[Amount], start: int, kind: str) -> list[Amount]:
    run: list[Amount] = []
    for amount in islice(amounts, start, None):
        if amount.quantity.kind != kind:
            break
        run.append(amount)
    return run
