"""One text, or one table, rendered to each format fadu reads; for the tests and `benchmarks/reading.py`."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from documents import make_docx, make_ofd, make_xlsx, make_zip, paragraph
from pdf_writer import Line, write_pdf

LINE = 42
"""Characters on a line of a page, 19 on one of two columns."""

PAGE = 36
"""Lines on a page."""


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of a page; a last character alone hangs on the line before, as typesetters let punctuation."""
    lines = (line for line in text.splitlines() if line.strip())
    return [
        line[start : start + width + (start + width + 1 == len(line))]
        for line in lines
        for start in range(0, max(len(line) - 1, 1), width)
    ]


def as_html(text: str) -> bytes:
    """A page of paragraphs in the charset it declares."""
    body = "".join(f"<p>{html.escape(line)}</p>\n" for line in text.splitlines() if line.strip())
    return f'<html><head><meta charset="gb2312"><title>x</title></head><body>{body}</body></html>'.encode("gb18030")


def as_docx(text: str) -> bytes:
    """A paragraph a line."""
    return make_docx("".join(paragraph(escape(line)) for line in text.splitlines() if line.strip()))


def as_pdf(text: str) -> bytes:
    """Pages with a running header and numbers, lines broken anywhere as Chinese is set."""
    lines = _wrapped(text, LINE)
    pages: list[list[Line]] = []
    for number, start in enumerate(range(0, len(lines), PAGE), 1):
        page: list[Line] = [(45.0, 780.0 - 20 * i, line) for i, line in enumerate(lines[start : start + PAGE])]
        pages.append([(200, 815, "某机关文件汇编"), *page, (280, 30, f"— {number} —")])
    return write_pdf(pages)


def as_pdf_columns(text: str) -> bytes:
    """Two columns, written line across line."""
    lines = _wrapped(text, 19)
    pages: list[list[Line]] = []
    for start in range(0, len(lines), 2 * PAGE):
        columns = lines[start : start + PAGE], lines[start + PAGE : start + 2 * PAGE]
        pages.append(
            [
                (x, 780.0 - 20 * i, line)
                for i, row in enumerate(itertools.zip_longest(*columns))
                for x, line in zip((45.0, 310.0), row, strict=True)
                if line
            ]
        )
    return write_pdf(pages)


def as_ofd(text: str) -> bytes:
    """Pages whose pieces of text stand in no order in the file."""
    lines = _wrapped(text, LINE)
    pages = [lines[start : start + PAGE] for start in range(0, len(lines), PAGE)]
    return make_ofd([[(20.0, 20.0 + 7 * i, escape(line)) for i, line in enumerate(page)][::-1] for page in pages])


def as_epub(text: str) -> bytes:
    """Chapters of twenty lines."""
    lines = [f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip()]
    chapters = ["".join(lines[start : start + 20]) for start in range(0, len(lines), 20)]
    kind = "application/xhtml+xml"
    items = "".join(f'<item id="c{i}" href="{i}.xhtml" media-type="{kind}"/>' for i in range(len(chapters)))
    spine = "".join(f'<itemref idref="c{i}"/>' for i in range(len(chapters)))
    return make_zip(
        {
            "META-INF/container.xml": "<c><rootfile full-path='a.opf'/></c>",
            "a.opf": f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>",
            **{f"{i}.xhtml": f"<html><body>{chapter}</body></html>" for i, chapter in enumerate(chapters)},
        }
    )


def as_rtf(text: str) -> bytes:
    """A paragraph a line, every character by its number."""
    units = memoryview(text.encode("utf-16-le")).cast("H")
    codes = (r"\par " if unit == 10 else rf"\u{unit if unit < 32768 else unit - 65536}?" for unit in units)
    return (r"{\rtf1\ansi " + "".join(codes) + "}").encode()


TEXTS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "txt utf-8": ("a.txt", lambda text: text.encode()),
    "txt gb18030": ("a.txt", lambda text: text.encode("gb18030")),
    "txt utf-16": ("a.txt", lambda text: text.encode("utf-16")),
    "html": ("a.html", as_html),
    "epub": ("a.epub", as_epub),
    "docx": ("a.docx", as_docx),
    "pdf": ("a.pdf", as_pdf),
    "pdf, 2 columns": ("a.pdf", as_pdf_columns),
    "ofd": ("a.ofd", as_ofd),
    "rtf": ("a.rtf", as_rtf),
}
"""For each rendering the name of its file and how it is made."""

Row = Sequence[str]


def table_html(rows: Sequence[Row]) -> bytes:
    """The first heading over two rows, the second over as many columns as are left."""
    top, low, *body = rows
    head = f"<tr><th rowspan=2>{top[0]}<th colspan={len(top) - 1}>{top[1]}</tr>"
    lines = [low[1:], *body]
    cells = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in lines)
    return f"<html><meta charset=utf-8><body><p>待遇表如下。</p><table>{head}{cells}</table></body></html>".encode()


def table_docx(rows: Sequence[Row]) -> bytes:
    """As `table_html`."""

    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(escape(text))}</w:tc>"

    top, low, *body = rows
    first = cell(top[0], '<w:vMerge w:val="restart"/>') + cell(top[1], f'<w:gridSpan w:val="{len(top) - 1}"/>')
    second = cell("", "<w:vMerge/>") + "".join(map(cell, low[1:]))
    lines = [first, second, *("".join(map(cell, row)) for row in body)]
    return make_docx("<w:tbl>" + "".join(f"<w:tr>{line}</w:tr>" for line in lines) + "</w:tbl>")


def table_xlsx(rows: Sequence[Row]) -> bytes:
    """As `table_html`."""

    def fill(book: object) -> None:
        sheet = book.active  # type: ignore[attr-defined]
        for number, row in enumerate(rows, 1):
            for column, text in enumerate(row, 1):
                if number > 2 or (number, column) in ((1, 1), (1, 2)) or (number == 2 and column > 1):
                    sheet.cell(number, column, text)
        sheet.merge_cells(start_row=1, end_row=2, start_column=1, end_column=1)
        sheet.merge_cells(start_row=1, end_row=1, start_column=2, end_column=len(rows[0]))

    return make_xlsx(fill)


def table_csv(rows: Sequence[Row]) -> bytes:
    """What a spreadsheet program exports of `table_xlsx`: merged cells are blank but for the first."""
    top, low, *body = rows
    lines = [[top[0], top[1], *[""] * (len(top) - 2)], ["", *low[1:]], *body]
    return "\r\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in line) for line in lines).encode(
        "gb18030"
    )


def table_pdf(rows: Sequence[Row]) -> bytes:
    """Ruled, with the merged headings of `table_html`."""
    width, height, left, top = 120.0, 24.0, 40.0, 780.0
    columns, bottom, right = len(rows[0]), top - height * len(rows), left + width * len(rows[0])
    rules = [(left, top, right, top), (left + width, top - height, right, top - height)]
    rules += [(left, top - height * i, right, top - height * i) for i in range(2, len(rows) + 1)]
    rules += [(left + width * i, bottom, left + width * i, top) for i in (0, 1, columns)]
    rules += [(left + width * i, bottom, left + width * i, top - height) for i in range(2, columns)]
    texts: list[Line] = [
        (left + 4 + width * column, top - height * (number + 1) + 7, text)
        for number, row in enumerate(rows)
        for column, text in enumerate(row)
        if number > 1 or (number, column) in ((0, 0), (0, 1)) or (number == 1 and column)
    ]
    return write_pdf([[line for line in texts if line[2]]], rules=rules)


TABLES: dict[str, tuple[str, Callable[[Sequence[Row]], bytes]]] = {
    "html": ("a.html", table_html),
    "docx": ("a.docx", table_docx),
    "xlsx": ("a.xlsx", table_xlsx),
    "csv": ("a.csv", table_csv),
    "pdf": ("a.pdf", table_pdf),
}
"""Renderings of a table whose first heading covers two rows and whose second all other columns."""


def example_table(rows: int) -> list[list[str]]:
    """A table with two rows of headings and so many of data, every place filled with what is read there."""
    grades = ("一级医院", "二级医院", "三级医院", "乡镇卫生院")
    body = [
        [f"{grades[i % 4]}第{i}类", f"{100 * i + 200}元", f"{50 + i % 45}%", f"{55 + i % 40}%"] for i in range(rows)
    ]
    return [["医院级别", *["住院待遇"] * 3], ["医院级别", "起付标准", "在职比例", "退休比例"], *body]
