"""Whether a number is reported as a fact, laid down as a rule, both, or neither."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.extract.bounds import Bound
from ingest.extract.context import Context
from ingest.extract.measures import Measure
from ingest.records import Quantity

_LIMITING = frozenset(
    {
        "不得超过",
        "不超过",
        "不超",
        "不得突破",
        "不得高于",
        "不高于",
        "不能超过",
        "不低于",
        "不得低于",
        "不少于",
        "不得少于",
        "不应少于",
        "最高",
        "最长",
        "最多",
        "至多",
        "最高不超过",
        "最长不超过",
        "最长不得超过",
        "最多不超过",
        "控制在",
        "控费在",
        "限",
        "为限",
        "封顶",
        "的封顶",
        "至少",
        "最低",
        "上限为",
        "下限为",
        "为上限",
        "至迟",
        "不迟于",
        "不得逾",
    }
)
_SUPERLATIVE = frozenset({"最高", "最长", "最多", "最低", "至少", "限"})
_WANTED = re.compile(r"(?:要求|标准|目标|任务|封顶线|限额|上限|规定)\s?[(（]$")
_QUOTED_BEHIND = re.compile(
    r"^(?:以[上下内]|前|内)?的?(?:规定|国家规定|法定|红线|警戒线|控制线|控制目标|控制指标|要求)(?:标准|上限|下限|期限|比例|时限|时间|要求|限额)?"
)
_QUOTED_AHEAD = re.compile(
    r"(?:规定|要求|约定)的(?:最高|最低)?\s?$|(?:控制|考核|预期|约束性)(?:指标|目标|标准)(?:为|是|的)?\s?$"
)
_WISHED = re.compile(r"力争|确保|争取|应达|目标|下一步|计划到|到20\d\d年(?:底|末)")
_LASTED = re.compile(
    r"(?:为|已(?:发给|领取|享受|支付)|用时|迟延|延迟|逾期|平均|仅|达到?|超期|历时|耗时|缩短至?|延长至?|最长为|保持在|维持在|可支付)[约近]?\s?$"
)
_OFFERED = re.compile(r"(?:最高|最低)?可(?:以)?(?:报销|支付|补偿|补助|享受)[^，,。；;\d]{0,6}$")
_OUGHT = re.compile(r"原则上|应当|应|须|必须|要(?!求)")
_EXCESS = re.compile(r"超(?:过|出)?[^，,。；;]{0,16}(?:最高|规定|限额|标准|上限)[^，,。；;]{0,6}$")
_NORM = re.compile(r"(?:规定|要求|政策)的?(?:最高|最低|标准|比例|上限|下限|[^，,。]{0,10}(?:为|是))[^，,。]{0,12}$")
_BENEFIT = re.compile(
    r"(?:基金|统筹|医保)(?:支付|承担|报销|负担)(?:比例)?\s?$|(?:个人|患者)(?:先)?(?:自行)?(?:承担|负担|自付|支付)\s?$|先自付\s?$|个人负担\s?$"
)
_RATE = re.compile(r"(?:按|提取|补齐)[^，,。]{0,16}的?$")
_STANDARD_AHEAD = re.compile(r"(?:标准|定额)(?:为|是|统一为)?(?:每[生人月年日]{1,2}|人均|年){0,4}\s?$")
_STANDARD_BEHIND = re.compile(r"^的?(?:标准|定额|限额|统筹支付)")
_DUTY = re.compile(r"应|须|必须|要(?!求)|不得|由[^，,。]{1,16}负责|于$")
_PAID = re.compile(r"^[^，,。；;]{0,8}(?:拨付|到位|补[足齐]|缴纳|缴清|上解|划拨|支付|兑现|下达|结清)")
_ACHIEVE = re.compile(
    r"达到|力争|确保|完成|建成|新建|建立|实现|落实|推开|纳入|控制|稳定|新增|培训|选择|不低于|不少于|开展|都有|提高到|降低到|降至|覆盖|创建|打造|扩大到"
)
_EXISTS = re.compile(r"(?:^|[，,。])在[^，,。；;]{0,6}$|现有|目前|已有|共有|已")
_THOSE = re.compile(r"^以[上下]的\d|^(?:以上|以下|以内|及以上|及以下)?的?(?:有|共|患者|人员|学生|老人|病人)|^以上的有")
_WINDOW = re.compile(r"(?:(?<!以)前|近|过去|最近|(?<!以)上|连续工作时间每|未来|每[^，,。；;\d]{0,3})\s?$")
_LAPSES = re.compile(r"^(?:间)?(?:不行使|内?不行使)")
_IN_BENEFITS = re.compile(r"的?[^，,。；;、\d]{0,6}(?:保险金|补助金|津贴)标准")
_UNTIL_DAY = re.compile(r"(?:或[^，,。；;]{0,10})?止")
_ONCE = re.compile(r"^(?:性|发给|付清|支付|缴清)")
_BAND = re.compile(
    r"(?:以[上下内])?(?:[（(]不?含[^）)]{0,3}[)）])?的?(?:部分)?(?:分段)?再?(?:报销?|按|支付|补偿)[:：]?\d"
)
_PENAL_RULE = re.compile(
    r"(?:处|每[^|]{1,16}[扣罚]减?|支付违约金)[^|]*\||加收\||\|(?:以[上下])?[处的]?以?(?:罚款|滞纳金)"
)
_DEMANDS = re.compile(r"必须|应当|原则上|须(?!知)|严禁")
_STANDARD_NAMED = re.compile(r"标准(?:统一)?[为是达到]{0,2}\s?$")
_PENALTIES = frozenset({"penalty_amount", "penalty_multiple", "late_fee_rate"})
_DONE = re.compile(r"已(?![满达])|共|了|收到|缴清|仅收")
_FACTS = frozenset(
    {
        "fund_revenue",
        "fund_expenditure",
        "fund_balance",
        "insured_count",
        "beneficiary_count",
        "population",
        "medical_cost",
        "violation_amount",
        "savings_amount",
        "case_count",
        "average_cost",
        "institution_count",
        "drug_count",
        "staff_count",
        "collection_rate",
    }
)
_LENGTHS = frozenset(
    {
        "suspension_period",
        "reserve_months",
        "retention_period",
        "agreement_term",
        "leave_days",
        "waiting_period",
        "operating_period",
    }
)
_PER_HEAD = frozenset({"funding_standard", "individual_contribution", "fiscal_subsidy"})
_POLICY = frozenset(
    {
        "reimbursement_ratio",
        "copay_ratio",
        "deductible",
        "payment_cap",
        "contribution_rate",
        "settlement_quota",
        "benefit_rate",
    }
)
_COUNTED = re.compile(
    r"^[^，,。；;]{0,3}(?:组成|以上|以下|以内|为限)|^(?!以)[^，,。；;、]{0,12}(?:药师|医师|护士|人员)$"
)


@dataclass(frozen=True, slots=True)
class Roles:
    """The parts a quantity plays."""

    figure: bool = False
    rule: bool = False


_NEITHER = Roles()
_FIGURE = Roles(figure=True)
_RULE = Roles(rule=True)
_BOTH = Roles(figure=True, rule=True)


def roles_of(ctx: Context, q: Quantity, bound: Bound | None, measure: Measure) -> Roles:
    """The parts `q` plays, by the kind of text it stands in and the words around it."""
    mode = ctx.mode(q.start)
    if mode == "regulation":
        return _in_regulation(ctx, q, bound, measure)
    start, end = ctx.layout.clause(q.start)
    ahead, behind = ctx.n[max(start, q.start - 30) : q.start], ctx.n[q.end : min(end, q.end + 20)]
    if is_quoted_bound(ctx, q) or _WANTED.search(ctx.n, max(0, q.start - 8), q.start):
        return _RULE
    if _EXCESS.search(ahead):
        return _FIGURE
    if _is_limit(mode, q, bound) or _NORM.search(ahead):
        return _RULE
    if q.kind == "money" and _BAND.match(ctx.n, q.end):
        return _RULE
    if mode == "plan":
        return _in_plan(q, bound, measure, ahead, behind)
    return _in_report(ctx, q, bound, measure, ahead, behind)


def is_quoted_bound(ctx: Context, q: Quantity) -> bool:
    """Whether a report names `q` as what a rule sets: 规定的30日, 15%的规定上限."""
    if q.kind == "percentage_point":
        return False
    return bool(
        _QUOTED_AHEAD.search(ctx.n, max(0, q.start - 8), q.start) or _QUOTED_BEHIND.match(ctx.n[q.end : q.end + 12])
    )


def is_wished(ctx: Context, q: Quantity) -> bool:
    """Whether a report names `q` as a goal: 力争参保人数达到39万人."""
    if ctx.mode(q.start) != "report":
        return False
    return bool(_WISHED.search(ctx.n, max(ctx.layout.sentence(q.start)[0], q.start - 40), q.start))


def _is_limit(mode: str, q: Quantity, bound: Bound | None) -> bool:
    if bound is None or bound.word is None or bound.word not in _LIMITING:
        return False
    return not (bound.word in _SUPERLATIVE and (q.kind == "count" or mode == "report"))


def _in_regulation(ctx: Context, q: Quantity, bound: Bound | None, measure: Measure) -> Roles:
    ahead = ctx.n[max(0, q.start - 6) : q.start]
    behind = ctx.n[q.end : q.end + 10]
    if q.kind == "duration" and bound is None and "岁" in q.quote and behind.startswith("的"):
        return _RULE
    if q.kind == "duration" and ahead.endswith("前") and _UNTIL_DAY.match(ctx.n, q.end):
        return _NEITHER
    if q.kind in ("duration", "count") and bound is None:
        if q.kind == "duration" and _IN_BENEFITS.match(ctx.n, q.end):
            return _RULE
        if q.kind == "count" and q.unit == "次" and ahead.endswith(("连续", "累计")):
            return _RULE
        if (q.kind == "count" and _ONCE.match(behind)) or _in_window(ahead):
            return _NEITHER
        if q.kind == "count" and not (q.per or _COUNTED.match(behind)):
            return _NEITHER
        if _LAPSES.match(behind):
            return _RULE
        if (
            q.kind == "duration"
            and measure.indicator in ("other", "deadline")
            and not _PERIOD_SET.search(ctx.n[max(0, q.start - 12) : q.start])
        ):
            return _NEITHER
    compared = bound is not None and bound.end == q.start and not ahead.endswith(("每逾", "每超过", "每满"))
    if (
        q.kind == "duration"
        and _in_window(ahead)
        and not _IN_BENEFITS.match(ctx.n, q.end)
        and not compared
        and not ahead.rstrip().endswith(("每", "每次", "每人"))
    ):
        return _NEITHER
    if q.kind == "date" and behind.startswith(("止", "为止")):
        return _RULE
    if q.kind == "date" and (bound is None or bound.word in ("起", "以后") or _IN_FORCE.match(behind)):
        return _NEITHER
    if q.kind == "date" and q.value[:1].isdigit() and _looks_back(ctx, q, bound):
        return _NEITHER
    if q.kind == "duration" and q.quote.endswith("年度") and bound is not None and bound.word == "内":
        return _NEITHER
    return _RULE


def _looks_back(ctx: Context, q: Quantity, bound: Bound | None) -> bool:
    """Whether a day only says which past facts are meant: 1997年12月31日以前参加工作."""
    start, end = ctx.layout.clause(q.start)
    after = bound.end if bound is not None and bound.start >= q.end else q.end
    noun = ctx.n[after : after + 1] in ("之", "的", "已", "曾", "因")
    return noun or not any(m.item for m in ctx.modals.between(start, end))


def _in_window(ahead: str) -> bool:
    """Whether a period is one looked back on (前三年内) or counted by (每满一年), not one that binds (提前3个月)."""
    return bool(_WINDOW.search(ahead)) and not _AHEAD_OF.search(ahead)


_AHEAD_OF = re.compile(r"(?:提前|[期届]满前|到期前|之前)\s?$")
_IN_FORCE = re.compile(r"^起(?:施行|实施|执行|生效|试行)|^(?:发布|公布|通过|修正|修订)")
_PERIOD_SET = re.compile(
    r"(?:为|期|因|提前|满|每|处|[少多]于|限|续|保[存留]|延长|相当于|增加|发给|请领|满前|期前|缴纳|按)\s?$"
)


def _in_plan(q: Quantity, bound: Bound | None, measure: Measure, ahead: str, behind: str) -> Roles:
    if measure.indicator in _PENALTIES:
        return _RULE
    if q.kind == "date":
        return _RULE if bound else _NEITHER
    if q.kind == "duration":
        return _RULE if bound and bound.word not in ("以上", "满", "达") else _NEITHER
    if _THOSE.match(behind):
        return _NEITHER
    achieves = bool(_ACHIEVE.search(ahead) or re.match(r"^[^，,。]{0,8}纳入", behind)) or (
        bound is not None and bound.word is not None
    )
    if measure.indicator in _PER_HEAD and (q.per or _STANDARD_NAMED.search(ahead)):
        return _RULE
    if measure.indicator == "budget" and "扣除" not in ahead and re.search(r"分别为|预算[额为]", ahead):
        return _BOTH
    if measure.indicator in ("allocation_ratio", "reserve_fund_ratio", "settlement_quota"):
        return _RULE
    if q.kind == "count":
        return _RULE if achieves and not _EXISTS.search(ahead) else _FIGURE
    if measure.indicator in _FACTS and not achieves:
        return _FIGURE
    if q.kind == "money" and not achieves and measure.indicator not in _POLICY and not q.per:
        return _FIGURE
    if measure.indicator == "growth_rate" and "了" in ahead[-4:]:
        return _FIGURE
    return _RULE


def _in_report(ctx: Context, q: Quantity, bound: Bound | None, measure: Measure, ahead: str, behind: str) -> Roles:
    if measure.indicator in _PENALTIES:
        sentence, _ = ctx.layout.sentence(q.start)
        imposed = _DONE.search(ctx.n, max(sentence, q.start - 30), q.start)
        return _RULE if not imposed and (bound or _PENAL_RULE.search(ahead + "|" + behind)) else _FIGURE
    if q.kind == "date":
        if _PAID.match(behind) and not (bound and bound.word in ("前", "之前", "以前")):
            return _FIGURE
        return _RULE if bound and bound.word in ("前", "之前", "以前", "起") and _duty_near(ctx, q) else _NEITHER
    if is_wished(ctx, q) and bound is not None:
        return _RULE
    if ahead.endswith("按") and behind.startswith("执行"):
        return _RULE
    if bound is not None and bound.word and _DEMANDS.search(ctx.n, ctx.layout.sentence(q.start)[0], q.start):
        return _RULE
    if q.kind == "duration" and measure.indicator in _LENGTHS and bound is None and not _WINDOW.search(ahead):
        return _FIGURE
    if q.kind == "duration" and _LASTED.search(ahead) and (bound is None or bound.word in _SUPERLATIVE):
        return _FIGURE
    if q.kind == "duration":
        late = bound and bound.word in ("内", "之内", "以内", "前", "之前", "以前", "不超过", "不得超过", "最长", "限")
        return _RULE if late and not _WINDOW.search(ahead) else _NEITHER
    if _THOSE.match(behind) and q.kind == "money":
        return _NEITHER
    if q.kind == "count" and q.unit == "次":
        if re.search(r"了|共|累计|已|平均|约", ahead):
            return _FIGURE
        sentence, _ = ctx.layout.sentence(q.start)
        return _RULE if q.per and (bound or _OUGHT.search(ctx.n, sentence, q.end)) else _NEITHER
    if measure.indicator in ("payment_cap", "deductible") or _OFFERED.search(ahead):
        return _RULE
    if _BENEFIT.search(ahead) and q.kind == "percent" and not re.search(r"实际|平均|达到?\s?$|为\s?$", ahead):
        return _RULE
    if measure.indicator in _PER_HEAD and q.per and _STANDARD_BEHIND.match(behind):
        return _BOTH
    if _STANDARD_BEHIND.match(behind) or (q.per and measure.indicator in _POLICY and _STANDARD_AHEAD.search(ahead)):
        return _RULE
    if measure.indicator == "copay_ratio" and re.search(r"应", ctx.n[ctx.layout.sentence(q.start)[0] : q.start]):
        return _RULE
    if q.kind == "percent" and measure.indicator in ("reserve_fund_ratio",) and _RATE.search(ahead):
        return _RULE
    if measure.indicator in _PER_HEAD and (q.per or "标准" in ahead):
        return _BOTH
    return _FIGURE


def _duty_near(ctx: Context, q: Quantity) -> bool:
    start, end = ctx.layout.sentence(q.start)
    return bool(
        _DUTY.search(ctx.n, max(start, q.start - 40), q.start) or _DUTY.search(ctx.n, q.end, min(end, q.end + 12))
    )
