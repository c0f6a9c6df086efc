"""CSV, OFD, EPUB, pictures, converted documents, PDF columns; the headings of tables."""

from __future__ import annotations

import io
import shutil
import socket
import sys
import zipfile

import pytest
from documents import W, check_spans, make_docx, make_ofd, make_zip, paragraph, rows_of
from pdf_writer import write_pdf

from ingest.errors import ReadError
from ingest.readers import read
from ingest.readers.formats import read_here
from ingest.readers.layout import GridItem, TextBuilder
from ingest.source import Table

# Tables with delimiters


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('级别,限额\n三级,"1,200"\n', [["级别", "限额"], ["三级", "1,200"]]),
        ("级别\t备注\n三级\t甲,乙\n", [["级别", "备注"], ["三级", "甲,乙"]]),
        ("级别;比例\n三级;70,5%\n", [["级别", "比例"], ["三级", "70,5%"]]),
        ("级别，比例\n三级，70%\n", [["级别", "比例"], ["三级", "70%"]]),
        ("sep=|\n级别|比例\n三级|70%\n", [["级别", "比例"], ["三级", "70%"]]),
        ('级别,说明\n三级,"两行\n的""说明"""\n', [["级别", "说明"], ["三级", '两行 的"说明"']]),
        ("表一,,\n级别,比例,,\n,在职,退休,\n,,,\n", [["表一"], ["级别", "比例", ""], ["", "在职", "退休"]]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv(text: str, rows: list[list[str]], encoding: str) -> None:
    source = check_spans(read(text.encode(encoding), name="a.csv"))
    assert source.format == "csv"
    assert source.encoding
    assert [[cell for cell in row if cell] for row in rows_of(source)] == [[c for c in row if c] for row in rows]


def test_csv_without_columns_is_lines_of_text() -> None:
    source = read("第一条 内容。\r\n第二条 内容。\r\n".encode("gbk"), name="a.csv")
    assert (source.text, source.tables) == ("第一条 内容。\n第二条 内容。\n", ())


def test_csv_with_a_quote_that_never_closes_is_refused() -> None:
    with pytest.raises(ReadError, match="its table is broken"):
        read(('甲,乙\n丙,"' + "丁,戊\n" * 400_000).encode(), name="a.csv")


def test_csv_of_one_wide_row_and_many_short_ones_stays_small() -> None:
    source = read(("," * 50_000 + "远\n" + "近\n" * 50_000).encode(), name="a.csv")
    assert len(source.text) < 200_000


# What heads the columns of a table


def table(rows: list[list[GridItem]]) -> Table:
    builder = TextBuilder()
    builder.add_table(rows)
    return check_spans(builder.source("x", b"", "csv")).tables[0]


@pytest.mark.parametrize(
    ("rows", "title", "headings"),
    [
        ([["级别", "比例"], ["三级", "70%"]], "", ("级别", "比例")),
        (
            [["级别", "比例", (0, 1)], [(0, 0), "在职", "退休"], ["三级", "60%", "65%"]],
            "",
            ("级别", "比例 在职", "比例 退休"),
        ),
        ([["级别", "比例", ""], ["", "在职", "退休"], ["三级", "60%", "65%"]], "", ("级别", "比例 在职", "比例 退休")),
        (
            [["附件 待遇表", (0, 0)], ["", "单位：元"], ["级别", "起付标准"], ["三级", "800"]],
            "附件 待遇表 单位：元",
            ("级别", "起付标准"),
        ),
        ([["指标", "2022年", "2023年"], ["收入", "12", "13"]], "", ("指标", "2022年", "2023年")),
        ([["项目", "内容"], ["住院", "按规定"], ["门诊", "另行规定"]], "", ("项目", "内容")),
        ([["项目", "标准", (0, 1)], ["住院", "按规定", "执行"], ["门诊", "5", "6"]], "", ("项目", "标准", "标准")),
        (
            [["收入", (0, 0), "支出", (0, 2)], ["职工", "居民", "职工", "居民"], ["1", "2", "3", "4"]],
            "",
            ("收入 职工", "收入 居民", "支出 职工", "支出 居民"),
        ),
        ([["三级", "70%"], ["二级", "80%"]], "", ()),
        ([["级别", "比例"]], "", ()),
    ],
)
def test_headings(rows: list[list[GridItem]], title: str, headings: tuple[str, ...]) -> None:
    found = table(rows)
    assert (found.title, found.headings) == (title, headings)
    assert found.head + found.body == found.rows
    assert found.header == bool(found.head)


# OFD


def test_ofd_lines_by_position() -> None:
    page = [(20, 40, "第二条 比例为70%。"), (40, 20, "办法"), (20, 30, "第一条 "), (44, 30.2, "依据法律制定。")]
    source = check_spans(read(make_ofd([page, [(20, 20, "附则")]], title="办法"), name="a.ofd"))
    assert source.text == "办法\n第一条 依据法律制定。\n第二条 比例为70%。\n附则\n"
    assert (source.format, source.metadata) == ("ofd", {"Title": "办法"})


def test_ofd_furniture_from_the_template() -> None:
    pages = [[(20, 30 + 10 * line, f"正文{page}{line}内容") for line in range(5)] for page in "甲乙丙"]
    source = check_spans(read(make_ofd(pages, template=[(20, 10, "某市文件")]), name="a.ofd"))
    assert source.text.startswith("正文甲0内容\n")
    assert [source.text[d.start : d.end] for d in source.dropped] == ["某市文件\n某市文件\n某市文件"]


def test_ofd_with_a_page_missing() -> None:
    with zipfile.ZipFile(io.BytesIO(make_ofd([[(1, 1, "文")]]))) as file:
        members = {name: file.read(name) for name in file.namelist() if "Page_0" not in name}
    with pytest.raises(ReadError, match="a page is missing"):
        read(make_zip(members), name="a.ofd")


# EPUB

CONTAINER = "<container><rootfiles><rootfile full-path='OPS/a.opf'/></rootfiles></container>"
PACKAGE = """<package xmlns="x"><metadata xmlns:dc="y"><dc:title>政策汇编</dc:title></metadata><manifest>
<item id="b" href="%E4%BA%8C.xhtml" media-type="application/xhtml+xml"/>
<item id="i" href="i.png" media-type="image/png"/>
<item id="a" href="t/a.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="a"/><itemref idref="i"/><itemref idref="b"/><itemref idref="none"/></spine></package>"""


def make_epub(**more: str) -> bytes:
    chapter = '<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body>{}</body></html>'
    grid = "<table><tr><td>级别</td><td>比例</td></tr><tr><td>三级</td><td>70%</td></tr></table>"
    return make_zip(
        {
            "META-INF/container.xml": CONTAINER,
            "OPS/a.opf": PACKAGE,
            "OPS/二.xhtml": chapter.format(f"<p>第二条</p>{grid}"),
            "OPS/t/a.xhtml": chapter.format(f"<p>第一条</p>{grid}"),
            **more,
        }
    )


def test_epub_in_the_order_of_its_spine() -> None:
    source = check_spans(read(make_epub(), name="a.epub"))
    assert source.text == "第一条\n级别\t比例\n三级\t70%\n第二条\n级别\t比例\n三级\t70%\n"
    assert rows_of(source, 1) == [["级别", "比例"], ["三级", "70%"]]
    assert source.metadata == {"title": "政策汇编"}


def test_epub_under_protection_is_refused() -> None:
    listed = "<encryption><CipherReference URI='OPS/t/a.xhtml'/></encryption>"
    with pytest.raises(ReadError, match="protected against copying"):
        read(make_epub(**{"META-INF/encryption.xml": listed}), name="a.epub")


# Pictures


def picture(form: str, pages: int = 1) -> bytes:
    import pypdfium2
    from PIL import Image

    document = pypdfium2.PdfDocument(write_pdf([[(60, 700, "Fund balance 12345")]]))
    image = document[0].render(scale=1).to_pil().crop((0, 100, 595, 200))
    document.close()
    out = io.BytesIO()
    more = {"save_all": True, "append_images": [image] * (pages - 1)} if pages > 1 else {}
    Image.Image.save(image, out, form, **more)
    return out.getvalue()


@pytest.mark.parametrize(("form", "pages"), [("PNG", 1), ("TIFF", 2)])
def test_pictures_are_recognised(form: str, pages: int) -> None:
    pytest.importorskip("rapidocr")
    source = read(picture(form, pages), name=f"a.{form.lower()}")
    assert source.text == "Fund balance 12345\n" * pages
    assert source.warnings == ("the text was recognised from a picture and may hold errors",)


def test_pictures_without_recognition_damaged_or_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.readers import image, ocr

    data = picture("PNG")
    monkeypatch.setattr(ocr, "recognizer", lambda: lambda page: [])
    with pytest.raises(ReadError, match="no text was recognised"):
        read_here(data, "a.png")
    with pytest.raises(ReadError, match="picture that is truncated"):
        read_here(data[:200], "a.png")
    monkeypatch.setattr(image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ReadError, match="pixels, more than"):
        read_here(data, "a.png")
    monkeypatch.undo()
    ocr.recognizer.cache_clear()
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(ReadError, match=r"it is a picture; .*fadu\[ocr\]"):
        read_here(data, "a.png")


# Converted documents

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
ODF_SPACES = {"office": "office", "text": "text", "draw": "drawing"}
RTF = rb"{\rtf1\ansi\ansicpg936 {\u31532?\u19968?\u26465? 70%\par}}"


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_old_formats_through_libreoffice() -> None:
    source = check_spans(read(RTF, name="办法.rtf"))
    assert source.text == "第一条 70%\n"
    assert (source.format, source.warnings) == ("rtf", ("converted from rtf by LibreOffice",))
    with pytest.raises(ReadError, match="that the installed converters cannot read; open it in Word"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "WordDocument".encode("utf-16-le"), name="a.doc")


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_converters_fetch_nothing() -> None:
    """An ODT whose picture and section lie on a server, which is never asked for them."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = "".join(f' xmlns:{name}="{office}:{kind}:1.0"' for name, kind in ODF_SPACES.items())
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = f'xlink:href="http://127.0.0.1:{server.getsockname()[1]}/x" xlink:type="simple"'
        body = (
            f"<text:p>第一条 内容</text:p><text:p><draw:frame><draw:image {link}/></draw:frame></text:p>"
            f'<text:section text:name="s"><text:section-source {link}/><text:p>节</text:p></text:section>'
        )
        content = (
            f'<office:document-content xmlns:xlink="http://www.w3.org/1999/xlink"{spaces} office:version="1.2">'
            f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
        )
        kind = "application/vnd.oasis.opendocument.text"
        manifest = (
            f'<manifest:manifest xmlns:manifest="{office}:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
        )
        members = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}
        source = read(make_zip(members), name="a.odt")
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
    assert source.text.startswith("第一条 内容\n")


# PDF columns

LEFT = [(50.0, 760.0 - 20 * i, f"左栏第{i}行的内容写在这里凑够宽度了") for i in range(9)]
RIGHT = [(310.0, 760.0 - 20 * i, f"右栏第{i}行的内容写在这里凑够宽度了") for i in range(9)]
ACROSS = [line for pair in zip(LEFT, RIGHT, strict=True) for line in pair]


def test_pdf_columns_written_across_are_read_column_by_column() -> None:
    head, foot = (180.0, 800.0, "标题在两栏之上居中写成一行"), (180.0, 560.0, "落款在两栏之下居中写成一行")
    lines = read(write_pdf([[head, *ACROSS, foot]]), name="a.pdf").text.splitlines()
    assert lines == [text for _, _, text in (head, *LEFT, *RIGHT, foot)]
    lines = read(write_pdf([[head, *LEFT, *RIGHT, foot]]), name="a.pdf").text.splitlines()
    assert lines == [text for _, _, text in (head, *LEFT, *RIGHT, foot)]


def test_pdf_table_without_rules_is_read_by_row() -> None:
    rows = [
        ((50.0, 760.0 - 20 * i, f"第{i}类" + "项目" * (i % 4)), (310.0, 760.0 - 20 * i, f"{i}成")) for i in range(9)
    ]
    lines = read(write_pdf([[cell for row in rows for cell in row]]), name="a.pdf").text.splitlines()
    assert lines == [f"{left[2]} {right[2]}" for left, right in rows]


# Word


def test_word_changes_as_accepted_and_notes_in_their_place() -> None:
    body = (
        f"<w:p><w:moveFrom><w:r><w:t>旧处</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>新处</w:t></w:r></w:moveTo></w:p>"
        f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph('删行')}</w:tc><w:tc>{paragraph('删')}</w:tc></w:tr>"
        f"<w:tr><w:tc>{paragraph('留行')}</w:tc><w:tc>{paragraph('留')}</w:tc></w:tr></w:tbl>"
    )
    notes = f'<w:endnotes xmlns:w="{W}"><w:endnote>{paragraph("尾注")}</w:endnote></w:endnotes>'
    assert read(make_docx(body, endnotes=notes), name="a.docx").text == "新处\n留行\t留\n尾注\n"
