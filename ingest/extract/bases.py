"""What a ratio is a ratio of, and whether a number is an increase or a decline."""

from __future__ import annotations

import re
from functools import cache

from ingest.extract.context import Context, Span, stripped
from ingest.lexicon import load_table
from ingest.records import Change, Quantity

_VERSUS = re.compile(
    r"(?:比|较|与|和|相比|同)(?:上年|去年|同期|前年|(?:20xx|20\d\d|19\d\d)年)[^，,。；;]{0,10}?(?=相比|同期|增|上|下|提|降|减|多|少|$)|同比|环比|相比[^，,。；;]{1,8}?年"
)
_BASES = (
    re.compile(r"(?:占(?!比)|相当于)(?:了)?(?P<base>[^，,。；;：:占]{2,40}?)的?\s*(?:比例|比重)?[为达到约近]{0,2}\s*$"),
    re.compile(r"完成(?:了)?(?P<base>[^，,。；;：:]{2,16}?)的\s*$"),
    re.compile(r"(?:按照?|依|就(?![业医诊学])|于)(?P<base>[^，,。；;：:按]{2,40}?)(?:的|之)?\s*$"),
    re.compile(
        r"(?:为|不超过|不得超过|不高于|不低于|不得低于|超过|低于|高于|达到|以)(?P<base>[^，,。；;：:为]{2,30}?)(?:的|之)\s*$"
    ),
    re.compile(r"(?P<base>[^，,。；;：:、为]{2,30}?)(?:的|之)\s*$"),
    re.compile(
        r"(?P<base>[^，,。；;：:、为]{0,20}(?:薪资|工资|金额|总额|保险费|标准|收入|费率|生活费|消费支出|人数))\s*$"
    ),
)
_STATED_BASES = (
    re.compile(r"以(?P<base>[^，,。；;：:]{2,24}?)为(?:基数|基础|依据)"),
    re.compile(r"(?P<base>政策范围内[^，,。；;：:、]{0,8}?)(?:支付|报销|补偿|救助|实际)?(?:比例|比)"),
    re.compile(r"(?P<base>(?:起付(?:标准|线)|起付金额|[\d.]+万?元)以上[^，,。；;：:]{0,30}?部分)"),
    re.compile(r"处(?:以|其)?(?P<base>[^，,。；;：:处]{2,24}?)\s*$"),
)
RATIOS = frozenset({"percent", "multiple", "ratio"})
"""Kinds of number that are of something."""
_WAGES_BEHIND = re.compile(r"的?(?P<base>[^，,。；;、\d]{0,26}(?:工资|薪资|投保金额|平均数额?))")
_WAGES_AHEAD = re.compile(r"(?:以|按照?|依)(?P<base>[^，,。；;：:以按]{2,40}?(?:工资|薪资|投保金额|平均数额?))")


def _wages(ctx: Context, q: Quantity) -> Span | None:
    """The wages that months of them count: behind the number, else as the paragraph says ahead of it."""
    _, end = ctx.layout.clause(q.start)
    if behind := _WAGES_BEHIND.match(ctx.n, q.end, end):
        return behind.span("base")
    line = ctx.n.rfind("\n", 0, q.start) + 1
    found = list(_WAGES_AHEAD.finditer(ctx.n, line, q.start))
    return stripped(ctx.n, *found[-1].span("base")) if found else None


def find_base(ctx: Context, q: Quantity, floor: int, wages: bool = False) -> Span | None:
    """The words a ratio is a ratio of, from the same clause and not before `floor`.

    Args:
        ctx: the document.
        q: a percentage, a multiple, a fraction, or with `wages` a number of months that counts wages.
        floor: where the words may begin at the earliest.
        wages: whether months of `q` are months of somebody's wages.
    """
    if q.kind == "duration" and wages:
        return _wages(ctx, q)
    if q.kind not in RATIOS:
        return None
    start, _ = ctx.layout.clause(q.start)
    start = max(start, floor, q.start - 48)
    for pattern in _BASES:
        if match := pattern.search(ctx.n, start, q.start):
            span = _trimmed(ctx.n, *match.span("base"))
            if span[1] - span[0] >= 2 and not _NO_BASE.match(ctx.n[span[0] : span[1]]):
                return span
    sentence, _ = ctx.layout.sentence(q.start)
    for pattern in _STATED_BASES:
        found = list(pattern.finditer(ctx.n, max(sentence, q.start - 80), q.start))
        if found:
            return _trimmed(ctx.n, *found[-1].span("base"))
    return None


_LEAD = re.compile(
    r"^.*(?:第[\d一二三四五六七八九十百零-]+条[ 　]|按照|按|相当于|不得超过|不超过|不高于|不低于|达到|应当"
    r"|处以|处|加收|减收|预支|递减|递增|给予每人|得?在(?=当地|其|本|每)|为|以|占)其?(?=..)"
)
_TAIL = re.compile(
    r"(?:(?:百分之[零一二三四五六七八九十百点\d.]+|[零一二两三四五六七八九十百半\d.]+(?:倍|%))以上|处以|[减加]给|[减加]发|加[收征]|减收|递[减增])$"
)
_NO_BASE = re.compile(r"^(?:每?逾?[一1]?日|按日|每|职工每?.{0,10}(?:增加|减少).{0,8}|第.{1,8}条规定)$")


def _trimmed(n: str, start: int, end: int) -> Span:
    lead = _LEAD.match(n[start:end])
    if lead and lead.end() < end - start - 1:
        start += lead.end()
    if tail := _TAIL.search(n[start:end]):
        end = start + tail.start()
    return stripped(n, start, end)


@cache
def _change() -> re.Pattern[str]:
    words = {
        way: "|".join(sorted(found, key=len, reverse=True)) for way, found in load_table("signals")["change"].items()
    }
    return re.compile(rf"(?:(?P<up>{words['up']})|(?P<down>{words['down']}))(?:[了近约为达幅度]|比例){{0,3}}\s?$")


def find_change(ctx: Context, q: Quantity, floor: int) -> tuple[Change, Span | None] | None:
    """Whether `q` is an increase or a decline, and the words of the comparison."""
    start, _ = ctx.layout.clause(q.start)
    start = max(start, floor)
    match = _change().search(ctx.n, max(start, q.start - 12), q.start)
    if match is None:
        return None
    sentence, _ = ctx.layout.sentence(q.start)
    versus = None
    for versus_match in _VERSUS.finditer(ctx.n, max(sentence, q.start - 40), q.start):
        versus = versus_match.span()
    return ("up" if match.group("up") else "down"), versus
