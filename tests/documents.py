"""Documents the reader tests are made of, built in memory, and the checks every source must pass."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl

from ingest.errors import ReadError
from ingest.readers import read
from ingest.source import Source

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def check_spans(source: Source) -> Source:
    """Tables and dropped spans lie within the text, and each cell is the text at its span."""
    for table in source.tables:
        assert 0 <= table.start <= table.end <= len(source.text)
        for row in table.rows:
            for cell in row:
                assert source.text[cell.start : cell.end] == cell.text
                assert table.start <= cell.start <= cell.end <= table.end
    last = 0
    for span in source.dropped:
        assert last <= span.start < span.end <= len(source.text)
        assert span.reason
        last = span.end
    return source


def read_or_none(data: bytes | Path, name: str | None = None) -> Source | None:
    """Read checked, or None when refused with one line."""
    try:
        return check_spans(read(data, name=name))
    except ReadError as error:
        if "\n" in str(error):
            raise AssertionError(f"refusal of several lines: {error}") from error
        return None


def rows_of(source: Source, table: int = 0) -> list[list[str]]:
    """The texts of a table's cells."""
    return [[cell.text for cell in row] for row in source.tables[table].rows]


def kept_text(source: Source) -> str:
    """The text without its dropped spans."""
    pieces, last = [], 0
    for span in source.dropped:
        pieces.append(source.text[last : span.start])
        last = span.end
    return "".join(pieces) + source.text[last:]


def make_docx(body: str, **parts: str) -> bytes:
    """A Word file from the XML of its body; `parts` are further parts (`numbering`, `styles`, `header1` …)."""
    kinds = {name: name.rstrip("0123456789") for name in parts}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("_rels/.rels", _relations({"word/document.xml": "officeDocument"}))
        file.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
        file.writestr("word/_rels/document.xml.rels", _relations({f"{n}.xml": kind for n, kind in kinds.items()}))
        for name, xml in parts.items():
            file.writestr(f"word/{name}.xml", xml)
    return out.getvalue()


def _relations(targets: dict[str, str]) -> str:
    entries = (
        f'<Relationship Id="r{i}" Type="http://x/relationships/{kind}" Target="{target}"/>'
        for i, (target, kind) in enumerate(targets.items())
    )
    return f'<Relationships xmlns="http://x">{"".join(entries)}</Relationships>'


def paragraph(text: str, properties: str = "") -> str:
    """The XML of a Word paragraph."""
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}<w:r><w:t>{text}</w:t></w:r></w:p>"


def make_xlsx(fill: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    """A workbook, filled by a function or with one cell."""
    book = openpyxl.Workbook()
    if fill is not None:
        fill(book)
    else:
        book.active["A1"] = "待遇"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def make_zip(members: dict[str, bytes | str]) -> bytes:
    """A ZIP archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def make_ofd(
    pages: Sequence[Sequence[tuple[float, float, str]]],
    *,
    title: str = "",
    template: Sequence[tuple[float, float, str]] = (),
) -> bytes:
    """An OFD file; each piece of text as its left and baseline in millimetres from the upper left corner."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'

    def page(pieces: Sequence[tuple[float, float, str]], used: str = "") -> str:
        objects = "".join(
            f'<ofd:TextObject ID="{n}" Boundary="{x} {y - 4} 150 5" Size="4"><ofd:TextCode X="0" Y="4" '
            f'DeltaX="g {len(text) - 1} 4">{text}</ofd:TextCode></ofd:TextObject>'
            for n, (x, y, text) in enumerate(pieces)
        )
        return f"<ofd:Page {space}>{used}<ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>"

    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    common = '<ofd:TemplatePage ID="T" BaseLoc="Tpls/Content.xml"/>' if template else ""
    used = '<ofd:Template TemplateID="T"/>' if template else ""
    info = f"<ofd:DocInfo>{f'<ofd:Title>{title}</ofd:Title>' if title else ''}</ofd:DocInfo>"
    members: dict[str, bytes | str] = {
        "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody>{info}<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
        "</ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:CommonData>{common}</ofd:CommonData><ofd:Pages>{listed}"
        "</ofd:Pages></ofd:Document>",
        **{f"Doc_0/Pages/Page_{n}/Content.xml": page(pieces, used) for n, pieces in enumerate(pages)},
    }
    if template:
        members["Doc_0/Tpls/Content.xml"] = page(template)
    return make_zip(members)
