"""Reports to hand on: pages that stand alone, charts that can be read out, workbooks that can be worked on."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest
from lxml import etree, html
from test_cli import fadu

from api.reports.batch_html import batch_to_html
from api.reports.charts import findings_chart, limit_chart
from api.reports.checked import Batch, CheckedReport, check_files, count_statuses, sorted_findings
from api.reports.findings_html import checked_to_html
from api.reports.findings_xlsx import VERDICTS, batch_to_xlsx
from api.reports.matrix import ARITHMETIC, matrix_of
from api.reports.pivot_chart import pivot_to_svg
from api.reports.quotes import marked
from api.reports.svg import measure
from ingest import extract, read
from ingest.messages import say
from kb.check import check_report, rules_from_extractions
from kb.pivot import pivot
from kb.types import Refusal

CORPUS = Path(__file__).parent.parent / "corpus"
AUDIT = CORPUS / "reports" / "安澜市2023年度居民医保基金审计报告.txt"
REGULATION = CORPUS / "regulations" / "安澜市城乡居民基本医疗保险办法-2023.txt"
HOSTILE = "<script>alert(1)</script>&\"'"


@pytest.fixture(scope="module")
def checked():
    """The audit report against the city's regulation, and the text of each."""
    report, regulation = extract(read(AUDIT)), extract(read(REGULATION))
    checked = CheckedReport(report, tuple(check_report(report, rules_from_extractions([regulation]))))
    texts = {report.document.id: report.text, regulation.document.id: regulation.text}
    return checked, lambda stored: texts[stored.document.id]


@pytest.fixture(scope="module")
def tree(checked):
    return html.fromstring(checked_to_html(*checked))


def test_a_page_needs_nothing_else(checked):
    page = checked_to_html(*checked)
    for forbidden in ("<script", "http:", "https:", "src=", "url(", "@import", "<link", "onclick"):
        assert forbidden not in page
    assert "default-src 'none'" in page  # nor may anything a document smuggled in be fetched


def test_a_page_has_every_finding_and_the_gravest_first(tree, checked):
    checked, _ = checked
    counts = count_statuses(checked.findings)
    cards = [card.get("class").split()[1] for card in tree.iterfind(".//article")]
    assert cards == [s for s in ("violation", "inconsistent", "undetermined") for _ in range(counts[s])]
    assert len(tree.findall(".//section[@id='compliant']//tbody/tr")) == counts["compliant"]
    ids = [element.get("id") for element in tree.iterfind(".//*[@id]")]
    assert len(ids) == len(set(ids))
    for link in tree.iterfind(".//a"):
        assert link.get("href").removeprefix("#") in ids


def test_both_quotes_stand_marked_in_their_contexts(tree, checked):
    checked, text_of = checked
    first = sorted_findings(checked.findings)[0]
    card = tree.find(".//article")
    for stored, quote in zip((first.figure, first.rule), card.iterfind(".//blockquote"), strict=True):
        assert quote.find("mark").text == stored.record.quote
        assert quote.text_content().strip("…") in text_of(stored)


def test_a_slip_of_arithmetic_shows_its_recomputation(tree):
    card = next(a for a in tree.iterfind(".//article") if "76.82%" in a.text_content())
    shown = card.find(".//table").text_content()
    assert "142,360.45万元÷190,280.00万元×100%" in shown
    assert "74.8163%" in shown
    assert {mark.text for mark in card.iterfind(".//mark[@class='operand']")} == {"142,360.45万元", "190,280.00万元"}


def test_a_ratio_the_report_does_not_state_shows_how_it_came_about():
    report = extract("梅溪市审计报告\n\n2023年基金累计结余5,355万元，当年筹资总额21,000万元。\n")
    rule = extract("梅溪市办法\n\n第一条　基金累计结余不得超过当年筹资总额的25%。\n")
    checked = CheckedReport(report, tuple(check_report(report, rules_from_extractions([rule]))))
    texts = {e.document.id: e.text for e in (report, rule)}
    card = html.fromstring(checked_to_html(checked, lambda s: texts[s.document.id])).find(".//article")
    assert [cell.text for cell in card.iterfind(".//td")] == ["5,355万元÷21,000万元×100%", "25.5%"]
    assert [mark.text for mark in card.iterfind(".//mark")] == ["5,355万元", "21,000万元", "25%"]
    assert "报告为25.5%，规定为≤25%" in card.find(".//desc").text


def test_a_number_taken_from_another_sentence_is_quoted_too():
    report = extract("梅溪市审计报告\n\n2023年当年筹资总额21,000万元。2023年基金累计结余5,355万元。\n")
    rule = extract("梅溪市办法\n\n第一条　基金累计结余不得超过当年筹资总额的25%。\n")
    checked = CheckedReport(report, tuple(check_report(report, rules_from_extractions([rule]))))
    texts = {e.document.id: e.text for e in (report, rule)}
    card = html.fromstring(checked_to_html(checked, lambda s: texts[s.document.id])).find(".//article")
    assert [h.text for h in card.iterfind(".//h4")] == ["报告原文", "规定原文", "取数原文"]
    assert [mark.text for mark in card.iterfind(".//mark")] == ["5,355万元", "25%", "21,000万元"]


def test_what_a_document_says_is_never_markup():
    text = f"关于{HOSTILE}的审计报告\n\n累计结余占当年筹资总额的38%{HOSTILE}。\n"
    report, rule = extract(text), extract("梅溪市办法\n\n第一条　累计结余不得超过当年筹资总额的25%。\n")
    checked = CheckedReport(report, tuple(check_report(report, rules_from_extractions([rule]))))
    assert checked.wrong
    batch = Batch((checked,), (Refusal(HOSTILE, say("fadu_failed", error=HOSTILE)),))
    for page in (checked_to_html(checked, lambda _: text), batch_to_html(batch, lambda _: text)):
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_a_mark_survives_spans_that_overlap_or_lie_elsewhere():
    text = "第一句54元。占30%。第三句9元。"
    assert marked(text, 8, 11, [(3, 6), (8, 11), (9, 12), (16, 18)]) == "占<mark>30%</mark>。"


def test_a_report_without_findings_says_so():
    report = extract("今年的工作总体平稳。\n")
    page = checked_to_html(CheckedReport(report, ()), lambda _: "")
    assert "没有可与规定比较的数据" in page


def test_charts_can_be_read_out(checked):
    checked, _ = checked
    svg = etree.fromstring(findings_chart(checked.findings, alone=True))
    space = "{http://www.w3.org/2000/svg}"
    assert svg.get("role") == "img"
    named = {svg.find(f"{space}title").get("id"), svg.find(f"{space}desc").get("id")}
    assert set(svg.get("aria-labelledby").split()) == named
    assert "累计结余率：违反规定1项" in svg.find(f"{space}desc").text
    assert svg.find(f"{space}style").text.count("prefers-color-scheme:dark") == 1
    assert not svg.xpath("//@style")  # a strict content policy allows no style in attributes


def test_a_figure_is_drawn_against_its_limit_where_both_are_numbers(checked):
    checked, _ = checked
    drawn = {f.figure.record.quote: limit_chart(f, "c") for f in checked.findings if f.rule}
    assert "报告为38.46%，规定为≤25%" in drawn["38.46%"]
    assert drawn["2023年5月13日"] == ""


def test_a_workbook_is_ready_to_work_on(checked):
    checked, text_of = checked
    book = openpyxl.load_workbook(io.BytesIO(batch_to_xlsx(Batch((checked,)), text_of)))
    assert book.sheetnames == ["核查结果", "规定", "数据", "计算"]
    sheet = book["核查结果"]
    heads = [cell.value for cell in sheet[1]]
    assert sheet.max_row == len(checked.findings) + 1
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
    (choice,) = sheet.data_validations.dataValidation
    assert choice.formula1 == f'"{",".join(VERDICTS)}"'
    assert str(choice.sqref) == f"C2:C{sheet.max_row}"
    assert heads[2:5] == ["复核结论", "复核意见", "复核人"]
    first = dict(zip(heads, (cell.value for cell in sheet[2]), strict=True))
    assert (first["结论"], first["报告数值"], first["规定"], first["差额"]) == ("违反规定", "38.46%", "≤25%", 13.46)
    assert sheet["L2"].alignment.wrap_text
    assert {cell.value for cell in book["计算"]["B"]} == {"核对", "相符", "不符"}
    book.close()


def test_a_cell_is_never_a_formula():
    text = "=HYPERLINK(1)报告\n\n2023年，累计结余占当年筹资总额的38%，不符合“累计结余不得超过25%”的规定。\n"
    report = extract(text)
    checked = CheckedReport(report, tuple(check_report(report, [])))
    book = openpyxl.load_workbook(io.BytesIO(batch_to_xlsx(Batch((checked,)), lambda _: text)))
    assert "f" not in {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    book.close()


def test_the_matrix_has_a_row_a_report_and_a_column_a_rule(checked):
    checked, _ = checked
    other = extract("今年的工作总体平稳。\n")
    matrix = matrix_of([checked, CheckedReport(other, ())])
    assert matrix.columns[-1].label == ARITHMETIC
    broken = next(n for n, c in enumerate(matrix.columns) if c.label == "累计结余率")
    assert matrix.status(0, broken) == "violation"
    assert matrix.status(1, broken) is None
    assert sum(map(len, matrix.cells.values())) == len(checked.findings)


@pytest.fixture(scope="module")
def rates():
    """The payout ratios of two issues of a regulation and of a province."""
    names = ("安澜市城乡居民基本医疗保险办法-2018.txt", REGULATION.name, "云岭省城乡居民基本医疗保险规定.md")
    rules = rules_from_extractions([extract(read(CORPUS / "regulations" / name)) for name in names])
    return [rule for rule in rules if rule.record.indicator == "reimbursement_ratio"]


@pytest.mark.parametrize("columns", ["institution", "year", "scheme", "population"])
def test_a_cross_table_as_a_chart_stays_within_its_frame(rates, columns):
    svg = etree.fromstring(pivot_to_svg("reimbursement_ratio", pivot(rates, "document", columns)))
    width, height = map(float, svg.get("viewBox").split()[2:])
    for rect in svg.iterfind("{*}rect"):
        assert float(rect.get("x")) + float(rect.get("width")) <= width
        assert float(rect.get("y")) + float(rect.get("height")) <= height
    for text in svg.iterfind("{*}text"):
        if text.get("text-anchor") is None:
            assert float(text.get("x")) + measure(text.text, 12) <= width
    assert "报销比例" in svg.find("{*}title").text


def test_bars_are_as_long_as_their_numbers(rates):
    svg = etree.fromstring(pivot_to_svg("reimbursement_ratio", pivot(rates, "document", "institution")))
    lengths = {}
    for rect in svg.iterfind("{*}rect[@height='16']"):
        lengths.setdefault(rect.getnext().text.lstrip("≥≤").rstrip("%"), set()).add(float(rect.get("width")))
    assert len(lengths) > 4
    (unit,) = {round(width / float(value), 1) for value, widths in lengths.items() for width in widths}
    assert unit > 1


def test_what_cannot_be_drawn_is_said():
    (rule,) = rules_from_extractions([extract("梅溪市办法\n\n第一条　每年应当于3月底前缴费。\n")])
    assert "没有可画的数值" in pivot_to_svg("deadline", pivot([rule], "document", "institution"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two reports, one of them at fault, and a file that cannot be read."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "审计报告.txt").write_bytes(AUDIT.read_bytes())
    (folder / "要点.txt").write_bytes((CORPUS / "reports" / "安澜市2024年医疗保障工作要点.txt").read_bytes())
    (folder / "坏.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    return folder


@pytest.mark.parametrize("form", ["text", "json", "html", "xlsx"])
def test_a_folder_is_checked_as_a_batch_and_one_bad_file_does_not_stop_it(folder, form, tmp_path):
    out = tmp_path / f"out.{form}"
    done = fadu("check", folder, "--against", REGULATION, "--format", form, "-o", out)
    assert done.returncode == 1, done.stderr
    if form == "json":
        found = json.loads(out.read_text(encoding="utf-8"))
        assert len(found["reports"]) == len(found["matrix"]["rows"]) == 2
        assert [Path(r["source"]).name for r in found["refused"]] == ["坏.pdf"]
        rules = found["matrix"]["rules"]
        assert all(len(row["statuses"]) == len(rules) for row in found["matrix"]["rows"])
    elif form == "xlsx":
        book = openpyxl.load_workbook(out)
        assert book.sheetnames[0] == "汇总"
        assert book.sheetnames[-1] == "未能读取"
        assert book["汇总"].max_row == 3
        assert "PDF 不完整或已损坏" in book["未能读取"]["B2"].value
        book.close()
    else:
        words = out.read_text(encoding="utf-8")
        assert "坏.pdf" in words
        assert ("PDF 不完整或已损坏" in words) == (form == "html")  # in the language of the reader
        assert "累计结余率" in words


def test_the_exit_status_of_a_batch(folder, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "要点.txt").write_bytes((folder / "要点.txt").read_bytes())
    assert fadu("check", alone, "--against", REGULATION).returncode == 0
    (alone / "坏.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    assert fadu("check", alone, "--against", REGULATION).returncode == 2  # something could not be checked
    assert fadu("check", folder, "--against", REGULATION).returncode == 1  # something is wrong: the graver news


def test_rules_come_from_several_files(tmp_path):
    other = CORPUS / "regulations" / "云岭省城乡居民基本医疗保险规定.md"
    done = fadu("check", AUDIT, "--against", REGULATION, "--against", other, "--format", "json")
    titles = {f["rule"]["document"]["title"] for f in json.loads(done.stdout)["findings"] if f["rule"]}
    assert {"云岭省城乡居民基本医疗保险规定", "安澜市城乡居民基本医疗保险办法"} <= titles


def test_a_checker_that_fails_on_one_report_is_a_refusal(folder):
    def check(report):
        raise RuntimeError("no")

    batch = check_files([str(folder / "要点.txt")], check)
    assert [refusal.reason for refusal in batch.refused] == [
        "fadu failed on it (RuntimeError: no); please report this file"
    ]
