"""The findings of a check, drawn for a terminal, as a workbook and as a page to hand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

from api.present import (
    describe_bound,
    describe_document,
    describe_figure,
    describe_rule,
    describe_unit,
    sentence_around,
)
from api.screen import Screen, plain, wrap

if TYPE_CHECKING:
    from api.sheets import Sheet
    from kb.types import Finding, StoredFigure, StoredRule

TextOf = Callable[["StoredFigure | StoredRule"], str]
"""Gives the original text of the document a record stands in."""

_ORDER = ("violation", "inconsistent", "undetermined", "compliant")
_STYLE = {"violation": "bad", "inconsistent": "bad", "undetermined": "doubt", "compliant": "good"}
_CHINESE = {"violation": "违反", "inconsistent": "自相矛盾", "undetermined": "无法判定", "compliant": "符合"}
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.7 system-ui, "Noto Sans CJK SC", "PingFang SC", sans-serif; max-width: 60rem; margin: 2rem auto }}
article {{ border-left: .3rem solid #999; padding: .2rem 1rem; margin: 1rem 0 }}
.violation, .inconsistent {{ border-color: #c00 }}
.undetermined {{ border-color: #c80 }}
.compliant {{ border-color: #080 }}
blockquote {{ margin: .3rem 0; padding-left: 1rem; color: #333 }} cite {{ color: #666; font-size: .85rem }}
mark {{ background: #ffe58a }}
</style></head><body><h1>{title}</h1><p>{summary}</p>
{body}
</body></html>"""


def sorted_findings(findings: Sequence[Finding]) -> list[Finding]:
    """Findings with what is wrong first, otherwise in the order given."""
    return sorted(findings, key=lambda finding: _ORDER.index(finding.status))


def count_findings(findings: Sequence[Finding]) -> str:
    """`2 violation, 1 inconsistent, 0 undetermined, 5 compliant`."""
    return ", ".join(f"{sum(f.status == status for f in findings)} {status}" for status in _ORDER)


def draw_findings(findings: Sequence[Finding], text_of: TextOf, screen: Screen, full: bool) -> str:
    """Findings for a terminal, each with both quotes; compliant ones only counted unless `full`."""
    lines: list[str] = []
    for finding in sorted_findings(findings):
        if finding.status == "compliant" and not full:
            continue
        head = screen.style(finding.status.upper(), _STYLE[finding.status])
        margin = f"  margin {_margin(finding)}" if finding.margin else ""
        recomputed = f"  recomputed {finding.recomputed}" if finding.recomputed else ""
        lines.append(f"{head}  {plain(finding.indicator or '')}{margin}{recomputed}")
        lines.append(wrap(plain(finding.explanation), screen.columns, "   "))
        for name, record in (("report", finding.figure), ("rule", finding.rule)):
            if record is not None:
                lines.append(f"   {name:<7}{screen.style(_place(record), 'dim')}")
                lines.append(wrap(plain("".join(_quoted(record, text_of))), screen.columns, "          "))
        lines.append("")
    lines.append(count_findings(findings))
    return "\n".join(lines)


def findings_to_html(findings: Sequence[Finding], text_of: TextOf, title: str) -> str:
    """A page that stands alone; everything from documents is escaped."""
    body = "\n".join(_article(finding, text_of) for finding in sorted_findings(findings))
    summary = "，".join(f"{_CHINESE[s]} {sum(f.status == s for f in findings)} 项" for s in _ORDER)
    return _PAGE.format(title=escape(title), summary=summary, body=body)


def findings_sheet(findings: Sequence[Finding], text_of: TextOf) -> Sheet:
    """One row per finding, both quotes with their documents and spans."""
    from api.sheets import Sheet

    sides = ("document", "provision", "value", "about", "quote", "start", "end")
    own = ("status", "indicator", "margin", "unit", "recomputed", "explanation")
    columns = (*own, *(f"{side}.{name}" for side in ("figure", "rule") for name in sides))
    rows = tuple(
        (*(getattr(f, name) for name in own), *_cells(f.figure, text_of), *_cells(f.rule, text_of))
        for f in sorted_findings(findings)
    )
    return Sheet("findings", columns, rows)


def _cells(stored: StoredFigure | StoredRule | None, text_of: TextOf) -> tuple[str | int | None, ...]:
    if stored is None:
        return (None,) * 7
    record = stored.record
    return (
        describe_document(stored.document),
        record.provision,
        describe_bound(record),
        _about(stored),
        "".join(_quoted(stored, text_of)),
        record.start,
        record.end,
    )


def _article(finding: Finding, text_of: TextOf) -> str:
    margin = f"，差 {escape(_margin(finding))}" if finding.margin else ""
    parts = [f'<article class="{finding.status}"><h2>{_CHINESE[finding.status]}{margin}</h2>']
    parts.append(f"<p>{escape(finding.explanation)}</p>")
    for stored in (finding.figure, finding.rule):
        if stored is not None:
            before, quote, after = (escape(piece) for piece in _quoted(stored, text_of))
            parts.append(
                f"<blockquote>{before}<mark>{quote}</mark>{after}<br><cite>{escape(_place(stored))}</cite></blockquote>"
            )
    return "".join(parts) + "</article>"


def _margin(finding: Finding) -> str:
    """The margin with its unit; a difference of percentages is in percentage points."""
    return f"{finding.margin}{describe_unit('pp' if finding.unit == '%' else finding.unit)}"


def _about(stored: StoredFigure | StoredRule) -> str:
    from ingest.records import Rule

    return describe_rule(stored.record) if isinstance(stored.record, Rule) else describe_figure(stored.record)


def _place(stored: StoredFigure | StoredRule) -> str:
    record = stored.record
    provision = f" {plain(record.provision)}" if record.provision else ""
    return f"{describe_document(stored.document)}{provision} [{record.start}-{record.end}]"


def _quoted(stored: StoredFigure | StoredRule, text_of: TextOf) -> tuple[str, str, str]:
    return sentence_around(text_of(stored), stored.record.start, stored.record.end)
