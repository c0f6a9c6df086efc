"""What a reading process and its parent say to each other: plain data, so that a subverted reader can send no code."""

from __future__ import annotations

import json
import struct
from typing import Any

from ingest.messages import Message, say
from ingest.source import Cell, DroppedSpan, Source, Table

HEAD = struct.Struct("!cQ")
"""Kind and length of a message."""

READY, PAGE, SOURCE, REFUSED, FAILED = b"+", b"p", b"s", b"r", b"x"
"""The reader begins; it recognises a page; a document; a refusal; a refusal of a reader that failed and ends."""

MAX_ANSWER = 128 * 1024 * 1024
"""Bytes of the longest answer taken: 40 million Chinese characters."""

_REQUEST = struct.Struct("!QQ")


def request_head(data: bytes, name: str) -> bytes:
    """What is sent before a document's bytes."""
    label = name.encode("utf-8", "surrogatepass")
    return _REQUEST.pack(len(label), len(data)) + label


def next_request(stream: Any) -> tuple[bytes, str] | None:
    """The next document of a binary stream, None at its end."""
    head = stream.read(_REQUEST.size)
    if len(head) < _REQUEST.size:
        return None
    label, length = _REQUEST.unpack(head)
    name = stream.read(label).decode("utf-8", "surrogatepass")
    data = stream.read(length)
    return (data, name) if len(data) == length else None


def message(kind: bytes, content: bytes = b"") -> bytes:
    """A message to the parent."""
    return HEAD.pack(kind, len(content)) + content


def source_to_bytes(source: Source) -> bytes:
    """A document as JSON; cells are spans only, their text stands there."""
    fields = {name: getattr(source, name) for name in _PLAIN_FIELDS}
    fields["metadata"] = dict(source.metadata)
    fields["tables"] = [
        (t.start, t.end, [[(c.start, c.end) for c in row] for row in t.rows], t.header, t.header_rows)
        for t in source.tables
    ]
    fields["dropped"] = [(d.start, d.end, d.reason) for d in source.dropped]
    return _encode(fields)


def source_from_bytes(content: bytes | bytearray) -> Source:
    """The document a reader sent.

    >>> source = Source("a", "级别", "0", "csv", tables=(Table(0, 2, ((Cell(0, 2, "级别"),),)),))
    >>> source_from_bytes(source_to_bytes(source)) == source
    True
    """
    fields = json.loads(content.decode("utf-8", "surrogatepass"))
    text = fields["text"]
    tables = tuple(
        Table(start, end, tuple(tuple(Cell(a, b, text[a:b]) for a, b in row) for row in rows), header, header_rows)
        for start, end, rows, header, header_rows in fields.pop("tables")
    )
    dropped = tuple(DroppedSpan(start, end, reason) for start, end, reason in fields.pop("dropped"))
    warnings = tuple(fields.pop("warnings"))
    return Source(**fields, tables=tables, dropped=dropped, warnings=warnings)


def message_to_bytes(why: Message) -> bytes:
    """Why there is no document, as JSON."""
    return _encode([why.code, dict(why.values)])


def message_from_bytes(content: bytes | bytearray) -> Message:
    """Why there is no document; what makes no message is one of its own, since a subverted reader may send anything.

    >>> message_from_bytes(b'["picture_pages", {"most": 3}]').said()
    'it has more than 3 pages; split it'
    >>> message_from_bytes(b'["picture_pages", {}]').code
    'reading_failed'
    """
    try:
        code, values = json.loads(content.decode("utf-8", "surrogatepass"))
        kept = {str(name): value if isinstance(value, int) else str(value) for name, value in values.items()}
        sent = say(str(code), **kept)
        sent.said()
    except (ValueError, LookupError, TypeError, AttributeError):
        return say("reading_failed", error="a malformed answer")
    return sent


_PLAIN_FIELDS = ("name", "text", "sha256", "format", "encoding", "encoding_confidence", "warnings")


def _encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
