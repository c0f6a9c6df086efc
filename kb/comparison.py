"""A figure against a bound: exact decimals and dates, inclusive and exclusive as the rule says."""

from __future__ import annotations

from decimal import Decimal

from ingest.records import Figure, Rule
from kb.bounds import day_of


def margin_of(figure: Figure, rule: Rule) -> Decimal | None:
    """Figure minus bound in the rule's unit (days for dates); None where they cannot be compared."""
    if rule.value is None:
        return None
    if rule.kind == "date":
        return _days(figure.value, rule.value)
    value = Decimal(figure.value)
    if rule.comparator == "between" and rule.high is not None:
        low, high = Decimal(rule.value), Decimal(rule.high)
        return value - low if value < low else value - high if value > high else Decimal(0)
    if figure.high is not None and rule.comparator in ("<=", "<"):
        value = Decimal(figure.high)
    return value - Decimal(rule.value)


def holds(margin: Decimal, rule: Rule) -> bool:
    """Whether a figure with this margin keeps the rule."""
    if rule.comparator == "<=":
        return margin <= 0
    if rule.comparator == "<":
        return margin < 0
    if rule.comparator == ">=":
        return margin >= 0
    if rule.comparator == ">":
        return margin > 0
    return margin == 0


def _days(figure: str, rule: str) -> Decimal | None:
    """Days from the rule's date to the figure's; an unknown or masked year is taken to be the same on both sides."""
    a, b = day_of(figure, rule[:4]), day_of(rule, figure[:4])
    return Decimal((a - b).days) if a and b else None
