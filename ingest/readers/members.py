"""Documents inside ZIP archives, named `archive.zip!/folder/file.docx`; nothing is ever unpacked to disk."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipInfo

from ingest.errors import ReadError
from ingest.messages import say
from ingest.readers.archive import Archive, is_document, member_names
from ingest.readers.encoding import decode

MAX_UNPACKED_BYTES = 2 * 1024**3
"""Bytes of all documents of an archive; they are read one at a time, so this only bounds a batch."""

_UTF8_NAME = 0x800
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def split_member(path: str | Path) -> tuple[Path, str] | None:
    """The archive and the member a path names; None when it names no member of an existing file."""
    before, mark, member = str(path).partition("!/")
    while mark:
        if member and Path(before).is_file():
            return Path(before), member
        more, mark, member = member.partition("!/")
        before = f"{before}!/{more}"
    return None


def find_members(path: Path) -> list[str]:
    """The names of the files in an archive of documents; none when it is a document itself or cannot be opened."""
    try:
        return list(_open(path))
    except ReadError:
        return []


def read_member(path: Path, member: str, most: int) -> bytes:
    """Unpack one document of an archive into memory.

    Args:
        path: the archive.
        member: a name `find_members` gives.
        most: bytes it may have.

    Raises:
        ReadError: there is none of that name, it is an archive itself, or too large; or the archive is damaged,
            encrypted or built to exhaust memory.
    """
    label = f"{path}!/{member}"
    archive = _archive(path)
    info = _names(archive, path).get(member)
    if info is None:
        raise ReadError(label, say("archive_lacks"))
    if info.file_size > most:
        raise ReadError(label, say("too_large", size=round(info.file_size / 1024**2), most=most // 1024**2))
    data = archive.read(info.filename)
    inner = member_names(data)
    if inner and not is_document(inner):
        raise ReadError(label, say("archive_inside"))
    return data


def _open(path: Path) -> dict[str, ZipInfo]:
    if is_document(member_names(path)):
        return {}
    return _names(_archive(path), path)


def _archive(path: Path) -> Archive:
    try:
        return Archive(path, str(path), most=MAX_UNPACKED_BYTES)
    except OSError as error:
        raise ReadError(str(path), say("unopened", error=str(error.strerror))) from error


def _names(archive: Archive, path: Path) -> dict[str, ZipInfo]:
    """Members by their shown names; a name not marked as Unicode is in the encoding of its maker's system."""
    infos = [info for info in archive.infos if not info.is_dir()]
    raw = {info.filename: info.filename.encode("cp437") for info in infos if _is_unmarked(info)}
    encoding = _encoding_of(list(raw.values()))
    names: dict[str, ZipInfo] = {}
    for info in infos:
        name = raw[info.filename].decode(encoding, "replace") if info.filename in raw else info.filename
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
        if ".." in parts:
            raise ReadError(str(path), say("archive_points_outside"))
        names.setdefault(_UNPRINTABLE.sub("_", "/".join(parts)), info)
    return names


def _is_unmarked(info: ZipInfo) -> bool:
    """Whether zipfile took a name for code page 437 because nothing says that it is Unicode."""
    try:
        info.filename.encode("cp437")
    except UnicodeEncodeError:
        return False
    return not info.flag_bits & _UTF8_NAME and not info.filename.isascii()


def _encoding_of(names: list[bytes]) -> str:
    """The encoding all names are most likely in: Windows wrote GBK in the mainland, Big5 in Taiwan."""
    if not names:
        return "utf-8"
    try:
        return decode(b"\n".join(names), "").encoding
    except ReadError:
        return "gb18030"
