"""Reading documents: bytes in, `Source` out, one small module a format.

`read` decides the format by content, warns when the name says otherwise, and has every format with a parser read in a
process of its own (`sandbox`). What fadu cannot read is refused with `ReadError`, one line saying why and what to do.
A document inside a ZIP archive is named `archive.zip!/folder/file.docx` (`members`).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from ingest.errors import ReadError
from ingest.messages import say
from ingest.readers.formats import PLAIN, SUFFIXES, find_format, read_here
from ingest.readers.members import find_members, read_member, split_member
from ingest.source import Source

__all__ = ["SUFFIXES", "exists", "find_files", "read", "read_original", "sha256_of"]

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Largest file read, all of it into memory: scanned yearbooks are the largest policy documents, at about 200 MB."""

_ALSO_LISTED = frozenset({".zip", ".ppt", ".pptx", ".dps", ".mht", ".mhtml", ".caj", ".xlsb"})
"""Archives, and documents fadu refuses: `find_files` returns them, so that a folder's owner learns what is missing."""

_UNLISTED = frozenset({".png", ".jpg", ".jpeg", ".bmp"})
"""Pictures are read when they are named; in folders they are mostly the icons and photographs of saved pages."""

_TEMPORARY = (".tmp", ".temp", ".bak", ".swp", ".crdownload", ".part", "~")
_SYSTEM = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


def read(path: str | Path | bytes, *, name: str | None = None) -> Source:
    """Read one document.

    Args:
        path: a file, `archive.zip!/member` for a document inside an archive, or the bytes of a document.
        name: label for records and messages; default the path, or `<bytes>`.

    Returns:
        The text with its tables, page furniture, metadata and warnings. A file whose name does not fit its content is
        read by its content, with a warning.

    Raises:
        ReadError: the file is missing, empty, binary, truncated, encrypted, too large or of an unsupported format, or
            its parser failed on it, or took more than 60 seconds or 1 GB.

    >>> read("第五条 比例为8%。".encode("gbk"), name="办法.txt").encoding
    'gb18030'
    """
    data = path if isinstance(path, bytes) else _read_bytes(Path(path))
    label = name or ("<bytes>" if isinstance(path, bytes) else str(path))
    if len(data) > MAX_FILE_BYTES:
        raise _too_large(label, len(data))
    if find_format(data, label) in PLAIN:
        return read_here(data, label)
    from ingest.readers import sandbox

    return sandbox.read(data, label)


def find_files(paths: Iterable[str | Path]) -> list[Path]:
    """List the documents among files and folders, and those inside ZIP archives as `archive.zip!/member`.

    Args:
        paths: files, taken whatever their name, and folders, searched for document suffixes in all depths.

    Returns:
        Files in the order given, those of a folder or an archive sorted by path, each once; hidden and temporary files
        of a folder or an archive are left out. An archive that cannot be opened or holds no documents stands for
        itself.

    Raises:
        ReadError: a path does not exist.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if path.is_dir():
            for file in sorted(_walk(path)):
                found.update(dict.fromkeys(_unpacked(file)))
        elif exists(path):
            found.update(dict.fromkeys(_unpacked(path)))
        else:
            raise ReadError(str(path), say("missing"))
    return list(found)


def exists(path: str | Path) -> bool:
    """Whether there is such a file or folder, or such an archive of the document named."""
    return Path(path).exists() or split_member(path) is not None


def read_original(path: str | Path) -> bytes:
    """The bytes of a file or of a document inside an archive.

    Raises:
        ReadError: it cannot be opened, or is too large.
    """
    return _read_bytes(Path(path))


def sha256_of(path: str | Path) -> str:
    """The digest `Source.sha256` has of a file or of a document inside an archive.

    Raises:
        ReadError: it cannot be opened.
    """
    return hashlib.sha256(_read_bytes(Path(path))).hexdigest()


def _walk(folder: Path) -> Iterable[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        for file in files:
            if _is_listed(file):
                yield Path(root, file)


def _unpacked(file: Path) -> list[Path]:
    if file.suffix.lower() != ".zip" or not file.is_file():
        return [file]
    listed = [member for member in find_members(file) if all(map(_is_shown, member.split("/"))) and _is_listed(member)]
    return [Path(f"{file}!/{member}") for member in sorted(listed)] or [file]


def _is_listed(name: str) -> bool:
    return Path(name).suffix.lower() in (SUFFIXES | _ALSO_LISTED) - _UNLISTED and not _is_hidden(Path(name).name)


def _is_shown(name: str) -> bool:
    return not _is_hidden(name)


def _is_hidden(name: str) -> bool:
    lowered = name.lower()
    return lowered.startswith((".", "~$")) or lowered.endswith(_TEMPORARY) or lowered in _SYSTEM


def _read_bytes(path: Path) -> bytes:
    inside = None if path.exists() else split_member(path)
    if inside is not None:
        return read_member(*inside, MAX_FILE_BYTES)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ReadError(str(path), say("folder"))
        if not stat.S_ISREG(status.st_mode):
            raise ReadError(str(path), say("irregular"))
        if status.st_size > MAX_FILE_BYTES:
            raise _too_large(str(path), status.st_size)
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ReadError(str(path), say("unopened", error=reason)) from error


def _too_large(name: str, size: int) -> ReadError:
    limit = MAX_FILE_BYTES // 1024**2
    return ReadError(name, say("too_large", size=round(size / 1024**2), most=limit))
