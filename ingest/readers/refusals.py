"""Files fadu does not read: recognised by their first bytes, so that the refusal can say what to do instead."""

from __future__ import annotations

from ingest.messages import Message, say

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"

_OLE_STREAMS: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "old_word"),
    ("Workbook", "old_excel"),
    ("Book", "old_excel"),
    ("PowerPoint Document", "old_powerpoint"),
)
"""Stream names that tell the Office formats inside an OLE container apart, as their directory spells them."""

_ZIP_MEMBERS: tuple[tuple[str, str], ...] = (
    ("ppt/presentation.xml", "powerpoint"),
    ("xl/workbook.bin", "binary_excel"),
    ("content.xml", "open_document"),
)
"""A member that only one kind of ZIP-based document has, in the order they are looked for."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "rtf"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"ID3", "media"),
    (b"OggS", "media"),
    (b"RIFF", "media"),
    (b"SQLite format 3", "database"),
    (b"CAJ", "caj"),
    (b"HN\0\0", "caj"),
    (b"%!PS", "postscript"),
)

_TEXT_LIKE = (b"MZ", b"ID3", b"BZh", b"CAJ", b"RIFF", b"OggS", b"Rar!")
"""Signatures of plain letters: a text may begin with them, so they count only with NUL bytes after."""

CODES = frozenset(code for table in (_OLE_STREAMS, _ZIP_MEMBERS, _SIGNATURES) for _, code in table)
"""Codes of the messages that the tables above name."""


def refusal_of(data: bytes) -> Message | None:
    """Why these bytes are not read, or None when a reader should try.

    >>> refusal_of(b"{\\\\rtf1\\\\ansi ...}").code
    'rtf'
    """
    if data.startswith(_OLE):
        for stream, code in _OLE_STREAMS:
            if stream.encode("utf-16-le") in data:
                return say(code)
        return say("old_office")
    if data.startswith(_ZIP):
        return _refusal_of_zip(data)
    for signature, code in _SIGNATURES:
        if data.startswith(signature) and (signature not in _TEXT_LIKE or b"\0" in data[:64]):
            return say(code)
    head = data[:2048].lower()
    if data[4:8] == b"ftyp" and b"\0" in data[:4]:
        return say("media")
    if b"mime-version:" in head and b"content-type: multipart/related" in head:
        return say("web_archive")
    return None


def _refusal_of_zip(data: bytes) -> Message | None:
    from ingest.readers.archive import member_names

    names = member_names(data)
    if not names:
        return say("office_damaged" if b"[Content_Types].xml" in data[:4096] else "archive_damaged")
    for member, code in _ZIP_MEMBERS:
        if member in names:
            return say(code)
    return say("archive_not_document")
