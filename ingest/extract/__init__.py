"""Quantities, figures, rules, citations, missing figures and arithmetic of one document."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ingest.extract.context import Mode
    from ingest.lexicon.packs import Pack
    from ingest.records import Extraction
    from ingest.source import Source

__all__ = ["extract"]


def extract(source: Source | str, kind: Mode | None = None, *, packs: Sequence[Pack | str | Path] = ()) -> Extraction:
    """Everything found in one document; see `ingest.extract.pipeline.extract`, which loads on first use."""
    from ingest.extract.pipeline import extract as run

    return run(source, kind, packs=packs)
