"""SVG without a library: escaped text, bars and lines, described for screen readers, in light and dark colours.

Shapes carry classes only, so that a page with a strict content policy can show them with a style sheet of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from api.screen import text_width

FONTS = '"PingFang SC","Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","Noto Sans SC",system-ui,sans-serif'
_LIGHT = """--ink:#22252a;--muted:#666b73;--line:#d9d8d2;--band:#f3f2ed;--paper:#fff;--on:#fff;
--violation:#b3261e;--inconsistent:#7b3f98;--undetermined:#946200;--compliant:#2b6f4a;
--c1:#2f6690;--c2:#d08c2c;--c3:#3a8f85;--c4:#b24a5b;--c5:#7560a8;--c6:#6b7683;
--s1:#a9c9e2;--s2:#74a9d0;--s3:#4385b5;--s4:#256493;--s5:#15486f;--s6:#0b304d"""
_DARK = """--ink:#e9e7e2;--muted:#a2a6ad;--line:#3a3f46;--band:#262a2f;--paper:#1d2024;--on:#16181b;
--violation:#ff8f85;--inconsistent:#d3a6ef;--undetermined:#efc069;--compliant:#80cfa2;
--c1:#7fb6e0;--c2:#eab866;--c3:#77c9be;--c4:#ee919f;--c5:#b8a6ea;--c6:#a7b0bb;
--s1:#27506f;--s2:#32688f;--s3:#4484b1;--s4:#66a3cd;--s5:#94c3e4;--s6:#c5e0f3"""
_SHAPES = f""".fd-chart{{font-family:{FONTS};font-size:13px;fill:var(--ink)}}
.fd-chart text{{font-variant-numeric:tabular-nums}}
.fd-muted{{fill:var(--muted)}}.fd-small{{font-size:12px}}.fd-title{{font-size:16px;font-weight:600}}.fd-strong{{font-weight:600}}
.fd-halo{{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}}
.fd-line{{stroke:var(--line);stroke-width:1}}.fd-axis{{stroke:var(--muted);stroke-width:1}}
.fd-limit{{stroke:var(--ink);stroke-width:2}}.fd-band{{fill:var(--band)}}.fd-paper{{fill:var(--paper)}}.fd-on{{fill:var(--on)}}
""" + "".join(
    f".fd-{name}{{fill:var(--{name})}}"
    for name in (
        "violation",
        "inconsistent",
        "undetermined",
        "compliant",
        *(f"{hue}{number}" for hue in "cs" for number in range(1, 7)),
    )
)
DARK_VARIABLES = _DARK
LIGHT_VARIABLES = _LIGHT
SHAPE_STYLE = _SHAPES
"""Style of the shapes; the colours are variables that `LIGHT_VARIABLES` and `DARK_VARIABLES` set."""
CHART_STYLE = (
    f".fd-chart{{{_LIGHT}}}@media (prefers-color-scheme:dark){{.fd-chart{{{_DARK}}}}}"
    f"@media print{{.fd-chart{{{_LIGHT}}}}}{_SHAPES}"
)


def number(value: float) -> str:
    """A coordinate with two decimals at most.

    >>> number(12.0), number(3.14159)
    ('12', '3.14')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def measure(text: str, size: float = 13) -> float:
    """The width of `text` in a chart at a font size, in user units; an estimate that errs to the wide side."""
    return text_width(text) * size * 0.54


def text_at(x: float, y: float, words: str, style: str = "", anchor: str = "start") -> str:
    """A line of text whose baseline starts, ends or is centred (`anchor`) at a point."""
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    styled = f' class="{style}"' if style else ""
    return f'<text x="{number(x)}" y="{number(y)}"{styled}{anchored}>{escape(words)}</text>'


def bar(x: float, y: float, width: float, height: float, style: str, radius: float = 2) -> str:
    """A rectangle with rounded corners."""
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}" height="{number(height)}" '
        f'rx="{number(radius)}" class="{style}"/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, style: str = "fd-line") -> str:
    """A straight line."""
    return f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" class="{style}"/>'


def dot(x: float, y: float, radius: float, style: str) -> str:
    """A filled circle."""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" class="{style}"/>'


def chart(
    width: float, height: float, title: str, description: str, shapes: Iterable[str], *, name: str, alone: bool = False
) -> str:
    """A whole drawing.

    Args:
        width: in user units, also the widest it is shown, in pixels.
        height: in user units.
        title: what it shows, read out in its place.
        description: the same facts in words.
        shapes: its elements.
        name: tells it from other charts of one page.
        alone: for a file of its own: with its namespace, colours, style and background.
    """
    head = f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
    space, style = "", ""
    if alone:
        space = 'xmlns="http://www.w3.org/2000/svg" '
        style = f"<style>{CHART_STYLE}</style>" + bar(0, 0, width, height, "fd-paper", 0)
    size = f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" height="{number(height)}"'
    return (
        f'<svg {space}class="fd-chart" role="img" lang="zh-CN" aria-labelledby="{name}-t {name}-d" {size}>'
        f"{head}{style}{''.join(shapes)}</svg>"
    )
