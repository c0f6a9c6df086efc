"""EPUB books: the chapters in the order of the spine, each read as a web page."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ingest.errors import ReadError
from ingest.messages import say
from ingest.readers import html
from ingest.readers.archive import Archive, member_names
from ingest.readers.layout import TextBuilder
from ingest.source import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

_CONTAINER = "META-INF/container.xml"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_PROPERTIES = ("title", "creator", "publisher", "date", "language")


def sniff(data: bytes, suffix: str) -> bool:
    """A ZIP archive with the container file of EPUB."""
    return _CONTAINER in member_names(data)


def read(data: bytes, name: str) -> Source:
    """Read a book.

    Args:
        data: the whole file.
        name: path or label, for messages.

    Raises:
        ReadError: damaged, protected, or built to exhaust memory.
    """
    archive = Archive(data, name)
    container = archive.parse_xml(_CONTAINER)
    package = next((e.get("full-path", "") for e in container.iter("{*}rootfile")), "")
    if package not in archive.members:
        raise ReadError(name, say("epub_without_contents"))
    book = archive.parse_xml(package)
    chapters = [chapter for chapter in _chapters(book, package) if chapter in archive.members]
    if not set(chapters).isdisjoint(_protected(archive)):
        raise ReadError(name, say("protected"))
    builder = TextBuilder()
    warnings: list[str] = []
    for chapter in chapters:
        try:
            source = html.read(archive.read(chapter), name)
        except ReadError as error:
            warnings.append(f"{posixpath.basename(chapter)} was not read: {error.reason}")
            continue
        builder.add_source(source)
        warnings.extend(source.warnings)
    return builder.source(name, data, "epub", metadata=_metadata(book), warnings=warnings)


def _chapters(book: _Element, package: str) -> list[str]:
    """The members of the spine that hold text, in reading order."""
    folder = posixpath.dirname(package)
    manifest = {item.get("id"): item for item in book.iter("{*}item")}
    chapters = []
    for reference in book.iter("{*}itemref"):
        item = manifest.get(reference.get("idref"))
        if item is not None and item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split():
            chapters.append(posixpath.normpath(posixpath.join(folder, unquote(item.get("href", "")))))
    return list(dict.fromkeys(chapters))


def _protected(archive: Archive) -> set[str]:
    if "META-INF/encryption.xml" not in archive.members:
        return set()
    listed = archive.parse_xml("META-INF/encryption.xml").iter("{*}CipherReference")
    return {unquote(reference.get("URI", "")) for reference in listed}


def _metadata(book: _Element) -> dict[str, str]:
    """What the book states about itself (Dublin Core names)."""
    found = {key: next((e.text or "" for e in book.iter(f"{{*}}{key}")), "").strip() for key in _PROPERTIES}
    return {key: value for key, value in found.items() if value}
