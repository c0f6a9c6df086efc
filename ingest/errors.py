"""Errors every layer raises. Each message says what failed, where, why, and what to do next."""

from __future__ import annotations

from ingest.messages import Message


class FaduError(Exception):
    """Base of every error fadu raises on purpose; its text is fit to show a user.

    Args:
        said: what is wrong; a `Message` where the web page says it too, in its own language.

    Attributes:
        message: the message, None where there is only a text in English.
    """

    def __init__(self, said: str | Message) -> None:
        super().__init__(str(said))
        self.message = said if isinstance(said, Message) else None


class ReadError(FaduError):
    """A file was refused.

    Args:
        source: path or name of the refused file.
        message: why, and what the user can do about it.
    """

    message: Message

    def __init__(self, source: str, message: Message) -> None:
        Exception.__init__(self, source, message)
        self.source = source
        self.message = message

    def __str__(self) -> str:
        return f"{self.source}: {self.message}"

    @property
    def reason(self) -> str:
        """Why it was refused, in one English clause."""
        return str(self.message).partition("; ")[0]

    @property
    def advice(self) -> str:
        """What to do about it, in English."""
        return str(self.message).partition("; ")[2]


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
