"""Whether a figure and a rule measure the same thing: indicator, payer, base and the words for them."""

from __future__ import annotations

import re

from ingest.records import Figure, Rule
from kb.simplify import simplified

# Indicators whose key gathers unlike things; their words must agree too.
_BROAD = frozenset(
    {
        "growth_rate",
        "share",
        "completion_rate",
        "staff_count",
        "drug_count",
        "institution_count",
        "case_count",
        "budget",
    }
)
# Indicators that name no single thing; BY_SCHEME of them do within one scheme.
_LOOSE = frozenset(
    {"share", "growth_rate", "completion_rate", "allocation_ratio", "benefit_rate", "benefit_period", "benefit_amount"}
)
BY_SCHEME = frozenset({"allocation_ratio", "benefit_rate", "benefit_period", "benefit_amount"})
_INSURED = re.compile(r"[参投纳续]|医保|保险|人群|人口|居民|职工")
_COVERAGE = re.compile(r"覆盖[率面]")
_PAYERS = (
    ("个人", re.compile(r"个人|本人|职工(?:按|缴)|职工缴费|患者|参合农民|被保险人|自付|自负")),
    ("单位", re.compile(r"单位|雇主|企业|工资总额")),
    ("财政", re.compile(r"财政|政府")),
)
_PAID = frozenset({"contribution_rate", "individual_contribution", "fiscal_subsidy"})
_LEVELS = re.compile(r"(中央|省级?|市级?|县级?)(?:级)?财政")
_COVERED_COSTS = re.compile(r"(?:政策|目录|报销)范围|合规")
_EMPTY = re.compile(r"增长|增幅|涨幅|同比|环比|幅度|上年|[率的比例为占标准总额数量]")
# A share of one thing is no share of another, even under one indicator.
_BASED = frozenset({"share", "annual_surplus_ratio", "cumulative_surplus_ratio", "allocation_ratio"})
_ALIKE = (re.compile(r"筹资|收入|筹集|征缴"), re.compile(r"结余|结存"), re.compile(r"支出|补偿|报销"))


def same_measure(figure: Figure, rule: Rule) -> bool:
    """Whether both measure one thing, as far as the words kept with them tell."""
    mine, theirs = _words(figure.indicator_text), _words(rule.indicator_text)
    if rule.kind == "count":
        theirs += _words(rule.action)
    if figure.indicator != rule.indicator:
        return figure.kind in ("date", "duration") and {figure.indicator, rule.indicator} == {"deadline", "other"}
    if figure.indicator == "other" and figure.kind not in ("date", "duration"):
        mine, theirs = mine or _words(figure.base), _words(rule.indicator_text) or _words(rule.base)
        return bool(mine and theirs) and (mine.endswith(theirs) or theirs.endswith(mine))
    if figure.indicator == "participation_rate":
        return _covered(mine) == _covered(theirs)
    if figure.indicator in _BROAD and _telling(mine) and _telling(theirs) and not _share_words(mine, theirs):
        return False
    if not _same_costs(figure, rule):
        return False
    if figure.indicator in _PAID and not _same_payer(figure, rule):
        return False
    return not (figure.indicator in _BASED and not bases_agree(_words(figure.base), _words(rule.base)))


def is_loose(rule: Rule) -> bool:
    """Whether a rule's indicator gathers so much that words or scheme must tie a figure to it."""
    return rule.indicator in _LOOSE or rule.kind == "count"


def share_words(figure: Figure, rule: Rule) -> bool:
    """Whether the words kept of both, beyond those any rate or amount has, meet somewhere."""
    mine = _words("".join(filter(None, (figure.indicator_text, figure.base, figure.service))))
    theirs = (rule.indicator_text, rule.base, rule.scope.service, rule.action if rule.kind == "count" else None)
    return _share_words(mine, _words("".join(filter(None, theirs))))


def bases_agree(mine: str, theirs: str) -> bool:
    """Whether two bases can be one; a base left out can be any."""
    if not mine or not theirs or mine in theirs or theirs in mine:
        return True
    return any(kind.search(mine) and kind.search(theirs) for kind in _ALIKE) or _share_words(mine, theirs)


def _covered(words: str) -> str:
    """What a rate of coverage covers: the insured, unless its own words name something else (检查覆盖率)."""
    if _COVERAGE.search(words) is None:
        rate = words[-3:-1] if words.endswith("率") else ""
        return "参保" if not rate or _INSURED.search(words) or rate in ("覆盖",) else rate
    stem = _COVERAGE.split(words)[0]
    return "参保" if not stem or _INSURED.search(stem) else stem[-2:]


def _same_costs(figure: Figure, rule: Rule) -> bool:
    """Whether both are of all costs, or both of those a policy covers; words that say neither can mean either."""
    mine = _costs(_words(figure.indicator_text) + _words(figure.base))
    theirs = _costs(_words(rule.indicator_text) + _words(rule.base))
    return not mine or not theirs or mine == theirs


def _costs(words: str) -> str:
    return "政策" if _COVERED_COSTS.search(words) else "实际" if "实际" in words else ""


def _same_payer(figure: Figure, rule: Rule) -> bool:
    mine = _payer(figure.institution, figure.indicator_text, figure.base, figure.population)
    theirs = _payer(rule.scope.institution, rule.indicator_text, rule.base, rule.actor, rule.scope.population)
    if mine and theirs and mine != theirs:
        return False
    level_a, level_b = _LEVELS.search(_words(figure.indicator_text)), _LEVELS.search(_words(rule.indicator_text))
    return not (level_a and level_b and level_a.group(1) != level_b.group(1))


def _payer(*texts: str | None) -> str:
    for text in texts:
        words = _words(text)
        for name, pattern in _PAYERS:
            if pattern.search(words):
                return name
    return ""


def _telling(words: str) -> str:
    """The words without those any rate or amount has."""
    return _EMPTY.sub("", words)


def _share_words(a: str, b: str) -> bool:
    """Whether two names share two neighbouring characters, or one that is all there is."""
    a, b = _telling(a), _telling(b)
    if min(len(a), len(b)) < 2:
        return bool(a and b) and (a in b or b in a)
    return any(a[i : i + 2] in b for i in range(len(a) - 1))


def _words(text: str | None) -> str:
    return simplified(text).replace(" ", "") if text else ""
