"""The web page, rendered on the server: `add_pages` puts it on an application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class _Assets(StaticFiles):
    """Our own style and scripts; their addresses change with their content, so browsers may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code == 200 and b"v=" in scope["query_string"]:
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def add_pages(app: FastAPI, dependencies: Sequence[Any]) -> None:
    """Adds every page and what they are drawn with; `dependencies` guard the pages."""
    from api.web import charts, chat, checks, document, documents, provision, search, settings, tables
    from api.web.view import STATIC

    for module in (charts, search, tables, checks, documents, document, provision, chat, settings):
        app.include_router(module.router, dependencies=dependencies)
    app.mount("/static/web", _Assets(directory=STATIC), name="web")
