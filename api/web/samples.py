"""The sample documents a new knowledge base can be tried with: in the wheel, or in the source tree's `corpus/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import api

_FOLDERS = ("regulations", "reports")


@cache
def sample_files() -> list[Path]:
    """The sample documents, regulations first; none where they were left out."""
    package = Path(api.__file__).parent
    for root in (package / "samples", package.parent / "corpus"):
        files = [file for folder in _FOLDERS for file in sorted((root / folder).glob("*.*"))]
        if files:
            return files
    return []
