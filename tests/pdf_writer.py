"""Writes small PDF files for the tests: Chinese text through a predefined CMap, ruled lines, pictures."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

Line = tuple[float, float, str]
"""Left and baseline in points from the lower left corner, and the text."""


def write_pdf(
    pages: Sequence[Sequence[Line]],
    *,
    rules: Sequence[tuple[float, float, float, float]] = (),
    picture: tuple[int, int, bytes] | None = None,
    encrypted: bool = False,
    title: str = "",
) -> bytes:
    """Build a PDF.

    Args:
        pages: the lines of text of each page.
        rules: straight lines drawn on every page, as x0, y0, x1, y1.
        picture: width, height and RGB bytes of an image that fills every page.
        encrypted: mark the file as encrypted with a user password nobody knows.
        title: document title.
    """
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 5 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
        b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
        b"<< /Title <feff" + title.encode("utf-16-be").hex().encode() + b"> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    resources = b"<< /Font << /F1 3 0 R /F2 7 0 R >> >>"
    if picture is not None:
        width, height, pixels = picture
        objects.append(
            _stream(
                pixels,
                b"/Type /XObject /Subtype /Image /ColorSpace /DeviceRGB /BitsPerComponent 8"
                + f" /Width {width} /Height {height}".encode(),
            )
        )
        resources = b"<< /Font << /F1 3 0 R >> /XObject << /Im1 8 0 R >> >>"
    kids = []
    for lines in pages:
        drawing = [f"{x0} {y0} m {x1} {y1} l S" for x0, y0, x1, y1 in rules]
        drawing += ["q 595 0 0 842 0 0 cm /Im1 Do Q"] if picture is not None else []
        drawing += [_show(line) for line in lines]
        objects.append(_stream("\n".join(drawing).encode()))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R /Resources ".encode()
            + resources
            + b" >>"
        )
        kids.append(len(objects))
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode()
    return _assemble(objects, encrypted)


def _show(line: Line) -> str:
    """Chinese through the composite font, plain ASCII through Helvetica, which every renderer can draw."""
    x, y, text = line
    if text.isascii():
        return f"BT /F2 24 Tf {x} {y} Td ({text}) Tj ET"
    return f"BT /F1 12 Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET"


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    packed = zlib.compress(data)
    head = b"<< /Filter /FlateDecode " + entries + f" /Length {len(packed)} >>".encode()
    return head + b"\nstream\n" + packed + b"\nendstream"


def _assemble(objects: Sequence[bytes], encrypted: bool) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b"> >>"
    identity = b" /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] "
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R".encode()
    out += identity + (lock if encrypted else b"") + b" >>\n"
    return bytes(out + f"startxref\n{start}\n%%EOF\n".encode())
