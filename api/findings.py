"""The findings of a check, drawn for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.present import describe_document, sentence_around
from api.reports.checked import (
    STATUS_SIGNS,
    Batch,
    TextOf,
    count_statuses,
    describe_margin,
    finding_title,
    sorted_findings,
)
from api.reports.matrix import Matrix, matrix_of
from api.screen import Screen, plain, wrap

if TYPE_CHECKING:
    from kb.types import Finding, StoredFigure, StoredRule

_STYLE = {"violation": "bad", "inconsistent": "bad", "undetermined": "doubt", "compliant": "good"}


def count_findings(findings: Sequence[Finding]) -> str:
    """`2 violation, 1 inconsistent, 0 undetermined, 5 compliant`."""
    return ", ".join(f"{count} {status}" for status, count in count_statuses(findings).items())


def draw_findings(findings: Sequence[Finding], text_of: TextOf, screen: Screen, full: bool) -> str:
    """Findings for a terminal, each with both quotes; compliant ones only counted unless `full`."""
    lines: list[str] = []
    for finding in sorted_findings(findings):
        if finding.status == "compliant" and not full:
            continue
        head = screen.style(finding.status.upper(), _STYLE[finding.status])
        margin = f"  {describe_margin(finding)}" if finding.margin else ""
        key = f"  {screen.style(plain(finding.indicator), 'dim')}" if finding.indicator else ""
        lines.append(f"{head}  {finding_title(finding)}{screen.style(margin, 'bold')}{key}")
        lines.append(wrap(plain(finding.explanation), screen.columns, "   "))
        for name, record in (("report", finding.figure), ("rule", finding.rule)):
            if record is not None:
                lines.append(f"   {name:<7}{screen.style(_place(record), 'dim')}")
                lines.append(wrap(_quoted(record, text_of, screen), screen.columns, "          "))
        lines.append("")
    lines.append(count_findings(findings))
    return "\n".join(lines)


def draw_batch(batch: Batch, text_of: TextOf, screen: Screen, full: bool) -> str:
    """Several reports: the matrix with its rules, then the findings of each, then the sum."""
    lines: list[str] = []
    matrix = matrix_of(batch.reports)
    if matrix.columns:
        lines += [_draw_matrix(batch, matrix, screen), ""]
    for number, checked in enumerate(batch.reports, start=1):
        lines += [screen.style(f"[{number}] {checked.title}", "bold"), ""]
        lines += [draw_findings(checked.findings, text_of, screen, full), ""]
    lines += [f"{screen.style('REFUSED', 'bad')}  {plain(r.source)}: {plain(r.reason)}" for r in batch.refused]
    wrong = sum(checked.wrong for checked in batch.reports)
    every = [finding for checked in batch.reports for finding in checked.findings]
    lines.append(f"{len(batch.reports)} reports, {wrong} with something wrong, {len(batch.refused)} refused")
    lines.append(count_findings(every))
    return "\n".join(lines)


def _draw_matrix(batch: Batch, matrix: Matrix, screen: Screen) -> str:
    columns = range(len(matrix.columns))
    rows = [
        (f"[{row + 1}] {checked.title}", *(_sign(matrix, row, column) for column in columns))
        for row, checked in enumerate(batch.reports)
    ]
    headers = ("report", *(f"R{column + 1}" for column in columns))
    legend = [f"R{n}  {c.label} {c.bound}  {c.place}".rstrip() for n, c in enumerate(matrix.columns, start=1)]
    signs = "  ".join(f"{sign} {status}" for status, sign in STATUS_SIGNS.items())
    return "\n".join([screen.table(headers, rows), *legend, screen.style(signs, "dim")])


def _sign(matrix: Matrix, row: int, column: int) -> str:
    status = matrix.status(row, column)
    return STATUS_SIGNS[status] if status else "·"


def _place(stored: StoredFigure | StoredRule) -> str:
    record = stored.record
    provision = f" {plain(record.provision)}" if record.provision else ""
    return f"{describe_document(stored.document)}{provision} [{record.start}-{record.end}]"


def _quoted(stored: StoredFigure | StoredRule, text_of: TextOf, screen: Screen) -> str:
    before, quote, after = sentence_around(text_of(stored), stored.record.start, stored.record.end)
    return plain(before) + screen.style(plain(quote), "mark") + plain(after)
