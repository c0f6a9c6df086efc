"""A figure against a bound: exact decimals and dates, inclusive and exclusive as the rule says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.records import Figure, Rule
from kb.bounds import Interval, day_of
from kb.conversion import Scale, scale_between

_KEEPS: dict[str, Callable[[Decimal], bool]] = {
    "<=": lambda margin: margin <= 0,
    "<": lambda margin: margin < 0,
    ">=": lambda margin: margin >= 0,
    ">": lambda margin: margin > 0,
    "==": lambda margin: margin == 0,
    "between": lambda margin: margin == 0,
}
SET_LEAST = frozenset({"retention_period", "agreement_term"})
"""Indicators whose set length one may exceed: who must keep records for 2 years may keep them for 3."""
_INFINITY = Decimal("Infinity")
_LEEWAY = Decimal("0.1")  # how far a number called approximate (约, 左右, 近, 余) can be from what is written


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison says.

    Attributes:
        margin: figure minus bound in the rule's unit, days for dates; the least it can be where `least` is set.
        kept: whether the rule is kept; None where the words leave it open.
        note: in Chinese, what was converted or why it stays open; empty for a plain comparison.
        least: the lengths of months and workdays vary, so the distance is at least `margin`.
    """

    margin: Decimal
    kept: bool | None
    note: str = ""
    least: bool = False


def compare(figure: Figure, rule: Rule, slack: Decimal = Decimal(0)) -> Verdict | None:
    """`figure` against the bound of `rule`; None where their units or dates cannot be compared.

    Args:
        figure: a reported figure.
        rule: a bounded rule.
        slack: how far a derived value can be off by the rounding of its operands, in the figure's unit.
    """
    if rule.value is None:
        return None
    if rule.kind == "date":
        return _compare_dates(figure, rule)
    rule = replace(rule, comparator=">=") if rule.comparator == "==" and rule.indicator in SET_LEAST else rule
    scale = scale_between(figure, rule)
    if scale is None or figure.kind == "date":
        return None
    if not (figure.comparator or figure.approx or figure.high or rule.high or rule.approx or slack) and scale.exact:
        return _compare_numbers(scale.low(figure.value), rule, scale.note)
    reported = _reported(figure, scale)
    value = _worst(figure, rule, scale)
    margin = _margin(value, rule)
    if not scale.exact:
        return _between_lengths(reported, rule, scale)
    allowed = _allowed(rule)
    exact = figure.comparator is None and not figure.approx
    kept: bool | None = allowed.holds(reported)
    if not kept and not exact and allowed.meets(reported):
        kept = None
    note = scale.note
    if figure.approx and kept is None:
        note = "报告数值为约数，接近限值"
    elif kept is None:
        note = "报告只给出范围，不能确定"
    if rule.approx:
        kept, note = None, "规定的限值为约数"
    if slack and margin and abs(margin) <= scale.high(slack) and kept is not None:
        kept, note = None, "差距在取整误差之内"
    return Verdict(margin, kept, note)


def _compare_numbers(value: Decimal, rule: Rule, note: str) -> Verdict:
    """One number against one bound, the usual case."""
    margin = value - Decimal(rule.value or 0)
    return Verdict(margin, _KEEPS[rule.comparator or "=="](margin), note)


def _reported(figure: Figure, scale: Scale) -> Interval:
    """The numbers a figure can stand for, in the rule's unit."""
    low, high = scale.low(figure.value), scale.high(figure.high or figure.value)
    if figure.comparator in (">=", ">") and figure.high is None:
        return Interval(low, _INFINITY, low_open=figure.comparator == ">")
    if figure.comparator in ("<=", "<") and figure.high is None:
        return Interval(-_INFINITY, high, high_open=figure.comparator == "<")
    if figure.approx:
        return Interval(low - abs(low) * _LEEWAY, high + abs(high) * _LEEWAY)
    return Interval(low, high)


def _worst(figure: Figure, rule: Rule, scale: Scale) -> Decimal:
    """Of a reported range, the end that lies farther over the bound."""
    low = scale.low(figure.value)
    if figure.high is None:
        return low
    high = scale.high(figure.high)
    return max((low, high), key=lambda v: abs(_margin(v, rule))) if rule.comparator not in (">=", ">") else low


def _margin(value: Decimal, rule: Rule) -> Decimal:
    low = Decimal(rule.value or 0)
    if rule.comparator == "between" and rule.high is not None:
        high = Decimal(rule.high)
        return value - low if value < low else value - high if value > high else Decimal(0)
    return value - low


def _allowed(rule: Rule) -> Interval:
    """The numbers a rule allows."""
    low = Decimal(rule.value or 0)
    high = Decimal(rule.high) if rule.high is not None else low
    if rule.comparator in ("<=", "<"):
        return Interval(-_INFINITY, high, high_open=rule.comparator == "<")
    if rule.comparator in (">=", ">"):
        return Interval(low, _INFINITY, low_open=rule.comparator == ">")
    return Interval(low, high)


def _between_lengths(reported: Interval, rule: Rule, scale: Scale) -> Verdict:
    """Lengths of time whose units have no fixed relation: decided only where every reading agrees."""
    allowed = _allowed(rule)
    kept: bool | None = True if allowed.holds(reported) else None if allowed.meets(reported) else False
    below, above = allowed.low - reported.high, reported.low - allowed.high
    margin = above if above > 0 else -below if below > 0 else Decimal(0)
    if kept:
        margin = reported.high - allowed.high if allowed.high.is_finite() else reported.low - allowed.low
    return Verdict(margin.quantize(Decimal("0.1")).normalize(), kept, scale.note, least=True)


def _compare_dates(figure: Figure, rule: Rule) -> Verdict | None:
    """Days from the rule's date to the figure's; a year known on one side only is taken to be the other's too."""
    if rule.value is None or figure.kind != "date":
        return None
    bound = figure.value[:-2] + rule.value[-2:] if rule.value.startswith("---") else rule.value
    a, b = day_of(figure.value, bound[:4]), day_of(bound, figure.value[:4])
    if a is None or b is None:
        return None
    margin = Decimal((a - b).days)
    masked = not (figure.value[:4].isdigit() or rule.value[:4].isdigit())
    value = _allowed(_numbered(rule)).holds(Interval(margin, margin))
    return Verdict(margin, value, "年份未写明，按同一年比较" if masked else "")


def _numbered(rule: Rule) -> Rule:
    """The rule with its date as day zero."""
    return replace(rule, value="0", high=None)
