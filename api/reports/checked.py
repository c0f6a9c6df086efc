"""A checked report, and a batch of them, as the reports of this package take them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING

from api.present import describe_quantity, describe_unit
from api.screen import plain

if TYPE_CHECKING:
    from ingest.records import Extraction
    from kb.types import Finding, FindingStatus, Refusal, StoredFigure, StoredRule

TextOf = Callable[["StoredFigure | StoredRule"], str]
"""Gives the original text of the document a record stands in."""

STATUSES: tuple[FindingStatus, ...] = ("violation", "inconsistent", "undetermined", "compliant")
"""From the gravest to the least."""
STATUS_WORDS = {
    "violation": "违反规定",
    "inconsistent": "自相矛盾",
    "undetermined": "无法判定",
    "compliant": "符合规定",
}
STATUS_SIGNS = {"violation": "✕", "inconsistent": "≠", "undetermined": "?", "compliant": "✓"}
_PLACES = 4
_WRONG = ("violation", "inconsistent")


@dataclass(frozen=True, slots=True)
class CheckedReport:
    """One report and what checking it found."""

    report: Extraction
    findings: tuple[Finding, ...]

    @property
    def title(self) -> str:
        """The report's title, else its file name."""
        document = self.report.document
        return plain(document.title or "") or plain(PurePath(document.source).name)

    @property
    def wrong(self) -> bool:
        """Whether something is violated or inconsistent."""
        return any(finding.status in _WRONG for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Batch:
    """Several reports, and the files that could not be read."""

    reports: tuple[CheckedReport, ...]
    refused: tuple[Refusal, ...] = ()


def check_files(paths: Iterable[str], check: Callable[[Extraction], Iterable[Finding]]) -> Batch:
    """Reads and checks files one by one; one that cannot be read or checked does not stop the others."""
    from ingest import extract, read
    from kb.ingestion import refusal_from

    reports: list[CheckedReport] = []
    refused: list[Refusal] = []
    for path in paths:
        try:
            report = extract(read(path))
            reports.append(CheckedReport(report, tuple(check(report))))
        except Exception as error:
            refused.append(refusal_from(path, error))
    return Batch(tuple(reports), tuple(refused))


def sorted_findings(findings: Sequence[Finding]) -> list[Finding]:
    """Findings with what is wrong first, otherwise in the order given."""
    return sorted(findings, key=lambda finding: STATUSES.index(finding.status))


def count_statuses(findings: Sequence[Finding]) -> dict[FindingStatus, int]:
    """How many findings have each status, the gravest first; every status is there."""
    return {status: sum(finding.status == status for finding in findings) for status in STATUSES}


def indicator_name(key: str | None, text: str | None = None) -> str:
    """The Chinese name of an indicator, else the words the document uses for it.

    >>> indicator_name("cumulative_surplus_ratio"), indicator_name("other", "床位使用率"), indicator_name(None)
    ('累计结余率', '床位使用率', '其他数据')
    """
    from ingest.extract.vocabulary import indicator_labels

    if key and key != "other":
        return indicator_labels().get(key, key)
    return plain(text or "") or "其他数据"


def finding_name(finding: Finding) -> str:
    """What a finding is about, in Chinese."""
    text = finding.figure.record.indicator_text if finding.figure else None
    return indicator_name(finding.indicator, text)


def finding_title(finding: Finding) -> str:
    """What a finding is about with whose it is: 三级医院住院报销比例."""
    figure = finding.figure.record if finding.figure else None
    whose = (figure.institution, figure.service) if figure else ()
    return plain("".join(filter(None, whose))) + finding_name(finding)


def describe_value(finding: Finding) -> str:
    """The number a finding is about: as the report states it, else what its numbers give in the rule's unit."""
    if finding.operands and finding.recomputed and finding.rule:
        value = Decimal(finding.recomputed)
        shown = round(value, _PLACES) if value.as_tuple().exponent < -_PLACES else value  # type: ignore[operator]
        return describe_quantity(replace(finding.rule.record, value=f"{shown:f}", high=None, approx=False))
    return describe_quantity(finding.figure.record) if finding.figure else ""


def describe_margin(finding: Finding) -> str:
    """The signed margin with its unit, percentages in percentage points; empty where there is none.

    Four decimals are shown at most; the finding itself keeps all.
    """
    if not finding.margin:
        return ""
    value = Decimal(finding.margin)
    shown = f"{round(value, _PLACES) if value.as_tuple().exponent < -_PLACES else value:+,f}"  # type: ignore[operator]
    amount = "0" if not value else shown.replace("-", "−")
    return amount + describe_unit("pp" if finding.unit == "%" else finding.unit)


def describe_provision(path: str | None) -> str:
    """A provision as one cites it: from the article down, or with all its headings where there is no article.

    >>> describe_provision("第六章/第二十三条"), describe_provision("三/（一）"), describe_provision(None)
    ('第二十三条', '三（一）', '')
    """
    from kb.address import readable_label

    if not path:
        return ""
    articles = any(part.endswith(("条", "條")) for part in path.split("/"))
    return plain(readable_label(path) if articles else path.replace("/", ""))
