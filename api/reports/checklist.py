"""A regulation's duties one by one, as a page and as a workbook: broken, open, not mentioned, met."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from api.present import describe_bound, describe_document
from api.reports.checked import describe_provision
from api.reports.page import page, section, table
from api.reports.quotes import script_of
from api.reports.workbook import Page, pages_to_xlsx
from api.screen import plain

if TYPE_CHECKING:
    from ingest.records import Extraction
    from kb.checklist import DutyCheck

DUTY_WORDS = {"broken": "不符合", "open": "待定", "not_mentioned": "未提及", "met": "符合"}
"""From the gravest to the least."""
_COLOURS = {"broken": "violation", "open": "undetermined", "not_mentioned": "none", "met": "compliant"}
_SIGNS = {"broken": "✕", "open": "?", "not_mentioned": "–", "met": "✓"}
_OPEN = ("核实情况", "备注")
_ANSWERS = ("符合", "不符合", "不适用", "待核实")


def checklist_to_html(report: Extraction, checks: Sequence[DutyCheck]) -> str:
    """A checklist as a page that stands alone, each regulation's duties in their order."""
    title = plain(report.document.title or report.document.source)
    counts = {status: sum(check.status == status for check in checks) for status in DUTY_WORDS}
    tiles = "".join(
        f'<li class="{_COLOURS[status] if count else "none"}"><b class="tint">{count}</b>'
        f'<span class="sign tint" aria-hidden="true">{_SIGNS[status]}</span> {DUTY_WORDS[status]}</li>'
        for status, count in counts.items()
    )
    language = script_of(report.document.script)
    parts = [
        f'<header><p class="kicker">逐条核对</p><h1{language}>{escape(title)}</h1></header>',
        f'<p class="verdict {_worst(counts)}">共 {len(checks)} 项要求：'
        + "，".join(f"{DUTY_WORDS[status]} {count} 项" for status, count in counts.items() if count)
        + f'。</p><ul class="tiles">{tiles}</ul>',
    ]
    documents = {check.rule.document.id: check.rule.document for check in checks}
    for number, (identity, document) in enumerate(documents.items(), start=1):
        mine = [check for check in checks if check.rule.document.id == identity]
        parts.append(section(f"document-{number}", describe_document(document), len(mine), _table(mine, language)))
    return page(f"逐条核对：{title}", parts)


def checklist_to_xlsx(checks: Sequence[DutyCheck]) -> bytes:
    """A checklist as a workbook with room for what the reviewer finds out."""
    columns = ("序号", "结论", *_OPEN, "文件", "条款", "要求", "限值", "报告所述", "说明")
    rows = tuple(
        (
            number,
            DUTY_WORDS[check.status],
            *(None for _ in _OPEN),
            describe_document(check.rule.document),
            describe_provision(check.rule.record.provision),
            duty_of(check),
            describe_bound(check.rule.record) or None,
            plain(check.quote) or None,
            check.finding.explanation if check.finding else None,
        )
        for number, check in enumerate(checks, start=1)
    )
    return pages_to_xlsx([Page("逐条核对", columns, rows, choices={"核实情况": _ANSWERS}, open=frozenset(_OPEN))])


def duty_of(check: DutyCheck) -> str:
    """What a duty asks for: its clause, or what its bound is of."""
    record = check.rule.record
    if record.comparator is None:
        return plain(record.quote)
    scope = record.scope
    who = (scope.condition, record.actor, scope.population, scope.institution, scope.service)
    words = [plain(word) for word in (*who, record.action, record.indicator_text) if word and len(word) > 1]
    return " ".join(dict.fromkeys(words)) or plain(record.quote)


def _worst(counts: dict[str, int]) -> str:
    return next((_COLOURS[status] for status in ("broken", "open") if counts[status]), "compliant")


def _table(checks: Sequence[DutyCheck], language: str) -> str:
    rows = [
        (
            f'<span class="tint {_COLOURS[check.status]}">{_SIGNS[check.status]} {DUTY_WORDS[check.status]}</span>',
            escape(describe_provision(check.rule.record.provision)),
            f"<span{script_of(check.rule.document.script)}>{escape(duty_of(check))}</span>",
            escape(describe_bound(check.rule.record)),
            _said(check, language),
        )
        for check in checks
    ]
    return table(("结论", "条款", "要求", "限值", "报告所述"), rows, ("sign-word", "place", "about", "value", "words"))


def _said(check: DutyCheck, language: str) -> str:
    parts = [f"<span{language}>{escape(plain(check.quote))}</span>"] if check.quote else []
    parts += [f"<small>{escape(check.finding.explanation)}</small>"] if check.finding else []
    return "<br>".join(parts)
