"""Reports against rules: which report keeps, breaks or leaves open which rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.present import describe_bound
from api.reports.checked import STATUSES, CheckedReport, describe_provision, finding_name

if TYPE_CHECKING:
    from kb.types import Finding, FindingStatus

ARITHMETIC = "报告自身的计算"


@dataclass(frozen=True, slots=True)
class Column:
    """A rule that some report of a batch is held against; `place` is empty for the reports' own arithmetic."""

    label: str
    bound: str
    place: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """`cells[report number, column number]` are the findings there, the gravest first; most may be absent."""

    columns: tuple[Column, ...]
    cells: dict[tuple[int, int], tuple[Finding, ...]] = field(default_factory=dict)

    def status(self, row: int, column: int) -> FindingStatus | None:
        """The gravest status of a cell, None where that report has nothing on that rule."""
        found = self.cells.get((row, column))
        return found[0].status if found else None


def matrix_of(reports: Sequence[CheckedReport]) -> Matrix:
    """The summary of a batch; rules that most reports break come first, the reports' own arithmetic last."""
    cells: dict[tuple[int, Column], list[Finding]] = {}
    for row, checked in enumerate(reports):
        for finding in checked.findings:
            cells.setdefault((row, _column(finding)), []).append(finding)
    broken: dict[Column, list[int]] = {}
    for (_, column), found in cells.items():
        counts = broken.setdefault(column, [0] * len(STATUSES))
        for finding in found:
            counts[STATUSES.index(finding.status)] -= 1
    columns = sorted(broken, key=lambda c: (not c.place, broken[c], c.label, c.place))
    numbers = {column: number for number, column in enumerate(columns)}
    ordered = {
        (row, numbers[column]): tuple(sorted(found, key=lambda f: STATUSES.index(f.status)))
        for (row, column), found in cells.items()
    }
    return Matrix(tuple(columns), ordered)


def _column(finding: Finding) -> Column:
    if finding.rule is None:
        return Column(ARITHMETIC, "", "")
    record, document = finding.rule.record, finding.rule.document
    scope = (record.scope.institution, record.scope.service)
    label = "".join(filter(None, (*scope, finding_name(finding))))
    if record.quoted_from or (finding.figure and document.id == finding.figure.document.id):
        return Column(label, describe_bound(record), record.quoted_from or "报告所引规定")
    title = f"《{document.title}》" if document.title else document.source
    return Column(label, describe_bound(record), title + describe_provision(record.provision))


def matrix_to_dict(matrix: Matrix, reports: Sequence[CheckedReport]) -> dict[str, Any]:
    """The JSON form: rules, and per report one status per rule, null where it has nothing on it."""
    columns = range(len(matrix.columns))
    return {
        "rules": [{"label": c.label, "bound": c.bound, "place": c.place} for c in matrix.columns],
        "rows": [
            {"report": checked.report.document.source, "statuses": [matrix.status(row, c) for c in columns]}
            for row, checked in enumerate(reports)
        ],
    }
