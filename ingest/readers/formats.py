"""Which module reads which bytes, decided by content; the name only decides where content does not."""

from __future__ import annotations

import dataclasses
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from ingest.errors import ReadError
from ingest.messages import say
from ingest.readers.refusals import refusal_of
from ingest.source import Source

_FORMATS: dict[str, tuple[str, ...]] = {
    "pdf": (".pdf",),
    "docx": (".docx", ".docm"),
    "xlsx": (".xlsx", ".xlsm"),
    "ofd": (".ofd",),
    "epub": (".epub",),
    "image": (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"),
    "legacy": (".doc", ".wps", ".rtf", ".odt", ".xls", ".et", ".ods"),
    "html": (".html", ".htm", ".xhtml", ".shtml"),
    "csv": (".csv", ".tsv"),
    "text": (".txt", ".text", ".md", ".markdown"),
}
"""Format modules in the order they are asked, each with the suffixes of its files; `text` takes what is left."""

SUFFIXES: frozenset[str] = frozenset(suffix for suffixes in _FORMATS.values() for suffix in suffixes)
"""Suffixes of the files fadu reads, lower case, with the dot."""

PLAIN = frozenset({"csv", "text"})
"""Formats without a parser that a file could attack: they are read in this process."""


class Reader(Protocol):
    """What a format's module offers."""

    def sniff(self, data: bytes, suffix: str) -> bool:
        """Whether these bytes are of this format; `suffix` (lower case) may decide where content does not."""
        ...

    def read(self, data: bytes, name: str) -> Source:
        """Read the document. Raises `ReadError` when it is encrypted, damaged, too large or without text."""
        ...


def find_format(data: bytes, name: str) -> str:
    """The format of these bytes, by the name of its module.

    Args:
        data: the whole file.
        name: path or label, for its suffix and for messages.

    Raises:
        ReadError: empty, or of a format fadu does not read.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise ReadError(name, say("blank" if data else "empty"))
    suffix = Path(name).suffix.lower()
    form = next(form for form in _FORMATS if _reader(form).sniff(data, suffix))
    refusal = refusal_of(data) if form in PLAIN | {"html", "pdf"} else None
    if refusal is not None:
        raise ReadError(name, refusal)
    return form


def read_here(data: bytes, name: str) -> Source:
    """Read a document in this process, without the protection `ingest.readers.read` gives.

    Args:
        data: the whole file.
        name: path or label.

    Raises:
        ReadError: it is refused.
    """
    form = find_format(data, name)
    source = _reader(form).read(data, name)
    if not source.text.strip():
        raise ReadError(name, say("without_text", form=source.format))
    suffix = Path(name).suffix.lower()
    if suffix in _FORMATS[form] or suffix not in SUFFIXES:
        return source
    misnamed = f"named {suffix} but its content is {source.format}; read as {source.format}"
    return dataclasses.replace(source, warnings=(misnamed, *source.warnings))


def _reader(form: str) -> Reader:
    return cast(Reader, import_module(f"ingest.readers.{form}"))
