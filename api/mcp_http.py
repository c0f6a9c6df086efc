"""MCP over streamable HTTP at `/mcp`: stateless JSON, so any proxy can stand before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.requests import HTTPConnection
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.problems import ApiError, refusal

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATH = "/mcp"


class McpEndpoint:
    """The ASGI endpoint: lets callers in as every other route does, then hands over to the official SDK.

    `running` must be entered for the life of the application.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Starts the SDK's server, where the package is installed."""
        try:
            from api.mcp_server import create_server
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
                raise
            yield
            return
        server = create_server()
        server.streamable_http_app(streamable_http_path=PATH, json_response=True, stateless_http=True)
        self._manager = server.session_manager
        self._manager.security_settings = None  # hosts and origins are checked by `Guard` already
        async with self._manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._manager is None:
            answer = refusal(scope, 501, "MCP needs the optional packages of 'mcp': run pip install 'fadu[mcp]'")
            await answer(scope, receive, send)
            return
        from api.mcp_server import Caller, calling

        connection = HTTPConnection(scope)
        try:
            access = self._app.state.gate.admit(connection)
        except ApiError as error:
            answer = refusal(scope, error.status_code, str(error.detail), headers=dict(error.headers or {}))
            await answer(scope, receive, send)
            return
        kb = self._app.state.library.seen_by(access).kb
        token = calling.set(Caller(kb, str(connection.base_url).rstrip("/")))
        try:
            await self._manager.handle_request(scope, receive, send)
        finally:
            calling.reset(token)


def add_mcp(app: FastAPI) -> McpEndpoint:
    """Adds `/mcp` to an application."""
    endpoint = McpEndpoint(app)
    app.router.routes.append(Route(PATH, endpoint=endpoint))
    return endpoint
