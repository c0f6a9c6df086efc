"""Reading documents: bytes in, `Source` out, one small module a format.

`read` decides the format by content, warns when the name says otherwise, and hands the bytes to that format's module,
which is imported only then. What fadu cannot read is refused with `ReadError`, one line saying why and what to do.
"""

from __future__ import annotations

import dataclasses
import os
import stat
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from ingest.errors import ReadError
from ingest.readers.refusals import refusal_of
from ingest.source import Source

__all__ = ["SUFFIXES", "Reader", "find_files", "read"]

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Largest file read, all of it into memory: scanned yearbooks are the largest policy documents, at about 200 MB."""

_READERS: dict[str, tuple[str, ...]] = {
    "pdf": (".pdf",),
    "docx": (".docx", ".docm"),
    "xlsx": (".xlsx", ".xlsm"),
    "html": (".html", ".htm", ".xhtml", ".shtml"),
    "text": (".txt", ".text", ".md", ".markdown"),
}
"""Format modules in the order they are asked, each with the suffixes of its files; `text` takes what is left."""

SUFFIXES: frozenset[str] = frozenset(suffix for suffixes in _READERS.values() for suffix in suffixes)
"""Suffixes of the files fadu reads, lower case, with the dot."""

_OFFICE_SUFFIXES = frozenset(
    {".doc", ".wps", ".rtf", ".xls", ".et", ".ppt", ".pptx", ".dps", ".ofd", ".odt", ".ods", ".mht", ".mhtml", ".caj"}
)
"""Documents fadu mostly refuses; `find_files` still returns them, so that a folder's owner learns what is missing."""

_TEMPORARY = (".tmp", ".temp", ".bak", ".swp", ".crdownload", ".part", "~")
_SYSTEM = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


class Reader(Protocol):
    """What a format's module offers."""

    def sniff(self, data: bytes, suffix: str) -> bool:
        """Whether these bytes are of this format; `suffix` (lower case) may decide where content does not."""
        ...

    def read(self, data: bytes, name: str) -> Source:
        """Read the document. Raises `ReadError` when it is encrypted, damaged, too large or without text."""
        ...


def read(path: str | Path | bytes, *, name: str | None = None) -> Source:
    """Read one document.

    Args:
        path: a file, or the bytes of one.
        name: label for records and messages; default the path, or `<bytes>`.

    Returns:
        The text with its tables, page furniture, metadata and warnings. A file whose name does not fit its content is
        read by its content, with a warning.

    Raises:
        ReadError: the file is missing, empty, binary, truncated, encrypted, too large or of an unsupported format.

    >>> read("第五条 比例为8%。".encode("gbk"), name="办法.txt").encoding
    'gb18030'
    """
    data = path if isinstance(path, bytes) else _read_bytes(Path(path))
    label = name or ("<bytes>" if isinstance(path, bytes) else str(path))
    if len(data) > MAX_FILE_BYTES:
        raise _too_large(label, len(data))
    if not data.strip(b"\0 \t\r\n"):
        raise ReadError(label, "the file is empty" if not data else "the file holds only blanks", "give the original")
    refusal = refusal_of(data)
    if refusal is not None:
        raise ReadError(label, *refusal)
    suffix = Path(label).suffix.lower()
    form = next(form for form in _READERS if _reader(form).sniff(data, suffix))
    source = _reader(form).read(data, label)
    if not source.text.strip():
        raise ReadError(label, f"the {source.format} document has no text", "give a copy whose text can be selected")
    if suffix in _READERS[form] or suffix not in SUFFIXES | _OFFICE_SUFFIXES:
        return source
    misnamed = f"named {suffix} but its content is {source.format}; read as {source.format}"
    return dataclasses.replace(source, warnings=(misnamed, *source.warnings))


def find_files(paths: Iterable[str | Path]) -> list[Path]:
    """List the documents among files and folders.

    Args:
        paths: files, taken whatever their name, and folders, searched for document suffixes in all depths.

    Returns:
        Files in the order given, those of a folder sorted by path, each once; hidden and temporary files of a folder
        are left out.

    Raises:
        ReadError: a path does not exist.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if path.is_dir():
            found.update(dict.fromkeys(sorted(_walk(path))))
        elif path.exists():
            found[path] = None
        else:
            raise ReadError(str(path), "no such file or folder", "check the path")
    return list(found)


def _walk(folder: Path) -> Iterable[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        for file in files:
            if Path(file).suffix.lower() in SUFFIXES | _OFFICE_SUFFIXES and not _is_hidden(file):
                yield Path(root, file)


def _is_hidden(name: str) -> bool:
    lowered = name.lower()
    return lowered.startswith((".", "~$")) or lowered.endswith(_TEMPORARY) or lowered in _SYSTEM


def _read_bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ReadError(str(path), "it is a folder", "use find_files to list the documents in it")
        if not stat.S_ISREG(status.st_mode):
            raise ReadError(str(path), "it is not a regular file", "give a file on disk")
        if status.st_size > MAX_FILE_BYTES:
            raise _too_large(str(path), status.st_size)
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ReadError(str(path), f"cannot be opened ({reason})", "check the path and the permissions") from error


def _too_large(name: str, size: int) -> ReadError:
    limit = MAX_FILE_BYTES // 1024**2
    return ReadError(name, f"{size / 1024**2:.0f} MB, more than the {limit} MB fadu reads", "split the document")


def _reader(form: str) -> Reader:
    return cast(Reader, import_module(f"ingest.readers.{form}"))
