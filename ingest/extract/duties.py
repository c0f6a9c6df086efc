"""Rules without a number: the clause that obliges, forbids, permits, entitles, defines or punishes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import TypeAlias

from ingest.extract.context import Context, Span
from ingest.extract.slots import Setting, Slot, find_actor
from ingest.extract.statements import Draft
from ingest.extract.vocabulary import Mention
from ingest.lexicon import load_table
from ingest.records import Provision

_ITEM_LABEL = re.compile(r"^[“\"…\s]*[(（]?[一二三四五六七八九十百\d]{1,3}[)）、.．]\s*")
_LIST = re.compile(r"下列|以下|如下")
_CONDITION = re.compile(r"[的者时]$")
_LEADS = re.compile(r"[的时后者]$|之日起$|期间$|情况下?$|前提下$|需要$")
_PRIORITY = ("penalty", "prohibition", "obligation", "permission", "standard", "entitlement", "definition", "target")
# Words that are deontic only in some positions; `_holds` says where.
_VAGUE = frozenset(
    {
        "要",
        "可",
        "需",
        "负责",
        "属于",
        "计算",
        "实行",
        "给予",
        "指",
        "得",
        "停止",
        "终止",
        "目标",
        "实现",
        "确保",
        "为基数",
        "享受",
        "扣除",
        "处分",
        "争取",
        "的义务",
        "的权利",
        "只能",
    }
)
_REPORT_DUTY = re.compile(r"必须|应当|须|严禁|不得|禁止|不准|不许|不予|杜绝|应|不补|留用")
_PAST = re.compile(r"了|已|曾|未能|没有|未按|为了|以便|以确保|从而|导致|发现|存在")
_ADVISED = re.compile(r"建议|责令|望|打算|希望")
_PAYS = re.compile(r"(?:依照|按照)[^，,。；;]{0,24}规定[，,]?(?=缴纳)")
_FARTHEST = 90
_Governing: TypeAlias = tuple[int, Mention[str], Slot]
"""Where a clause with a modal word ends, the word, and who it speaks of."""
_GOVERN = frozenset({"obligation", "permission"})
_OWNED = re.compile(r"(?:^|[^没])有(?!关|利|效)")
_STRONG = frozenset({"obligation", "prohibition", "penalty"})
_DIRECTED = re.compile(
    r"(?:[局办会委院校厅部处]|中心|部门|政府|单位|小组|社区|学校|机构|人员|同志|经办所|乡镇|各地)(?:都|也)?$|^(?:[一二三四五六]是)?$"
)


@cache
def _goes_on() -> re.Pattern[str]:
    """How a further duty begins: with a verb or what stands ahead of one, not with a subject of its own."""
    verbs = "|".join(sorted(load_table("signals")["duty"]["verbs"], key=len, reverse=True))
    return re.compile(rf"\s?(?:并(?!且有))?(?:{verbs})(?![者的人])")


def find_duties(ctx: Context, settings: list[Setting], bounded: list[Span]) -> list[Draft]:
    """The rules without a bound, in text order.

    Args:
        ctx: the document.
        settings: what holds for each part.
        bounded: spans of quantities that already carry a rule; their clauses are not repeated.
    """
    drafts: list[Draft] = []
    governing: list[_Governing] = []
    starts = [start for start, _ in bounded]
    for clause, mentions in _by_clause(ctx):
        part = ctx.part(clause[0])
        if part is None:
            continue
        if bisect_left(starts, clause[0]) != bisect_left(starts, clause[1]):
            governing += [(clause[1], m, None) for m in mentions if m.item in _GOVERN][-1:]
            continue
        regulation = ctx.mode(mentions[0].start) == "regulation"
        if _CONDITION.search(ctx.n, clause[0], clause[1]) and clause[1] < ctx.layout.sentence(clause[0])[1]:
            continue
        if regulation and _ruled_by_list(ctx, clause, mentions):
            continue
        holding = [m for m in mentions if (_holds(ctx, m, clause) if regulation else _stands_in_report(ctx, m, clause))]
        if not holding:
            continue
        chosen = min(holding, key=lambda m: (_PRIORITY.index(m.item), m.start))
        span = _span(ctx, clause, chosen)
        if span[1] - span[0] >= 4:
            drafts.append(_draft(ctx, settings[part], span, chosen))
            if chosen.item in _GOVERN:
                governing.append((span[1], chosen, drafts[-1].slots["actor"]))
    drafts += _coordinated(ctx, settings, governing, starts)
    drafts += _payments(ctx, settings, drafts, starts)
    drafts += _items(ctx, settings, drafts, starts)
    drafts.sort(key=lambda d: d.span)
    return drafts


def _ruled_by_list(ctx: Context, clause: Span, mentions: list[Mention[str]]) -> bool:
    """Whether the clause is a list item whose leading words carry the modality; its own weak words then carry none."""
    if any(m.item in _STRONG for m in mentions):
        return False
    head = ctx.list_head(clause[0])
    return bool(head and _LIST.search(ctx.n, *head) and any(m.item for m in ctx.modals.between(*head)))


def _by_clause(ctx: Context) -> Iterator[tuple[Span, list[Mention[str]]]]:
    modal = (m for m in ctx.modals.found if m.item)
    for clause, mentions in groupby(modal, key=lambda m: ctx.layout.clause(m.start)):
        yield clause, list(mentions)


def _stands_in_report(ctx: Context, mention: Mention[str], clause: Span) -> bool:
    if _PAST.search(ctx.n, *clause):
        return False
    if ctx.n[mention.start : mention.end] == "要":
        return bool(_DIRECTED.search(ctx.n[clause[0] : mention.start].strip())) and clause[1] - mention.end >= 4
    if not _REPORT_DUTY.search(ctx.n, mention.start, mention.end):
        return False
    sentence = ctx.layout.sentence(clause[0])
    return not _ADVISED.search(ctx.n, sentence[0], mention.start)


def _holds(ctx: Context, mention: Mention[str], clause: Span) -> bool:
    """Whether a word that is deontic only in some positions is so here."""
    word = ctx.n[mention.start : mention.end]
    if word not in _VAGUE:
        return True
    ahead, behind = ctx.n[clause[0] : mention.start], ctx.n[mention.end : clause[1]]
    if word in ("停止", "终止", "享受", "扣除", "处分", "给予"):
        return not behind.endswith(("的", "期间", "时", "条件", "权利"))
    if word in ("要", "可", "需", "得", "只能"):
        return len(behind) >= 3
    if word in ("的义务", "的权利"):
        return not behind and bool(_OWNED.search(ahead))
    if word == "指":
        return "所称" in ahead or (len(ahead) <= 12 and not behind.startswith(("导", "定", "标", "引")))
    return word in ("负责", "属于", "实行")


def _span(ctx: Context, clause: Span, modal: Mention[str]) -> Span:
    """The clause with its subject and the conditions that lead it, without label and blanks."""
    start, end = clause
    sentence, _ = ctx.layout.sentence(start)
    headless = modal.item != "prohibition" and modal.start - start <= 2
    while start > sentence and start - 2 >= sentence:
        before = ctx.layout.clause(start - 2)
        if (
            before[0] >= start
            or end - before[0] > _FARTHEST
            or any(m.item for m in ctx.modals.between(before[0], start))
        ):
            break
        if not (headless or _LEADS.search(ctx.n, before[0], start - 1)):
            break
        start = before[0]
    if quotation := ctx.quotation(modal.start):
        start, end = max(start, quotation[0]), min(end, quotation[1])
    label = _ITEM_LABEL.match(ctx.n[start:end])
    if label:
        start += label.end()
    provision = ctx.provision(start)
    if provision and start <= provision.start + len(provision.label) < end:
        start = provision.start + len(provision.label)
    return _trimmed(ctx.n, start, end)


def _trimmed(n: str, start: int, end: int) -> Span:
    while start < end and n[start] in ' 　\t“"…，,':
        start += 1
    closing = n.find("”", start, end)
    if closing >= 0 and "“" not in n[start:closing]:
        end = closing
    while end > start and n[end - 1] in ' 　\t\n”"…；;。':
        end -= 1
    return start, end


def _draft(ctx: Context, setting: Setting, span: Span, modal: Mention[str]) -> Draft:
    draft = Draft(None, span, cues=[((modal.start, modal.end), "modality")], confidence=0.7)
    clause, clause_end = ctx.layout.clause(modal.start)
    draft.slots["modality"] = modal.item
    draft.slots["actor"] = find_actor(ctx, max(clause, span[0]), modal.start)
    if clause_end - modal.end >= 2:
        draft.slots["action"] = (modal.end, clause_end)
    scope: dict[str, Span | str | None] = {"scheme": setting.scheme}
    if ctx.mode(modal.start) != "regulation":
        scope["region"] = setting.region
    if clause - 1 - span[0] >= 3:
        scope["condition"] = (span[0], clause - 1)
    draft.slots["scope"] = scope
    draft.slots["provision"] = ctx.provision(span[0])
    if ctx.quotation(span[0]):
        draft.slots["quoted_from"] = ctx.quoted_from(span[0])
    return draft


def _coordinated(ctx: Context, settings: list[Setting], governing: list[_Governing], bounded: list[int]) -> list[Draft]:
    """The further duties one modal word governs: 应当书面答复，并说明理由."""
    out: list[Draft] = []
    for at, modal, actor in governing:
        part, (_, stop) = ctx.part(at - 1), ctx.layout.sentence(at - 1)
        while part is not None and at + 1 < stop and ctx.n[at] in "，," and _goes_on().match(ctx.n, at + 1):
            clause = ctx.layout.clause(at + 1)
            spoken = any(m.item for m in ctx.modals.between(*clause))
            if spoken or bisect_left(bounded, clause[0]) != bisect_left(bounded, clause[1]) or clause[1] <= at + 1:
                break
            again = _draft(ctx, settings[part], _trimmed(ctx.n, *clause), modal)
            again.slots |= {"actor": actor, "action": clause}
            out.append(again)
            at = clause[1]
    return out


def _payments(ctx: Context, settings: list[Setting], drafts: list[Draft], bounded: list[int]) -> list[Draft]:
    """The basic duty to pay: 单位和职工依照本条例的规定，缴纳失业保险费."""
    out: list[Draft] = []
    taken = {d.span[1] for d in drafts}
    for match in _PAYS.finditer(ctx.n):
        sentence = ctx.layout.sentence(match.start())
        end = ctx.layout.clause(match.end() + 1)[1]
        part = ctx.part(match.start())
        if part is None or ctx.mode(match.start()) != "regulation" or end in taken:
            continue
        if bisect_left(bounded, sentence[0]) == bisect_left(bounded, end):
            start = _span(
                ctx, (max(sentence[0], ctx.layout.clause(match.start())[0]), end), Mention(end, end, "obligation")
            )[0]
            out.append(_draft(ctx, settings[part], (start, end), Mention(match.end(), match.end() + 2, "obligation")))
    return out


def _items(ctx: Context, settings: list[Setting], drafts: list[Draft], bounded: list[int]) -> list[Draft]:
    """One rule per item of a list whose leading words carry the modality (下列情形之一)."""
    starts = sorted(d.span[0] for d in drafts)
    out: list[Draft] = []
    for provision in ctx.provisions:
        part = ctx.part(provision.start)
        if part is None or ctx.modes[part] != "regulation":
            continue
        head = ctx.chapeau(provision)
        if head is None or not _LIST.search(ctx.n, *head):
            continue
        start, end = _item_body(ctx, provision)
        if end - start < 3 or bisect_left(bounded, start) != bisect_left(bounded, end):
            continue
        if bisect_left(starts, start) != bisect_left(starts, end):
            continue
        spoken = [m for m in ctx.modals.between(*head) if m.item]
        modal = min(spoken, key=lambda m: _PRIORITY.index(m.item), default=None)
        if modal:
            out.append(_item_draft(settings[part], (start, end), modal, head, provision))
    return out


def _item_draft(setting: Setting, span: Span, modal: Mention[str], head: Span, provision: Provision) -> Draft:
    draft = Draft(None, span, cues=[((modal.start, modal.end), "modality")], confidence=0.6)
    draft.slots["modality"] = modal.item
    draft.slots["scope"] = {"scheme": setting.scheme, "condition": span}
    draft.slots["action"] = (modal.start, head[1])
    draft.slots["provision"] = provision
    return draft


def _item_body(ctx: Context, provision: Provision) -> Span:
    start = provision.start + len(provision.label)
    line = ctx.n.find("\n", start, provision.end)
    return _trimmed(ctx.n, start, line if line > 0 else provision.end)
