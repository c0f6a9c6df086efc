"""Standards a report says hold where it is, as figures that rules from above bound: 我市起付标准为500元."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.records import Extraction, Figure, Rule
from kb.simplify import simplified

_TOLD = frozenset({"standard", "entitlement", "permission", "obligation"})
# Words by which a report names what ought to be, not what is.
_NORM = re.compile(r"(?:(?<![我本该][省市县区院])规定|要求|不得|应当|应(?![收缴参征])|须|目标|力争|确保)[^。；;\n]*$")
_AHEAD = 24
_NOT_TOLD = frozenset({"deadline", "penalty_amount", "penalty_multiple", "other"})


def told_figures(report: Extraction) -> Iterator[Figure]:
    """The bounded rules of a report that are neither quoted, nor wished for, nor articles, each as a figure.

    Args:
        report: the report; a report that is itself a regulation tells nothing.
    """
    stated = {figure.start for figure in report.figures}
    for rule in report.rules:
        if rule.start in stated or rule.quoted_from or not _is_told(rule) or not _is_set(rule):
            continue
        if _NORM.search(simplified(report.text[max(0, rule.start - _AHEAD) : rule.start])):
            continue
        if rule.indicator is None or rule.indicator in _NOT_TOLD or _in_article(rule):
            continue
        yield figure_from_rule(rule)


def _is_told(rule: Rule) -> bool:
    """Whether a rule states what is done; a late fee charged is one, whatever else punishes."""
    return rule.modality in _TOLD or rule.indicator == "late_fee_rate"


def _is_set(rule: Rule) -> bool:
    """Whether a rule sets a value, not a limit to one; a cap sets itself."""
    return rule.comparator in ("==", "between") or (rule.comparator == "<=" and rule.indicator == "payment_cap")


def figure_from_rule(rule: Rule) -> Figure:
    """What a rule sets, as a figure that can be held against another rule."""
    scope = rule.scope
    return Figure(
        rule.start,
        rule.end,
        rule.quote,
        rule.kind or "percent",
        rule.value or "0",
        rule.unit or "",
        rule.high,
        rule.per,
        rule.approx,
        indicator=rule.indicator or "other",
        indicator_text=rule.indicator_text,
        period=scope.period,
        region=scope.region,
        scheme=scope.scheme,
        institution=scope.institution,
        service=scope.service,
        population=scope.population,
        base=rule.base,
        provision=rule.provision,
        confidence=rule.confidence,
    )


def _in_article(rule: Rule) -> bool:
    return any(label.endswith(("条", "條")) for label in (rule.provision or "").split("/"))
