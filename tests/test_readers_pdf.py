"""PDF documents, with text and scanned."""

from __future__ import annotations

import sys

import pytest
from documents import check_spans, kept_text, rows_of
from pdf_writer import write_pdf

from ingest.errors import ReadError
from ingest.readers import read
from ingest.readers.formats import read_here


def test_pdf_lines_and_furniture() -> None:
    pages = [
        [
            (50, 800, "某市医疗保障局文件"),
            (50, 760, f"第{word}条 住院费用的报销比例为"),
            (50, 740, "百分之七十，起付线为500元。"),
            (50, 720, f"门诊另行规定{word}。"),
            (50, 700, f"本条自{word}月起执行。"),
            (280, 30, f"— {number} —"),
        ]
        for number, word in enumerate("一二三", 1)
    ]
    source = check_spans(read(write_pdf(pages, title="办法"), name="a.pdf"))
    assert kept_text(source).splitlines()[:4] == [
        "第一条 住院费用的报销比例为",
        "百分之七十，起付线为500元。",
        "门诊另行规定一。",
        "本条自一月起执行。",
    ]
    reasons = [(source.text[s.start : s.end], s.reason) for s in source.dropped]
    assert reasons == [
        entry for n in (1, 2, 3) for entry in (("某市医疗保障局文件", "page header"), (f"— {n} —", "page number"))
    ]
    assert source.metadata == {"Title": "办法"}


def test_pdf_ruled_table() -> None:
    rules = [(50, y, 350, y) for y in (700, 640)] + [(150, 670, 350, 670)]
    rules += [(x, 640, x, 700) for x in (50, 150, 350)] + [(250, 640, 250, 670)]
    lines = [
        (50.0, 750.0, "住院待遇如下表所列："),
        (60.0, 680.0, "级别"),
        (160.0, 680.0, "待遇"),
        (160.0, 650.0, "七成"),
        (260.0, 650.0, "五百元"),
        (50.0, 600.0, "以上按年度计算。"),
    ]
    source = check_spans(read(write_pdf([lines], rules=rules), name="a.pdf"))
    assert source.text == "住院待遇如下表所列：\n级别\t待遇\t\n\t七成\t五百元\n以上按年度计算。\n"
    assert rows_of(source) == [["级别", "待遇", "待遇"], ["级别", "七成", "五百元"]]


def scan() -> bytes:
    """A PDF that is the picture of a page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(write_pdf([[(60, 700, "Fund balance 12345"), (60, 600, "Rate 41.24 percent")]]))
    page = document[0]
    image = page.render(scale=2).to_numpy()
    page.close()
    document.close()
    return write_pdf([[]], picture=(image.shape[1], image.shape[0], image[:, :, ::-1].tobytes()))


def test_scanned_pdf_is_recognised() -> None:
    pytest.importorskip("rapidocr")
    source = read(scan(), name="a.pdf")
    assert source.text == "Fund balance 12345\nRate 41.24 percent\n"
    assert source.warnings == ("pages 1 are pictures; their text was recognised and may hold errors",)


def test_scanned_pdf_without_recognition(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.readers import ocr

    ocr.recognizer.cache_clear()
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(ReadError, match=r"pictures without text; .*pip install 'fadu\[ocr\]'"):
        read_here(scan(), "a.pdf")


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        ("MAX_STREAM_BYTES", 10, "absurd size"),
        ("MAX_PAGES", 1, "2 pages, more than"),
        ("MAX_SECONDS", -1.0, "took more than"),
        ("MAX_CONTENT_OBJECTS", 0, "drawing objects"),
    ],
)
def test_pdf_limits(limit: str, value: float, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.readers import pdf

    monkeypatch.setattr(pdf, limit, value)
    with pytest.raises(ReadError, match=reason):
        read_here(write_pdf([[(50, 700, "第一条 内容在这里写明")]] * 2), "a.pdf")


def test_scanned_pdf_too_long_to_recognise(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.readers import ocr

    monkeypatch.setattr(ocr, "MAX_PAGES", 0)
    with pytest.raises(ReadError, match="1 scanned pages, more than"):
        read_here(scan(), "a.pdf")


def test_pdf_drawing_is_not_searched_for_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.readers import pdf_tables

    rules = [(0, y, 500, y) for y in range(0, 801, 200)] + [(x, 0, x, 800) for x in range(0, 500, 100)]
    data = write_pdf([[(50, 700, "第一条 内容在这里写明")]], rules=rules)
    assert len(read_here(data, "a.pdf").tables) == 1
    monkeypatch.setattr(pdf_tables, "MAX_CROSSINGS", 10)
    assert read_here(data, "a.pdf").tables == ()


def test_pdf_with_its_end_missing_is_read_with_a_warning() -> None:
    data = write_pdf([[(50, 700, "第一条 内容在这里写明")]]).replace(b"%%EOF\n", b"")
    source = read_here(data, "a.pdf")
    assert source.text == "第一条 内容在这里写明\n"
    assert source.warnings == ("the end of the file is missing; pages may be lost",)


def test_pdf_mixed_pages_without_recognition(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.readers import ocr

    ocr.recognizer.cache_clear()
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    pages = [[(50.0, 700.0, "第一条 内容在这里写明")], []]
    source = read_here(write_pdf(pages, picture=(1, 1, b"\xff\xff\xff")), "a.pdf")
    assert source.text == "第一条 内容在这里写明\n"
    assert source.warnings == ("pages 2 are pictures and were not read: pip install 'fadu[ocr]'",)
