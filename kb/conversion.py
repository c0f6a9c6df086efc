"""What one unit is worth in another: yuan a head and a year, months and years, days and workdays."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ingest.records import Figure, Rule

_ONE = Decimal(1)
_TIMES = {"year": Decimal(1), "quarter": Decimal(4), "month": Decimal(12)}
# Amounts that are per head and year by nature, whether the text says so or not.
_PER_HEAD = frozenset({"funding_standard", "individual_contribution", "fiscal_subsidy"})
# Amounts that hold for the year or the stay their name implies.
_NAMED_TIME = frozenset({"payment_cap", "deductible", "settlement_quota", "average_cost"})
_TOTAL = Decimal(10_000)  # an amount without a denominator from here on is a sum, not one head's
_HEADS = frozenset({"人", "名", "位"})
_PLACES = frozenset({"家", "所", "个", "间", "处"})
# Days a unit lasts at least and at most, and days more that a run of it can hold (public holidays).
_DAYS = {
    "hour": (_ONE / 24, _ONE / 24, 0),
    "day": (_ONE, _ONE, 0),
    "workday": (_ONE, Decimal("1.4"), 10),
    "month": (Decimal("29.5"), Decimal(31), 0),
    "year": (Decimal(365), Decimal(366), 0),
}
_NAMES = {"hour": "小时", "day": "天", "workday": "工作日", "month": "个月", "year": "年"}


@dataclass(frozen=True, slots=True)
class Scale:
    """What one of the figure's units is in the rule's, at least and at most; dividing last keeps it exact."""

    least: Decimal
    most: Decimal
    note: str = ""
    divisor: Decimal = _ONE

    @property
    def exact(self) -> bool:
        """Whether the units have a fixed relation."""
        return self.least == self.most

    def low(self, value: str | Decimal) -> Decimal:
        """The least that `value` of the figure's units can be in the rule's."""
        return Decimal(value) * self.least / self.divisor

    def high(self, value: str | Decimal) -> Decimal:
        """The most it can be."""
        return Decimal(value) * self.most / self.divisor


_SAME = Scale(_ONE, _ONE)


def _fixed(times: Decimal, by: Decimal, note: str = "") -> Scale:
    return Scale(times, times, note, by)


def scale_between(figure: Figure, rule: Rule) -> Scale | None:
    """How to bring a figure to the unit and denominator of a rule; None where they measure different things.

    >>> rule = Rule(0, 2, "2年", "obligation", ">=", "duration", "2", unit="year")
    >>> scale_between(Figure(0, 4, "18个月", "duration", "18", "month"), rule).low("18")
    Decimal('1.5')
    """
    if (figure.kind, figure.unit, figure.per) == (rule.kind, rule.unit, rule.per):
        return _SAME
    if figure.kind == "duration" or rule.kind == "duration":
        return _durations(figure, rule)
    if {figure.kind, rule.kind} == {"percent", "ratio"}:
        return _fixed(Decimal(100), _ONE) if figure.kind == "ratio" else _fixed(_ONE, Decimal(100))
    if figure.kind != rule.kind:
        return None
    if figure.kind == "money":
        return _money(figure, rule)
    if figure.kind == "count":
        same = figure.unit == rule.unit or any({figure.unit, rule.unit} <= kind for kind in (_HEADS, _PLACES))
        return _SAME if same and figure.per == rule.per else None
    if (figure.per or "") != (rule.per or "") and figure.per and rule.per:
        return None
    return _SAME if figure.unit == rule.unit else None


def _money(figure: Figure, rule: Rule) -> Scale | None:
    if figure.unit != rule.unit:
        return None
    mine, theirs = set((figure.per or "").split("·")) - {""}, set((rule.per or "").split("·")) - {""}
    if mine == theirs:
        return _SAME
    if rule.indicator in _PER_HEAD and (mine or Decimal(figure.value) < _TOTAL):
        mine |= {"person"}
        theirs |= {"person"}
    if mine - set(_TIMES) != theirs - set(_TIMES) and not (rule.indicator in _NAMED_TIME and not (mine and theirs)):
        return None
    times_a, times_b = mine & set(_TIMES), theirs & set(_TIMES)
    if not (times_a and times_b):
        implied = rule.indicator in _PER_HEAD | _NAMED_TIME and not (times_a | times_b) - {"year"}
        return _SAME if implied else None
    mine_a_year, theirs_a_year = _TIMES[times_a.pop()], _TIMES[times_b.pop()]
    return _fixed(mine_a_year, theirs_a_year, "已换算为同一计期" if mine_a_year != theirs_a_year else "")


def _durations(figure: Figure, rule: Rule) -> Scale | None:
    if figure.kind != rule.kind:
        return None
    if figure.unit == rule.unit:
        return _SAME
    if {figure.unit, rule.unit} == {"month", "year"}:
        times, by = (Decimal(12), _ONE) if figure.unit == "year" else (_ONE, Decimal(12))
        return _fixed(times, by, "1年按12个月换算")
    if {figure.unit, rule.unit} == {"hour", "day"}:
        times, by = (Decimal(24), _ONE) if figure.unit == "day" else (_ONE, Decimal(24))
        return _fixed(times, by, "1天按24小时换算")
    if figure.unit not in _DAYS or rule.unit not in _DAYS or figure.high or not Decimal(figure.value):
        return None
    least, most, extra = _DAYS[figure.unit]
    low, high, rule_extra = _DAYS[rule.unit]
    number = Decimal(figure.value)
    shortest, longest = least * number, most * number + extra
    # The longest a length can be in the rule's unit counts the rule's unit at its shortest, and the reverse.
    fewest = max(Decimal(0), shortest - rule_extra) / high
    names = f"{_NAMES[figure.unit]}与{_NAMES[rule.unit]}长短不定，按最短和最长计"
    return Scale(fewest / number, longest / low / number, names)
