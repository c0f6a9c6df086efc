"""Files fadu does not read: recognised by their first bytes, so that the refusal can say what to do instead."""

from __future__ import annotations

Refusal = tuple[str, str]
"""Reason and advice of a `ReadError`."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_AS_DOCX = "open it in Word or WPS and save it as .docx or .pdf"
_AS_XLSX = "open it in Excel or WPS and save it as .xlsx"

_OLE_STREAMS: tuple[tuple[str, Refusal], ...] = (
    ("EncryptedPackage", ("it is encrypted with a password", "save a copy without password")),
    ("WordDocument", ("it is an old Word document (.doc)", _AS_DOCX)),
    ("Workbook", ("it is an old Excel workbook (.xls)", _AS_XLSX)),
    ("Book", ("it is an old Excel workbook (.xls)", _AS_XLSX)),
    ("PowerPoint Document", ("it is an old PowerPoint presentation (.ppt)", "save it as .pdf")),
)
"""Stream names that tell the Office formats inside an OLE container apart, as their directory spells them."""

_ZIP_MEMBERS: tuple[tuple[str, Refusal], ...] = (
    ("ppt/presentation.xml", ("it is a PowerPoint presentation", "save it as .pdf")),
    ("xl/workbook.bin", ("it is a binary Excel workbook (.xlsb)", _AS_XLSX)),
    ("content.xml", ("it is an OpenDocument file", "save it as .docx, .xlsx or .pdf")),
)
"""A member that only one kind of ZIP-based document has, in the order they are looked for."""

_ARCHIVE = ("it is an archive", "unpack it, or pack it anew as .zip")
_PROGRAM = ("it is a program", "give a document")
_MEDIA = ("it is sound or video", "give a document")

_SIGNATURES: tuple[tuple[bytes, Refusal], ...] = (
    (b"{\\rtf", ("it is an RTF document", _AS_DOCX)),
    (b"Rar!", _ARCHIVE),
    (b"7z\xbc\xaf", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ", _ARCHIVE),
    (b"\x7fELF", _PROGRAM),
    (b"MZ", _PROGRAM),
    (b"ID3", _MEDIA),
    (b"OggS", _MEDIA),
    (b"RIFF", _MEDIA),
    (b"SQLite format 3", ("it is a database", "export its text")),
    (b"CAJ", ("it is a CAJ document", "open it in its viewer and save it as .pdf")),
    (b"HN\0\0", ("it is a CAJ document", "open it in its viewer and save it as .pdf")),
    (b"%!PS", ("it is a PostScript document", "save it as .pdf")),
)

_TEXT_LIKE = (b"MZ", b"ID3", b"BZh", b"CAJ", b"RIFF", b"OggS", b"Rar!")
"""Signatures of plain letters: a text may begin with them, so they count only with NUL bytes after."""


def refusal_of(data: bytes) -> Refusal | None:
    """Why these bytes are not read, or None when a reader should try.

    >>> refusal_of(b"{\\\\rtf1\\\\ansi ...}")[0]
    'it is an RTF document'
    """
    if data.startswith(_OLE):
        for stream, refusal in _OLE_STREAMS:
            if stream.encode("utf-16-le") in data:
                return refusal
        return "it is an old Office document, or a part of one", _AS_DOCX
    if data.startswith(_ZIP):
        return _refusal_of_zip(data)
    for signature, refusal in _SIGNATURES:
        if data.startswith(signature) and (signature not in _TEXT_LIKE or b"\0" in data[:64]):
            return refusal
    head = data[:2048].lower()
    if data[4:8] == b"ftyp" and b"\0" in data[:4]:
        return _MEDIA
    if b"mime-version:" in head and b"content-type: multipart/related" in head:
        return "it is a web archive (.mht)", "open it in a browser and save it as .html"
    return None


def _refusal_of_zip(data: bytes) -> Refusal | None:
    from ingest.readers.archive import member_names

    names = member_names(data)
    if not names:
        kind = "an Office document" if b"[Content_Types].xml" in data[:4096] else "a ZIP archive"
        return f"it is {kind} that is truncated or damaged", "download or copy the original again"
    for member, refusal in _ZIP_MEMBERS:
        if member in names:
            return refusal
    return "it is a ZIP archive, not one document", "ingest it whole, or name a document inside as FILE.zip!/NAME"
