"""The modality of a bound: what kind of rule a clause with a number lays down."""

from __future__ import annotations

import re

from ingest.extract.bounds import Bound
from ingest.extract.context import Context
from ingest.extract.measures import Measure
from ingest.extract.roles import is_quoted_bound, is_wished
from ingest.extract.rows import find_column_head
from ingest.extract.vocabulary import Mention
from ingest.records import Comparator, Modality, Quantity

_PENAL = re.compile(r"罚款|罚锾|滞纳金|罚金|违约金")
_CAP = re.compile(r"最高|最长|最多|至多|为限|封顶|上限|为上限|限额|限$")
_FORBID = re.compile(r"不得|严禁|禁止|不准|不应")
_PAYS = re.compile(
    r"支付|报销|报(?=\d|百分)|发给|加给|给付|补偿|发放|享受|请领|承担|计发|支给|补助(?![金费标])|救助(?![金标])"
)
_BENEFITS = frozenset({"reimbursement_ratio", "benefit_rate", "benefit_amount"})
_STANDARDS = frozenset(
    {
        "contribution_rate",
        "copay_ratio",
        "funding_standard",
        "individual_contribution",
        "fiscal_subsidy",
        "deductible",
        "payment_cap",
        "contribution_base",
        "settlement_quota",
        "budget",
        "reserve_fund_ratio",
        "allocation_ratio",
        "markup_rate",
        "annual_surplus_ratio",
        "cumulative_surplus_ratio",
        "reserve_months",
        "interest_rate",
        "contribution_period",
        "benefit_period",
        "retention_period",
    }
)
_LEADS = re.compile(r"(?:提前|满前|期前)\s?$")
_STRENGTH: tuple[Modality, ...] = (
    "penalty",
    "prohibition",
    "obligation",
    "permission",
    "standard",
    "entitlement",
    "definition",
    "target",
)
_CONDITIONS = re.compile(r"情形|条件|情况")
_MET = re.compile(r"(?:达到|高于|高出|超过|低于|未达|完成|离|距|差)[^，,。；;]{0,14}(?:要求|目标|任务)\s?[(（]$")
_OUGHT = re.compile(r"应当|必须|应")
_BARE_LIMITS = frozenset({"不超过", "最长不超过", "最长", "一般不超过"})
_SAID_BARE = frozenset({"不超过", "不超", "不高于", "控制在", "不大于", "不多于"})
_LAPSE = re.compile(r"消灭|失效|终止(?!或|、|劳动|解除|合同|聘)|自动|届满")
_SET = re.compile(r"(?:标准[为是按]|调整为|增发|递[增减])[^，,。；;]{0,16}$")
_COUNTED_OUT = re.compile(r"计发|计算")
_MAY_DRAW = re.compile(r"可以?(?:预支|预借|提取|提出|预留)|可以按[^，,。；;]{0,20}$")
_GRANTS = re.compile(r"补助(?![金费款对标办])|发给|给与|予以救助|给予救助")
_IMPOSED = re.compile(r"[加征收处][^，,。；;]{0,8}$|从[^，,。；;]{0,10}中$")
_REACHES = re.compile(r"达|到|稳定在|保持在|不低于|实现|完成|力争|确保|提高|覆盖|纳入|参加|选择")
_DEMANDED = re.compile(r"(?:要求|任务|目标)的\s?$")
_CEILING = re.compile(r"的?(?:上限|最高限|限额|封顶线)")
_FLOOR = re.compile(r"的?(?:下限|最低限)")
_LISTS = re.compile(r"[下左]列|以下|如下")
_NAMES = re.compile(r"所称")
_IN_PRINCIPLE = re.compile(r"为(?:原则|准)")
_ENJOYS = re.compile(r"领取|享受|发给|给与|请领|给予")
_GOES_ON = re.compile(r"照发|享受|继续")
_AT_LEAST = re.compile(r"至少|不少于|最少")
_EXTENDS = re.compile(r"(?:延长|宽限)\s?$")
_AIMED = frozenset({"percent", "count", "multiple", "ratio", "percentage_point"})


def modality_of(ctx: Context, q: Quantity, bound: Bound | None, measure: Measure) -> Modality:
    """The modality of the rule that `q` bounds."""
    clause = ctx.layout.clause(q.start)
    sentence = ctx.layout.sentence(q.start)
    around = ctx.n[clause[0] : clause[1]]
    if measure.indicator in ("penalty_amount", "penalty_multiple", "late_fee_rate") or _PENAL.search(
        ctx.n, q.end, min(clause[1], q.end + 12)
    ):
        return "penalty"
    word = bound.word if bound and bound.word else ""
    if (
        _FORBID.match(word)
        or (
            _FORBID.search(ctx.n, max(clause[0], q.start - 16), q.start)
            and (bound is None or bound.comparator in ("<=", ">="))
        )
        or (bound is not None and bound.start >= q.end and _FORBID.match(ctx.n, bound.end))
    ):
        return "prohibition"
    if (
        (is_wished(ctx, q) or (ctx.mode(q.start) == "plan" and _is_aimed_at(ctx, q, bound, measure)))
        and measure.indicator not in _STANDARDS
        and q.kind in _AIMED
    ):
        return "target"
    if ctx.mode(q.start) == "report" and q.kind == "percent" and _DEMANDED.search(ctx.n, max(0, q.start - 6), q.start):
        return "target"
    if is_wanted(ctx, q) or (is_wished(ctx, q) and q.kind == "duration"):
        return "target"
    if word and _CAP.match(word):
        return "standard"
    own = any(m.item for m in ctx.modals.between(clause[0], q.start))
    bidden = any(m.item in ("obligation", "prohibition") for m in ctx.modals.between(*clause))
    if not own and (governing := _conditional(ctx, q)):
        return governing
    if (
        measure.indicator == "deadline"
        and q.kind == "date"
        and ctx.mode(q.start) == "plan"
        and not bidden
        and q.value[:3] != "---"
    ):
        return "target"
    if measure.indicator == "deadline":
        return _deadline_modality(ctx, q, sentence, word)
    if measure.indicator == "benefit_period" and bound is not None and _GOES_ON.match(ctx.n[bound.end : bound.end + 4]):
        return "entitlement"
    if measure.indicator == "suspension_period":
        return "penalty"
    if q.kind == "percentage_point":
        return "standard"
    if measure.indicator in _BENEFITS:
        if bound is not None and bound.comparator == ">=" and _OUGHT.search(_head(ctx, q) + ctx.n[clause[0] : q.start]):
            return "obligation"
        ahead = ctx.n[clause[0] : q.start]
        if _MAY_DRAW.search(ahead):
            return "permission"
        if _SET.search(ahead) or _COUNTED_OUT.match(ctx.n, q.end) or _IN_PRINCIPLE.match(ctx.n, q.end):
            return "standard"
        paid = _PAYS.search(ctx.n, sentence[0], q.end) or _PAYS.search(around) or _PAYS.search(_head(ctx, q))
        return "entitlement" if paid else "standard"
    if measure.indicator == "wage_multiple" and bound is None:
        return "standard"
    if q.kind == "count" and q.per and not any(m.item for m in ctx.modals.between(*clause)):
        return "obligation"
    if _is_condition(ctx, clause, sentence) and word:
        governing = _governing(ctx, q, sentence, after_first=True)
        return governing or ("entitlement" if _GRANTS.search(ctx.n, q.end, sentence[1]) else "standard")
    if measure.indicator in ("allocation_ratio", "reserve_fund_ratio") and _MAY_DRAW.search(ctx.n, clause[0], q.start):
        return "permission"
    if measure.indicator in _STANDARDS and not _condition(bound) and not _floats(ctx, q, word):
        return "standard"
    if word in _SAID_BARE and not own:
        return "standard"
    governing = _governing(ctx, q, sentence)
    if governing is None and _qualifies(bound) and _GRANTS.search(ctx.n, q.end, sentence[1]):
        return "entitlement"
    return governing or "standard"


def _is_aimed_at(ctx: Context, q: Quantity, bound: Bound | None, measure: Measure) -> bool:
    """Whether a plan names `q` as what is to be reached, not as a rate it sets or a limit it draws."""
    if q.kind not in ("percent", "ratio"):
        return True
    ahead = ctx.n[ctx.layout.clause(q.start)[0] : q.start]
    if bound is not None and bound.comparator == "<=" and measure.indicator in ("share", "growth_rate", "other"):
        return False
    sets = measure.indicator in (*_BENEFITS, "share", "other") and bound is None
    return not sets or bool(_REACHES.search(ahead))


def _qualifies(bound: Bound | None) -> bool:
    """Whether the number says who qualifies: 未达…一点五倍之老人，全额补助."""
    return bound is not None and bound.comparator not in ("==", "between") and bound.word is not None


def _conditional(ctx: Context, q: Quantity) -> Modality | None:
    """The modality that the words ahead of a list of conditions give its items (有下列情形之一者，应调整)."""
    head = ctx.list_head(q.start)
    if head is None or not _CONDITIONS.search(ctx.n, *head):
        return None
    if _NAMES.search(ctx.n, *head):
        return "definition"
    listed = _LISTS.search(ctx.n, *head)
    after = [m.item for m in ctx.modals.between(listed.end(), head[1]) if m.item] if listed else []
    found = set(after[:1]) or {m.item for m in ctx.modals.between(*head)}
    governing = next((modality for modality in _STRENGTH if modality in found), None)
    return governing or ("entitlement" if _ENJOYS.search(ctx.n, *head) else None)


def _head(ctx: Context, q: Quantity) -> str:
    """The words ahead of the list, or at the head of the table column, that `q` stands in."""
    if column := find_column_head(ctx.n, q.start):
        return ctx.n[column[0] : column[1]]
    head = ctx.list_head(q.start)
    return ctx.n[head[0] : head[1]] if head else ""


def _is_condition(ctx: Context, clause: tuple[int, int], sentence: tuple[int, int]) -> bool:
    """Whether the clause states when the rest of the sentence applies: …低于6个月的，应当…"""
    return clause[1] < sentence[1] and ctx.n[clause[1] - 1] in "的者时"


def _floats(ctx: Context, q: Quantity, word: str) -> bool:
    """Whether the number is a latitude: 可以在基准费率的50%至150%范围内浮动."""
    return word == "范围内" or (q.high is not None and ctx.n[q.end : q.end + 3] == "范围内")


def _condition(bound: Bound | None) -> bool:
    return bound is not None and bound.word in ("满", "年满", "以上", "已满", "合计满", "届满")


def _deadline_modality(ctx: Context, q: Quantity, sentence: tuple[int, int], word: str) -> Modality:
    if _LAPSE.search(ctx.n, q.end, min(sentence[1], q.end + 14)):
        return "standard"
    if word in _BARE_LIMITS and not any(m.item for m in ctx.modals.between(*ctx.layout.clause(q.start))):
        return "standard"
    governing = _governing(ctx, q, sentence)
    if governing == "prohibition":
        return governing
    if governing == "entitlement" and ctx.n[ctx.layout.clause(q.start)[1] - 1] in "的者":
        return governing
    return governing if governing in ("permission", "obligation") else "obligation"


def _governing(ctx: Context, q: Quantity, sentence: tuple[int, int], after_first: bool = False) -> Modality | None:
    """The deontic word that governs `q`: the nearest one after it in its sentence, else before it, else in the
    words ahead of its list."""
    after = [m for m in ctx.modals.between(q.end, sentence[1]) if m.item and not _owed(ctx, m)]
    before = [m for m in ctx.modals.between(sentence[0], q.start) if m.item and not _owed(ctx, m)]
    start, end = ctx.layout.clause(q.start)
    own = [m for m in before if m.start >= start][-1:] + [m for m in after if m.end <= end][:1]
    nearest = [*own, *(after[:1] + before[-1:] if after_first else before[-1:] + after[:1])]
    for mention in nearest:
        return mention.item  # type: ignore[return-value]
    head = ctx.list_head(q.start)
    if head:
        found = [m for m in ctx.modals.between(*head) if m.item]
        if found:
            return found[-1].item  # type: ignore[return-value]
    return None


def _owed(ctx: Context, mention: Mention[str]) -> bool:
    """Whether a sum is only spoken of, not imposed: 积欠保险费及滞纳金."""
    return ctx.n[mention.start : mention.end] in ("滞纳金", "违约金", "扣除") and not _IMPOSED.search(
        ctx.n, max(0, mention.start - 12), mention.start
    )


def comparator_of(ctx: Context, q: Quantity, bound: Bound | None, measure: Measure) -> Comparator:
    """The comparator of a rule: the one the words say, else the usual one of its indicator.

    Where a report says that a figure passed or kept what is set (超过规定的30日, 未超过25%的上限), it is a ceiling.
    """
    if ctx.mode(q.start) != "regulation" and bound is None:
        if _CEILING.match(ctx.n, q.end):
            return "<="
        if _FLOOR.match(ctx.n, q.end) or _DEMANDED.search(ctx.n, max(0, q.start - 6), q.start):
            return ">="
    if ctx.mode(q.start) != "regulation" and is_quoted_bound(ctx, q) and bound is not None:
        if bound.comparator in (">", "<="):
            return "<="
        if bound.comparator == "<" and bound.word == "少于":
            return "<=" if q.kind == "duration" else "=="
        return ">="
    if bound is None and q.unit == "次" and _AT_LEAST.search(ctx.n, ctx.layout.clause(q.start)[0], q.start):
        return ">="
    if bound is not None:
        if measure.indicator == "payment_cap" and bound.word in ("达", "达到"):
            return "<="
        return bound.comparator
    if measure.indicator in ("payment_cap", "staff_count") and q.kind != "date":
        return "<="
    if _LEADS.search(ctx.n, max(0, q.start - 4), q.start):
        return "=="
    if _EXTENDS.search(ctx.n, max(0, q.start - 3), q.start):
        return "=="
    if q.kind == "date" and ctx.n.startswith(("止", "为止"), q.end):
        return "<="
    if measure.indicator == "deadline" and not _LAPSE.search(ctx.n[q.end : q.end + 14]):
        return "<="
    return ">=" if is_wanted(ctx, q) else "=="


def is_wanted(ctx: Context, q: Quantity) -> bool:
    """Whether `q` stands in brackets behind a requirement that was met: 达到要求(95%)."""
    return bool(_MET.search(ctx.n, max(0, q.start - 24), q.start))
