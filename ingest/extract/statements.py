"""Figures and bounded rules: every quantity, in the parts it plays."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.extract.bases import find_base, find_change
from ingest.extract.bounds import Bound, find_bound
from ingest.extract.context import Context, Span
from ingest.extract.measures import Measure, find_measure, named_subject, own_noun
from ingest.extract.modality import comparator_of, modality_of
from ingest.extract.roles import roles_of
from ingest.extract.rows import find_column_head
from ingest.extract.slots import (
    Setting,
    Slot,
    Timeline,
    find_actor,
    find_condition,
    find_period,
    find_region,
    find_rule_period,
    find_scheme,
    find_scope_term,
)
from ingest.records import Quantity

_SLOTS = ("institution", "service", "population")
_LISTED = re.compile(r"\s?[、和及与,，]\s?")
_JOINED = re.compile(r"[^，,。；;：:\d]{0,12}[和、及与或][^，,。；;：:\d]{0,14}$")


@dataclass(slots=True)
class Draft:
    """A figure or rule before its text is taken from the original: slots are spans or canonical strings."""

    quantity: Quantity | None
    span: Span
    slots: dict[str, Any] = field(default_factory=dict)
    cues: list[tuple[Span, str]] = field(default_factory=list)
    confidence: float = 1.0


@dataclass(slots=True)
class _Memory:
    """What held for the quantity before, while the sentence lasts."""

    sentence: Span = (0, 0)
    kind: str = ""
    end: int = 0
    measure: Measure | None = None
    scope: dict[str, Slot] = field(default_factory=dict)
    base: Slot = None
    bound: Bound | None = None


def find_statements(ctx: Context, timeline: Timeline, settings: list[Setting]) -> tuple[list[Draft], list[Draft]]:
    """The figures and the bounded rules of a document, in text order.

    Args:
        ctx: the document.
        timeline: its time expressions.
        settings: what holds for each part, in the order of `ctx.parts`.
    """
    figures: list[Draft] = []
    rules: list[Draft] = []
    memory = _Memory()
    for index, q in enumerate(ctx.quantities):
        part = ctx.part(q.start)
        if part is None:
            continue
        sentence = ctx.layout.sentence(q.start)
        if sentence != memory.sentence:
            memory = _Memory(sentence=sentence, end=sentence[0])
        bound = _bound(ctx, index, q, memory.end)
        if bound is None and memory.kind and _JOINED.match(ctx.n, memory.end, q.start):
            bound = memory.bound
        if bound is None:
            bound = _listed_bound(ctx, q)
        alike = memory.kind == q.kind or (memory.kind, q.kind) == ("percent", "percentage_point")
        measure = find_measure(ctx, index, bound, memory.measure if alike else None)
        scope = {slot: find_scope_term(ctx, slot, q, memory.end, memory.scope.get(slot)) for slot in _SLOTS}
        scope |= _distributed(ctx, index, sentence)
        roles = roles_of(ctx, q, bound, measure)
        base = find_base(ctx, q, memory.end, wages=measure.indicator == "wage_multiple")
        if base is None and memory.kind == q.kind and memory.measure and measure.start == memory.measure.start:
            base = memory.base  # type: ignore[assignment]
        if roles.figure:
            figures.append(_figure(ctx, timeline, settings[part], q, bound, measure, scope, base, memory.end))
        if roles.rule:
            rules.append(_rule(ctx, timeline, settings[part], q, bound, measure, scope, base))
        if roles.figure or roles.rule:
            memory.end = q.end
        memory.kind, memory.measure = q.kind, measure
        memory.scope, memory.base, memory.bound = (
            scope,
            base,
            bound if bound and bound.comparator != "between" else None,
        )
    return figures, rules


def _distributed(ctx: Context, index: int, sentence: Span) -> dict[str, Slot]:
    """The slots of a number in a list behind 分别: the i-th number takes the i-th of the things named before."""
    q = ctx.quantities[index]
    at = ctx.n.rfind("分别", sentence[0], q.start)
    if at < 0:
        return {}
    first = index
    while first > 0 and ctx.quantities[first - 1].start > at:
        first -= 1
    last = index
    while last + 1 < len(ctx.quantities) and _LISTED.fullmatch(
        ctx.n, ctx.quantities[last].end, ctx.quantities[last + 1].start
    ):
        last += 1
    group = [i for i in range(first, last + 1) if ctx.quantities[i].kind == q.kind]
    if len(group) < 2 or index not in group:
        return {}
    out: dict[str, Slot] = {}
    for slot in _SLOTS:
        named = ctx.scope[slot].between(sentence[0], at)
        if len(named) >= len(group):
            mention = named[len(named) - len(group) + group.index(index)]
            out[slot] = (mention.start, mention.end)
    return out


def _bound(ctx: Context, index: int, q: Quantity, floor: int) -> Bound | None:
    start, end = ctx.layout.clause(q.start)
    if index + 1 < len(ctx.quantities):
        end = min(end, max(ctx.quantities[index + 1].start, q.end))
    bound = find_bound(ctx.n, q, max(start, floor), max(end, q.end))
    if bound is None and ctx.n[q.end : q.end + 1] in "（(":
        close = re.match(r"[(（][^()（）]{0,8}[)）]", ctx.n[q.end : q.end + 12])
        if close:
            bound = find_bound(ctx.n, q, max(start, floor), min(q.end + close.end() + 4, ctx.layout.length))
    return bound


_LISTED_BOUND = re.compile(
    r"(?P<word>不低于|不得低于|不少于|不超过|不得超过|不高于|不得高于)(?:下列|以下|如下)(?:标准|比例|金额|限额)"
)
_COLUMN_BOUND = re.compile(r"(?P<word>不低于|不得低于|不少于|不超过|不得超过|不高于|不得高于)")


def _listed_bound(ctx: Context, q: Quantity) -> Bound | None:
    """The bound that the words ahead of a list (支付比例不低于下列标准) or the head of a column put on a number."""
    head = ctx.list_head(q.start)
    match = _LISTED_BOUND.search(ctx.n, *head) if head else None
    if match is None and (column := find_column_head(ctx.n, q.start)):
        match = _COLUMN_BOUND.search(ctx.n, *column)
    if match is None:
        return None
    return Bound(
        "<=" if match.group("word")[-2:] in ("超过", "高于") else ">=", match.group("word"), *match.span("word")
    )


def _common(ctx: Context, setting: Setting, q: Quantity, bound: Bound | None, measure: Measure, base: Slot) -> Draft:
    draft = Draft(q, (q.start, q.end))
    draft.slots["indicator"] = measure.indicator
    if measure.end > measure.start:
        draft.slots["indicator_text"] = named_subject(ctx, measure)
        draft.cues.append(((measure.start, measure.end), "indicator"))
    elif noun := own_noun(ctx, q):
        draft.slots["indicator_text"] = noun
    if bound and bound.word:
        draft.cues.append(((bound.start, bound.end), "comparator"))
    draft.slots["base"] = base
    draft.slots["scheme"] = find_scheme(ctx, q, setting)
    provision = ctx.provision(q.start)
    if provision:
        draft.slots["provision"] = provision
    draft.confidence = round(min(0.98, 0.55 + max(0.0, measure.score) / 50 + (0.1 if bound else 0)), 2)
    return draft


def _figure(
    ctx: Context,
    timeline: Timeline,
    setting: Setting,
    q: Quantity,
    bound: Bound | None,
    measure: Measure,
    scope: dict[str, Slot],
    base: Slot,
    floor: int,
) -> Draft:
    draft = _common(ctx, setting, q, bound, measure, base)
    draft.slots.update(scope)
    draft.slots["region"] = find_region(ctx, q, setting)
    draft.slots["period"] = find_period(ctx, timeline, q)
    if bound and bound.word in ("以上", "以下", "不到", "不足", "超过", "未达到", "达不到", "突破", "高于", "低于"):
        draft.slots["comparator"] = bound.comparator
    if change := find_change(ctx, q, floor):
        draft.slots["change"], draft.slots["versus"] = change
    return draft


def _rule(
    ctx: Context,
    timeline: Timeline,
    setting: Setting,
    q: Quantity,
    bound: Bound | None,
    measure: Measure,
    scope: dict[str, Slot],
    base: Slot,
) -> Draft:
    draft = _common(ctx, setting, q, bound, measure, base)
    draft.slots["comparator"] = comparator_of(ctx, q, bound, measure)
    draft.slots["modality"] = modality_of(ctx, q, bound, measure)
    narrowed: dict[str, Slot] = dict(scope)
    narrowed["scheme"] = draft.slots.pop("scheme")
    if ctx.mode(q.start) != "regulation":
        narrowed["region"] = find_region(ctx, q, setting)
        narrowed["period"] = find_period(ctx, timeline, q)
    else:
        narrowed["period"] = find_rule_period(ctx, q)
    narrowed["condition"] = find_condition(ctx, q) or _own_condition(ctx, q)
    draft.slots["scope"] = narrowed
    start, end = ctx.layout.clause(q.start)
    modal = next((m for m in ctx.modals.between(start, end) if m.item), None)
    if modal:
        draft.slots["actor"] = find_actor(ctx, start, modal.start)
        draft.cues.append(((modal.start, modal.end), "modality"))
    draft.slots["action"] = _action(ctx, q, end, modal.end if modal else None)
    if ctx.mode(q.start) != "regulation" or ctx.quotation(q.start):
        draft.slots["quoted_from"] = ctx.quoted_from(q.start)
    return draft


def _own_condition(ctx: Context, q: Quantity) -> Slot:
    """The clause of a number that is itself a circumstance: 备付期限低于12个月的，应当…"""
    start, end = ctx.layout.clause(q.start)
    _, stop = ctx.layout.sentence(q.start)
    stated = ctx.n[end - 1 : end] in ("的", "者", "时") and end < stop and ctx.n[end] in "，,"
    return (start, end) if stated and ctx.mode(q.start) == "regulation" else None


def _action(ctx: Context, q: Quantity, end: int, modal_end: int | None) -> Slot:
    """The verb phrase behind the number, else from the modal word on."""
    behind = ctx.n[q.end : end]
    lead = re.match(r"^(?:以上|以下|以内|之内|内|前|之前|的|之|,|，|\s)*", behind)
    start = q.end + (lead.end() if lead else 0)
    if end - start >= 2:
        return start, end
    return (modal_end, q.start) if modal_end is not None and q.start - modal_end >= 2 else None
