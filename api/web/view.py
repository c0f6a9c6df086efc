"""Pages: templates filled, in the reader's script, under a policy that runs nothing but our own scripts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, StreamingResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api import present
from api.reports.checked import describe_provision
from api.web import labels
from api.web.charts import chart_style_link
from api.web.samples import sample_files
from api.web.script import PageScript, original, page_in_script

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
SCRIPTS = ("hans", "hant")
THEMES = ("auto", "light", "dark")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Vary": "Cookie"}
_CONTENT = "\ufdd2"  # a noncharacter: no document brings it to a page
_SECTIONS = (
    ("search", "/", "检索"),
    ("rules", "/rules", "规则库"),
    ("figures", "/figures", "指标"),
    ("check", "/check", "合规检查"),
    ("documents", "/documents", "文档"),
    ("ask", "/ask", "问答"),
)


def render(request: Request, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """A page, or a piece of one, made from a template, as an answer with a status; arguments as `page_text`."""
    return HTMLResponse(page_text(request, template, **values), status, _HEADERS)


def render_around(request: Request, template: str, content: Iterable[str], /, **values: Any) -> StreamingResponse:
    """A page sent as it is made, for what is long: the template's `{{ content }}` is made last, piece by piece.

    Args:
        request: as for `page_text`.
        template: a file of `templates/`.
        content: HTML in a document's own words, which no script changes.
        values: as for `page_text`.
    """
    before, _, after = page_text(request, template, content=_CONTENT, **values).partition(_CONTENT)
    return StreamingResponse(
        chain((before,), content, (after,)), headers=_HEADERS, media_type="text/html; charset=utf-8"
    )


def page_text(request: Request, template: str, /, **values: Any) -> str:
    """What a template makes.

    Args:
        request: whose cookies name the script and the theme.
        template: a file of `templates/`.
        values: what the template shows; every text in them is escaped.
    """
    script = _cookie(request, "fadu_script", SCRIPTS)
    html = (
        _environment()
        .get_template(template)
        .render(
            request=request,
            script=script,
            theme=_cookie(request, "fadu_theme", THEMES),
            here=f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
            **values,
        )
    )
    return page_in_script(html, cast(PageScript, script))


def _cookie(request: Request, name: str, allowed: tuple[str, ...]) -> str:
    value = request.cookies.get(name, "")
    return value if value in allowed else allowed[0]


@cache
def asset(name: str) -> str:
    """The address of a file of `static/`, which changes with its content."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/web/{name}?v={digest}"


def with_query(path: str, **values: Any) -> str:
    """A path with a query of the values that are neither None nor empty; lists repeat their name.

    >>> with_query("/rules", region="云岭", page=None)
    '/rules?region=%E4%BA%91%E5%B2%AD'
    """
    kept = {name: value for name, value in values.items() if value not in (None, "", [], ())}
    return f"{path}?{urlencode(kept, doseq=True)}" if kept else path


def document_link(identity: str) -> str:
    """The page of a document, `id` or `id@version`."""
    return f"/documents/{quote(identity, safe='@')}"


def place_link(identity: str, start: int, end: int) -> str:
    """The page of a document with a span of its original marked and in view."""
    return f"{document_link(identity)}?mark={start}-{end}#mark"


def context_link(identity: str, start: int, end: int) -> str:
    """A span of a document with its provision around it, for the panel beside a page."""
    return with_query("/context", document=identity, mark=f"{start}-{end}")


def provision_link(identity: str, provision: str) -> str:
    """The stable page of a provision."""
    return f"/p/{quote(identity, safe='@')}/{quote(provision)}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {"original": original}
    environment.globals |= {
        "asset": asset,
        "chart_style_link": chart_style_link,
        "sections": _SECTIONS,
        "with_query": with_query,
        "document_link": document_link,
        "place_link": place_link,
        "context_link": context_link,
        "provision_link": provision_link,
        "labels": labels,
        "bound": present.describe_bound,
        "sample_files": sample_files,
        "quantity": present.describe_quantity,
        "unit": present.describe_unit,
        "describe_rule": present.describe_rule,
        "describe_figure": present.describe_figure,
        "provision": describe_provision,
    }
    return environment
