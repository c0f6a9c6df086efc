"""Who asks, what they may do, and which collections exist for them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Literal

from fastapi import Request
from starlette.requests import HTTPConnection

from api.keys import KeyRing
from api.problems import ApiError

Role = Literal["read", "write", "admin"]
ROLES: tuple[Role, ...] = ("read", "write", "admin")
"""Each may do what those before it may: look; add and remove documents; read the audit log and every job."""
_MACHINES = ("/api", "/v1", "/dify", "/mcp", "/tools", "/metrics", "/readyz")


@dataclass(frozen=True, slots=True)
class Access:
    """What one caller may do; `collections` is None for all."""

    name: str
    role: Role
    collections: frozenset[str] | None = None

    def may(self, role: Role) -> bool:
        """Whether the caller has a role or one above it."""
        return ROLES.index(self.role) >= ROLES.index(role)


EVERYONE = Access("anyone", "admin")
"""The caller of a server without keys, which answers this machine only."""


class Gate:
    """Tells callers apart by their keys; while there is no key, lets in everyone or nobody.

    Args:
        key: a key that may do everything, None for none.
        ring: the keys made for this knowledge base.
        local: the server answers this machine only, so that it may go without keys.
    """

    def __init__(self, key: str | None, ring: KeyRing, *, local: bool) -> None:
        self._ring = ring
        self._local = local
        self._fixed = None if key is None else ring.digest(key.encode())

    def admit(self, connection: HTTPConnection) -> Access:
        """Who a request is from.

        Raises:
            ApiError: 401, it carries no key, or one that is not known.
        """
        keys = self._ring.all()
        if self._fixed is None and not keys and self._local:
            return EVERYONE
        given = self._ring.digest(_presented_key(connection))
        found: Access | None = None
        if self._fixed is not None and self._ring.same(given, self._fixed):
            found = Access("server", "admin")
        for key in keys:  # all of them are compared, whichever matches
            if self._ring.same(given, key.digest):
                collections = None if key.collections is None else frozenset(key.collections)
                found = Access(key.name, _role(key.role), collections)
        if found is None:
            page = not connection.url.path.startswith(_MACHINES)
            scheme = 'Basic realm="fadu"' if page else "Bearer"
            raise ApiError(401, "an API key is needed: Authorization: Bearer KEY", headers={"WWW-Authenticate": scheme})
        return found


def admitted(request: Request) -> Access:
    """The caller of a request; the gate is asked once."""
    if not hasattr(request.state, "access"):
        gate: Gate = request.app.state.gate
        request.state.access = gate.admit(request)
    access: Access = request.state.access
    return access


async def admission(request: Request) -> Access:
    """`admitted` as a dependency: it is quick, and a thread of its own for every request would cost more."""
    return admitted(request)


def needs_write(request: Request) -> None:
    """Lets callers through that may change documents.

    Raises:
        ApiError: 403, the caller may only look.
    """
    _need(request, "write")


def needs_admin(request: Request) -> None:
    """Lets administrators through.

    Raises:
        ApiError: 403, the caller is none.
    """
    _need(request, "admin")


def _need(request: Request, role: Role) -> None:
    access = admitted(request)
    if not access.may(role):
        raise ApiError(403, f"the key {access.name!r} has the role {access.role!r}; this needs {role!r}")


def _role(text: str) -> Role:
    return next((role for role in ROLES if role == text), "read")


def _presented_key(connection: HTTPConnection) -> bytes:
    # Header values arrive decoded as Latin-1, whatever their bytes meant.
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode("latin-1")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).partition(b":")[2]
        except ValueError:
            return b""
    return connection.headers.get("x-api-key", "").encode("latin-1")
