"""What a number measures: the indicator word that is placed best, and what holds without one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.extract.bases import RATIOS
from ingest.extract.bounds import Bound
from ingest.extract.context import Context, Span
from ingest.extract.implied import capped_indicator, implied_indicator
from ingest.extract.rows import find_column_head
from ingest.extract.vocabulary import Indicator, Mention
from ingest.lexicon.pack_checks import canonical_keys
from ingest.records import Quantity

_BOUNDED = re.compile(r"不得|不低|不高|上限|下限|最低|最高|低于|高于|按|为|的上|的下")
_AS_BASE = re.compile(r"^[^，,。；;]{0,12}(?:基数|核定|计算缴费)")
_RESULT = re.compile(r"\s?(?:为|按|给予|发给|增加|支付)")
_SIDES = frozenset({"以上", "以下", "以内", "以外"})
_PACE = re.compile(r"增幅|涨幅|增速|增长率|(?:增长|上涨|提高)(?:幅度|速度)")
_BARE = re.compile(r"覆盖[率面]$|占比$|增[长幅速]|涨幅|上[涨升]")
_QUALIFIED = re.compile(
    r"(?:实际|(?:政策|目录|报销)范围内|合规)[^，,。；;\d]{0,8}$|(?:用人单位|单位|个人|职工|企业|雇主)$|(?:中央|[省市县区])(?:本?级)?$"
)
_SUBJECT = re.compile(r"[一-鿿]{1,10}$")
_AGE = re.compile(r"[岁龄]")
_REPEATS = re.compile(r"连续|累计|曾|再次|又|有[两二三]次|发生|未发生")
_CONFIRMED = re.compile(r"^(?:确定|核定|核算|计算|计征|作为)")
_FOLLOWS = re.compile(r"[的者][，,]?(?:为|给付|发给|给与|计)\s?$")
_DUES = re.compile(r"费|保险金|公积金|退休金")
_GROWTH = ("成长率", "增长率", "上涨率", "涨率", "增幅率")
_OF_AMOUNT = re.compile(r"(?:标准|总?额|金额)?[的之]?$")

_OWN_NOUN = re.compile(
    r"(?P<name>[一-鿿]{2}(?<![于少超过低高有共达到配备设为])(?<!不得))(?:应当?|须|要|共|仅|只有|现有|有|为|达到?|不(?:得|应)?[少低多]于|不(?:得|应)?超过|至少){0,4}\s?$"
)
_OWN_RATE = re.compile(
    r"(?P<name>[一-鿿]{1,8}?(?<![比利税费汇汯效])率)(?:要|应当?|须|均|已)?(?:[为是约]|达到?|控制在|稳定在|保持在|提高到|降低?到|降至|(?:不得?|不应)?(?:低于|高于|超过))?\s?$"
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
    if result := _result(ctx, q, bound):
        return result
    found = _best(ctx, q, index, *ctx.layout.sentence(q.start))
    if (found is None or found.end <= ctx.layout.clause(q.start)[0]) and (own := _own_rate(ctx, q)):
        return own
    candidates = [found] if found else []
    if (
        before is not None
        and (before.indicator != "other" or before.start < before.end)
        and (q.kind != "count" or q.unit == ctx.quantities[index - 1].unit)
        and not (before.indicator == "deadline" and bound is not None and bound.comparator in (">", ">="))
        and not (_RESULT.match(ctx.n[ctx.layout.clause(q.start)[0] : q.start]) and not _confirms(ctx, q, before))
    ):
        candidates.append(Measure(before.indicator, before.start, before.end, 5.0))
    if deadline := _deadline(ctx, q, bound):
        candidates.append(deadline)
    if column := _column(ctx, q):
        candidates.append(column)
    sets = (
        bound is None
        or bound.comparator in ("==", "between")
        or (bound.comparator == "<=" and bound.word not in ("未超过", "未逾"))
        or bound.end <= ctx.layout.clause(q.start)[0]
    )
    if (sets or q.kind == "duration") and (not candidates or max(c.score for c in candidates) < 3):
        candidates += filter(None, [_chapeau(ctx, q, of_kind=not sets)])
    if not candidates and (usual := _usual(q)):
        candidates.append(usual)
    best = max(candidates, key=lambda m: m.score, default=Measure("other", q.start, q.start, 0))
    return _implied(ctx, q, bound, best)


def _confirms(ctx: Context, q: Quantity, before: Measure) -> bool:
    """Whether a base is set at the bound just named: 低于平均工资60%的，按照60%确定."""
    return before.indicator == "contribution_base" and bool(_CONFIRMED.match(ctx.n[q.end : q.end + 4]))


def named_subject(ctx: Context, measure: Measure) -> Span:
    """The indicator words with what they are about, where they do not say so themselves: 检查 of 检查覆盖率."""
    bare = _BARE.match(ctx.n[measure.start : measure.end])
    start = max(ctx.layout.clause(measure.start)[0], measure.start - 16)
    ahead = (_SUBJECT if bare else _QUALIFIED).search(ctx.n, start, measure.start)
    return (ahead.start() if ahead else measure.start), measure.end


def own_noun(ctx: Context, q: Quantity) -> Span | None:
    """What a count of no indicator counts, by the noun ahead: 床位 of 床位不少于100张."""
    if q.kind != "count":
        return None
    named = _OWN_NOUN.search(ctx.n, max(ctx.layout.clause(q.start)[0], q.start - 20), q.start)
    return named.span("name") if named else None


def _own_rate(ctx: Context, q: Quantity) -> Measure | None:
    """A rate that the clause names and no table knows: 参保率达到98%，住院率控制在18%以内."""
    if q.kind != "percent":
        return None
    named = _OWN_RATE.search(ctx.n, max(ctx.layout.clause(q.start)[0], q.start - 24), q.start)
    if named is None:
        return None
    return Measure("growth_rate" if named["name"].endswith(_GROWTH) else "other", *named.span("name"), 3.0)


def _deadline(ctx: Context, q: Quantity, bound: Bound | None) -> Measure | None:
    if bound is None or bound.word is None or q.kind not in ("duration", "date"):
        return None
    if _AGE.search(q.quote) or (bound.end > q.end and _REPEATS.match(ctx.n, bound.end)):
        return None
    if bound.word in ("内", "之内", "以内", "前", "之前", "以前") and (
        q.unit in ("day", "workday", "hour", "date", "month", "year")
    ):
        strength = {"day": 14.0, "workday": 16.0, "hour": 14.0, "date": 16.0, "month": 9.0}.get(q.unit, 7.0)
        return Measure("deadline", bound.start, bound.end, strength)
    return None


def _result(ctx: Context, q: Quantity, bound: Bound | None) -> Measure | None:
    """The indicator of what follows from a condition in a list: (一)缴费年限满一年的，为三个月."""
    if q.kind != "duration" or bound is not None:
        return None
    clause, _ = ctx.layout.clause(q.start)
    if not _FOLLOWS.search(ctx.n, max(0, clause - 2), q.start):
        return None
    provision = ctx.provision(q.start)
    own = ctx.indicators.between(provision.start, q.start) if provision else []
    head = _chapeau(ctx, q, frozenset(m.item.key for m in own))
    return head and _implied(ctx, q, bound, head)


def _chapeau(
    ctx: Context, q: Quantity, conditions: frozenset[str] = frozenset(), of_kind: bool = False
) -> Measure | None:
    """The indicator that the words ahead of a list name for its items; not one of its `conditions`.

    With `of_kind` only an indicator whose usual kind is that of `q` counts.
    """
    head = ctx.list_head(q.start)
    if head is None:
        return None
    fits = [
        (m.end - m.start - 4 * m.item.weak - 2 * (q.kind != m.item.kinds[0]) - (head[1] - m.end) * 0.1, m)
        for m in ctx.indicators.between(*head)
        if q.kind in m.item.kinds
        and m.item.key != "growth_rate"
        and m.item.key not in conditions
        and (not of_kind or m.item.kinds[0] == q.kind)
        and not _refers(ctx, m)
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
        grows = regulation and item.key == "growth_rate" and not _PACE.match(ctx.n, mention.start)
        if grows or _refers(ctx, mention):
            continue
        if item.weak and item.key == "contribution_rate" and not _DUES.search(ctx.n, start, end):
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
            if item.kinds[0] == "money" and q.kind in RATIOS and _OF_AMOUNT.match(ctx.n[mention.end : q.start]):
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


def _implied(ctx: Context, q: Quantity, bound: Bound | None, measure: Measure) -> Measure:
    """The measure with the indicator that the words around it imply; what a pack names is named for good."""
    if measure.indicator not in canonical_keys():
        return measure
    key = implied_indicator(ctx, q, bound, measure.indicator, (measure.start, measure.end))
    key = capped_indicator(ctx, q, bound, key)
    return measure if key == measure.indicator else Measure(key, measure.start, measure.end, measure.score)
