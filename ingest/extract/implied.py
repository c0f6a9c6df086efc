"""The indicator that the words around a number imply, where its indicator word alone would mislead.

The wordings stand in `lexicon/implied.toml`, each with an example; what needs more than a pattern is here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from ingest.extract.bounds import Bound
from ingest.extract.context import Context
from ingest.lexicon import load_table
from ingest.records import Quantity

_SPAN = 24
_SURPLUS = re.compile(r"结余|结存")
_REVENUE = re.compile(r"筹资|基金收入|筹集|征缴|收入|基金总额|统筹基金")
_DUE = re.compile(r"占[^，,。；;]{0,6}应参[保合]")
_YEARLY = re.compile(r"当年|当期|年度|本年")
_NAMED_RATE = re.compile(
    r"(?P<name>[一-鿿]{2}率)(?:[（(][^）)]{1,10}[)）])?(?:[由从](?:上年|去年|年初)?(?:同期)?的?)?(?:[为达到约近在已均]|最[高低]|稳定在|控制在|不低于|不少于|不超过|平均){0,3}\s?$"
)
_COVERAGE = re.compile(r"(?P<whose>[一-鿿]{2,10}?)覆盖[率面]")
_OF_PEOPLE = re.compile(r"参保|参合|保险|医保|社保|制度|人口|人员|居民|职工|群众|农民|合作医疗|保障|对象")
_HALT = re.compile(r"停业|中止|暂停|停止(?:支付|服务|结算|执业|医保|联网|参保|其|使用|受理)")
_WAGE_BASE = re.compile(r"以[^，,。；;]{0,30}工资[^，,。；;]{0,6}为(?:计发)?基数")
_REWARD = re.compile(r"奖励[^，,。；;]{0,12}$|奖励[^。；;]{0,20}最[高低][^，,。；;]{0,6}$")
_AVERAGED = re.compile(r"期间最高\s?$")
_CAPS = re.compile(r"最高|最多|不超过|为限|上限")
_PAID_IN = re.compile(r"的?[^，,。；;、]{0,8}(?:保险金|补助金|津贴|薪资|工资|总额)")
_PATTERNS = ("ahead", "behind", "after_bound", "sentence", "article", "lead", "quote")


@dataclass(frozen=True, slots=True)
class _Correction:
    """One wording and the indicator it implies, as `lexicon/implied.toml` explains; what is None is not looked at."""

    like: str
    to: str
    kinds: frozenset[str]
    of: frozenset[str] | None
    ahead: re.Pattern[str] | None
    behind: re.Pattern[str] | None
    after_bound: re.Pattern[str] | None
    sentence: re.Pattern[str] | None
    article: re.Pattern[str] | None
    lead: re.Pattern[str] | None
    quote: re.Pattern[str] | None
    bound: str | None
    unit: str | None
    regulation: bool


def _correction_from_entry(entry: dict[str, Any]) -> _Correction:
    pattern = {name: re.compile(entry[name]) if name in entry else None for name in _PATTERNS}
    return _Correction(
        entry["like"],
        entry["to"],
        frozenset(entry["kinds"]),
        frozenset(entry["of"]) if "of" in entry else None,
        **pattern,
        bound=entry.get("bound"),
        unit=entry.get("unit"),
        regulation=entry.get("regulation", False),
    )


@cache
def _corrections(kind: str, indicator: str, unit: str) -> tuple[_Correction, ...]:
    """The corrections a number of this kind and unit with this indicator can need, in order."""
    return tuple(
        c
        for c in _all_corrections()
        if kind in c.kinds and (c.of is None or indicator in c.of) and c.unit in (None, unit)
    )


@cache
def _all_corrections() -> tuple[_Correction, ...]:
    return tuple(_correction_from_entry(entry) for entry in load_table("implied")["correction"])


def implied_indicator(ctx: Context, q: Quantity, bound: Bound | None, indicator: str, words: tuple[int, int]) -> str:
    """The indicator of `q`, corrected by what stands around it.

    Args:
        ctx: the document.
        q: the number.
        bound: its comparator.
        indicator: what its indicator word says, `other` without one.
        words: the span of that word, empty without one.
    """
    if q.kind in ("percent", "ratio") and (named := _named(ctx, q, indicator, words)):
        return named
    if indicator == "suspension_period" and not _HALT.search(ctx.n, words[0], q.end + 8):
        return "other"
    clause, _ = ctx.layout.clause(q.start)
    ahead = ctx.n[max(clause, q.start - _SPAN) : q.start]
    for correction in _corrections(q.kind, indicator, q.unit):
        if _fits(correction, ctx, q, bound, ahead):
            return correction.to
    if q.kind == "duration" and q.unit == "month" and indicator == "benefit_amount":
        line = ctx.n.rfind("\n", 0, q.start) + 1
        return "wage_multiple" if _WAGE_BASE.search(ctx.n, line, q.start) else indicator
    if q.kind == "money" and indicator == "individual_contribution" and q.per is None and float(q.value) >= 10_000:
        return "fund_revenue"
    return indicator


def _fits(c: _Correction, ctx: Context, q: Quantity, bound: Bound | None, ahead: str) -> bool:
    if c.ahead is not None and not c.ahead.search(ahead):
        return False
    if c.bound is not None and c.bound != _openness(bound) and (c.bound, _openness(bound)) != ("open", "ceiling"):
        return False
    if c.quote is not None and not c.quote.search(q.quote):
        return False
    n = ctx.n
    if c.behind is not None and not c.behind.match(n, q.end):
        return False
    if c.after_bound is not None and (bound is None or not c.after_bound.match(n, bound.end)):
        return False
    if c.lead is not None and not c.lead.search(n[ctx.layout.sentence(q.start)[0] : q.start]):
        return False
    if c.sentence is not None and not c.sentence.search(n[ctx.layout.sentence(q.start)[0] : q.end + 6]):
        return False
    if c.article is not None and not c.article.search(n, ctx.article(q.start)[0], q.start):
        return False
    return not c.regulation or ctx.mode(q.start) == "regulation"


def _openness(bound: Bound | None) -> str:
    if bound is None:
        return "none"
    if bound.comparator in ("==", "between"):
        return "set"
    return "ceiling" if bound.comparator == "<=" else "open"


def _named(ctx: Context, q: Quantity, indicator: str, words: tuple[int, int]) -> str | None:
    """What a percentage is by the name of its rate, or by the surplus that it is a share of."""
    clause, _ = ctx.layout.clause(q.start)
    ahead = ctx.n[max(clause, q.start - _SPAN) : q.start]
    named = _NAMED_RATE.search(ahead)
    if named and not words[0] <= q.start - len(ahead) + named.end("name") - 1 < words[1]:
        return "other"
    if indicator == "participation_rate":
        covered = _COVERAGE.search(ctx.n, ctx.layout.clause(words[0])[0], words[1])
        return "other" if covered and not _OF_PEOPLE.search(covered["whose"]) else indicator
    if indicator not in ("share", "other", "cumulative_surplus_ratio"):
        return None
    sentence, _ = ctx.layout.sentence(q.start)
    text = ctx.n[max(sentence, q.start - 60) : q.start]
    if indicator == "share" and _DUE.search(text, max(0, text.rfind("占"))):
        return "participation_rate"
    subject = text[: text.rfind("占")] if "占" in text and _REVENUE.search(text, text.rfind("占")) else ""
    if indicator == "cumulative_surplus_ratio":
        subject = ctx.n[max(sentence, words[0] - 28) : words[1]]
    if not (found := [*_SURPLUS.finditer(subject)]):
        return None
    clauses = re.split(r"[，,。；;]", subject[: found[-1].start()])
    own = clauses[-1] or clauses[-2] if len(clauses) > 1 else clauses[-1]
    return "annual_surplus_ratio" if _YEARLY.search(own) and "累计" not in own else "cumulative_surplus_ratio"


def capped_indicator(ctx: Context, q: Quantity, bound: Bound | None, indicator: str) -> str:
    """A benefit that is bounded above is a cap on it: 补助最高不超过十万元, 最多不超过六个月的失业保险金."""
    if bound is None or bound.comparator != "<=" or bound.word is None or not _CAPS.search(bound.word):
        return indicator
    if _REWARD.search(ctx.n, max(0, q.start - 16), q.start) or _AVERAGED.search(ctx.n, max(0, q.start - 5), q.start):
        return "other"
    paid = indicator == "benefit_amount" or (q.kind == "duration" and _PAID_IN.match(ctx.n, q.end))
    return "payment_cap" if paid else indicator
