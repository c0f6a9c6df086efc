"""Rules of different documents that disagree on one matter: replaced by a newer issue, stricter locally, contradictory.

Precision comes first: two rules are held against each other only when indicator, scheme, institution, service,
population and condition agree, and when neither document lays down several bounds on that matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeVar

from ingest.extract.vocabulary import indicator_labels
from ingest.records import Rule
from ingest.structure.authority import TIERS
from kb.applicability import (
    any_institution,
    institution_levels,
    plain_words,
    regions_agree,
    same_service,
    schemes_agree,
    tier_rank,
)
from kb.bounds import intervals
from kb.explain import BOUND_WORDS, place_of
from kb.likeness import likeness
from kb.titles import short_title
from kb.types import DocumentRow, Hit, StoredFigure, StoredRule

Located = TypeVar("Located", StoredRule, StoredFigure, Hit)
ConflictKind = Literal["superseded", "stricter-local", "contradictory"]

# Measures whose name says what is measured. Of all others (deadlines, fines, quotas, rates of contribution …) a
# document has many, and two are one matter only when the words around them agree too.
SPECIFIC_MEASURES = frozenset(
    {
        "annual_surplus_ratio",
        "cumulative_surplus_ratio",
        "deductible",
        "fiscal_subsidy",
        "funding_standard",
        "individual_contribution",
        "late_fee_rate",
        "markup_rate",
        "participation_rate",
        "payment_cap",
        "reimbursement_ratio",
        "reserve_fund_ratio",
        "reserve_months",
        "retention_period",
        "waiting_period",
    }
)
_PROVINCE, _STATE = TIERS.index("省"), TIERS.index("国家")
_YEARLY = frozenset({"individual_contribution", "fiscal_subsidy", "funding_standard"})
"""Amounts that are set anew every year: documents of different years do not contradict each other."""
_FAMILY = {"penalty": "penalty", "target": "target", "definition": None}
_EVERYBODY = re.compile(r"^(?:参保|被保险人|城乡居民|居民|职工)")
_FRAME = re.compile(r"^第[\d一二三四五六七八九十百]+条|应当?|自|从|在|于|之日|[起内后时]|的$")
_SAME_ACT = 0.5
_SAME_CONDITION = 0.6


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rules on one matter with different bounds.

    `senior` stands in the newer issue of a replaced document (`superseded`), else in the document of the higher
    level, among equals in the newer one; `junior` is the other. `explanation` is Chinese.
    """

    kind: ConflictKind
    indicator: str
    senior: StoredRule
    junior: StoredRule
    explanation: str


def find_conflicts(rules: Sequence[StoredRule]) -> list[Conflict]:
    """The conflicts between documents, grouped by pair of documents, in text order.

    Args:
        rules: rules of documents that are current; those of reports, quoted rules, rules without a bound and rules
            without a known indicator are left out.
    """
    candidates = [rule for rule in rules if _comparable(rule)]
    documents = {_key(rule): rule.document for rule in candidates}
    replaced = _replaced(documents)
    provinces = {plain_words(d.region) for d in documents.values() if d.region and tier_rank(d) == _PROVINCE}
    groups: dict[object, list[StoredRule]] = {}
    for rule in candidates:
        groups.setdefault(_group(rule.record), []).append(rule)
    found: dict[tuple[object, ...], Conflict] = {}
    for group in groups.values():
        plain = [rule for rule in group if not _ambiguous(rule, group)]
        for a, b in combinations(plain, 2):
            conflict = _conflict(a, b, replaced, len(provinces) > 1)
            if conflict is not None:
                found.setdefault(_content(conflict), conflict)
    return sorted(found.values(), key=_order)


def _comparable(stored: StoredRule) -> bool:
    record, document = stored.record, stored.document
    bounded = record.value is not None and record.comparator is not None and not record.approx
    measured = record.indicator not in (None, "other", "share", "growth_rate")
    over = document.status == "已废止" and document.replaced_by is None
    normative = document.kind not in ("report", "compendium", "plan") and not over
    return bounded and measured and normative and not record.quoted_from and record.modality != "definition"


def _key(stored: StoredRule | StoredFigure | Hit) -> tuple[str, int]:
    return stored.document.id, stored.document.version


def _group(record: Rule) -> object:
    """What rules on one matter share word for word."""
    institution = plain_words(record.scope.institution)
    levels = () if any_institution(institution) else tuple(sorted(institution_levels(institution))) or (institution,)
    return record.indicator, record.kind, _FAMILY.get(record.modality, "limit"), levels


def newest_issues(records: Sequence[Located], by: str = "") -> list[Located]:
    """Records without those of documents that a newer one of the same title and issuer replaces.

    Args:
        records: of any documents.
        by: a day; the newest issue is then the newest of that day, or of all where there was none yet.
    """
    replaced = _replaced({_key(record): record.document for record in records}, by)
    return [record for record in records if _key(record) not in replaced]


def _replaced(documents: dict[tuple[str, int], DocumentRow], by: str = "") -> dict[tuple[str, int], tuple[str, int]]:
    """Document → the newest document of the same title and issuer, for all but that one."""
    issues: dict[tuple[str, str], list[tuple[str, tuple[str, int]]]] = {}
    for key, document in documents.items():
        if document.title and _date(document):
            name = short_title(plain_words(document.title)), plain_words(document.issuer)
            issues.setdefault(name, []).append((_date(document), key))
    out: dict[tuple[str, int], tuple[str, int]] = {}
    for dated in issues.values():
        newest = max([one for one in dated if by and one[0] <= by] or dated)
        out |= {key: newest[1] for date, key in dated if date != newest[0]}
    return out


def _date(document: DocumentRow) -> str:
    return document.effective or document.published or document.adopted or ""


def _ambiguous(stored: StoredRule, group: Sequence[StoredRule]) -> bool:
    """Whether its own document sets another bound of the same direction on that matter."""
    mine = stored.record
    return any(
        _key(other) == _key(stored)
        and (mine.value, mine.high, mine.unit) != (other.record.value, other.record.high, other.record.unit)
        and (mine.comparator or "")[0] == (other.record.comparator or "")[0]
        and _same_matter(mine, other.record)
        for other in group
    )


def _same_matter(a: Rule, b: Rule) -> bool:
    """Whether two rules of a group, conditions aside, speak of the same thing."""
    schemes = plain_words(a.scope.scheme), plain_words(b.scope.scheme)
    if schemes[0] != schemes[1] and not (a.indicator in SPECIFIC_MEASURES and schemes_agree(*schemes)):
        return False
    if not _same_words(a.scope.service, b.scope.service) or not _same_people(a.scope.population, b.scope.population):
        return False
    if a.base and b.base and likeness(a.base, b.base) < _SAME_ACT:
        return False
    return a.indicator in SPECIFIC_MEASURES or likeness(_act(a), _act(b)) >= _SAME_ACT


def _same_words(a: str | None, b: str | None) -> bool:
    """The same service by another name at most; 门诊 and 门诊慢特病 are two."""
    first, second = plain_words(a), plain_words(b)
    within = first in second or second in first
    return first == second or bool(first and second and not within and same_service(first, second))


def _same_people(a: str | None, b: str | None) -> bool:
    first, second = (("" if _EVERYBODY.match(plain_words(text)) else plain_words(text)) for text in (a, b))
    return first == second


def _act(record: Rule) -> str:
    words = (record.actor, record.action, record.scope.condition, record.indicator_text, record.base)
    return "，".join(_FRAME.sub("", plain_words(word)) for word in words if word)


def _conflict(
    a: StoredRule, b: StoredRule, replaced: dict[tuple[str, int], tuple[str, int]], many_provinces: bool
) -> Conflict | None:
    if _key(a) == _key(b) or _opposed(a.record, b.record) or not _same_matter(a.record, b.record):
        return None
    for old, new in ((a, b), (b, a)):
        if replaced.get(_key(old)) == _key(new):
            return _superseded(old, new)
    if _key(a) in replaced or _key(b) in replaced:
        return None
    if a.record.modality == "penalty" and a.record.indicator not in SPECIFIC_MEASURES:
        return None  # which act a fine is for stands outside the record
    ranked = _ranked(a, b, many_provinces)
    return _disagreement(*ranked) if ranked else None


def _superseded(old: StoredRule, new: StoredRule) -> Conflict | None:
    a, b = old.record, new.record
    if (a.comparator, a.value, a.high, a.unit) == (b.comparator, b.value, b.high, b.unit):
        return None
    if not _same_condition(a.scope.condition, b.scope.condition):
        return None
    return _made("superseded", new, old, "旧文件已被同名新文件替代，以新文件为准")


def _opposed(a: Rule, b: Rule) -> bool:
    """Whether one bound is a floor and the other a ceiling."""
    return {(a.comparator or "")[0], (b.comparator or "")[0]} == {"<", ">"}


def _same_condition(a: str | None, b: str | None) -> bool:
    if not a or not b:
        return a == b
    return likeness(*(_FRAME.sub("", plain_words(text)) for text in (a, b))) >= _SAME_CONDITION


def _ranked(a: StoredRule, b: StoredRule, many_provinces: bool) -> tuple[StoredRule, StoredRule] | None:
    """Senior and junior, None for documents that do not bind the same people."""
    if a.record.indicator in _YEARLY and _date(a.document)[:4] != _date(b.document)[:4]:
        return None
    rank_a, rank_b = (tier_rank(rule.document) for rule in (a, b))
    if rank_a is None or rank_b is None:
        return None
    senior, junior = (a, b) if (rank_a, _date(a.document)) >= (rank_b, _date(b.document)) else (b, a)
    upper, lower = (plain_words(rule.document.region) for rule in (senior, junior))
    if tier_rank(senior.document) == _STATE:
        return senior, junior
    if not upper or not lower or (rank_a == rank_b and upper != lower):
        return None
    agreement = regions_agree(lower, upper)
    if agreement is None or (agreement < 1 and many_provinces):
        return None
    return senior, junior


def _disagreement(senior: StoredRule, junior: StoredRule) -> Conflict | None:
    """How a junior bound departs from a senior one; None where it keeps it, or fills it in by a set value."""
    a, b = senior.record, junior.record
    pair = intervals(a, b)
    if pair is None or pair[0] == pair[1]:
        return None
    above, below = pair
    general = a.scope.condition is None and not above.single
    if not _same_condition(a.scope.condition, b.scope.condition) and not general:
        return None
    local = tier_rank(senior.document) != tier_rank(junior.document)
    if local and above.holds(below):
        return None if below.single else _made("stricter-local", senior, junior, "下位文件比上位文件更严，可以执行")
    if above.meets(below) and (above.single or not below.holds(above)):
        return None
    if not local:
        return _made("contradictory", senior, junior, "两文件级别相同而规定不一，一般以后施行的为准")
    return _made("contradictory", senior, junior, "下位文件超出上位文件的限度，应以上位文件为准")


def _made(kind: ConflictKind, senior: StoredRule, junior: StoredRule, verdict: str) -> Conflict:
    indicator = senior.record.indicator or ""
    about = (indicator_labels().get(indicator, indicator), senior.record.scope.institution, senior.record.scope.service)
    said = "，".join(
        f"{_year(rule, kind)}{place_of(rule)}{BOUND_WORDS[rule.record.comparator or '==']}{rule.record.quote}"
        for rule in (senior, junior)
    )
    return Conflict(kind, indicator, senior, junior, f"{' '.join(filter(None, about))}：{said}；{verdict}。")


def _year(rule: StoredRule, kind: ConflictKind) -> str:
    """What tells issues of one title apart."""
    return f"{_date(rule.document)[:4]}年" if kind == "superseded" else ""


def _content(conflict: Conflict) -> tuple[object, ...]:
    """What is reported once, however often the documents repeat it."""
    sides = (conflict.senior, conflict.junior)
    bounds = ((r.record.comparator, r.record.value, r.record.unit, r.record.scope.institution) for r in sides)
    return (conflict.kind, conflict.indicator, *map(_key, sides), *bounds)


def _order(conflict: Conflict) -> tuple[object, ...]:
    kinds = ("contradictory", "superseded", "stricter-local")
    sides = (conflict.junior, conflict.senior)
    return (kinds.index(conflict.kind), *((r.document.title or "", *_key(r)) for r in sides), sides[0].record.start)
