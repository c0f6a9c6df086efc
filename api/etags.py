"""Entity tags: an answer stands as long as the knowledge base does, so a client that has it need not have it again."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from api.library import Library, library_of
from api.problems import NotModifiedError

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "the client has this answer already (If-None-Match)"}
}


def revalidated(request: Request, response: Response, library: Annotated[Library, Depends(library_of)]) -> None:
    """Tags the answer to a GET by the state of the base, the day, the caller's collections and the address.

    Raises:
        NotModifiedError: the client named this tag.
    """
    if request.method != "GET":
        return
    seen = sorted(library.access.collections or ()) if library.access.collections is not None else "all"
    state = (_version(), library.kb.state, date.today(), seen, request.url.path, request.url.query)
    tag = f'W/"{hashlib.sha256(repr(state).encode()).hexdigest()[:24]}"'
    if tag in request.headers.get("if-none-match", ""):
        raise NotModifiedError(tag)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"


@cache
def _version() -> str:
    return version("fadu")
