"""Errors every layer raises. Each message says what failed, where, why, and what to do next."""

from __future__ import annotations


class FaduError(Exception):
    """Base of every error fadu raises on purpose; its text is fit to show a user."""


class ReadError(FaduError):
    """A file was refused.

    Args:
        source: path or name of the refused file.
        reason: why it was refused, in one clause.
        advice: what the user can do about it.
    """

    def __init__(self, source: str, reason: str, advice: str) -> None:
        super().__init__(f"{source}: {reason}; {advice}")
        self.source = source
        self.reason = reason
        self.advice = advice


class MissingExtraError(FaduError):
    """An optional dependency is not installed.

    Args:
        feature: what the user asked for.
        extra: name of the extra that provides it.
    """

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs the optional packages of '{extra}': run pip install 'fadu[{extra}]'")
        self.feature = feature
        self.extra = extra


class LexiconError(FaduError):
    """A lexicon table is malformed; the message names the file and the entry."""


class StoreError(FaduError):
    """The knowledge base cannot be opened or written; nothing was changed."""


class LockedError(StoreError):
    """Another process is writing to the knowledge base."""


class QueryError(FaduError):
    """A query, filter or address cannot be understood."""
