"""Whether a rule speaks of a figure: indicator, unit, scheme, institution, service and region, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingest.records import Figure, Rule
from ingest.structure.authority import TIERS, tier
from kb.conversion import scale_between
from kb.simplify import simplified, simplified_or_none
from kb.subjects import BY_SCHEME, is_loose, same_measure, share_words
from kb.types import DocumentRow, StoredRule

# A general scheme covers its kinds; schemes that appear in no family stand alone.
_COVERS = {
    "基本医疗保险": (
        "职工基本医疗保险",
        "城乡居民基本医疗保险",
        "城镇居民基本医疗保险",
        "新型农村合作医疗",
        "大学生基本医疗保险",
    ),
    "基本养老保险": ("职工基本养老保险", "城乡居民基本养老保险"),
    "劳工保险": ("劳工职业灾害保险",),
}
_LEVEL = re.compile(
    r"(三级|二级|一级|基层|乡镇?|镇|村|县级?外|市外|省外|异地|县|市|省|社区|医学中心|区域医院|地区医院|诊所)"
)
_ALIKE = {"乡镇": "乡", "镇": "乡", "县级": "县", "社区": "一级"}
_ANY = re.compile(r"^(?:各级|所有|全部)?(?:定点)?(?:医疗|医药)?(?:机构|卫生机构)$|单位$|雇主$|经办机构$|^医院$")
_FAMILIES = (
    frozenset({"西药", "中成药", "甲类药品", "乙类药品"}),
    frozenset({"中草药", "中药饮片"}),
    frozenset({"住院", "普通住院"}),
    frozenset({"门诊", "普通门诊", "门诊统筹"}),
)
_PLACE = re.compile(r"[省市县区州]$")
# Words for everybody a scheme covers: they narrow nothing. The empty word stands for what a text leaves out.
_EVERYBODY = frozenset(
    {
        "参保人员",
        "参合农民",
        "参保居民",
        "参保职工",
        "被保险人",
        "城乡居民",
        "城镇居民",
        "城镇职工",
        "单位职工",
        "职工",
        "劳工",
        "受雇劳工",
        "住院病人",
        "出院病人",
        "雇主",
    }
)
_DEMANDS = frozenset({"obligation", "prohibition", "target"})
_YEARS = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a rule fits a figure: `score` counts the slots that agree, `why` names them in Chinese."""

    score: float
    why: tuple[str, ...]


@lru_cache(maxsize=8192)
def plain_words(text: str | None) -> str:
    """`text` simplified and without blanks; empty for None."""
    return simplified(text).replace(" ", "") if text else ""


def fit(figure: Figure, rule: StoredRule, report_region: str | None, *, local: bool) -> Fit | None:
    """How `rule` fits `figure`; None when they speak of different things.

    Args:
        figure: a reported figure.
        rule: a bounded rule.
        report_region: the region the report is about, None when it does not say.
        local: the rule stands in the report itself, close to the figure; slots it does not repeat are then taken
            from the text between.
    """
    record = rule.record
    if (
        is_trigger(record)
        or (record.modality == "penalty" and record.indicator != "late_fee_rate")
        or record.kind == "percentage_point"
        or figure.kind == "percentage_point"
    ):
        return None
    place = 0.0 if local else regions_agree(plain_words(report_region), plain_words(rule.document.region))
    if place is None:
        return None
    if scale_between(figure, record) is None or not same_measure(figure, record):
        return None
    why = ["指标"]
    score = 1.0
    scope = record.scope
    if not local and is_loose(record) and not _told_alike(figure, record):
        return None
    for name, verdict in (
        ("险种", schemes_agree(plain_words(figure.scheme), plain_words(scope.scheme))),
        ("机构", _institutions(plain_words(figure.institution), plain_words(scope.institution), local)),
        ("项目", _services(plain_words(figure.service), plain_words(scope.service), local)),
        ("人群", _populations(plain_words(figure.population), plain_words(scope.population), local)),
        ("地区", place),
        ("时期", 0.0 if local else periods_agree(figure.period, record, rule.document)),
    ):
        if verdict is None:
            return None
        if verdict > 0:
            why.append(name)
        score += verdict
    return Fit(score, tuple(why))


def _told_alike(figure: Figure, rule: Rule) -> bool:
    """Whether more than a loose indicator ties a figure to a rule: their words, or for some indicators the scheme."""
    if share_words(figure, rule):
        return True
    schemes = schemes_agree(plain_words(figure.scheme), plain_words(rule.scope.scheme))
    return bool(schemes) and rule.indicator in BY_SCHEME


def is_trigger(rule: Rule) -> bool:
    """Whether a bound only says when a rule applies (低于12个月的，应当…), and so binds no figure."""
    if rule.comparator in ("<", ">") and rule.kind in ("count", "duration") and rule.modality not in _DEMANDS:
        return True
    return rule.comparator is not None and plain_words(rule.quote) in plain_words(rule.scope.condition)


def _populations(figure: str, rule: str, local: bool) -> float | None:
    """Groups of people: a rule for one group says nothing of another, nor of everybody."""
    if not rule or rule in figure or figure in _EVERYBODY or rule in _EVERYBODY:
        return 1.0 if rule and figure and rule not in _EVERYBODY and (rule in figure or figure == rule) else 0.0
    if not figure:
        return 0.0 if local else None
    return 1.0 if figure in rule else None


def periods_agree(period: str | None, rule: Rule, document: DocumentRow) -> float | None:
    """Whether a rule binds the period of a figure: it names that year, or was in force in it."""
    years = _YEARS.findall(period or "")
    named = _YEARS.findall(rule.scope.period or "")
    if not years:
        return 0.0
    if named:
        return 0.5 if years[-1] in named else None
    begun = (document.effective or document.published or document.adopted or "")[:4]
    if begun > years[-1] or (document.ended and document.ended[:4] < years[0]):
        return None
    return 0.0


def schemes_agree(a: str, b: str) -> float | None:
    """1 for the same scheme, 0.5 where one covers the other, 0 where one is not stated; None for different ones."""
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    if a in b or b in a or a in _COVERS.get(b, ()) or b in _COVERS.get(a, ()) or "社会保险" in (a, b):
        return 0.5
    return None


def _institutions(figure: str, rule: str, local: bool) -> float | None:
    if any_institution(rule):
        return 0.0
    if not figure:
        return 0.0 if local else None
    if rule in figure or figure in rule:
        return 1.0
    mine, theirs = institution_levels(figure), institution_levels(rule)
    if mine and theirs:
        return 1.0 if mine & theirs else None
    return 0.0 if local else None


def any_institution(name: str) -> bool:
    """Whether words name institutions of every level: 定点医疗机构."""
    return not name or bool(_ANY.search(name))


def institution_levels(name: str) -> set[str]:
    """The levels that words for institutions name: 三级 of 三级定点医疗机构."""
    return {_ALIKE.get(level, level) for level in _LEVEL.findall(name)}


def same_service(a: str, b: str) -> bool:
    """Whether two words can name one service or kind of drug: 住院 and 普通住院."""
    return a in b or b in a or any(a in family and any(kind in b for kind in family) for family in _FAMILIES)


def _services(figure: str, rule: str, local: bool) -> float | None:
    if not rule:
        return 0.0
    if not figure:
        return 0.0 if local else None
    return 1.0 if same_service(figure, rule) else None


def tier_rank(document: DocumentRow) -> int | None:
    """How high the government behind a document stands: 0 for a county to 3 for the state, None when unknown."""
    found = tier(simplified_or_none(document.region), simplified_or_none(document.issuer), document.level)
    return TIERS.index(found) if found else None


def regions_agree(report: str, rule: str) -> float | None:
    """How well the region of a report, or of a lower document, fits that of a rule; None where they differ.

    Provinces bind their cities, but which city lies in which province a text may not say: such pairs score lower.
    """
    if not rule or rule in ("全国", "中国"):
        return 0.1
    if not report or not _PLACE.search(report):
        return 0.1
    if report == rule or rule in report or report in rule:
        return 1.0
    return 0.2 if rule.endswith(("省", "自治区")) and not report.endswith(("省", "自治区")) else None
