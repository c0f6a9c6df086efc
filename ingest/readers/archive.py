"""Opening ZIP-based documents safely: every check against bombs and damaged archives is here."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import ReadError
from ingest.messages import say

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_MEMBERS = 10_000
"""Files in one archive: a workbook of 1,000 sheets or a report of 1,000 pictures has about 3,000."""

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""Bytes of all members together: the largest policy compendia unpack to some 100 MB, mostly pictures."""

MAX_XML_BYTES = 64 * 1024 * 1024
"""Bytes of one XML part: parsed it takes about ten times that in memory."""

MAX_RATIO = 100
"""Unpacked over packed bytes; repetitive spreadsheets reach 60, a bomb 1,000 and more."""

RATIO_FREE_BYTES = 8 * 1024 * 1024
"""Unpacked size below which the ratio does not matter."""

_DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)|<\0!\0(?:D\0O\0C|E\0N\0T)|\0<\0!\0(?:D\0O\0C|E\0N\0T)")
_LOCAL_HEADER_BYTES = 30
_CHUNK = 1024 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How members may be packed: Office, OFD and EPUB know no other way, and zipfile unpacks the others without bound."""

_MARKS = frozenset({"OFD.xml", "ppt/presentation.xml", "xl/workbook.bin", "META-INF/container.xml", "content.xml"})
"""Members that only a document in a ZIP container has, besides those of Word and Excel."""


def member_names(file: bytes | Path) -> frozenset[str]:
    """The member names of a ZIP file; empty when it is none, or has lost its directory at the end."""
    if isinstance(file, bytes) and not file.startswith(b"PK"):
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(file) if isinstance(file, bytes) else file) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return frozenset()


def is_document(members: frozenset[str]) -> bool:
    """Whether an archive's members are those of one document, not of an archive of documents."""
    return is_word(members) or is_excel(members) or not members.isdisjoint(_MARKS)


def is_word(members: frozenset[str]) -> bool:
    """Whether an archive's members are those of a Word document."""
    return any(member.startswith("word/") and member.endswith(".xml") for member in members)


def is_excel(members: frozenset[str]) -> bool:
    """Whether an archive's members are those of an Excel workbook in XML."""
    return "xl/workbook.xml" in members


class Archive:
    """A ZIP file whose member list has been checked before anything is unpacked.

    Args:
        file: the whole file, or its path.
        name: path or label, for messages.
        most: bytes it may unpack to, default `MAX_UNPACKED_BYTES`.

    Raises:
        ReadError: damaged, encrypted, or built to exhaust memory.
        OSError: the path cannot be opened.
    """

    def __init__(self, file: bytes | Path, name: str, *, most: int | None = None) -> None:
        self._name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(file) if isinstance(file, bytes) else file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise self._damaged() from error
        self.infos = tuple(self._zip.infolist())
        self.members = frozenset(self._zip.namelist())
        self._check_sizes(len(file) if isinstance(file, bytes) else file.stat().st_size, most or MAX_UNPACKED_BYTES)
        self._check_overlaps()

    def read(self, member: str) -> bytes:
        """Unpack one member. Raises `ReadError` when it is missing or its data is damaged.

        It is unpacked in pieces: at once, zipfile would unpack what the data holds, whatever size the directory states.
        """
        try:
            with self._zip.open(member) as packed:
                return b"".join(iter(lambda: packed.read(_CHUNK), b""))
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise self._damaged() from error

    def read_xml(self, member: str) -> bytes:
        """Unpack an XML part, refusing document type declarations, which Office documents may not have."""
        data = self.read(member)
        if _DTD.search(data):
            raise ReadError(self._name, say("xml_entities", part=member))
        return data

    def parse_xml(self, member: str) -> _Element:
        """Parse an XML part without entities, external references or network."""
        from lxml import etree

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            return etree.fromstring(self.read_xml(member), parser)
        except etree.XMLSyntaxError as error:
            raise self._damaged() from error

    def check_xml(self) -> None:
        """Check every XML part as `read_xml` does, for readers that unpack by themselves."""
        for member in sorted(self.members):
            if member.endswith((".xml", ".rels", ".vml")):
                self.read_xml(member)

    def _check_sizes(self, packed: int, most: int) -> None:
        infos = self.infos
        if any(info.flag_bits & 0x1 for info in infos):
            raise ReadError(self._name, say("encrypted"))
        if any(info.compress_type not in _METHODS for info in infos):
            raise ReadError(self._name, say("archive_unusual"))
        total = sum(info.file_size for info in infos)
        largest = max((info.file_size for info in infos if info.filename.endswith((".xml", ".rels"))), default=0)
        if len(infos) > MAX_MEMBERS or len(self.members) < len(infos):
            message = say("archive_members", members=len(infos), twice=len(infos) - len(self.members))
        elif total > most or largest > MAX_XML_BYTES:
            message = say("archive_unpacks", size=total)
        elif total > RATIO_FREE_BYTES and total > MAX_RATIO * packed:
            message = say("archive_ratio", times=total // packed)
        else:
            return
        raise ReadError(self._name, message)

    def _check_overlaps(self) -> None:
        """Refuse members that share bytes: the trick that makes a few kilobytes unpack to gigabytes."""
        infos = sorted(self.infos, key=lambda info: info.header_offset)
        ends = [info.header_offset for info in infos[1:]] + [self._zip.start_dir]
        for info, end in zip(infos, ends, strict=True):
            if info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size > end:
                raise ReadError(self._name, say("archive_overlaps"))

    def _damaged(self) -> ReadError:
        return ReadError(self._name, say("damaged"))
