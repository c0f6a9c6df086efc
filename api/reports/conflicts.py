"""Rules that disagree, as a page and as a workbook: contradictions, what was replaced, where a city is stricter."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from api.present import describe_bound, sentence_around
from api.reports.checked import TextOf, describe_provision, indicator_name
from api.reports.page import page, section
from api.reports.quotes import quote_block
from api.reports.workbook import Page, pages_to_xlsx

if TYPE_CHECKING:
    from kb.conflicts import Conflict
    from kb.flat import Value
    from kb.types import StoredRule

KIND_WORDS = {"contradictory": "相互矛盾", "superseded": "已被替代", "stricter-local": "地方更严"}
_COLOURS = {"contradictory": "violation", "superseded": "undetermined", "stricter-local": "compliant"}
_SIDES = {"superseded": ("新文件", "旧文件")}
_RANKS = ("上位文件", "下位文件")


def conflicts_to_html(conflicts: Sequence[Conflict], text_of: TextOf) -> str:
    """Conflicts as a page that stands alone, the contradictions first."""
    groups = [(kind, [c for c in conflicts if c.kind == kind]) for kind in KIND_WORDS]
    said = "，".join(f"{KIND_WORDS[kind]} {len(group)} 处" for kind, group in groups if group)
    worst = next((_COLOURS[kind] for kind, group in groups if group), "compliant")
    parts = ['<header><p class="kicker">规定冲突</p><h1>不一致的规定</h1></header>']
    parts.append(f'<p class="verdict {worst}">{f"发现{said}。" if said else "没有发现不一致的规定。"}</p>')
    for kind, group in groups:
        parts.append(section(kind, KIND_WORDS[kind], len(group), *(_card(c, text_of) for c in group)))
    return page("不一致的规定", parts)


def conflicts_to_xlsx(conflicts: Sequence[Conflict], text_of: TextOf) -> bytes:
    """Conflicts as a workbook, one row each."""
    sides = ("文件", "级别", "施行日期", "条款", "限值", "原文")
    columns = ("类别", "指标", "说明", *(f"甲{side}" for side in sides), *(f"乙{side}" for side in sides))
    rows = tuple(
        (
            KIND_WORDS[conflict.kind],
            indicator_name(conflict.indicator),
            conflict.explanation,
            *_cells(conflict.senior, text_of),
            *_cells(conflict.junior, text_of),
        )
        for conflict in conflicts
    )
    return pages_to_xlsx([Page("规定冲突", columns, rows)])


def _card(conflict: Conflict, text_of: TextOf) -> str:
    names = _SIDES.get(conflict.kind, _RANKS)
    if conflict.kind == "contradictory" and conflict.senior.document.region == conflict.junior.document.region:
        names = ("甲文件", "乙文件")
    sides = zip(names, (conflict.senior, conflict.junior), strict=True)
    quotes = "".join(quote_block(f"{name}　{_dated(stored)}", stored, text_of) for name, stored in sides)
    scope = conflict.senior.record.scope
    title = "".join(filter(None, (scope.institution, scope.service, indicator_name(conflict.indicator))))
    bounds = " · ".join(describe_bound(stored.record) for stored in (conflict.senior, conflict.junior))
    return (
        f'<article class="card {_COLOURS[conflict.kind]}"><header><h3>{escape(title)}</h3>'
        f'<span class="margin tint">{escape(bounds)}</span></header><p>{escape(conflict.explanation)}</p>'
        f'<div class="quotes">{quotes}</div></article>'
    )


def _dated(stored: StoredRule) -> str:
    document = stored.document
    facts = (document.level, f"自 {document.effective} 施行" if document.effective else document.published)
    return "　".join(fact for fact in facts if fact)


def _cells(stored: StoredRule, text_of: TextOf) -> tuple[Value, ...]:
    record, document = stored.record, stored.document
    title = f"《{document.title}》" if document.title else document.source
    said = "".join(sentence_around(text_of(stored), record.start, record.end))
    place = describe_provision(record.provision)
    return (title, document.level, document.effective, place, describe_bound(record), said)
