"""Charts of a check: findings by indicator, and one figure against its limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from api.present import describe_bound
from api.reports.checked import STATUS_WORDS, STATUSES, count_statuses, describe_value, finding_name
from api.reports.svg import bar, chart, line, measure, text_at

if TYPE_CHECKING:
    from kb.types import Finding, FindingStatus

_WIDTH, _LEAST_WIDTH = 720, 440
_ROW = 27
_MOST_ROWS = 14
_LEGEND = 40
_LIMIT_WIDTH = 480
_UNCHARTED = frozenset({"date"})


def findings_chart(findings: Sequence[Finding], name: str = "summary", alone: bool = False) -> str:
    """Findings counted by indicator and status, as stacked bars; the gravest indicators first."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding_name(finding), []).append(finding)
    counted = [(label, count_statuses(group)) for label, group in groups.items()]
    counted.sort(key=lambda one: tuple(-count for count in one[1].values()))
    if len(counted) > _MOST_ROWS:
        rest = [counts for _, counts in counted[_MOST_ROWS - 1 :]]
        summed = {status: sum(counts[status] for counts in rest) for status in STATUSES}
        counted = [*counted[: _MOST_ROWS - 1], (f"其余 {len(rest)} 项指标", summed)]
    left = min(max((measure(label) for label, _ in counted), default=0) + 16, 220)
    unit = (_WIDTH - left - 48) / max((sum(counts.values()) for _, counts in counted), default=1)
    unit = min(unit, 110)
    longest = max((sum(counts.values()) for _, counts in counted), default=1) * unit
    width = max(left + longest + 12, _LEAST_WIDTH)
    shapes = _legend(count_statuses(findings))
    for row, (label, counts) in enumerate(counted):
        top = _LEGEND + row * _ROW
        shapes.append(text_at(left - 10, top + 18, label, anchor="end"))
        at = left
        for status, count in counts.items():
            if count:
                shapes.append(bar(at, top + 5, count * unit - 2, _ROW - 10, f"fd-{status}"))
                shapes.append(text_at(at + count * unit / 2 - 1, top + 18, str(count), "fd-on fd-small", "middle"))
                at += count * unit
    shapes.append(line(left - 1, _LEGEND, left - 1, _LEGEND + len(counted) * _ROW, "fd-axis"))
    said = "；".join(
        f"{label}：{'、'.join(f'{STATUS_WORDS[s]}{n}项' for s, n in counts.items() if n)}" for label, counts in counted
    )
    height = _LEGEND + len(counted) * _ROW + 6
    return chart(width, height, "核查结果（按指标）", said, shapes, name=name, alone=alone)


def _legend(counts: Mapping[FindingStatus, int]) -> list[str]:
    shapes: list[str] = []
    at = 0.0
    for status, count in counts.items():
        words = f"{STATUS_WORDS[status]} {count}"
        shapes += [bar(at, 7, 12, 12, f"fd-{status}"), text_at(at + 18, 18, words, "fd-muted fd-small")]
        at += measure(words, 12) + 42
    return shapes


def limit_chart(finding: Finding, name: str) -> str:
    """The figure as a bar against the rule's limit; empty where the two are no numbers on one scale."""
    pair = _numbers(finding)
    if pair is None or finding.figure is None or finding.rule is None:
        return ""
    value, limits = pair
    rule, stated = finding.rule.record, describe_value(finding)
    highest = max(value, *limits)
    if highest <= 0 or min(value, *limits) < 0:
        return ""
    scale = (_LIMIT_WIDTH - 150) / float(highest)
    ends = [float(limit) * scale for limit in limits]
    length = float(value) * scale
    shapes = [bar(0, 20, _LIMIT_WIDTH, 16, "fd-band"), bar(0, 20, max(length, 1.5), 16, f"fd-{finding.status}")]
    shapes += [line(end, 14, end, 42, "fd-limit") for end in ends]
    shapes.append(text_at(length + 8 + 4 * (0 <= ends[-1] - length < 8), 33, stated, "fd-strong fd-small"))
    bound = f"规定 {describe_bound(rule)}"
    room = measure(bound, 12)
    at = min(max(ends[-1], room / 2), _LIMIT_WIDTH - room / 2)
    shapes.append(text_at(at, 10, bound, "fd-muted fd-small", "middle"))
    said = f"报告为{stated}，规定为{describe_bound(rule)}"
    return chart(_LIMIT_WIDTH, 44, "数值与限值", said, shapes, name=name)


def _numbers(finding: Finding) -> tuple[Decimal, list[Decimal]] | None:
    if finding.figure is None or finding.rule is None or finding.rule.record.value is None:
        return None
    figure, rule = finding.figure.record, finding.rule.record
    if finding.operands and finding.recomputed:
        return Decimal(finding.recomputed), [Decimal(end) for end in (rule.value, rule.high) if end is not None]
    if figure.kind != rule.kind or figure.unit != rule.unit or rule.kind in _UNCHARTED:
        return None
    try:
        value = Decimal(figure.value)
        return value, [Decimal(end) for end in (rule.value, rule.high) if end is not None]
    except InvalidOperation:
        return None
