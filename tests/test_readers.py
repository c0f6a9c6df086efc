"""Reading by content, every refusal, and the listing of files."""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import W, check_spans, make_docx, make_xlsx, make_zip, paragraph, read_or_none
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_writer import write_pdf

import ingest.readers
from ingest.errors import ReadError
from ingest.readers import SUFFIXES, archive, find_files, read, sandbox
from ingest.readers.formats import read_here

# Refusals: one line, the reason, the advice

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500


def _encrypted_zip() -> bytes:
    data = bytearray(make_docx(paragraph("密")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 4)
    return bytes(data)


def _overlapping_zip() -> bytes:
    """Two directory entries that point at the same packed bytes."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(b"A" * 100_000) + packed.flush()
    crc = zlib.crc32(b"A" * 100_000)
    sizes = struct.pack("<III", crc, len(body), 100_000)
    out = bytearray()
    directory = bytearray()
    name = b"word/document.xml"
    out += (
        b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 0) + sizes + struct.pack("<HH", len(name), 0) + name + body
    )
    for member in (b"word/document.xml", b"word/styles22.xml"):
        directory += b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0) + sizes
        directory += struct.pack("<HHHHHII", len(member), 0, 0, 0, 0, 0, 0) + member
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(directory), len(out), 0)
    return bytes(out + directory + end)


def _entity_docx() -> bytes:
    entity = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    return make_zip({"word/document.xml": f'{entity}<w:document xmlns:w="{W}"><w:body>&b;</w:body></w:document>'})


def _encrypted_ole() -> bytes:
    return OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 100


REFUSED = {
    "empty": (b"", "a.txt", "the file is empty"),
    "blank": (b"\xef\xbb\xbf \r\n\t", "a.txt", "no text"),
    "only blanks": (b" \n \n", "a.txt", "holds only blanks"),
    "binary": (os.urandom(3000), "a.txt", "binary"),
    "binary named pdf": (b"\x01\x02\x03\xfe" * 300, "a.pdf", "binary"),
    "old Word": (OLE + "WordDocument".encode("utf-16-le"), "a.doc", "old Word document"),
    "old Word renamed": (OLE + "WordDocument".encode("utf-16-le"), "a.docx", "old Word document"),
    "old Excel": (OLE + "Workbook".encode("utf-16-le"), "a.xls", "old Excel workbook"),
    "other OLE": (OLE, "a.wps", "old Office document"),
    "encrypted Office": (_encrypted_ole(), "a.docx", "encrypted with a password"),
    "encrypted ZIP": (_encrypted_zip(), "a.docx", "encrypted with a password"),
    "plain ZIP renamed": (make_zip({"附件/说明.txt": "文"}), "a.docx", "ZIP archive, not one document"),
    "ZIP with word in a name": (make_zip({"password/a.txt": "文"}), "a.docx", "ZIP archive, not one document"),
    "OFD without document": (make_zip({"OFD.xml": "<OFD><DocBody/></OFD>"}), "a.ofd", "without its document"),
    "OFD without text": (make_zip({"OFD.xml": "<OFD/>"}), "a.ofd", "pictures without text"),
    "PowerPoint": (make_zip({"ppt/presentation.xml": "<p/>"}), "a.pptx", "PowerPoint"),
    "OpenDocument": (make_zip({"content.xml": "<p/>", "mimetype": "x"}), "a.odt", "OpenDocument"),
    "binary workbook": (make_zip({"xl/workbook.bin": "x"}), "a.xlsb", "binary Excel"),
    "EPUB broken": (make_zip({"META-INF/container.xml": "x"}), "a.epub", "truncated or damaged"),
    "EPUB without contents": (make_zip({"META-INF/container.xml": "<x/>"}), "a.epub", "without its list of contents"),
    "truncated Word": (make_docx(paragraph("第一条"))[:-60], "a.docx", "truncated or damaged"),
    "truncated ZIP": (make_zip({"a.txt": "文" * 900})[:100], "a.zip", "truncated or damaged"),
    "Word without document": (make_zip({"word/styles.xml": "<x/>"}), "a.docx", "without its document part"),
    "Word with broken XML": (make_zip({"word/document.xml": "<w:document"}), "a.docx", "truncated or damaged"),
    "Word without body": (make_zip({"word/document.xml": "<document/>"}), "a.docx", "without a body"),
    "Word without text": (make_docx(""), "a.docx", "docx document has no text"),
    "entities": (_entity_docx(), "a.docx", "declares XML entities"),
    "overlapping members": (_overlapping_zip(), "a.docx", "overlap"),
    "Excel broken": (make_zip({"xl/workbook.xml": "<workbook/>"}), "a.xlsx", "Excel's format is broken"),
    "Excel empty": (make_xlsx(lambda book: None), "a.xlsx", "xlsx document has no text"),
    "RTF": (b"{\\rtf1 text}", "a.rtf", "RTF"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a.png", "picture"),
    "JPEG named txt": (b"\xff\xd8\xff\xe0" + b"\0" * 50, "a.txt", "picture"),
    "RAR": (b"Rar!\x1a\x07\0" + b"\0" * 50, "a.rar", "archive"),
    "program": (b"MZ\x90\0" + b"\0" * 50, "a.exe", "program"),
    "video": (b"\0\0\0\x20ftypisom" + b"\0" * 20, "a.mp4", "sound or video"),
    "web archive": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n", "a.mht", "web archive"),
    "CAJ": (b"CAJ\0\0\0", "a.caj", "CAJ"),
    "PDF encrypted": (write_pdf([[(50, 700, "密文")]], encrypted=True), "a.pdf", "encrypted with a password"),
    "PDF cut off": (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog", "a.pdf", "truncated or damaged"),
    "HTML without text": (b"<html><body><script>var a;</script></body></html>", "a.html", "html document has no text"),
    "HTML depth bomb": (b"<html>" + b"<div>" * 100_000 + b"x", "a.html", "nested thousands deep"),
}


@pytest.fixture(scope="module")
def no_converters() -> Iterator[None]:
    """A machine without LibreOffice and its like, for this process and the readers it starts."""
    sandbox._end_all()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        yield
    sandbox._end_all()


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_name_source_reason_and_advice(case: str, no_converters: None) -> None:
    data, name, reason = REFUSED[case]
    with pytest.raises(ReadError) as caught:
        read(data, name=name)
    assert reason in caught.value.reason
    assert caught.value.advice
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="No such file"):
        read(tmp_path / "missing.txt")
    with pytest.raises(ReadError, match="it is a folder"):
        read(tmp_path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ReadError, match="not a regular file"):
        read(pipe)


def test_too_large_files_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.readers, "MAX_FILE_BYTES", 100)
    (tmp_path / "a.txt").write_bytes(b"x" * 101)
    with pytest.raises(ReadError, match="more than the"):
        read(tmp_path / "a.txt")
    with pytest.raises(ReadError, match="more than the"):
        read(b"x" * 101)


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_MEMBERS", 2), ("MAX_UNPACKED_BYTES", 100), ("MAX_XML_BYTES", 10), ("MAX_RATIO", 0)]
)
def test_archive_limits(limit: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, limit, value)
    monkeypatch.setattr(archive, "RATIO_FREE_BYTES", 0)
    with pytest.raises(ReadError, match=r"archive lists|unpacks to"):
        read_here(make_docx(paragraph("第一条")), "a.docx")


def test_zip_bomb_is_refused_by_ratio() -> None:
    with pytest.raises(ReadError, match="times its size"):
        read(make_zip({"word/document.xml": b" " * 50_000_000}), name="a.docx")


# Names that do not fit the content: read by content, with a warning


@pytest.mark.parametrize(
    ("data", "name", "form"),
    [
        (write_pdf([[(50, 700, "第一条 内容在这里写明")]]), "a.txt", "pdf"),
        (make_docx(paragraph("第一条")), "a.doc", "docx"),
        (make_docx(paragraph("第一条")), "a.pdf", "docx"),
        (make_xlsx(), "a.docx", "xlsx"),
        ("<!-- x --><html><p>第一条".encode(), "a.txt", "html"),
        ("\ufeff<!DOCTYPE html><p>第一条".encode(), "a.pdf", "html"),
        ("<html><table><tr><td>级别<td>比例</table>".encode("gbk"), "a.xls", "html"),
        ("<html><p>第一条".encode("utf-16"), "a.doc", "html"),
        ("第一条 内容。".encode(), "a.pdf", "txt"),
        ("第一条 比例 < 5%。".encode(), "a.html", "txt"),
    ],
)
def test_wrongly_named_files_are_read_by_content(data: bytes, name: str, form: str) -> None:
    source = check_spans(read(data, name=name))
    assert source.format == form
    assert source.warnings[0] == f"named {Path(name).suffix} but its content is {form}; read as {form}"


@pytest.mark.parametrize("name", ["a", "a.log", "a.TXT", "<bytes>"])
def test_names_without_a_known_suffix_raise_no_warning(name: str) -> None:
    assert read("第一条 内容。".encode(), name=name).warnings == ()


# Any bytes


@given(st.binary(max_size=200), st.sampled_from(sorted(SUFFIXES)))
def test_any_bytes_are_read_or_refused(data: bytes, suffix: str) -> None:
    read_or_none(data, f"a{suffix}")


@given(st.integers(0, 2**32), st.sampled_from(["docx", "xlsx", "pdf", "html"]))
@settings(max_examples=40, deadline=None)
def test_damaged_documents_are_read_or_refused(seed: int, form: str) -> None:
    documents = {
        "docx": make_docx(paragraph("第一条")),
        "xlsx": make_xlsx(),
        "pdf": write_pdf([[(50, 700, "第一条 内容在这里写明")]]),
        "html": "<html><p>第一条".encode(),
    }
    rng = random.Random(seed)
    data = bytearray(documents[form])
    for _ in range(rng.randrange(1, 6)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    read_or_none(bytes(data[: rng.randrange(len(data) // 2, len(data) + 1)]), f"a.{form}")


# Files and folders


def test_find_files(tmp_path: Path) -> None:
    for name in (
        "b.txt", "a.PDF", "sub/c.docx", "sub/旧.doc", "~$c.docx", ".hidden.txt", "x.tmp", "Thumbs.db", "a.png",
        ".git/d.txt", "__MACOSX/e.txt", "gold.json",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("文", encoding="utf-8")
    found = find_files([tmp_path / "gold.json", tmp_path, tmp_path / "b.txt"])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "gold.json", "a.PDF", "b.txt", "sub/c.docx", "sub/旧.doc",
    ]  # fmt: skip
    with pytest.raises(ReadError, match="no such file or folder"):
        find_files([tmp_path / "missing"])


def test_importing_and_reading_text_stays_light() -> None:
    heavy = [
        "lxml",
        "trafilatura",
        "openpyxl",
        "pypdfium2",
        "pdfplumber",
        "docx",
        "cchardet",
        "rapidocr",
        "numpy",
        "subprocess",
        "socket",
    ]
    code = (
        "import sys; from ingest.readers import read; read('第一条 内容'.encode('gbk'), name='a.txt'); "
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    root = Path(ingest.readers.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")
