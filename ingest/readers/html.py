"""Web pages: the visible text block by block, tables as tables, page furniture marked as dropped, metadata read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingest.errors import ReadError
from ingest.messages import say
from ingest.readers.encoding import decode
from ingest.readers.layout import TextBuilder
from ingest.source import Source

if TYPE_CHECKING:
    from lxml.html import HtmlElement

HEAD_BYTES = 4096
"""Bytes searched for the declared charset and the signs of HTML: browsers look at the first 1,024."""

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:-]{2,30})""", re.I)
_OPENING = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|title|script|style)\b", re.I)
_PREAMBLE = re.compile(r"\s+|<!--.*?-->|<\?xml[^<>]*>", re.S)
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")


def sniff(data: bytes, suffix: str) -> bool:
    """Begins like an HTML document, or is named so and holds tags; any ASCII-compatible encoding, or UTF-16."""
    head = data[:HEAD_BYTES].lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"").decode("latin-1")
    if suffix in (".html", ".htm", ".xhtml", ".shtml") and _MARKUP.search(head):
        return True
    while preamble := _PREAMBLE.match(head):
        head = head[preamble.end() :]
    return _OPENING.match(head) is not None


def read(data: bytes, name: str) -> Source:
    """Read a web page.

    Args:
        data: the whole file.
        name: path or label, for messages.

    Returns:
        One block a line. Navigation, link lists, adverts and posting data stay in the text and are listed in
        `dropped`; scripts and hidden elements are not text. `metadata` has the page's title and its 索引号 table.

    Raises:
        ReadError: not text, or built to exhaust the parser.
    """
    from ingest.readers.html_blocks import walk_page
    from ingest.readers.html_furniture import find_furniture, read_metadata

    decoded = decode(data, name, _declared_charset(data))
    page = walk_page(_parse(decoded.text, name))
    metadata, posting = read_metadata(page)
    reasons = find_furniture(page) | dict.fromkeys(posting, "posting data")
    builder = TextBuilder()
    for index, block in enumerate(page.blocks):
        if block.grid is None:
            builder.add_block(block.text, drop=reasons.get(index))
        else:
            builder.add_table(block.grid, drop=reasons.get(index))
    warnings = list(decoded.warnings)
    if page.hidden:
        warnings.append(f"{page.hidden} characters the page hides were left out")
    encoding = (decoded.encoding, decoded.confidence)
    return builder.source(name, data, "html", encoding=encoding, metadata=metadata, warnings=warnings)


def _declared_charset(data: bytes) -> str | None:
    found = _CHARSET.search(data[:HEAD_BYTES])
    return found.group(1).decode("ascii") if found else None


def _parse(text: str, name: str) -> HtmlElement:
    """Parse decoded HTML; what the page says about its charset no longer counts."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = document_fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ReadError(name, say("web_page_empty")) from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ReadError(name, say("web_page_nested"))
    return root
