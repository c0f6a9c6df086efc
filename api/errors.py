"""Errors of the edge."""

from __future__ import annotations

from ingest.errors import FaduError


class UsageError(FaduError):
    """The command cannot be carried out as asked: a missing path, options that do not go together."""
