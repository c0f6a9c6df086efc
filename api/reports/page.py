"""The frame of an HTML report: one file with its style inside, no scripts, nothing fetched; light, dark and on A4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

from api.reports.svg import DARK_VARIABLES, LIGHT_VARIABLES, SHAPE_STYLE
from api.screen import plain

_LIGHT = LIGHT_VARIABLES + ";--desk:#f7f6f2;--mark:#ffe08a;--operand:#dcebf7;--added:#dff0e4;--taken:#fbe3e0"
_DARK = DARK_VARIABLES + ";--desk:#15171a;--mark:#6b5413;--operand:#2b4459;--added:#1f3d2b;--taken:#4a2522"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@cache
def page_style() -> str:
    """The style sheet of a report, colours of its charts included."""
    sheet = files("api.reports").joinpath("report.css").read_text(encoding="utf-8")
    return (
        f":root{{{_LIGHT}}}\n@media (prefers-color-scheme:dark){{:root{{{_DARK}}}}}\n"
        f"@media print{{:root{{color-scheme:light;{_LIGHT}}}}}\n{sheet}{SHAPE_STYLE}"
    )


def page(title: str, body: Iterable[str], style: str = "") -> str:
    """A whole page around its parts, which are HTML already; `style` is added to that of every report."""
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(title)}</title>\n<style>\n{page_style()}\n{style}\n</style></head>\n<body>\n"
        + "\n".join(part for part in body if part)
        + f"\n{_footer()}\n</body></html>\n"
    )


def _footer() -> str:
    try:
        made = f"法度 fadu {version('fadu')}"
    except PackageNotFoundError:
        made = "法度 fadu"
    return (
        '<div class="signature"><span>复核人：</span><span>日期：</span></div>'
        f"<footer>本页由{escape(made)}生成，数值均按原文逐字定位、十进制精确计算；结论供人工复核。</footer>"
    )


def facts(pairs: Iterable[tuple[str, str | None]]) -> str:
    """A list of terms with their descriptions, escaped; those without one are left out."""
    rows = "".join(f"<dt>{escape(term)}</dt><dd>{escape(plain(text))}</dd>" for term, text in pairs if text)
    return f'<dl class="facts">{rows}</dl>' if rows else ""


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], kinds: Sequence[str] = ()) -> str:
    """A table of cells that are HTML already; `kinds` gives each column its class."""
    classes = [f' class="{kind}"' if kind else "" for kind in kinds] or [""] * len(headers)
    head = "".join(f"<th{c}>{escape(h)}</th>" for h, c in zip(headers, classes, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{c}>{cell}</td>" for cell, c in zip(row, classes, strict=True)) + "</tr>" for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def section(anchor: str, title: str, count: int | None, *parts: str) -> str:
    """A headed part of a page, left out where it is empty."""
    content = "".join(parts)
    if not content:
        return ""
    number = "" if count is None else f'<span class="count">{count} 项</span>'
    return f'<section id="{anchor}"><h2>{escape(title)}{number}</h2>{content}</section>'
