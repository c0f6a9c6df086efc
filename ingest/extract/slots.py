"""The slots around a number: period, region, scheme, institution, service, population, condition, actor, action.

Slots are spans of the normalized text, or a canonical string where the document does not spell it out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.extract.context import Context, Span, full_sentence, stripped
from ingest.extract.vocabulary import scope_terms
from ingest.records import Quantity
from ingest.structure.authority import territory

Slot = Span | str | None

_YEAR = r"(?:(?:19|20)\d{2}|20[xX×*]{2}|[xX×]{4})年"
_TIME = re.compile(
    rf"(?:截至|截止到?|至|自)?{_YEAR}(?:\s?[-—－~至到]{{1,2}}\s?{_YEAR})?(?:度|底|末|初)?"
    r"(?:上半年|下半年|第?[一二三四1-4]季度|\d{1,2}月?\s?[-—~至到]\s?\d{1,2}月份?|\d{1,2}月(?:份|底|末)?(?:\d{1,2}日)?)?(?:以来)?"
    rf"|20xx—20xx年?度?|(?:20\d\d|20xx)[-—－~至]{_YEAR}度?"
    r"|(?<![\d年])\d{1,2}\s?[-—~至]\s?\d{1,2}月份?|上半年|下半年|截[至止]到?[一二三四五六七八九十]{1,2}月[底末]|(?:截至|截止|到|至)?目前(?:为止)?|今年|去年|上年度?|本年度"
)
_GENERAL = frozenset({"社会保险", "基本医疗保险", "基本养老保险"})
_INTENDED = re.compile(r"的?(?:各项)?(?:工作|努力|任务|重点|计划|打算|目标|思路|安排|再|要|管控)")
_COMPARED = re.compile(r"(?:比|较|与|和|同|相比)$")
# One character of a place name: none of the words that stand around place names.
_PLACE = (
    r"[^\W\d_的和与及对在为是由于各按照国家省市县区州委级全我本该下辖到达要经给向从以将有个根据依照关两三等其并或所用"
    r"新同人部农村城镇社地定医卫一二四五六七八九十]"
)
_REGION = re.compile(
    rf"(?:(?<=[在对由为于，,。、；;（(《“\s是给经])|^)(?P<name>{_PLACE}{{2,4}}(?:省|自治区)(?:{_PLACE}{{1,4}}[市州县])?"
    rf"|{_PLACE}{{1,4}}(?:市|自治州|县|州)(?:{_PLACE}{{1,3}}[县区])?|[XxX×某]{{1,2}}(?:省|市|县|区|州))"
    r"(?!级|直|外|内|域|间|别|分|书|民|场|镇|乡|财政|政府部门|委)"
)
# Words that stand ahead of a place, or of 县, 市, 省 alone, and belong to no name: 责令县医保中心, 印发淮安市…的通知.
_LEADING = re.compile(
    r"(?:刚才|通过|经过|其中|目前|截[至止]|全部|分别|以及|还有|包括|组织|协调|报送|上报|会同|配合|督促|指导|参加|涉及|覆盖|试点|先进|贫困|创建|帮扶|对口"
    r"|结合|针对|随着|关于|属于|位于|来自|进入|作为|成为|示范|文明|任何|没有|现在|今天|以来|同时|我们|大家|同志|领导|昨天|近日|随后|最后|首先"
    r"|责令|印发|转发|落实|推动|争取|抽查|检查|符合|纳入|建议|隶属|远超|超出|超过|高出|高于|低于|突破了?|虽然|上年|去年|今年|达到|未达|要求|协助|请示"
    r"|离|如|报|距|据|请|让|使|被|把|跟|随|凭|占|比|归|属)+"
)
_NUMBERED = re.compile(r"^[^:：]{0,6}[篇文][^:：]{0,4}[:：]\s*")
_REGION_NAME = re.compile(r"[^\W\d_]{1,9}(?:省|市|县|区|州|旗)")
_GENERIC_REGION = re.compile(r"(?:我|全|本)(?:省|市|县|区|州|旗|院|校)|县内|市内|全国")
_MASKED = re.compile(r"[xX×*]")
_RULE_YEAR = re.compile(r"(?<!自)((?:19|20)\d{2})年度?(?!\d{1,2}月|[以之]?[前来]|起|[\d印发布])")
_FULL_YEAR = re.compile(r"^(?:截至|截止到?|至|自)?(\d{4})年度?$")
_HALF = re.compile(r"^(\d{4})年(上半年|下半年)$")
_MONTHS = re.compile(r"^(?:(\d{4})年)?(\d{1,2})月?\s?[-—~至到]\s?(\d{1,2})月份?$")
_CONDITION = re.compile(r"(?:[的者时]|之日起|之翌日起|期间|情形)$")
_NOT_ACTOR = re.compile(
    r"的$|时$|^(?:继续|一次性?|按月)$|^第[\d一二三四五六七八九十百零-]+条$|^(?:并|但|且|同时|其中|如|若|凡|对|按|经|自|在|因|为)|[，,：:]"
    r"|(?:比例|比率|标准|费率|费用|限额|额度|金额|数额|总额|基数|期限|期间|时间|年限)(?:之和|合计|累计)?[均都各]?$"
    r"|[每％%\d]|百分之|按|一次$|(?:资金|基金|经费|款项?|结余)$"
)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Time expressions of a text, sorted; those that only name what is compared against are left out."""

    spans: list[Span]
    starts: list[int]

    def before(self, start: int, end: int) -> Span | None:
        """The last time expression within `[start, end)`."""
        i = bisect_left(self.starts, end) - 1
        while i >= 0 and self.spans[i][0] >= start:
            if self.spans[i][1] <= end:
                return self.spans[i]
            i -= 1
        return None

    def after(self, start: int, end: int) -> Span | None:
        """The first time expression within `[start, end)`."""
        i = bisect_left(self.starts, start)
        return self.spans[i] if i < len(self.spans) and self.spans[i][1] <= end else None


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for a whole part: its region, its leading scheme, whether its title names that scheme, its places."""

    region: Span | None
    scheme: str | None
    titled: bool = False
    places: tuple[Span, ...] = ()


def timeline_from_context(ctx: Context) -> Timeline:
    """The time expressions a figure can belong to; dates inside citations do not count."""
    cited = [(c.start, c.end) for c in ctx.citations]
    cited_starts = [start for start, _ in cited]
    dates = {q.start for q in ctx.quantities if q.kind == "date"}
    spans = []
    told = [part for part, mode in zip(ctx.parts, ctx.modes, strict=True) if mode != "regulation"]
    for match in (match for part in told for match in _TIME.finditer(ctx.n, part.start, part.end)):
        start, end = match.span()
        i = bisect_left(cited_starts, start + 1) - 1
        if match.group() == "下半年" and _INTENDED.match(ctx.n, end):
            continue
        if (i >= 0 and start < cited[i][1]) or start in dates or _COMPARED.search(ctx.n, max(0, start - 2), start):
            continue
        spans.append((start, end))
    return Timeline(spans, [start for start, _ in spans])


def setting_from_part(ctx: Context, part: int, title_scheme: str | None) -> Setting:
    """The region and the scheme a part is about."""
    start, end = ctx.parts[part].start, ctx.parts[part].end
    places = tuple(_regions(ctx.n, start, end))
    named = places[0] if places and places[0][1] <= start + 1500 else None
    generic = _GENERIC_REGION.search(ctx.n, start, end)
    region = _titled_region(ctx, part) or named or (generic.span() if generic else None)
    counts: dict[str, int] = {}
    for mention in ctx.scope["scheme"].between(start, end):
        counts[mention.item.name] = counts.get(mention.item.name, 0) + 1
    scheme = title_scheme
    if scheme is None and counts:
        leader = max(counts, key=lambda name: counts[name])
        if counts[leader] * 2 >= sum(counts.values()):
            scheme = leader
    return Setting(region, scheme, title_scheme is not None, places)


def _regions(n: str, start: int, end: int) -> Iterator[Span]:
    """The places named in `[start, end)`."""
    for match in _REGION.finditer(n, start, end):
        at, stop = match.span("name")
        led = _LEADING.match(n, at, stop)
        if led is None:
            yield at, stop
        elif _REGION_NAME.fullmatch(n, led.end(), stop):
            yield led.end(), stop


def _titled_region(ctx: Context, part: int) -> Span | None:
    """The place that the title of a part begins with, where the part names it."""
    place = territory(_NUMBERED.sub("", ctx.parts[part].title), None)
    at = ctx.n.find(place, ctx.parts[part].start, ctx.parts[part].end) if place else -1
    return (at, at + len(place)) if place and at >= 0 else None


def scheme_from_title(title: str) -> str | None:
    """The scheme a title names."""
    found = [m for m in scope_terms().find(title).found if m.item.slot == "scheme"]
    return max(found, key=lambda m: m.end - m.start).item.name if found else None


def find_period(ctx: Context, timeline: Timeline, q: Quantity) -> Slot:
    """The period a reported figure belongs to: the last one named in its part before it."""
    part = ctx.part(q.start)
    if part is None:
        return None
    start = ctx.parts[part].start
    span = timeline.before(start, q.start)
    while span and (earlier := timeline.before(start, span[0])) and _passing(ctx, span, q):
        span = earlier
    span = span or timeline.after(q.end, ctx.layout.sentence(q.start)[1])
    return None if span is None else _iso(ctx, timeline, span, start)


def find_rule_period(ctx: Context, q: Quantity) -> Slot:
    """The year that a rule's own sentence names ahead of its number: 2023年度个人缴费标准不低于350元."""
    start, _ = ctx.layout.sentence(q.start)
    named = list(_RULE_YEAR.finditer(ctx.n, start, q.start))
    if not named or any(c.start <= named[-1].start() < c.end for c in ctx.citations):
        return None
    return named[-1].group(1)


def _passing(ctx: Context, span: Span, q: Quantity) -> bool:
    """Whether a time is only touched on: 目前; 上年 ahead of the one number it dates (由上年的290元调整为340元)."""
    words = ctx.n[span[0] : span[1]]
    if words == "目前":
        return True
    if words not in ("上年", "上年度", "去年", "今年"):
        return False
    between = bisect_left(ctx.quantity_starts, span[1]), bisect_left(ctx.quantity_starts, q.start)
    return words != "今年" and between[1] > between[0]


def _iso(ctx: Context, timeline: Timeline, span: Span, floor: int) -> Slot:
    text = ctx.n[span[0] : span[1]].replace(" ", "")
    if _MASKED.search(text):
        return span
    if match := _FULL_YEAR.match(text):
        return match.group(1)
    if match := _HALF.match(text):
        return (
            f"{match.group(1)}-01/{match.group(1)}-06"
            if match.group(2) == "上半年"
            else f"{match.group(1)}-07/{match.group(1)}-12"
        )
    if (match := _MONTHS.match(text)) or text in ("上半年", "下半年"):
        year = match.group(1) if match else None
        if year is None:
            year = _year_before(ctx, timeline, floor, span[0])
        if year is None:
            return span
        first, last = (match.group(2), match.group(3)) if match else ("1", "6") if text == "上半年" else ("7", "12")
        return f"{year}-{int(first):02d}/{year}-{int(last):02d}"
    return span


def _year_before(ctx: Context, timeline: Timeline, floor: int, end: int) -> str | None:
    """The year of the last time expression before `end` that names one."""
    while earlier := timeline.before(floor, end):
        text = ctx.n[earlier[0] : earlier[1]]
        if found := re.search(r"(\d{4})年", text):
            return found.group(1)
        if _MASKED.search(text):
            return None
        end = earlier[0]
    return None


def find_scope_term(ctx: Context, slot: str, q: Quantity, floor: int, settled: Slot) -> Slot:
    """The mention of `slot` that narrows `q`: nearest ahead of it after `floor`, else what held for the number before,
    else ahead in the sentence, else in the words ahead of its list."""
    start, _ = ctx.layout.sentence(q.start)
    if mention := _nearest(ctx, slot, floor, q.start):
        return mention
    if settled is not None:
        return settled
    if mention := _nearest(ctx, slot, start, q.start):
        return mention
    if slot != "institution" and ctx.mode(q.start) == "regulation":
        quotation = ctx.quotation(q.start)
        line = quotation[0] if quotation else ctx.n.rfind("\n", 0, q.start) + 1
        if mention := _nearest(ctx, slot, line, start):
            return mention
    if head := ctx.list_head(q.start):
        return _nearest(ctx, slot, *head)
    return None


def _nearest(ctx: Context, slot: str, start: int, end: int) -> Slot:
    mention = ctx.scope[slot].last(start, end)
    if mention is None:
        return None
    return mention.item.name if slot == "scheme" else (mention.start, mention.end)


def find_scheme(ctx: Context, q: Quantity, setting: Setting) -> Slot:
    """The scheme a number belongs to: a law's own, else the one named last in its sentence, else the part's.

    A law on schemes in general (社会保险) leaves each sentence the one it names, and any law the fund of another.

    A sentence reaches back over semicolons here: 职工医保收入45亿元；支出38亿元 is of one scheme.
    """
    start, _ = full_sentence(ctx.n, q.start, q.start)
    if setting.titled and ctx.mode(q.start) == "regulation":
        mention = ctx.scope["scheme"].last(start, q.start)
        if mention is None or mention.item.name in _GENERAL:
            return setting.scheme
        own = setting.scheme in _GENERAL or ctx.n.startswith(("基金", "统筹基金"), mention.end)
        return mention.item.name if own else setting.scheme
    line = ctx.n.rfind("\n", 0, q.start) + 1
    return _nearest(ctx, "scheme", start, q.start) or _nearest(ctx, "scheme", line, start) or setting.scheme


def find_region(ctx: Context, q: Quantity, setting: Setting) -> Slot:
    """The region named in the sentence ahead of `q`, else the part's."""
    start, _ = ctx.layout.sentence(q.start)
    last = bisect_left(setting.places, (q.start, q.start)) - 1
    named = setting.places[last] if last >= 0 else None
    return named if named and start <= named[0] and named[1] <= q.start else setting.region


def find_condition(ctx: Context, q: Quantity) -> Slot:
    """The circumstances under which a rule holds: the clauses ahead that end in 的, 者, 时 or 之日起."""
    sentence, _ = ctx.layout.sentence(q.start)
    start, _ = ctx.layout.clause(q.start)
    inner = _inner_condition(ctx, start, q.start)
    end = start - 1
    first = None
    while end > sentence:
        clause_start, clause_end = ctx.layout.clause(end - 1)
        if clause_end > end or not _CONDITION.search(ctx.n, clause_start, clause_end):
            break
        first = clause_start
        end = clause_start - 1
    if first is not None:
        return _unlabelled(ctx, *stripped(ctx.n, first, start - 1))
    return inner


_JOINING = re.compile(r"(?:但是|但|并且|且)(?!书)")
_SINCE = re.compile(r"[自从于][^，,。；;]{2,40}?(?:之日|之翌日|次日|当日)起")
_INNER = re.compile(r"[^，,。；;]{2,40}?(?:之日起|之翌日起|期间|的(?=[，,])|后)")


def _inner_condition(ctx: Context, start: int, end: int) -> Slot:
    match = _SINCE.search(ctx.n, start, end) or _INNER.match(ctx.n, start, end)
    return _unlabelled(ctx, *stripped(ctx.n, *match.span())) if match else None


def _unlabelled(ctx: Context, start: int, end: int) -> Span:
    """The span without the label of the provision it opens (第三条, （一）) and without 但, 且 ahead."""
    provision = ctx.provision(start)
    if provision and start < provision.start + len(provision.label) < end:
        start = provision.start + len(provision.label)
        while start < end and ctx.n[start] in " \u3000\t.．、)）":
            start += 1
    if joined := _JOINING.match(ctx.n, start, end):
        start = joined.end()
    return start, end


def find_actor(ctx: Context, start: int, modal: int) -> Slot:
    """The party ahead of the modal word at `modal`, in the clause that starts at `start`."""
    span = _unlabelled(ctx, *stripped(ctx.n, start, modal))
    text = ctx.n[span[0] : span[1]]
    if match := re.search(r"由([^，,。由]{2,30})$", text):
        return span[0] + match.start(1), span[1]
    if not 2 <= len(text) <= 40 or _NOT_ACTOR.search(text):
        return None
    return span
