"""fadu's pure half: bytes in, frozen records out. `read`, `normalize` and `extract` are its whole surface."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.extract.pipeline import extract as extract
    from ingest.normalize import normalize as normalize
    from ingest.readers import read as read

__all__ = ["extract", "normalize", "read"]

_HOME = {"read": "ingest.readers", "normalize": "ingest.normalize", "extract": "ingest.extract"}


class _Surface(ModuleType):
    """Loads the surface on first use, and keeps `normalize` and `extract` functions beside packages of their names."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name in _HOME:
            return getattr(importlib.import_module(_HOME[name]), name)
        raise AttributeError(f"module 'ingest' has no attribute {name!r}")


sys.modules[__name__].__class__ = _Surface
