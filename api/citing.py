"""How a place in a document is cited."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.types import DocumentRow


def cited(document: DocumentRow, label: str) -> str:
    """A place as people cite it: 《title》第十三条."""
    return f"《{document.title or PurePath(document.source).name}》{label}"
