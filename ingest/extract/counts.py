"""Counts a document states, recounted: lists it numbers, items it names, things it counts twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ingest.extract.context import Context
from ingest.extract.stated import Amount, plain
from ingest.records import Arithmetic

_NAMED = re.compile(r"(?:[^，,。；;：:、\n“”《》（）()]{1,16}、)+[^，,。；;：:、\n“”《》（）()]{1,16}$")
_AND = re.compile(r"[和与及]")
_STATED = re.compile(
    r"(?<![第\d.,十百之])(?P<number>[二两三四五六七八九十]|1?\d)"
    r"(?:个(?!百分点|月)|项|大(?=[一-鿿])|种|类|点(?![\d钟]))"
)
_ANNOUNCED = re.compile(r"^[^，,。；;\n]{0,6}[:：]")
_FOLLOWING = re.compile(r"(?:以下|下列|如下)(?:的|[一-鿿]{0,2})$")
_NUMBERED = re.compile(r"(?:^|\n)\s*(?:(?P<digits>\d{1,2})\s?[、.．]|[(（](?P<bracket>\d{1,2})[)）])", re.M)
_FIRSTLY = re.compile(r"(?P<han>[一二三四五六七八九十])是")
_SIDES = re.compile(r"(?:另)?一方面")
_HAN = "零一二三四五六七八九十"
_REACH = 1500
_AROUND = 12
_FEW = 5


def find_counts(ctx: Context, amounts: Sequence[Amount], start: int, end: int) -> Iterator[Arithmetic]:
    """Counts of items named ahead, of numbered items behind, of what two counts name, and counts given twice.

    Args:
        ctx: the document.
        amounts: the amounts of one part.
        start, end: the part.
    """
    for stated in _STATED.finditer(ctx.n, start, end):
        yield from _named_ahead(ctx, stated)
        yield from _numbered_behind(ctx, stated, end)
    counts = [a for a in amounts if a.quantity.kind in ("count", "money")]
    given: dict[tuple[Decimal, tuple[str, str | None]], list[Amount]] = {}
    for i, claim in enumerate(counts):
        yield from _of_two(claim, counts[max(0, i - 2) : i], ctx.n)
        same = given.setdefault((claim.value, claim.measure), [])
        yield from _restated(ctx, claim, same[-_FEW:])
        same.append(claim)


def _number(stated: re.Match[str]) -> int:
    words = stated["number"]
    return int(words) if words.isdigit() else 2 if words == "两" else _HAN.index(words)


def _named_ahead(ctx: Context, stated: re.Match[str]) -> Iterator[Arithmetic]:
    """综合室、审核室、督查室等三个科室: the items that stand before their count."""
    sentence, _ = ctx.layout.sentence(stated.start())
    ahead = ctx.n[max(sentence, stated.start() - 160) : stated.start()]
    match = _NAMED.search(ahead.removesuffix("等"))
    if match is None:
        return
    items = match.group().split("、")
    counted = len(items) + 1 if _AND.search(items[-1]) else len(items)
    number = _number(stated)
    if number not in (len(items), counted):
        return
    starts, at = [], stated.start() - len(ahead) + match.start()
    for item in items:
        starts.append(at)
        at += len(item) + 1
    yield _count(stated, starts, number)


def _numbered_behind(ctx: Context, stated: re.Match[str], end: int) -> Iterator[Arithmetic]:
    """要做到以下四点：1、… 2、…: the items of a list behind its announcement."""
    ahead = ctx.n[max(0, stated.start() - 8) : stated.start()]
    if not (_ANNOUNCED.match(ctx.n[stated.end() : stated.end() + 12]) or _FOLLOWING.search(ahead)):
        return
    number = _number(stated)
    stop = min(end, stated.end() + _REACH)
    labels = _NUMBERED.finditer(ctx.n, stated.end(), stop)
    starts = _run((int(m["digits"] or m["bracket"]), m.start()) for m in labels)
    if len(starts) < 2:
        starts = _run((_HAN.index(m["han"]), m.start()) for m in _FIRSTLY.finditer(ctx.n, stated.end(), stop))
    if len(starts) < 2 and number == 2:
        starts = [m.start() for m in _SIDES.finditer(ctx.n, stated.end(), stop)][:2]
    if len(starts) >= 2:
        yield _count(stated, starts, len(starts))


def _run(labels: Iterator[tuple[int, int]]) -> list[int]:
    """Where the labels 1, 2, 3 … stand, until the count breaks off."""
    starts: list[int] = []
    for number, at in labels:
        if number == len(starts) + 1:
            starts.append(at)
        elif number == 1 and starts:
            break
    return starts


def _count(stated: re.Match[str], starts: Sequence[int], number: int) -> Arithmetic:
    claimed = _number(stated)
    formula = f"count({len(starts)})"
    return Arithmetic(
        stated.start(), stated.group(), tuple(starts), formula, str(number), str(claimed), number == claimed
    )


def _of_two(claim: Amount, earlier: Sequence[Amount], n: str) -> Iterator[Arithmetic]:
    """2个乡镇卫生院和1个县直医院…3个医院: a count of what two counts joined by 和 named."""
    if len(earlier) != 2 or claim.quantity.kind != "count" or claim.digits > 3:
        return
    a, b = earlier
    if not a.measure == b.measure == claim.measure or claim.start - a.start > 160:
        return
    if re.fullmatch(r"[^，,。；;\d]{1,14}[和与及]", n[a.quantity.end : b.start]) and a.value + b.value == claim.value:
        starts = (a.start, b.start)
        total = plain(claim.value)
        yield Arithmetic(claim.start, claim.quantity.quote, starts, "o1+o2", total, total, True)


def _restated(ctx: Context, claim: Amount, earlier: Sequence[Amount]) -> Iterator[Arithmetic]:
    """The same number of the same thing, given before."""
    if claim.digits < 2 or claim.value < Decimal(10):
        return
    for before in reversed(earlier):
        if before.value == claim.value and before.measure == claim.measure and _same_thing(ctx, claim, before):
            value = plain(claim.value)
            yield Arithmetic(claim.start, claim.quantity.quote, (before.start,), "o1", value, value, True)
            return


def _same_thing(ctx: Context, a: Amount, b: Amount) -> bool:
    first = ctx.n[max(0, a.start - _AROUND) : a.start] + ctx.n[a.quantity.end : a.quantity.end + _AROUND]
    second = ctx.n[max(0, b.start - _AROUND) : b.start] + ctx.n[b.quantity.end : b.quantity.end + _AROUND]
    pairs = (first[i : i + 2] for i in range(len(first) - 1))
    return any(pair in second for pair in pairs if re.fullmatch(r"[一-鿿]{2}", pair))
