"""One error shape for the whole API: `{code, message, detail, limit}`, and nothing internal in it."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from api.schemas import Problem
from ingest.errors import FaduError, LockedError, MissingExtraError, QueryError, ReadError, StoreError

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
    501: "not_installed",
    503: "unavailable",
}
_ERRORS: tuple[tuple[type[FaduError], int, str], ...] = (
    (ReadError, 422, "unreadable"),
    (QueryError, 422, "invalid_query"),
    (MissingExtraError, 501, "not_installed"),
    (LockedError, 503, "locked"),
    (StoreError, 503, "unavailable"),
)


class ApiError(HTTPException):
    """A refusal with its code, message and, where one was exceeded, limit."""

    def __init__(self, status: int, message: str, *, limit: int | None = None, headers: dict[str, str] | None = None):
        super().__init__(status, message, headers)
        self.limit = limit


def problem_response(
    status: int,
    message: str,
    *,
    code: str | None = None,
    detail: Any = None,
    limit: int | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """An error response in the API's one shape."""
    name = code or _NAMES.get(status, "error")
    problem = Problem(code=name, message=message, detail=detail, limit=limit)
    return JSONResponse(problem.model_dump(), status, headers)


def describe_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for the errors an operation may answer; 400, 401, 403, 422 and 500 go for all."""
    return {
        status: {"model": Problem, "description": _NAMES.get(status, "internal").replace("_", " ")}
        for status in (400, 401, 403, 422, 500, *statuses)
    }


def install_handlers(app: FastAPI) -> None:
    """Makes every error of `app` a `Problem`."""

    @app.exception_handler(StarletteHTTPException)
    async def on_http(request: Request, error: StarletteHTTPException) -> JSONResponse:
        limit = error.limit if isinstance(error, ApiError) else None
        return problem_response(error.status_code, str(error.detail), limit=limit, headers=dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        detail = [{"where": ".".join(map(str, e["loc"])), "what": e["msg"]} for e in error.errors()]
        first = "; ".join(f"{d['where']}: {d['what']}" for d in detail[:3])
        return problem_response(422, f"the request is not valid: {first}", detail=jsonable_encoder(detail))

    @app.exception_handler(FaduError)
    async def on_refusal(request: Request, error: FaduError) -> JSONResponse:
        for kind, status, code in _ERRORS:
            if isinstance(error, kind):
                headers = {"Retry-After": "5"} if status == 503 else None
                return problem_response(status, str(error), code=code, headers=headers)
        return problem_response(422, str(error))

    @app.exception_handler(Exception)
    async def on_crash(request: Request, error: Exception) -> JSONResponse:
        _LOG.error("internal error at %s %s", request.method, request.url.path, exc_info=error)
        return problem_response(500, "internal error; the server's log has the details", code="internal")
