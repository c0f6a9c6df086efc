"""Quantities, figures, rules, citations, missing figures and arithmetic of one document."""

from __future__ import annotations

from ingest.extract.pipeline import extract

__all__ = ["extract"]
