"""fadu's pure half: bytes in, frozen records out. `read`, `normalize` and `extract` are its whole surface."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.extract import extract
    from ingest.normalize import normalize
    from ingest.readers import read

__all__ = ["extract", "normalize", "read"]

_HOME = {"read": "ingest.readers", "normalize": "ingest.normalize", "extract": "ingest.extract"}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'ingest' has no attribute {name!r}")
