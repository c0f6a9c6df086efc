"""The arithmetic of a document: its sums, shares, products, differences and averages, recomputed.

A claim is reported as consistent when the numbers the text relates reproduce it within the rounding they were
stated with, and as inconsistent only where the text itself says how the numbers relate (其中, 占, 按…标准, 不一致 …)
and they do not. Numbers that merely stand near each other are never called wrong.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations, islice, pairwise, product

from ingest.extract.averages import find_averages
from ingest.extract.context import Context
from ingest.extract.counts import find_counts
from ingest.extract.growth import find_growth
from ingest.extract.shares import find_excesses, find_shares
from ingest.extract.stated import Amount, amount_from_quantity, plain
from ingest.records import Arithmetic

_AMONG = re.compile(r"^\s?[,，;；]?\s?其中[:：,，]?")
_YEAR_BALANCE = re.compile(r"(?:当[年期]|本[年期])(?:基金|收支)?结余[^，,。；;\d]{0,4}$")
_LEFT = re.compile(r"结余|剩余|余|差|不一致|不符|相差|可供|可分配|净|缺口|少|多")
_TOTALLED = re.compile(r"合计|共计|总计|[两三]项|[两三]者")
_REMAINS = re.compile(r"(?:余|剩余?|尚[余有]|还有)$")
_DIFFER = re.compile(r"不一致|不符|相差|差额|差距|超过|超出|高于|低于|高出|低|高")
_STANDARD = re.compile(r"按[^，,。；;]{0,24}标准[^。；;]{0,40}$")
_SHARED = re.compile(r"(?:个人|患者|单位|职工|基金|财政)[^，,。]{0,8}(?:承担|负担|支付|自付|缴)")
_NEAR = 400
_NEARLY = Decimal("0.001")
_TIGHT = Decimal("0.002")  # looser roundings reproduce anything


def find_arithmetic(ctx: Context) -> list[Arithmetic]:
    """Every claim of the document about its own numbers that the text lets one recompute, in text order.

    Args:
        ctx: the document; offsets of the result count its normalized text.
    """
    claims: list[Arithmetic] = []
    for part, mode in zip(ctx.parts, ctx.modes, strict=True):
        if mode == "regulation":
            continue
        amounts = _amounts(ctx, part.start, part.end)
        claims += find_breakdowns(ctx, amounts)
        claims += find_totals(ctx, amounts)
        claims += find_products(ctx, amounts)
        claims += find_averages(ctx, amounts)
        claims += find_growth(ctx, amounts)
        claims += find_counts(ctx, amounts, part.start, part.end)
        claims += find_hundreds(ctx, amounts)
        shares = list(find_shares(ctx, amounts))
        claims += shares
        claims += find_excesses(ctx, amounts, shares)
    seen: set[tuple[int, tuple[int, ...], bool]] = set()
    unique = []
    for claim in sorted(claims, key=lambda c: (c.claim_start, c.operands)):
        key = (claim.claim_start, tuple(sorted(claim.operands)), claim.consistent)
        if key not in seen:
            seen.add(key)
            unique.append(claim)
    return unique


def _amounts(ctx: Context, start: int, end: int) -> list[Amount]:
    found = []
    before = start
    for q in ctx.quantities:
        if not start <= q.start < end or ctx.quotation(q.start) is not None:
            continue
        clause, _ = ctx.layout.clause(q.start)
        amount = amount_from_quantity(q, ctx.n[max(clause, before, q.start - 30) : q.start])
        before = q.end
        if amount:
            found.append(amount)
    return found


def claim_from_amounts(
    claim: Amount,
    operands: Iterable[Amount],
    formula: str,
    recomputed: Decimal,
    error: Decimal,
    stated: Decimal | None = None,
) -> Arithmetic:
    """A recomputed claim; consistent when it differs by no more than `error` and the claim's own rounding."""
    value = claim.value if stated is None else stated
    return Arithmetic(
        claim.start,
        claim.quantity.quote,
        tuple(o.start for o in operands),
        formula,
        plain(recomputed),
        plain(value),
        abs(recomputed - value) <= error + claim.half,
    )


def _sum(claim: Amount, operands: Sequence[Amount]) -> Arithmetic:
    formula = "+".join(f"o{i + 1}" for i in range(len(operands)))
    return claim_from_amounts(
        claim,
        operands,
        formula,
        sum((o.value for o in operands), Decimal(0)),
        sum((o.half for o in operands), Decimal(0)),
    )


def find_breakdowns(ctx: Context, amounts: Sequence[Amount]) -> Iterator[Arithmetic]:
    """Totals with their parts: in brackets behind the total, or behind 其中."""
    for i, total in enumerate(amounts):
        for children in (_bracketed(ctx, amounts, i), _among(ctx, amounts, i)):
            if len(children) < 2:
                continue
            claim = _sum(total, children)
            whole = sum((c.value for c in children), Decimal(0))
            shortfall = total.value - whole
            if claim.consistent or (total.value and abs(shortfall) / total.value < Decimal("0.02")):
                yield claim
            if not claim.consistent and len(children) > 2 and (shorter := _sum(total, children[:-1])).consistent:
                yield shorter


def _bracketed(ctx: Context, amounts: Sequence[Amount], i: int) -> list[Amount]:
    total = amounts[i]
    opening = re.match(r"\s?[(（]", ctx.n[total.quantity.end : total.quantity.end + 2])
    if opening is None:
        return []
    start = total.quantity.end + opening.end()
    return _children(amounts, i, total, start, _closing(ctx.n, start))


def _among(ctx: Context, amounts: Sequence[Amount], i: int) -> list[Amount]:
    total = amounts[i]
    lead = _AMONG.match(ctx.n[total.quantity.end : total.quantity.end + 6])
    if lead is None:
        return []
    start = total.quantity.end + lead.end()
    stop = re.compile(r"[。\n]").search(ctx.n, start)
    end = stop.start() if stop else len(ctx.n)
    closing = _closing(ctx.n, start)
    return [c for c in _children(amounts, i, total, start, min(end, closing)) if not _inside(ctx.n, start, c.start)]


def _closing(n: str, start: int) -> int:
    depth = 1
    for match in re.compile(r"[()（）\n]").finditer(n, start):
        if match.group() == "\n":
            return match.start()
        depth += 1 if match.group() in "(（" else -1
        if depth == 0:
            return match.start()
    return len(n)


def _inside(n: str, start: int, at: int) -> bool:
    """Whether `at` stands in brackets opened after `start`."""
    text = n[start:at]
    return text.count("(") + text.count("（") > text.count(")") + text.count("）")


def _children(amounts: Sequence[Amount], i: int, total: Amount, start: int, end: int) -> list[Amount]:
    children = []
    for amount in islice(amounts, i + 1, None):
        if amount.start >= end:
            break
        if amount.start >= start and amount.measure == total.measure:
            children.append(amount)
    return children


def find_totals(ctx: Context, amounts: Sequence[Amount]) -> Iterator[Arithmetic]:
    """Sums and differences of amounts near by: 筹集A，配套B，总的筹集C; 收入A，支出B，结余C; 不一致Z."""
    for i, claim in enumerate(amounts):
        if claim.quantity.kind == "percentage_point":
            yield from _points(
                claim,
                [
                    a
                    for a in amounts[max(0, i - 4) : i + 3]
                    if a.quantity.kind == "percent" and abs(a.start - claim.start) < 160
                ],
            )
            continue
        if claim.quantity.kind not in ("money", "count") or (claim.quantity.per and claim.digits < 4):
            continue
        same = [a for a in amounts[max(0, i - 8) : i] if a.measure == claim.measure and claim.start - a.start <= _NEAR]
        after = [a for a in amounts[i + 1 : i + 11] if a.measure == claim.measure and a.start - claim.start <= _NEAR]
        yield from _stated_difference(claim, same)
        yield from _year_balance(claim, same)
        yield from _combined(ctx, claim, same, after)
        yield from _almost(claim, after)
        yield from _rolled_forward(claim, amounts[max(0, i - 30) : i])


def _points(claim: Amount, percents: Sequence[Amount]) -> Iterator[Arithmetic]:
    """The distance between two percentages, in points."""
    if not _DIFFER.search(claim.name):
        return
    for a, b in combinations(percents, 2):
        big, small = (a, b) if a.value >= b.value else (b, a)
        found = claim_from_amounts(claim, (big, small), "o1-o2", big.value - small.value, a.half + b.half)
        if found.consistent:
            yield found
            return
    if len(percents) == 2 and abs(abs(percents[0].value - percents[1].value) - claim.value) < 1:
        big, small = sorted(percents, key=lambda a: -a.value)
        yield claim_from_amounts(claim, (big, small), "o1-o2", big.value - small.value, big.half + small.half)


def _stated_difference(claim: Amount, earlier: Sequence[Amount]) -> Iterator[Arithmetic]:
    """A difference the text calls one: 不一致3,542人."""
    if len(earlier) >= 2 and re.search(r"不一致|不符|相差|差额", claim.name):
        big, small = sorted(earlier[-2:], key=lambda a: -a.value)
        yield claim_from_amounts(claim, (big, small), "o1-o2", big.value - small.value, big.half + small.half)


def _year_balance(claim: Amount, earlier: Sequence[Amount]) -> Iterator[Arithmetic]:
    """A year's balance is its revenue less its expenditure: 收入45.2亿元，支出38.7亿元，当期结余6.5亿元."""
    if not _YEAR_BALANCE.search(claim.name):
        return
    revenues = [a for a in reversed(earlier) if "收入" in a.name]
    expenses = [a for a in reversed(earlier) if "支出" in a.name]
    found = [
        claim_from_amounts(claim, (o1, o2), "o1-o2", o1.value - o2.value, o1.half + o2.half)
        for o1, o2 in product(revenues, expenses)
    ]
    agreeing = next((c for c in found if c.consistent), None)
    if agreeing is not None:
        yield agreeing
    elif len(found) == 1:
        yield found[0]


def _combined(ctx: Context, claim: Amount, earlier: Sequence[Amount], later: Sequence[Amount]) -> Iterator[Arithmetic]:
    """Exact sums of two or three amounts near by, and exact remainders; digits keep coincidences out."""
    among = bool(later) and "其中" in ctx.n[claim.quantity.end : later[0].start]
    clause, _ = ctx.layout.clause(claim.start)
    words = ctx.n[max(clause, claim.start - 24) : claim.start]
    if claim.digits < (3 if among else 4):
        yield from _said(claim, words, earlier)
        return
    for group in (earlier, later):
        for size in (2, 3):
            for parts in combinations(group, size):
                if sum((p.value for p in parts), Decimal(0)) == claim.value:
                    yield _sum(claim, parts)
                    return
    if _LEFT.search(words):
        for big, small in combinations(earlier, 2):
            if abs(big.value - small.value) == claim.value:
                big, small = (big, small) if big.value > small.value else (small, big)
                yield claim_from_amounts(claim, (big, small), "o1-o2", claim.value, Decimal(0))
                return


def _said(claim: Amount, words: str, earlier: Sequence[Amount]) -> Iterator[Arithmetic]:
    """Short numbers, where the words say how they come about: 两项合计23万元, 余3笔."""
    nearest = earlier[-2:]
    if len(nearest) < 2:
        return
    big, small = sorted(nearest, key=lambda a: -a.value)
    if _TOTALLED.search(words) and big.value + small.value == claim.value:
        yield _sum(claim, nearest)
    elif _REMAINS.search(words) and big.value - small.value == claim.value:
        yield claim_from_amounts(claim, (big, small), "o1-o2", claim.value, Decimal(0))


def _almost(claim: Amount, later: Sequence[Amount]) -> Iterator[Arithmetic]:
    """A total whose two parts, right behind it, miss it by a hair: a slip of the pen, not another relation."""
    if len(later) >= 2 and claim.digits >= 6:
        found = _sum(claim, later[:2])
        if not found.consistent and abs(Decimal(found.recomputed) - claim.value) <= claim.value / 100_000:
            yield found


def _rolled_forward(claim: Amount, earlier: Sequence[Amount]) -> Iterator[Arithmetic]:
    """A balance as the balance before, plus revenue, less expenditure."""
    if "结余" not in claim.name or claim.digits < 6:
        return
    pool = [a for a in earlier if a.measure == claim.measure]
    balances = [a for a in pool if "结余" in a.name and a.value != claim.value]
    incomes = [a for a in pool if re.search(r"筹资|收入|筹集|征缴", a.name)]
    expenses = {a.value: a for a in pool if "支出" in a.name}
    for balance in balances:
        if spent := expenses.get(balance.value - claim.value):
            yield claim_from_amounts(claim, (balance, spent), "o1-o2", claim.value, Decimal(0))
            return
        for income in incomes:
            if spent := expenses.get(balance.value + income.value - claim.value):
                yield claim_from_amounts(claim, (balance, income, spent), "o1+o2-o3", claim.value, Decimal(0))
                return


def find_products(ctx: Context, amounts: Sequence[Amount]) -> Iterator[Arithmetic]:
    """Heads × standard per head = amount."""
    heads = [i for i, a in enumerate(amounts) if a.quantity.unit in ("人", "名", "户")]
    rates = [
        i for i, a in enumerate(amounts) if a.quantity.kind == "money" and (a.quantity.per or "").startswith("person")
    ]
    for i, claim in enumerate(amounts):
        if claim.quantity.kind != "money" or claim.quantity.per or claim.value < 10_000:
            continue
        earlier = heads[max(0, bisect_left(heads, i) - 8) : bisect_left(heads, i)]
        around = rates[max(0, bisect_left(rates, i + 3) - 14) : bisect_left(rates, i + 3)]
        yield from _product(ctx, claim, [amounts[at] for at in earlier], [amounts[at] for at in around])
        yield from _portion(claim, amounts[max(0, i - 8) : i])


def _portion(claim: Amount, earlier: Sequence[Amount]) -> Iterator[Arithmetic]:
    """An amount taken at a rate just named: 按照征缴收入5%的比例上解."""
    rates = [a for a in earlier if a.quantity.kind == "percent" and claim.start - a.start <= 60]
    for base in reversed([a for a in earlier if a.quantity.kind == "money" and not a.quantity.per]):
        for rate in rates:
            value = base.value * rate.value / 100
            found = claim_from_amounts(claim, (base, rate), "o1*o2/100", value, base.half * rate.value / 100)
            if found.consistent and claim.digits >= 4:
                yield found
                return


def _product(ctx: Context, claim: Amount, heads: Sequence[Amount], rates: Sequence[Amount]) -> Iterator[Arithmetic]:
    missed = None
    for head in reversed(heads):
        for rate in reversed(rates):
            times = 12 if (rate.quantity.per or "").endswith("month") and "年" in claim.name else 1
            value = head.value * rate.value * times
            gap = abs(value - claim.value) / claim.value
            if gap >= _NEARLY and gap * claim.value > head.half * rate.value + claim.half:
                continue
            found = claim_from_amounts(
                claim, (head, rate), "o1*o2" if times == 1 else "o1*o2*12", value, head.half * rate.value
            )
            if found.consistent and head.half * rate.value + claim.half <= claim.value * _TIGHT:
                yield found
                return
            if missed is None and gap < _NEARLY and claim.digits >= 5 and _kin(rate.name, claim.name):
                missed = found
    sentence, _ = ctx.layout.sentence(claim.start)
    linked = [a for a in (*heads, *rates) if sentence <= a.start < claim.start]
    if missed is None and _STANDARD.search(ctx.n, sentence, claim.start) and len(linked) == 2:
        head, rate = sorted(linked, key=lambda a: a.quantity.kind)
        if head.quantity.kind == "count" and rate.quantity.kind == "money":
            missed = claim_from_amounts(claim, (head, rate), "o1*o2", head.value * rate.value, head.half * rate.value)
    if missed:
        yield missed


def _kin(a: str, b: str) -> bool:
    """Whether two names share two neighbouring characters."""
    return any(a[i : i + 2] in b for i in range(len(a) - 1))


def find_hundreds(ctx: Context, amounts: Sequence[Amount]) -> Iterator[Arithmetic]:
    """Percentages that must add to 100: a list behind 分别为, or the shares of two payers."""
    hundred = Decimal(100)
    percents = [a for a in amounts if a.quantity.kind == "percent"]
    for first, group in _listed(ctx, percents):
        total = sum((a.value for a in group), Decimal(0))
        if abs(total - hundred) < 5 and "分别" in ctx.n[max(0, first.start - 40) : first.start]:
            formula = "+".join(f"o{i + 1}" for i in range(len(group)))
            error = sum((a.half for a in group), Decimal(0)) - group[-1].half
            yield claim_from_amounts(group[-1], group, formula, total, error, hundred)
    for a, b in pairwise(percents):
        if (
            a.value + b.value == hundred
            and b.start - a.quantity.end <= 14
            and {_payer(a.name), _payer(b.name)} == {"个人", "基金"}
        ):
            yield claim_from_amounts(b, (a, b), "o1+o2", hundred, Decimal(0), hundred)


def _payer(name: str) -> str:
    """Who bears a share; the words themselves where no payer is named, so that unrelated shares never pair."""
    match = _SHARED.search(name)
    return "个人" if match and match.group()[:2] in ("个人", "患者", "职工") else "基金" if match else ""


def _listed(ctx: Context, percents: Sequence[Amount]) -> Iterator[tuple[Amount, list[Amount]]]:
    """Runs of percentages parted by nothing but 、 or 和."""
    group: list[Amount] = []
    for amount in percents:
        if group and not re.fullmatch(r"\s?[、和及与,，]\s?", ctx.n[group[-1].quantity.end : amount.start]):
            if len(group) >= 2:
                yield group[0], group
            group = []
        group.append(amount)
    if len(group) >= 2:
        yield group[0], group
