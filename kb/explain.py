"""Findings in words a reviewer can sign: both numbers, the rule's place, and how they relate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import PurePath

from ingest.extract.vocabulary import indicator_labels
from ingest.records import Arithmetic, Extraction, Rule
from kb.comparison import SET_LEAST, Verdict
from kb.derived import Derived
from kb.types import DocumentRow, StoredFigure, StoredRule

BOUND_WORDS = {
    "<=": "不得超过",
    "<": "应低于",
    ">=": "不得低于",
    ">": "应高于",
    "==": "应为",
    "between": "应在此区间：",
}
UNIT_NAMES = {
    "day": "天",
    "workday": "个工作日",
    "month": "个月",
    "year": "年",
    "hour": "小时",
    "%": "个百分点",
    "times": "倍",
    "CNY": "元",
    "TWD": "元",
    "HKD": "元",
    "date": "天",
}
_WRITTEN = re.compile(r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<unit>\D{0,6})$")
_DATES = {"<=": "不晚于", "<": "早于", ">=": "不早于", ">": "晚于"}
_SAID = {"violation": "违反", "compliant": "符合", "undetermined": "无法判定"}


def explain_bound(
    figure: StoredFigure,
    rule: StoredRule,
    verdict: Verdict,
    status: str,
    why: Sequence[str],
    others: Sequence[StoredRule],
    derived: Derived | None = None,
) -> str:
    """One sentence on a figure against a bound, naming the rule's place and the distance."""
    record = rule.record
    margin = verdict.margin
    bound = BOUND_WORDS[record.comparator or "=="]
    distance = "恰好等于限值" if margin == 0 else f"{'高出' if margin > 0 else '低'}{abs(margin):f}{_unit(record)}"
    if record.comparator == "==" and record.indicator in SET_LEAST:
        bound = "至少应为"
    if record.kind == "date":
        bound = _DATES.get(record.comparator or "==", bound)
        distance = "恰在期限当日" if margin == 0 else f"{'晚' if margin > 0 else '早'}{abs(margin):f}天"
    elif record.kind == "duration" and margin:
        distance = f"{'超出' if margin > 0 else '少'}{'至少' if verdict.least else ''}{abs(margin):f}{_unit(record)}"
    place = place_of(rule, figure.document).removesuffix("规定")
    stated = f"{_name(figure)}{figure.record.quote}" if derived is None else explain_derived(derived)
    text = f"{stated}，{place}规定{bound}{record.quote}，{distance}，{_SAID[status]}该规定"
    if verdict.note:
        text += f"（{verdict.note}）"
    text += f"（依据：{'、'.join(why)}一致）。"
    if record.exceptions:
        text += f"该规定另有例外：{'；'.join(record.exceptions)}。"
    if others:
        text += "同时不符合：" + "；".join(f"{place_of(o)}{o.record.quote}" for o in others[:3]) + "。"
    return text


def explain_derived(derived: Derived) -> str:
    """How a figure was computed: 累计结余率5355万元÷21000万元×100%＝25.5%."""
    figure = derived.figure
    if derived.formula == "o2-o1":
        first, last = derived.operands
        counted = "工作日" if figure.unit == "workday" else "日"
        return f"自{first.quote}至{last.quote}历时{figure.value}个{counted}（首日不计）"
    spelled = formula_of(derived.formula, [operand.quote for operand in derived.operands])
    label = indicator_labels().get(figure.indicator, figure.indicator)
    unit = "%" if figure.unit == "%" else UNIT_NAMES.get(figure.unit, figure.unit)
    text = f"{label}按{spelled}计算为{figure.value}{unit}"
    if derived.slack:
        text += f"（各数取整的误差±{derived.slack.quantize(Decimal('0.0001')).normalize():f}）"
    return text


def explain_unknown_days(start: StoredFigure, end: StoredFigure, rule: StoredRule) -> str:
    """One sentence on a time limit in workdays over days whose calendar is not known."""
    place = place_of(rule, end.document).removesuffix("规定")
    return (
        f"{start.record.quote}至{end.record.quote}，{place}规定{rule.record.quote}；"
        "该年份的节假日安排不在所附日历之内，无法计算工作日，无法判定。"
    )


def place_of(rule: StoredRule, report: DocumentRow | None = None) -> str:
    """《title》第X条 of a rule, or the citation a report quotes it from.

    Args:
        rule: the rule.
        report: the report held against it, which may state the rule itself.
    """
    if quoted := rule.record.quoted_from:
        opened = max(quoted.count("(") - quoted.count(")"), quoted.count("（") - quoted.count("）"))
        return quoted + (")" if opened > 0 else "")
    if report is not None and rule.document.id == report.id:
        return "文中所述规定"
    title = f"《{rule.document.title}》" if rule.document.title else PurePath(rule.document.source).name
    article = next((p for p in (rule.record.provision or "").split("/") if p.endswith(("条", "條"))), "")
    return title + article


def explain_slip(report: Extraction, claim: Arithmetic, other: Arithmetic | None) -> str:
    """One sentence on a claim that its own numbers do not give, and on what would give it."""
    due = recomputed_amount(claim)
    apart = amount_like(claim.claim, Decimal(claim.stated), abs(Decimal(claim.stated) - Decimal(claim.recomputed)))
    apart = apart.replace("%", "个百分点")
    text = f"文中称{claim.claim}，按{spelled_formula(report, claim)}计算应为{due}，相差{apart}。"
    if other is not None:
        text += f"只有按{spelled_formula(report, other)}计算才得{recomputed_amount(other)}。"
    return text


def recomputed_amount(claim: Arithmetic) -> str:
    """What a claim's operands give, written as the claim is."""
    return amount_like(claim.claim, Decimal(claim.stated), Decimal(claim.recomputed))


def amount_like(written: str, stated: Decimal, value: Decimal) -> str:
    """`value` in the scale and unit in which the text writes `stated`, at two decimals more at most.

    >>> amount_like("7.5亿元", Decimal(750000000), Decimal(650000000))
    '6.5亿元'
    >>> amount_like("1,991.6元", Decimal("1991.6"), Decimal("1991.7"))
    '1,991.7元'
    >>> amount_like("41.24%", Decimal("41.24"), Decimal("25.499"))
    '25.499%'
    >>> amount_like("百分之五", Decimal(5), Decimal("4.8"))
    '4.8'
    """
    number = _WRITTEN.match(written)
    shown = Decimal(number["number"].replace(",", "")) if number else Decimal(0)
    if number is None or not shown or not stated:
        return f"{value:f}"
    scaled = value * shown / stated
    places = max(0, -int(shown.as_tuple().exponent)) + 2
    text = format(round(scaled, places), ",f" if "," in number["number"] else "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) + number["unit"]


def _name(figure: StoredFigure) -> str:
    """What a figure measures: whose, for what, which indicator."""
    record = figure.record
    own = record.indicator == "other" or (record.kind == "count" and record.indicator_text)
    label = record.indicator_text or "" if own else indicator_labels().get(record.indicator, record.indicator)
    return "".join(filter(None, (record.institution, record.service, label)))


def spelled_formula(report: Extraction, claim: Arithmetic) -> str:
    """A claim's formula with the quoted numbers in place of its operands."""
    quotes = {q.start: q.quote for q in report.quantities}
    return formula_of(claim.formula, [quotes.get(at, f"o{n}") for n, at in enumerate(claim.operands, start=1)])


def formula_of(formula: str, quotes: Sequence[str]) -> str:
    """A formula with quotes in place of o1, o2 …

    >>> formula_of("o1/o2*100", ["5,355万元", "21,000万元"])
    '5,355万元÷21,000万元×100%'
    """
    signed = _signs(formula)
    return re.sub(r"o(\d+)", lambda match: quotes[int(match[1]) - 1], signed)


def _signs(formula: str) -> str:
    return formula.replace("*100", "×100%").replace("*", "×").replace("/", "÷").replace("+", "＋").replace("-", "－")


def _unit(rule: Rule) -> str:
    return UNIT_NAMES.get(rule.unit or "", rule.unit or "")
