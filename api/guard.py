"""What stands before every request: which host it is for, where it comes from, and how large it is."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ApiError, refusal

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)


class Guard:
    """ASGI middleware: refuses foreign hosts and origins, bodies over the limit, and adds security headers.

    Args:
        app: what it guards.
        hosts: host names a request may be for, None for any.
        max_body: bytes a request's body may have.
        origins: origins whose pages may send requests too, as browsers name them.
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str] | None, max_body: int, origins: frozenset[str]) -> None:
        self.app = app
        self.hosts = hosts
        self.max_body = max_body
        self.origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        refused = self._refuse(scope["method"], Headers(scope=scope))
        if refused is not None:
            status, text, limit = refused
            await refusal(scope, status, text, limit=limit)(scope, receive, send_guarded)
            return
        await self.app(scope, self._limited(receive), send_guarded)

    def _refuse(self, method: str, headers: Headers) -> tuple[int, str, int | None] | None:
        host = headers.get("host", "")
        if self.hosts is not None and _host_name(host) not in self.hosts:
            return 403, "this server answers only for 127.0.0.1 and localhost", None
        origin = headers.get("origin")
        if method not in _SAFE_METHODS and origin is not None and not self._is_own(origin, host):
            return 403, "requests from pages of other origins are refused", None
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self.max_body:
            return 413, f"the request is larger than {self.max_body} bytes", self.max_body
        return None

    def _is_own(self, origin: str, host: str) -> bool:
        return origin in self.origins or _authority(origin) == host

    def _limited(self, receive: Receive) -> Receive:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_body:
                raise ApiError(413, f"the request is larger than {self.max_body} bytes", limit=self.max_body)
            return message

        return counted


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _host_name(host: str) -> str:
    """The name in a Host header, without port and brackets.

    >>> _host_name("[::1]:8000"), _host_name("localhost:8000")
    ('::1', 'localhost')
    """
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
