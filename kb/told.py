"""Standards a report says hold where it is, as figures that rules from above bound: 我市起付标准为500元."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.records import Extraction, Figure, Rule

_TOLD = frozenset({"standard", "entitlement", "permission", "obligation"})
_NOT_TOLD = frozenset({"deadline", "penalty_amount", "penalty_multiple", "other"})


def told_figures(report: Extraction) -> Iterator[Figure]:
    """The bounded rules of a report that are neither quoted, nor wished for, nor articles, each as a figure.

    Args:
        report: the report; a report that is itself a regulation tells nothing.
    """
    stated = {figure.start for figure in report.figures}
    for rule in report.rules:
        if rule.start in stated or rule.quoted_from or rule.modality not in _TOLD or not rule.comparator:
            continue
        if rule.indicator is None or rule.indicator in _NOT_TOLD or _in_article(rule):
            continue
        yield figure_from_rule(rule)


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
