"""The HTTP application: FastAPI over one knowledge base."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Security
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.telemetry import TelemetryConfig
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from api.access import Gate, admission
from api.examples import Documented
from api.guard import LOOPBACK, Guard
from api.keys import KeyRing
from api.library import Library
from api.mcp_http import add_mcp
from api.metrics import Measured, Metrics
from api.problems import install_handlers
from api.routes import analysis, dify, documents, export, jobs, lookup, openai, relations, service, toolserver
from api.web import add_pages
from kb.reviews import Reviews

MAX_UPLOAD = 32 * 1024 * 1024
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
_DESCRIPTION = """\
Searches Chinese policy documents and checks reports against them. Every hit, rule, figure and finding carries the
exact characters it came from: `start` and `end` count code points of the document's original text. Errors have one
shape: `code`, `message`, `detail`, `limit`."""


def create_app(
    kb: str | PathLike[str],
    *,
    api_key: str | None = None,
    max_upload: int = MAX_UPLOAD,
    hosts: frozenset[str] | None = LOOPBACK,
    origins: frozenset[str] = frozenset(),
) -> FastAPI:
    """An application that serves the knowledge base at `kb`; it is opened when the application starts.

    Args:
        kb: folder of the knowledge base, made if there is none.
        api_key: key every request must carry, None for none.
        max_upload: bytes a request's body may have.
        hosts: host names requests may be for, None for any: then nobody is let in without a key.
        origins: origins whose pages may call the API from a browser, such as https://chat.example.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.library = Library(Path(kb))
        Reviews(Path(kb)).fail_running("服务在检查完成前停止了，请重新检查")
        try:
            async with mcp.running():
                yield
        finally:
            app.state.library.close()

    app = Documented(
        title="fadu 法度",
        version=_version(),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        telemetry=_NO_TELEMETRY,
    )
    app.state.gate = Gate(api_key, KeyRing(Path(kb)), local=hosts is not None)
    app.state.metrics = Metrics(lambda: _gauges(app))
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Guard, hosts=hosts, max_body=max_upload, origins=origins)
    if origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=sorted(origins), allow_methods=["*"], allow_headers=["*"], max_age=600
        )
    app.add_middleware(Measured, metrics=app.state.metrics)
    install_handlers(app)
    _add_docs(app)
    app.include_router(service.open_router)
    schemes = [Security(HTTPBearer(auto_error=False)), Security(APIKeyHeader(name="X-API-Key", auto_error=False))]
    for module in (lookup, documents, jobs, relations, export, analysis, openai, dify, service):
        app.include_router(module.router, dependencies=[Depends(admission), *schemes])
    mcp = add_mcp(app)
    app.mount("/tools", _tool_server(app, schemes))
    add_pages(app, [Depends(admission)])
    return app


def _tool_server(app: FastAPI, schemes: list[Any]) -> FastAPI:
    """The read-only tools with a description of their own: who adds this server adds nothing that writes."""
    tools = FastAPI(
        title="fadu tools",
        version=app.version,
        description="Chinese policy documents: passages, rules and numbers to quote, and what is said checked.",
        root_path_in_servers=True,
        docs_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
    )
    tools.state = app.state
    install_handlers(tools)
    tools.include_router(toolserver.router, dependencies=[Depends(admission), *schemes])
    return tools


def _gauges(app: FastAPI) -> list[tuple[str, str, float]]:
    library: Library = app.state.library
    return [
        ("fadu_documents", "Current documents", library.kb.counts().documents),
        ("fadu_jobs_unfinished", "Ingestion jobs that wait or run", library.jobs.unfinished()),
    ]


def _version() -> str:
    from importlib.metadata import version

    return version("fadu")


def _add_docs(app: FastAPI) -> None:
    app.mount("/static/swagger", StaticFiles(packages=[("fastapi_swagger", "resources")]), name="swagger")

    @app.get("/docs", include_in_schema=False)
    async def show_docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=app.title,
            swagger_js_url="/static/swagger/swagger-ui-bundle.js",
            swagger_css_url="/static/swagger/swagger-ui.css",
            swagger_favicon_url="/static/swagger/favicon-32x32.png",
        )
