"""What a number measures: its indicator, the base of a ratio, and the direction of a change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ingest.extract.bounds import Bound
from ingest.extract.context import Context, Span, stripped
from ingest.extract.rows import find_column_head
from ingest.extract.vocabulary import Indicator, Mention
from ingest.lexicon import load_table
from ingest.records import Change, Quantity

_VERSUS = re.compile(
    r"(?:比|较|与|和|相比|同)(?:上年|去年|同期|前年|(?:20xx|20\d\d|19\d\d)年)[^，,。；;]{0,10}?(?=相比|同期|增|上|下|提|降|减|多|少|$)|同比|环比|相比[^，,。；;]{1,8}?年"
)
_BASES = (
    re.compile(r"(?:占(?!比)|相当于)(?:了)?(?P<base>[^，,。；;：:占]{2,40}?)的?\s*(?:比例|比重)?[为达到约近]{0,2}\s*$"),
    re.compile(r"完成(?:了)?(?P<base>[^，,。；;：:]{2,16}?)的\s*$"),
    re.compile(r"(?:按照?|依|就|于)(?P<base>[^，,。；;：:按]{2,40}?)(?:的|之)?\s*$"),
    re.compile(
        r"(?:为|不超过|不得超过|不高于|不低于|不得低于|超过|低于|高于|达到|以)(?P<base>[^，,。；;：:为]{2,30}?)(?:的|之)\s*$"
    ),
    re.compile(r"(?P<base>[^，,。；;：:、为]{2,30}?)(?:的|之)\s*$"),
    re.compile(r"(?P<base>[^，,。；;：:、为]{0,20}(?:薪资|工资|金额|总额|保险费|标准|收入|费率))\s*$"),
)
_STATED_BASES = (
    re.compile(r"以(?P<base>[^，,。；;：:]{2,24}?)为(?:基数|基础|依据)"),
    re.compile(r"(?P<base>政策范围内[^，,。；;：:、]{0,8}?)(?:支付|报销|补偿|救助|实际)?(?:比例|比)"),
    re.compile(r"(?P<base>(?:起付(?:标准|线)|起付金额|[\d.]+万?元)以上[^，,。；;：:]{0,30}?部分)"),
    re.compile(r"处(?:以|其)?(?P<base>[^，,。；;：:处]{2,24}?)\s*$"),
)
_BASED = frozenset({"percent", "multiple", "ratio"})
_SURPLUS = re.compile(r"结余|结存")
_REVENUE = re.compile(r"筹资|基金收入|筹集|征缴|收入|基金总额|统筹基金")
_BOUNDED = re.compile(r"不得|不低|不高|上限|下限|最低|最高|低于|高于|按|为|的上|的下")
_AS_BASE = re.compile(r"^[^，,。；;]{0,12}(?:基数|核定|计算缴费)")
_RESULT = re.compile(r"\s?(?:为|按|给予|发给|增加|支付)")
_SIDES = frozenset({"以上", "以下", "以内", "以外"})
_CAPS = re.compile(r"最高|最多|不超过|为限|上限")
_PAID_IN = re.compile(r"^的?[^，,。；;、]{0,8}(?:保险金|补助金|津贴|薪资|工资|总额)")
_DUE = re.compile(r"占[^，,。；;]{0,6}应参[保合]")
_LAPSES = re.compile(r"间?内?不行使")
_OF_WAGES = re.compile(r"^的?[^，,。；;、\d]{0,22}(?:平均工资|本人工资|缴费工资|月投保薪资)")
_WAGE_BASE = re.compile(r"以[^，,。；;]{0,30}工资[^，,。；;]{0,6}为(?:计发)?基数")
_YEARLY = re.compile(r"当年|当期|年度|本年")
_RESERVE = re.compile(r"风险基金|储备金|准备金|安全准备")
_OF_A_SUM = re.compile(r"(?:超过|低于|高于|达到)[^，,。；;]{0,16}(?:费用|总额|净额|余额|收入|支出|总数)[的之]?\s?$")
_NAMED_RATE = re.compile(r"(?P<name>[一-鿿]{2}率)(?:[为达到约近在已]|稳定在|不低于|不少于|不超过|平均){0,3}\s?$")
_PORTION = re.compile(r"(?:以上|以下|左右)?的(?!标准|比例|费率|幅度|[，,。])[一-鿿]")
_BARE = re.compile(r"覆盖[率面]$")
_QUALIFIED = re.compile(r"(?:实际|(?:政策|目录|报销)范围内|合规)[^，,。；;\d]{0,8}$")
_SUBJECT = re.compile(r"[一-鿿]{2,6}$")
_AGE = re.compile(r"[岁龄]")

_OWN_RATE = re.compile(
    r"(?P<name>[一-鿿]{1,8}?(?<![比利税费汇汯效])率)(?:要|应|均|已)?(?:[为是约]|达到?|控制在|稳定在|保持在|提高到|降低?到|降至|不低于|不高于|不超过)?\s?$"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """What a quantity measures. `start`/`end` are the indicator words, equal when none were found."""

    indicator: str
    start: int
    end: int
    score: float


def find_measure(ctx: Context, index: int, bound: Bound | None, before: Measure | None) -> Measure:
    """The indicator of quantity number `index`.

    Args:
        ctx: the document.
        index: index into `ctx.quantities`.
        bound: the comparator found for it.
        before: the measure of the previous quantity when both stand in one sentence and are of one kind.
    """
    q = ctx.quantities[index]
    if q.kind == "duration" and _AGE.search(q.quote):
        return Measure("other", q.start, q.start, 0)
    found = _best(ctx, q, index, *ctx.layout.sentence(q.start))
    if (found is None or found.end <= ctx.layout.clause(q.start)[0]) and (own := _own_rate(ctx, q)):
        return own
    candidates = [found] if found else []
    if (
        before is not None
        and before.indicator != "other"
        and not (before.indicator == "deadline" and bound is not None and bound.comparator in (">", ">="))
        and not _RESULT.match(ctx.n[ctx.layout.clause(q.start)[0] : q.start])
    ):
        candidates.append(Measure(before.indicator, before.start, before.end, 5.0))
    if deadline := _deadline(q, bound):
        candidates.append(deadline)
    if column := _column(ctx, q):
        candidates.append(column)
    sets = (
        q.kind == "duration"
        or bound is None
        or bound.comparator in ("==", "between")
        or (bound.comparator == "<=" and bound.word not in ("未超过", "未逾"))
        or bound.end <= ctx.layout.clause(q.start)[0]
    )
    if sets and (not candidates or max(c.score for c in candidates) < 3) and (head := _chapeau(ctx, q)):
        candidates.append(head)
    if not candidates and (usual := _usual(q)):
        candidates.append(usual)
    best = max(candidates, key=lambda m: m.score, default=Measure("other", q.start, q.start, 0))
    return _capped(ctx, q, bound, _refined(ctx, q, best))


def named_subject(ctx: Context, measure: Measure) -> Span:
    """The indicator words with what they are about, where they do not say so themselves: 检查 of 检查覆盖率."""
    bare = _BARE.match(ctx.n[measure.start : measure.end])
    start = max(ctx.layout.clause(measure.start)[0], measure.start - 16)
    ahead = (_SUBJECT if bare else _QUALIFIED).search(ctx.n, start, measure.start)
    return (ahead.start() if ahead else measure.start), measure.end


def _own_rate(ctx: Context, q: Quantity) -> Measure | None:
    """A rate that the clause names and no table knows: 参保率达到98%，住院率控制在18%以内."""
    if q.kind != "percent":
        return None
    named = _OWN_RATE.search(ctx.n, max(ctx.layout.clause(q.start)[0], q.start - 24), q.start)
    return Measure("other", *named.span("name"), 3.0) if named else None


def _deadline(q: Quantity, bound: Bound | None) -> Measure | None:
    if bound is None or bound.word is None or q.kind not in ("duration", "date"):
        return None
    if _AGE.search(q.quote):
        return None
    if bound.word in ("内", "之内", "以内", "前", "之前", "以前") and (
        q.unit in ("day", "workday", "hour", "date", "month", "year")
    ):
        strength = {"day": 14.0, "workday": 16.0, "hour": 14.0, "date": 16.0, "month": 9.0}.get(q.unit, 7.0)
        return Measure("deadline", bound.start, bound.end, strength)
    return None


def _chapeau(ctx: Context, q: Quantity) -> Measure | None:
    """The indicator that the words ahead of a list name for its items."""
    provision = ctx.provision(q.start)
    head = ctx.chapeau(provision) if provision else None
    if head is None:
        return None
    fits = [
        (m.end - m.start - 4 * m.item.weak - 2 * (q.kind != m.item.kinds[0]) - (head[1] - m.end) * 0.1, m)
        for m in ctx.indicators.between(*head)
        if q.kind in m.item.kinds and m.item.key != "growth_rate" and not _refers(ctx, m)
    ]
    if not fits:
        return None
    best = max(fits, key=lambda fit: fit[0])[1]
    return Measure(best.item.key, best.start, best.end, 3.0)


def _column(ctx: Context, q: Quantity) -> Measure | None:
    """The indicator that the head of a table column names for the numbers below it."""
    head = find_column_head(ctx.n, q.start)
    if head is None:
        return None
    fits = [m for m in ctx.indicators.between(*head) if q.kind in m.item.kinds]
    if not fits:
        return None
    best = max(fits, key=lambda m: m.end - m.start)
    return Measure(best.item.key, best.start, best.end, 30.0)


def _usual(q: Quantity) -> Measure | None:
    """What a count unit measures when no word says so: institutions are counted in 家, visits in 人次, cases in 件."""
    key = {
        "家": "institution_count",
        "所": "institution_count",
        "家次": "case_count",
        "人次": "beneficiary_count",
        "名": "staff_count",
        "件": "case_count",
        "起": "case_count",
        "例": "case_count",
        "笔": "case_count",
        "宗": "case_count",
    }.get(q.unit)
    return Measure(key, q.start, q.start, 0.5) if key and q.kind == "count" else None


def _best(ctx: Context, q: Quantity, index: int, start: int, end: int) -> Measure | None:
    """The best-placed indicator word of the sentence `[start, end)`."""
    clause = ctx.layout.clause(q.start)
    following = ctx.quantities[index + 1].start if index + 1 < len(ctx.quantities) else end
    regulation = ctx.mode(q.start) == "regulation"
    kind = "percent" if regulation and q.kind == "percentage_point" else q.kind
    behind = _pair_end(ctx, index)
    best: Measure | None = None
    for mention in ctx.indicators.between(max(start, q.start - 80), min(end, behind + 20)):
        item = mention.item
        if kind not in item.kinds or (item.units and q.kind == "count" and q.unit not in item.units):
            continue
        if (regulation and item.key == "growth_rate") or _refers(ctx, mention):
            continue
        if item.weak and item.key == "contribution_rate" and "费" not in ctx.n[start:end]:
            continue
        if item.after:
            if (
                mention.start < behind
                or mention.end > max(clause[1], behind)
                or (mention.start >= following and behind == q.end)
            ):
                continue
            score = _score_after(mention, behind)
        elif mention.end <= q.start:
            if item.kinds[0] == "money" and q.kind in _BASED and ctx.n[mention.end : q.start] in ("", "的", "之"):
                continue  # the base of the ratio, not its measure
            score = _score_before(ctx, mention, q, index)
        else:
            continue
        if item.kinds[0] != kind:
            if item.key == "contribution_base" and not _bases(ctx, q, mention):
                continue
            score -= 3
        if (
            best is None
            or score > best.score
            or (score == best.score and mention.end - mention.start > best.end - best.start)
        ):
            best = Measure(item.key, mention.start, mention.end, score)
    return best


def _refers(ctx: Context, mention: Mention[Indicator]) -> bool:
    """Whether a threshold is only referred to: 起付标准以上的费用."""
    return mention.item.key in ("deductible", "payment_cap") and ctx.n[mention.end : mention.end + 2] in _SIDES


def _bases(ctx: Context, q: Quantity, mention: Mention[Indicator]) -> bool:
    """Whether a percentage bounds the contribution base itself rather than being taken of it."""
    subject = ctx.n[mention.start : mention.end].endswith("基数") and _BOUNDED.match(
        ctx.n[mention.end : mention.end + 6]
    )
    return bool(subject or _AS_BASE.match(ctx.n[q.end : q.end + 20]))


def _pair_end(ctx: Context, index: int) -> int:
    """Where the words behind a quantity begin: behind M in N以上M以下."""
    q = ctx.quantities[index]
    if index + 1 < len(ctx.quantities):
        after = ctx.quantities[index + 1]
        if after.kind == q.kind and ctx.n[q.end : after.start] in ("以上", "至", "到", "以上至"):
            return after.end
    return q.end


def _score_after(mention: Mention[Indicator], end: int) -> float:
    gap = mention.start - end
    return (12 if gap == 0 else 8) + 2.0 * min(mention.end - mention.start, 6) - 1.6 * gap


def _score_before(ctx: Context, mention: Mention[Indicator], q: Quantity, index: int) -> float:
    gap = q.start - mention.end
    score = 8 + 2.2 * min(mention.end - mention.start, 7) - 0.35 * gap
    breaks = ctx.layout.clauses_between(mention.end, q.start)
    if breaks and ctx.n[mention.end] in "(（":
        breaks -= 1
    score -= 4.0 * breaks
    if mention.item.weak:
        score -= 20 if mention.item.key == "wage_multiple" else 8
    if breaks and _RESULT.match(ctx.n[ctx.layout.clause(q.start)[0] : q.start]):
        score -= 12
    if mention.item.key == "growth_rate":
        if gap > 7 or ctx.n[mention.end : mention.end + 1] in "到至":
            return -50.0
        score += 8
    if mention.item.key == "institution_count" and gap > 6:
        return -50.0
    if mention.item.key == "share" and ctx.layout.clauses_between(mention.end, q.start) == 0:
        score += 4
    return score - 9.0 * _rivals(ctx, mention.end, q, index)


def _rivals(ctx: Context, start: int, q: Quantity, index: int) -> int:
    """How many quantities of the same kind stand between an indicator word and `q`."""
    count = 0
    while index > 0 and ctx.quantities[index - 1].start >= start:
        index -= 1
        count += ctx.quantities[index].kind == q.kind
    return count


def _refined(ctx: Context, q: Quantity, measure: Measure) -> Measure:
    """The indicator corrected by what the words around it imply."""
    key = measure.indicator
    clause, _ = ctx.layout.clause(q.start)
    ahead = ctx.n[max(clause, q.start - 24) : q.start]
    if q.kind == "percent":
        key = _percent_key(ctx, q, measure, ahead)
    elif q.kind == "ratio" and key == "other" and _PORTION.match(ctx.n, q.end):
        key = "share"
    elif q.kind == "duration" and _LAPSES.match(ctx.n, q.end):
        key = "deadline"
    elif q.kind == "duration" and _in_wages(ctx, q, key):
        key = "wage_multiple"
    elif q.kind == "date" and key == "other":
        key = "deadline"
    elif q.kind == "money":
        if key == "individual_contribution" and q.per is None and len(q.value.split(".")[0]) >= 5:
            key = "fund_revenue"
        elif ahead.endswith("人均") and key in ("other", "budget", "fund_expenditure", "fund_revenue"):
            key = "funding_standard"
    return measure if key == measure.indicator else Measure(key, measure.start, measure.end, measure.score)


def _in_wages(ctx: Context, q: Quantity, key: str) -> bool:
    """Whether months count wages: 五十四个月的职工月平均工资; 以月平均工资为基数计算，标准为…十六个月."""
    if q.unit != "month":
        return False
    if _OF_WAGES.match(ctx.n[q.end : q.end + 30]):
        return True
    line = ctx.n.rfind("\n", 0, q.start) + 1
    return key == "benefit_amount" and bool(_WAGE_BASE.search(ctx.n, line, q.start))


def _capped(ctx: Context, q: Quantity, bound: Bound | None, measure: Measure) -> Measure:
    """A benefit that is bounded above is a cap on it: 补助最高不超过十万元, 最多不超过六个月的失业保险金."""
    if bound is None or bound.comparator != "<=" or bound.word is None or not _CAPS.search(bound.word):
        return measure
    paid = measure.indicator == "benefit_amount" or (q.kind == "duration" and _PAID_IN.match(ctx.n[q.end : q.end + 14]))
    return Measure("payment_cap", measure.start, measure.end, measure.score) if paid else measure


def _percent_key(ctx: Context, q: Quantity, measure: Measure, ahead: str) -> str:
    named = _NAMED_RATE.search(ahead)
    if named and not measure.start <= q.start - len(ahead) + named.end("name") - 1 < measure.end:
        return "other"
    if measure.indicator in ("share", "other", "cumulative_surplus_ratio"):
        sentence, _ = ctx.layout.sentence(q.start)
        text = ctx.n[max(sentence, q.start - 60) : q.start]
        subject = text[: text.rfind("占")] if "占" in text and _REVENUE.search(text, text.rfind("占")) else ""
        if measure.indicator not in ("share", "other"):
            subject = ctx.n[max(sentence, measure.start - 16) : measure.end]
        if measure.indicator == "share" and _DUE.search(text, max(0, text.rfind("占"))):
            return "participation_rate"
        if found := [*_SURPLUS.finditer(subject)]:
            own = re.split(r"[，,。；;]", subject[: found[-1].start()])[-1]
            return "annual_surplus_ratio" if _YEARLY.search(own) and "累计" not in own else "cumulative_surplus_ratio"
    if measure.indicator == "allocation_ratio" and _RESERVE.search(ctx.n, ctx.layout.sentence(q.start)[0], q.start):
        return "reserve_fund_ratio"
    if measure.indicator == "other" and (_PORTION.match(ctx.n, q.end) or _OF_A_SUM.search(ahead)):
        return "share"
    return measure.indicator


def find_base(ctx: Context, q: Quantity, floor: int) -> Span | None:
    """The words a ratio is a ratio of, from the same clause and not before `floor`."""
    if q.kind not in _BASED:
        return None
    start, _ = ctx.layout.clause(q.start)
    start = max(start, floor, q.start - 48)
    for pattern in _BASES:
        if match := pattern.search(ctx.n, start, q.start):
            span = _trimmed(ctx.n, *match.span("base"))
            if span[1] - span[0] >= 2:
                return span
    sentence, _ = ctx.layout.sentence(q.start)
    for pattern in _STATED_BASES:
        found = list(pattern.finditer(ctx.n, max(sentence, q.start - 80), q.start))
        if found:
            return found[-1].span("base")
    return None


_LEAD = re.compile(
    r"^.*(?:按照|按|相当于|不得超过|不超过|不高于|不低于|达到|应当|处以|处|加收|减收|预支|递减|递增|为|以|占)其?(?=..)"
)


def _trimmed(n: str, start: int, end: int) -> Span:
    lead = _LEAD.match(n[start:end])
    if lead and lead.end() < end - start - 1:
        start += lead.end()
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
