"""How a reader wants the page: script and colours, kept in cookies."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from api.web.route import PageRoute
from api.web.view import SCRIPTS, THEMES

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_YEAR = 365 * 24 * 3600


@router.get("/settings")
def change_settings(request: Request) -> RedirectResponse:
    """Keeps `script` and `theme` where they name one there is, and goes back to `next`."""
    answer = RedirectResponse(local_path(request.query_params.get("next", "/")), 303)
    for name, allowed in (("script", SCRIPTS), ("theme", THEMES)):
        value = request.query_params.get(name, "")
        if value in allowed:
            answer.set_cookie(f"fadu_{name}", value, max_age=_YEAR, httponly=True, samesite="lax")
    return answer


def local_path(target: str) -> str:
    """A path on this server; `/` for whatever leads elsewhere.

    >>> local_path("/rules?page=2"), local_path("//evil.example"), local_path("/\\\\evil.example")
    ('/rules?page=2', '/', '/')
    """
    plain = target.isprintable() and target.startswith("/") and "\\" not in target
    return target if plain and not target.startswith("//") else "/"
