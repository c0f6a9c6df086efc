"""One error shape for the whole API: `{code, message, detail, limit}`, and nothing internal in it."""

from __future__ import annotations

import errno
import logging
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import Scope

from api.llm import ModelError
from api.parsing import BusyError, StoppedError
from api.schemas.service import Problem
from ingest.errors import FaduError, LockedError, MissingExtraError, QueryError, ReadError, StoreError
from ingest.messages import Message

_LOG = logging.getLogger("fadu.api")
_NAMES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_type",
    422: "invalid",
    429: "too_many",
    501: "not_installed",
    503: "unavailable",
    507: "storage_full",
}
_ERRORS: tuple[tuple[type[FaduError], int, str], ...] = (
    (ReadError, 422, "unreadable"),
    (QueryError, 422, "invalid_query"),
    (MissingExtraError, 501, "not_installed"),
    (ModelError, 502, "model"),
    (BusyError, 429, "too_many"),
    (StoppedError, 503, "stopping"),
    (LockedError, 503, "locked"),
    (StoreError, 503, "unavailable"),
)


_PROGRAMS = ("/api/", "/v1/", "/dify/", "/mcp", "/tools/", "/metrics")
_DIFY_CODES = {401: 1002, 403: 1002, 404: 2001}


class ApiError(HTTPException):
    """A refusal with its code, message and, where one was exceeded, limit.

    `message` is a `Message` where the web page says it too, in its own language.
    """

    def __init__(
        self, status: int, said: str | Message, *, limit: int | None = None, headers: dict[str, str] | None = None
    ):
        super().__init__(status, str(said), headers)
        self.message = said if isinstance(said, Message) else None
        self.limit = limit


class NotModifiedError(Exception):
    """The client's copy is current; answered with 304."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


def refusal(
    scope: Scope, status: int, message: str, *, limit: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    """An error response in the shape the addressed interface has."""
    return _shaped(scope, status, _problem(status, message, limit=limit), headers)


def _problem(
    status: int, message: str, *, code: str | None = None, detail: Any = None, limit: int | None = None
) -> dict[str, Any]:
    name = code or _NAMES.get(status, "error")
    return Problem(code=name, message=message, detail=detail, limit=limit).model_dump()


def _shaped(scope: Scope, status: int, problem: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """A problem as OpenAI's clients (`/v1`) or Dify (`/dify`) read it, as a page for a browser, else as it is."""
    path = scope["path"]
    if _is_read_by_people(scope):
        return _page(scope, status, headers)
    if path.startswith("/v1/"):
        kind = "server_error" if status >= 500 else "invalid_request_error"
        body = {"message": problem["message"], "type": kind, "param": None, "code": problem["code"]}
        return JSONResponse({"error": body}, status, headers)
    if path.startswith("/dify/"):
        code = _DIFY_CODES.get(status, status)
        if status == 401 and not _has_bearer(scope):
            code = 1001
        return JSONResponse({"error_code": code, "error_msg": problem["message"]}, status, headers)
    return JSONResponse(problem, status, headers)


def _is_read_by_people(scope: Scope) -> bool:
    """Whether a browser asks for a page."""
    return "text/html" in Headers(scope=scope).get("accept", "") and not scope["path"].startswith(_PROGRAMS)


def _page(scope: Scope, status: int, headers: dict[str, str] | None) -> Response:
    from api.web.route import error_page

    page = error_page(Request(scope), status)
    page.headers.update(headers or {})
    return page


def _has_bearer(scope: Scope) -> bool:
    given = Headers(scope=scope).get("authorization", "")
    scheme, _, key = given.partition(" ")
    return scheme.lower() == "bearer" and bool(key.strip())


def problem_of(error: FaduError) -> dict[str, Any]:
    """What a `Problem` says of an error fadu raised on purpose."""
    return _status_and_problem(error)[1]


def _status_and_problem(error: FaduError) -> tuple[int, dict[str, Any]]:
    status, code = next(((s, c) for kind, s, c in _ERRORS if isinstance(error, kind)), (422, "invalid"))
    limit = error.limit if isinstance(error, BusyError) else None
    return status, Problem(code=code, message=str(error), limit=limit).model_dump()


def describe_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for the errors an operation may answer; 400, 401, 403, 422 and 500 go for all."""
    return {
        status: {"model": Problem, "description": _NAMES.get(status, "internal").replace("_", " ")}
        for status in (400, 401, 403, 422, 500, *statuses)
    }


def install_handlers(app: FastAPI) -> None:
    """Makes every error of `app` a `Problem`."""

    @app.exception_handler(StarletteHTTPException)
    async def on_http(request: Request, error: StarletteHTTPException) -> Response:
        limit = error.limit if isinstance(error, ApiError) else None
        problem = _problem(error.status_code, str(error.detail), limit=limit)
        return _shaped(request.scope, error.status_code, problem, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        detail = [{"where": ".".join(map(str, e["loc"])), "what": e["msg"]} for e in error.errors()]
        first = "; ".join(f"{d['where']}: {d['what']}" for d in detail[:3])
        problem = _problem(422, f"the request is not valid: {first}", detail=jsonable_encoder(detail))
        return _shaped(request.scope, 422, problem)

    @app.exception_handler(FaduError)
    async def on_refusal(request: Request, error: FaduError) -> Response:
        status, problem = _status_and_problem(error)
        headers = {"Retry-After": "5"} if status in (429, 503) else None
        return _shaped(request.scope, status, problem, headers)

    @app.exception_handler(NotModifiedError)
    async def on_current(request: Request, error: NotModifiedError) -> Response:
        return Response(status_code=304, headers={"ETag": error.tag, "Cache-Control": "private, no-cache"})

    @app.exception_handler(OSError)
    async def on_system(request: Request, error: OSError) -> Response:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _shaped(request.scope, 507, _problem(507, "the server's disk is full; nothing was stored"))
        return await on_crash(request, error)

    @app.exception_handler(Exception)
    async def on_crash(request: Request, error: Exception) -> Response:
        _LOG.error("internal error at %s %s", request.method, request.url.path, exc_info=error)
        problem = _problem(500, "internal error; the server's log has the details", code="internal")
        return _shaped(request.scope, 500, problem)
