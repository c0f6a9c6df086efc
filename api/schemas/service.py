"""The server itself: errors, health, the audit log."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.records import Record


class Problem(BaseModel):
    """Every error of the API."""

    code: str = Field(description="stable name of the error", examples=["not_found"])
    message: str = Field(description="what failed and what to do, for a person")
    detail: Any = Field(default=None, description="which part of the request was wrong, where known")
    limit: int | None = Field(default=None, description="the limit that was exceeded, in bytes or items")


class AuditEntry(Record):
    """A change of the knowledge base."""

    time: str
    who: str = Field(description="name of the key")
    action: str


class AuditPage(BaseModel):
    """The newest entries of the audit log."""

    items: list[AuditEntry]


class Health(BaseModel):
    """State of the server."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """State of the knowledge base."""

    status: Literal["ready"]
    documents: int
