"""Charts on the page: drawn as SVG on the server, coloured by a style sheet the page's policy allows."""

from __future__ import annotations

import hashlib
from functools import cache

from fastapi import APIRouter
from fastapi.responses import Response

from api.reports.svg import DARK_VARIABLES, LIGHT_VARIABLES, SHAPE_STYLE

router = APIRouter(include_in_schema=False)


@router.get("/charts.css")
def show_style() -> Response:
    """Colours and shapes of charts, light and dark as the page is."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_style(), media_type="text/css; charset=utf-8", headers=headers)


@cache
def chart_style_link() -> str:
    """The address of the style sheet, which changes with its content."""
    return f"/charts.css?v={hashlib.sha256(_style().encode()).hexdigest()[:10]}"


@cache
def _style() -> str:
    dark = f".fd-chart{{{DARK_VARIABLES}}}"
    return (
        f".fd-chart{{{LIGHT_VARIABLES};max-width:100%;height:auto}}[data-theme=dark] {dark}"
        f"@media(prefers-color-scheme:dark){{[data-theme=auto] {dark}}}"
        f"@media print{{[data-theme] .fd-chart{{{LIGHT_VARIABLES}}}}}{SHAPE_STYLE}"
    )
