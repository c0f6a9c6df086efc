"""fadu's edge: the command line, the HTTP API and MCP. It only translates; knowledge lives in `kb` and `ingest`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    if name == "create_app":
        return importlib.import_module("api.app").create_app
    raise AttributeError(f"module 'api' has no attribute {name!r}")
