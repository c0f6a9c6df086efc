"""Rules without a number: the clause that obliges, forbids, permits, entitles, defines or punishes."""

from __future__ import annotations

import re
from bisect import bisect_left

from ingest.extract.context import Context, Span
from ingest.extract.slots import Setting, find_actor, find_region
from ingest.extract.statements import Draft
from ingest.records import Modality, Provision, Quantity

_ITEM_LABEL = re.compile(r"^[(（]?[一二三四五六七八九十百\d]{1,3}[)）、.．]\s*")
_LIST = re.compile(r"下列|以下|如下")
_ONLY_CONDITION = re.compile(r"[的时]$|之日起$|^(?:有|具备|符合)下列")
_PLAIN_DUTY = re.compile(r"(?:缴纳|享受|停止|追回|没收|撤销|吊销|解除|取消|退还|退回|不补|留用)")
_VAGUE = frozenset({"要", "可", "需", "负责", "属于", "计算", "实行", "给予", "指", "得", "停止", "终止", "目标", "实现", "确保", "为基数", "享受", "扣除", "处分"})
_STRONG_IN_REPORT: frozenset[str] = frozenset({"prohibition"})
_REPORT_DUTY = re.compile(r"必须|应当|须|严禁|不得|禁止|不准|不许|不予|杜绝|应")
_PAST = re.compile(r"了|已|曾|未能|没有|未按|为了|以便|以确保|从而|导致|发现|存在")
_ADVISED = re.compile(r"建议|责令|望|打算|希望")


def find_duties(ctx: Context, settings: list[Setting], bounded: list[Span]) -> list[Draft]:
    """The rules without a bound, in text order.

    Args:
        ctx: the document.
        settings: what holds for each part.
        bounded: spans of quantities that already carry a rule; their clauses are not repeated.
    """
    drafts: list[Draft] = []
    starts = [start for start, _ in bounded]
    taken = -1
    for mention in ctx.modals.found:
        if not mention.item or mention.start < taken:
            continue
        part = ctx.part(mention.start)
        if part is None:
            continue
        clause = ctx.layout.clause(mention.start)
        if bisect_left(starts, clause[0]) != bisect_left(starts, clause[1]):
            continue
        mode = ctx.mode(mention.start)
        modality: Modality = mention.item  # type: ignore[assignment]
        word = ctx.n[mention.start : mention.end]
        if mode != "regulation" and not _stands_in_report(ctx, clause, word, modality):
            continue
        if mode == "regulation" and word in _VAGUE and not _stands_vague(ctx, mention.start, mention.end, clause, word):
            continue
        span = _span(ctx, clause)
        if span[1] - span[0] < 4:
            continue
        taken = clause[1]
        drafts.append(_draft(ctx, settings[part], span, mention.start, mention.end, modality))
    drafts += _items(ctx, settings, drafts, starts)
    drafts.sort(key=lambda d: d.span)
    return drafts


def _stands_in_report(ctx: Context, clause: Span, word: str, modality: Modality) -> bool:
    text = ctx.n[clause[0] : clause[1]]
    if not _REPORT_DUTY.search(word) or _PAST.search(text):
        return False
    sentence = ctx.layout.sentence(clause[0])
    return not _ADVISED.search(ctx.n, sentence[0], clause[0])


def _stands_vague(ctx: Context, start: int, end: int, clause: Span, word: str) -> bool:
    ahead, behind = ctx.n[clause[0] : start], ctx.n[end : clause[1]]
    if word == "得":
        return bool(ahead) and ahead[-1] not in "取获使觉懂值赢所不" and len(behind) >= 2
    if word in ("停止", "终止", "享受", "没收", "扣除", "处分"):
        return not behind.endswith(("的", "期间", "时", "条件"))
    if word in ("要", "可", "需"):
        return len(behind) >= 3 and not ahead.endswith(("主", "重", "必", "只", "许", "认", "所"))
    if word == "指":
        return bool(re.search(r"(?:所称|本[法条例办规定]+|系|,|，|：|:)[^，,]{0,20}$", ahead)) or "所称" in ctx.n[ctx.layout.sentence(start)[0] : start]
    return word in ("负责", "属于", "给予", "实行")


def _span(ctx: Context, clause: Span) -> Span:
    """The clause with the conditions that lead it, without label and blanks."""
    start, end = clause
    sentence, _ = ctx.layout.sentence(start)
    while start > sentence:
        before = ctx.layout.clause(start - 2) if start - 2 >= sentence else clause
        text = ctx.n[before[0] : start - 1]
        if before[0] >= start or not text or not (_ONLY_CONDITION.search(text) or _subject_only(text)):
            break
        start = before[0]
    head = ctx.provision(start)
    if head and head.start >= start - 1 and head.start + len(head.label) <= end and head.start >= sentence:
        start = max(start, head.start + len(head.label))
    label = _ITEM_LABEL.match(ctx.n[start:end])
    if label:
        start += label.end()
    while start < end and ctx.n[start] in " 　\t":
        start += 1
    while end > start and ctx.n[end - 1].isspace():
        end -= 1
    return start, end


def _subject_only(text: str) -> bool:
    return bool(re.search(r"(?:后|应当|的规定|要求|以上|情况)$", text)) and len(text) < 40


def _draft(ctx: Context, setting: Setting, span: Span, start: int, end: int, modality: Modality) -> Draft:
    draft = Draft(None, span, cues=[((start, end), "modality")], confidence=0.7)
    clause, clause_end = ctx.layout.clause(start)
    draft.slots["modality"] = modality
    draft.slots["actor"] = find_actor(ctx, max(clause, span[0]), start)
    if clause_end - end >= 2:
        draft.slots["action"] = (end, clause_end)
    draft.slots["scope"] = {"scheme": setting.scheme}
    if ctx.mode(start) != "regulation":
        draft.slots["scope"]["region"] = setting.region
    condition = (span[0], clause - 1)
    if condition[1] - condition[0] >= 3:
        draft.slots["scope"]["condition"] = condition
    if provision := ctx.provision(span[0]):
        draft.slots["provision"] = provision
    if quotation := ctx.quotation(span[0]):
        cited = [c for c in ctx.citations if c.end <= quotation[0] and c.start >= quotation[0] - 120]
        if cited:
            draft.slots["quoted_from"] = (cited[-1].start, cited[-1].end)
    return draft


def _items(ctx: Context, settings: list[Setting], drafts: list[Draft], bounded: list[int]) -> list[Draft]:
    """One rule per item of a list whose leading words carry the modality (下列情形之一)."""
    known = sorted(d.span for d in drafts)
    starts = [start for start, _ in known]
    out: list[Draft] = []
    for provision in ctx.provisions:
        head = ctx.chapeau(provision)
        part = ctx.part(provision.start)
        if head is None or part is None or ctx.modes[part] != "regulation" or not _LIST.search(ctx.n, *head):
            continue
        start, end = _item_body(ctx, provision)
        if end - start < 3 or bisect_left(bounded, start) != bisect_left(bounded, end):
            continue
        if bisect_left(starts, start) != bisect_left(starts, end):
            continue
        modal = [m for m in ctx.modals.between(*head) if m.item]
        if not modal:
            continue
        draft = Draft(None, (start, end), cues=[((modal[-1].start, modal[-1].end), "modality")], confidence=0.6)
        draft.slots["modality"] = modal[-1].item
        draft.slots["scope"] = {"scheme": settings[part].scheme, "condition": (start, end)}
        draft.slots["action"] = (modal[-1].start, head[1])
        draft.slots["provision"] = provision
        out.append(draft)
    return out


def _item_body(ctx: Context, provision: Provision) -> Span:
    start = provision.start + len(provision.label)
    end = provision.end
    while start < end and ctx.n[start] in " 　\t、.．":
        start += 1
    line = ctx.n.find("\n", start, end)
    end = line if line > 0 else end
    while end > start and ctx.n[end - 1] in "；;。 \n":
        end -= 1
    return start, end


def quantity_spans(quantities: list[Quantity]) -> list[Span]:
    """The spans of quantities, in order."""
    return [(q.start, q.end) for q in quantities]
