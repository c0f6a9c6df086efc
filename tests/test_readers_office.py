"""Word documents and Excel workbooks."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
import pytest
from documents import W, check_spans, make_docx, make_xlsx, paragraph, rows_of

from ingest.errors import ReadError
from ingest.readers import read
from ingest.readers.docx_numbering import format_number
from ingest.readers.formats import read_here
from ingest.readers.xlsx import format_value

# Word

NUMBERING = f"""<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="5">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:suff w:val="space"/>
<w:lvlText w:val="第%1条"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/>
<w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%3"/></w:lvl>
</w:abstractNum><w:abstractNum w:abstractNumId="6"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/>
</w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="5"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>
</w:num><w:num w:numId="3"><w:abstractNumId w:val="6"/></w:num></w:numbering>"""
STYLES = f"""<w:styles xmlns:w="{W}">
<w:style w:styleId="条"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="子"><w:basedOn w:val="条"/></w:style>
<w:style w:styleId="环"><w:basedOn w:val="环"/></w:style></w:styles>"""


def numbered(text: str, number: int, level: int = 0) -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_word_numbers_are_computed() -> None:
    body = "".join(
        [
            *(numbered(f"条文{i}", 1) for i in range(10)),
            paragraph("按样式", '<w:pStyle w:val="子"/>'),
            numbered("甲", 1, 1),
            numbered("乙", 1, 1),
            numbered("细目", 1, 2),
            numbered("又一条", 1),
            numbered("丙", 1, 1),
            numbered("重新开始", 2),
            numbered("点", 3),
            paragraph("环形样式", '<w:pStyle w:val="环"/>'),
            numbered("不编号", 0),
        ]
    )
    lines = read(make_docx(body, numbering=NUMBERING, styles=STYLES), name="a.docx").text.splitlines()
    assert lines[0] == "第一条 条文0"
    assert lines[9:] == [
        "第十条 条文9",
        "第十一条 按样式",
        "（一）甲",
        "（二）乙",
        "11.1 细目",
        "第十二条 又一条",
        "（一）丙",
        "第一条 重新开始",
        "点",
        "环形样式",
        "不编号",
    ]


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (10, "chineseCounting", "十"),
        (20, "chineseCountingThousand", "二十"),
        (101, "chineseCountingThousand", "一百零一"),
        (110, "taiwaneseCountingThousand", "一百一十"),
        (1005, "chineseCountingThousand", "一千零五"),
        (105, "ideographDigital", "一〇五"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (3, "ideographLegalTraditional", "參"),
        (3, "ideographTraditional", "丙"),
        (3, "decimalEnclosedCircle", "③"),
        (25, "decimalEnclosedCircle", "25"),
        (9, "decimalZero", "09"),
        (1994, "upperRoman", "MCMXCIV"),
        (4, "lowerRoman", "iv"),
        (28, "lowerLetter", "bb"),
        (5, "decimalFullWidth", "５"),
        (7, "unknownFormat", "7"),
    ],
)
def test_word_numeral_formats(value: int, form: str, text: str) -> None:
    assert format_number(value, form) == text


def test_word_shows_what_word_shows() -> None:
    body = (
        f"<w:p><w:ins><w:r><w:t>新增</w:t></w:r></w:ins><w:del><w:r><w:delText>删去</w:delText></w:r></w:del>"
        f"<w:r><w:t>正文</w:t><w:tab/><w:t>后</w:t><w:br/><w:t>换行</w:t></w:r>"
        f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        f"<w:sdt><w:sdtContent>{paragraph('控件内')}</w:sdtContent></w:sdt>"
        f"<w:p><w:r><w:t>框外</w:t><w:drawing><w:txbxContent>{paragraph('框内')}</w:txbxContent></w:drawing></w:r></w:p>"
    )
    note = f'<w:footnote w:type="separator"/><w:footnote>{paragraph("脚注")}</w:footnote>'
    notes = f'<w:footnotes xmlns:w="{W}">{note}</w:footnotes>'
    header = f'<w:hdr xmlns:w="{W}">{paragraph("内部资料")}</w:hdr>'
    footer = f'<w:ftr xmlns:w="{W}">{paragraph("第 1 页")}</w:ftr>'
    data = make_docx(body, footnotes=notes, header1=header, header2=header, footer1=footer)
    source = check_spans(read(data, name="a.docx"))
    assert source.text == "新增正文\t后\n换行\n控件内\n框外\n框内\n脚注\n内部资料\n第 1 页\n"
    assert [(source.text[s.start : s.end], s.reason) for s in source.dropped] == [
        ("内部资料", "page header"),
        ("第 1 页", "page footer"),
    ]


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def test_word_tables() -> None:
    spanning, wide, below = '<w:vMerge w:val="restart"/>', '<w:gridSpan w:val="2"/>', "<w:vMerge/>"
    rows = (
        cell("级别", spanning) + cell("比例", wide),
        cell("", below) + cell("在职") + cell("退休"),
        f"{cell('三级')}{cell('60%')}<w:tc>{paragraph('65%')}{paragraph('（含）')}</w:tc>",
    )
    merged = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    single = f"<w:tr>{cell('版心')}</w:tr>"
    body = f"{paragraph('表一')}<w:tbl>{merged}</w:tbl>{paragraph('后文')}<w:tbl>{single}</w:tbl>"
    source = check_spans(read(make_docx(body), name="a.docx"))
    assert source.text == "表一\n级别\t比例\t\n\t在职\t退休\n三级\t60%\t65% （含）\n后文\n版心\n"
    assert rows_of(source) == [["级别", "比例", "比例"], ["级别", "在职", "退休"], ["三级", "60%", "65% （含）"]]
    assert source.tables[0].header


def test_word_file_by_python_docx_with_properties(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.core_properties.title = "实施细则"
    document.add_heading("实施细则", 1)
    document.add_paragraph("第一项", style="List Number")
    document.add_paragraph("第二项", style="List Number")
    document.save(tmp_path / "a.docx")
    source = check_spans(read(tmp_path / "a.docx"))
    assert source.text == "实施细则\n1. 第一项\n2. 第二项\n"
    assert source.metadata["title"] == "实施细则"
    assert source.name == str(tmp_path / "a.docx")


# Excel


def _fill(book: openpyxl.Workbook) -> None:
    sheet = book.active
    sheet.title = "待遇标准"
    sheet.append(["级别", "比例", "执行日期", "限额"])
    sheet.append(["三级", 0.705, datetime.date(2021, 3, 1), 40000])
    sheet["B2"].number_format, sheet["D2"].number_format = "0.0%", '#,##0"元"'
    sheet.append(["合计", None, "=SUM(D2:D2)"])
    sheet.merge_cells("A3:B3")
    sheet["XFD1048576"] = "远处"
    hidden = book.create_sheet("参数")
    hidden.sheet_state = "hidden"
    hidden["A1"] = "选项"


def test_excel_workbook() -> None:
    source = check_spans(read(make_xlsx(_fill), name="a.xlsx"))
    assert source.text == (
        "待遇标准\n级别\t比例\t执行日期\t限额\t\n三级\t70.5%\t2021-03-01\t40,000元\t\n合计\t\t\t\t\n\t\t\t\t远处\n参数\n选项\n"
    )
    assert rows_of(source)[2] == ["合计", "合计", "", "", ""]
    assert [(source.text[s.start : s.end], s.reason) for s in source.dropped] == [("参数\n选项", "hidden sheet")]
    assert source.warnings == ("1 formulas have no stored result: open and save the workbook in Excel",)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.5, "0%", "50%"),
        (0.4124, "0.00%", "41.24%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (3, '0"元"', "3元"),
        (5, '"约"0.0_ ', "约5.0"),
        (12, "[$¥-804]#,##0.00", "¥12.00"),
        (-5, "#,##0_);(#,##0)", "-5"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (1e-7, "General", "0.0000001"),
        (1e20, "General", "100000000000000000000"),
        (12, "@", "12"),
        (True, "General", "TRUE"),
        (None, "General", ""),
        (datetime.datetime(2021, 3, 1), "yyyy-mm-dd", "2021-03-01"),
        (datetime.datetime(2021, 3, 1, 9, 30), "General", "2021-03-01 09:30"),
        (datetime.time(9, 30), "General", "09:30:00"),
        ("三级", "@", "三级"),
    ],
)
def test_excel_number_formats(value: object, number_format: str, text: str) -> None:
    assert format_value(value, number_format) == text


def test_excel_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.readers import xlsx

    monkeypatch.setattr(xlsx, "MAX_SHEET_BYTES", 10)
    with pytest.raises(ReadError, match="more than the"):
        read_here(make_xlsx(), "a.xlsx")
