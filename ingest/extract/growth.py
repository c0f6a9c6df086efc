"""Growth a document states, recomputed: from two years' amounts, or from an amount and what it grew by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product

from ingest.extract.context import Context
from ingest.extract.stated import Amount, plain
from ingest.records import Arithmetic

_UP = re.compile(r"增长|上升|提高|增加|上涨|增幅|涨幅|递增|增")
_DOWN = re.compile(r"下降|降低|减少|下滑|降幅|下跌|回落|缩减|减")
_GROWN = re.compile(
    r"(?P<word>增长率?|上升|提高|增加|上涨|增幅|涨幅|下降|降低|减少|下滑|降幅|下跌|回落)(?:了|为|达到?|约|幅度){0,4}\s?$"
)
_BEFORE = re.compile(r"上年|去年|同期|前年|[由从]$|[由从](?!业)|(?<!\d)(?P<year>(?:19|20)\d{2})年")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})年")
_BARE = re.compile(
    r"^(?:(?:同比|环比|比|较|与)?(?:上年|去年|上年同期|去年同期|同期|前年|(?:19|20)\d{2}年)?(?:同期)?(?:相比)?[,，]?)?(?:增长率?|上升|提高|增加|上涨|增幅|涨幅|下降|降低|减少|下滑|降幅|下跌|回落)(?:了|为|达到?|约)*\s?$"
)
_NEAR = 300
_FEW = 8


def find_growth(ctx: Context, amounts: Sequence[Amount]) -> Iterator[Arithmetic]:
    """Every stated growth rate that amounts near by give, and those that two years' amounts in its sentence do not."""
    for i, claim in enumerate(amounts):
        if claim.quantity.kind != "percent":
            continue
        clause, _ = ctx.layout.clause(claim.start)
        word = _GROWN.search(ctx.n, max(clause, claim.start - 24), claim.start)
        if word is None:
            continue
        down = bool(_DOWN.search(word["word"]))
        earlier = [a for a in amounts[max(0, i - _FEW) : i] if claim.start - a.start <= _NEAR]
        later = [a for a in amounts[i + 1 : i + 5] if a.start - claim.start <= 160]
        yield from _one(ctx, claim, earlier, later, down=down)


def _one(
    ctx: Context, claim: Amount, earlier: Sequence[Amount], later: Sequence[Amount], *, down: bool
) -> Iterator[Arithmetic]:
    money = [a for a in earlier if a.quantity.kind in ("money", "count") and a.value > 0]
    pairs = [(new, old) for new, old in product(reversed(money), reversed(money)) if _comparable(ctx, new, old)]
    tried = [_rate(claim, new, old, down=down) for new, old in pairs]
    if found := next((t for t in tried if t.consistent and claim.digits >= 2), None):
        yield found
        return
    steps = [a for a in (*later, *reversed(money)) if _is_step(ctx, a, down=down)]
    for now, step in product(reversed(money), steps):
        if now is not step and now.measure[0] == step.measure[0]:
            found = _from_step(claim, now, step, down=down)
            if found is not None and found.consistent and claim.digits >= 3:
                yield found
                return
    sentence, _ = ctx.layout.sentence(claim.start)
    clause, _ = ctx.layout.clause(claim.start)
    inside = [a for a in money if a.start >= sentence]
    told = [t for t, (new, old) in zip(tried, pairs, strict=True) if _told(ctx, sentence, new, old)]
    if len(told) == 1 and len(inside) == 2 and _BARE.match(ctx.n[clause : claim.start].strip()):
        yield told[0]


def _comparable(ctx: Context, new: Amount, old: Amount) -> bool:
    if new is old or new.measure != old.measure:
        return False
    return _shares(new.name, old.name) or _is_before(ctx, old) or _told_from(ctx, old)


def _is_before(ctx: Context, amount: Amount) -> bool:
    clause, _ = ctx.layout.clause(amount.start)
    return bool(_BEFORE.search(ctx.n, max(clause, amount.start - 24), amount.start))


def _told_from(ctx: Context, amount: Amount) -> bool:
    return ctx.n[max(0, amount.start - 1) : amount.start] in ("由", "从")


def _told(ctx: Context, sentence: int, new: Amount, old: Amount) -> bool:
    """Whether the sentence says that `old` came before `new`: by words, or by its year."""
    if min(new.start, old.start) < sentence:
        return False
    words = ctx.n[max(sentence, old.start - 24) : old.start]
    if re.search(r"上年|去年|同期", words[-14:]) or _told_from(ctx, old):
        return True
    first, second = _year(ctx, sentence, new), _year(ctx, sentence, old)
    return bool(first and second and first > second)


def _year(ctx: Context, sentence: int, amount: Amount) -> str:
    years = _YEAR.findall(ctx.n, max(sentence, amount.start - 30), amount.start)
    return years[-1] if years else ""


def _is_step(ctx: Context, amount: Amount, *, down: bool) -> bool:
    """Whether an amount is what something grew or fell by."""
    words = ctx.n[max(ctx.layout.clause(amount.start)[0], amount.start - 16) : amount.start]
    return bool((_DOWN if down else _UP).search(words))


def _rate(claim: Amount, new: Amount, old: Amount, *, down: bool) -> Arithmetic:
    value = (new.value - old.value) / old.value * 100
    value = -value if down else value
    slack = (new.half + old.half * new.value / old.value) / old.value * 100
    formula = "(o2-o1)/o2*100" if down else "(o1-o2)/o2*100"
    return _arithmetic(claim, (new, old), formula, value, slack)


def _from_step(claim: Amount, now: Amount, step: Amount, *, down: bool) -> Arithmetic | None:
    before = now.value + step.value if down else now.value - step.value
    if before <= 0:
        return None
    value = step.value / before * 100
    slack = (step.half + (step.half + now.half) * step.value / before) / before * 100
    return _arithmetic(claim, (step, now), "o1/(o2+o1)*100" if down else "o1/(o2-o1)*100", value, slack)


def _arithmetic(claim: Amount, operands: Sequence[Amount], formula: str, value: Decimal, slack: Decimal) -> Arithmetic:
    holds = abs(value - claim.value) <= slack + claim.half
    starts = tuple(o.start for o in operands)
    return Arithmetic(claim.start, claim.quantity.quote, starts, formula, plain(value), plain(claim.value), holds)


def _shares(a: str, b: str) -> bool:
    return any(a[i : i + 2] in b for i in range(len(a) - 1))
