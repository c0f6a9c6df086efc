"""PDF documents: text by PDFium page by page, ruled tables by their lines, columns, scanned pages by recognition."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import MissingExtraError, ReadError
from ingest.messages import say
from ingest.readers import ocr
from ingest.readers.layout import GridItem, TextBuilder
from ingest.readers.pdf_columns import Columns
from ingest.readers.pdf_furniture import find_furniture
from ingest.source import Source

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

MAX_PAGES = 5_000
"""Pages of one document: the longest statistical yearbooks have about 1,500; hostile page trees have millions."""

MAX_SECONDS = 50.0
"""Time for the pages of one document, checked after each: at 20 ms a page, 2,500 pages; readers have 60 s."""

MAX_STREAM_BYTES = 64 * 1024 * 1024
"""Unpacked bytes of one compressed stream that is no picture: a page's drawing commands reach a few megabytes."""

MAX_CONTENT_OBJECTS = 200_000
"""Drawing objects on one page: maps and plans reach some 50,000."""

MIN_PAGE_TEXT = 8
"""Characters below which a page with pictures counts as scanned: the page number over a scan is not its text."""

MAX_UNREADABLE = 0.3
"""Share of characters without Unicode meaning (private use, U+FFFD, controls) above which a page's text is useless."""

PageItem = str | list[list[GridItem]]
"""A line of text or a table, in reading order."""

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_FLATE = re.compile(rb"/Fl(?:ateDecode)?\b")


@dataclass(frozen=True, slots=True)
class _Page:
    """What was read of one page; `scanned` when its text is only in pictures."""

    items: tuple[PageItem, ...]
    scanned: bool = False


def sniff(data: bytes, suffix: str) -> bool:
    """The PDF header stands within the first kilobyte."""
    return b"%PDF-" in data[:1024]


def read(data: bytes, name: str) -> Source:
    """Read a PDF: a line of text a line, tables in their place; running headers, footers and page numbers dropped.

    Dropped lines are put after the last page, so that a sentence that runs over a page break stays in one piece.

    Args:
        data: the whole file.
        name: path or label, for messages.

    Raises:
        ReadError: encrypted, damaged, too long, or scanned while the extra `ocr` is not installed.
    """
    _check_streams(data, name)
    document = _open(data, name)
    try:
        pages = _read_pages(document, name)
        pages, warnings = _recognize_scanned(document, pages, name)
        metadata = {key: value.strip() for key, value in document.get_metadata_dict(skip_empty=True).items()}
    finally:
        document.close()
    if b"%%EOF" not in data[-2048:]:
        warnings.append("the end of the file is missing; pages may be lost")
    builder = TextBuilder()
    dropped = find_furniture([page.items for page in pages])
    for number, page in enumerate(pages):
        for index, item in enumerate(page.items):
            if (number, index) in dropped:
                continue
            if isinstance(item, str):
                builder.add_block(item)
            else:
                builder.add_table(item)
    for (number, index), reason in sorted(dropped.items()):
        builder.add_block(str(pages[number].items[index]), drop=reason)
    return builder.source(name, data, "pdf", metadata=metadata, warnings=warnings)


def _open(data: bytes, name: str) -> PdfDocument:
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(data)
        pages = len(document)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise ReadError(name, say("encrypted")) from error
        if "security" in str(error).lower():
            raise ReadError(name, say("encrypted_unknown")) from error
        raise ReadError(name, say("pdf_damaged")) from error
    if pages == 0:
        raise ReadError(name, say("pdf_without_pages"))
    if pages > MAX_PAGES:
        raise ReadError(name, say("pdf_too_long", pages=pages, most=MAX_PAGES))
    return document


def _check_streams(data: bytes, name: str) -> None:
    """Refuse compressed streams that unpack to gigabytes, before PDFium unpacks them."""
    for match in _STREAM.finditer(data):
        entries = data[max(0, match.start() - 1024) : match.start()].rpartition(b"obj")[2]
        if b"/Image" in entries or not _FLATE.search(entries):
            continue
        try:
            unpacking = zlib.decompressobj()
            size = len(unpacking.decompress(memoryview(data)[match.end() :], MAX_STREAM_BYTES))
        except zlib.error:
            continue
        if size >= MAX_STREAM_BYTES or len(_FLATE.findall(entries)) > 2:
            raise ReadError(name, say("pdf_bomb"))


def _read_pages(document: PdfDocument, name: str) -> list[_Page]:
    from pypdfium2 import PdfiumError

    deadline = time.monotonic() + MAX_SECONDS
    pages = []
    columns = Columns()
    for number in range(len(document)):
        try:
            page = document[number]
        except PdfiumError as error:
            raise ReadError(name, say("pdf_page_damaged", page=number + 1)) from error
        pages.append(_read_page(page, number, name, columns))
        page.close()
        if time.monotonic() > deadline:
            raise ReadError(name, say("pdf_slow", pages=number + 1, seconds=round(MAX_SECONDS)))
    return pages


def _read_page(page: PdfPage, number: int, name: str, columns: Columns) -> _Page:
    from pypdfium2 import raw

    from ingest.readers.pdf_tables import find_tables, split_by_tables

    objects = raw.FPDFPage_CountObjects(page)
    if objects > MAX_CONTENT_OBJECTS:
        raise ReadError(name, say("pdf_objects", page=number + 1, objects=objects))
    textpage = page.get_textpage()
    text = textpage.get_text_bounded()
    if objects and _is_scanned(page, text):
        textpage.close()
        return _Page((), scanned=True)
    tables = find_tables(page)
    items: Sequence[PageItem]
    if tables:
        items = split_by_tables(textpage, tables)
    else:
        texts = columns.texts(textpage, page.get_width()) or [text]
        items = [line for piece in texts for line in lines_of(piece)]
    textpage.close()
    return _Page(tuple(items))


def _is_scanned(page: PdfPage, text: str) -> bool:
    """Whether a page's text layer is missing or meaningless, so that only its picture can be read."""
    from pypdfium2 import raw

    bare = "".join(text.split())
    senseless = sum(char < " " or char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for char in bare)
    if not bare or senseless > MAX_UNREADABLE * len(bare):
        return True
    return len(bare) < MIN_PAGE_TEXT and any(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4))


def lines_of(text: str) -> list[str]:
    """The lines of PDFium's text; its mark for a hyphen at a line's end becomes a hyphen, blank lines vanish."""
    text = text.replace("\ufffe", "-").replace("\x02", "-").replace("\0", "")
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _recognize_scanned(document: PdfDocument, pages: list[_Page], name: str) -> tuple[list[_Page], list[str]]:
    """Fill scanned pages by text recognition; without it, refuse a scanned document and warn of single pages."""
    scanned = [number for number, page in enumerate(pages) if page.scanned]
    if not scanned:
        return pages, []
    listed = ", ".join(str(number + 1) for number in scanned[:10]) + (" …" if len(scanned) > 10 else "")
    if len(scanned) > ocr.MAX_PAGES:
        raise ReadError(name, say("scanned_too_long", pages=len(scanned), most=ocr.MAX_PAGES))
    try:
        read_image = ocr.recognizer()
    except MissingExtraError as error:
        if len(scanned) == len(pages):
            raise ReadError(name, say("scanned")) from error
        return pages, [f"pages {listed} are pictures and were not read: pip install 'fadu[ocr]'"]
    filled = list(pages)
    for number in scanned:
        page = document[number]
        filled[number] = _Page(tuple(read_image(ocr.render(page))), scanned=True)
        page.close()
    return filled, [f"pages {listed} are pictures; their text was recognised and may hold errors"]
