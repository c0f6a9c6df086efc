"""Duties of a regulation as a checklist: what the report says of each."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from lxml import html
from test_cli import fadu

from ingest.extract import extract
from kb.checklist import duties_from_extractions, make_checklist

PHARMACY = """定点零售药店管理办法

第一条 为规范管理，制定本办法。

第二条 定点零售药店应当具备下列条件：
（一）至少有1名取得药师资格证书的专业人员在岗；
（二）至少有2名熟悉医疗保障法律法规的医保管理人员，并签订1年以上劳动合同；
（三）按药品经营质量管理规范要求，对所售药品设立明确的医保用药标识；
（四）处方应当保存2年。

第三条 定点零售药店不得为非定点零售药店提供医保费用结算。严禁串换药品。

第四条 定点零售药店应当在醒目位置悬挂定点标识。

第五条 逾期180日未申请的，定点资格自动终止。
"""
INSPECTED = """安澜市康民大药房检查报告

现将检查情况报告如下：

该药店配备药师1名，医保管理人员1名。与医保管理人员签订劳动合同，合同期限6个月。{marks}处方保存3年。{swaps}。该店在醒目位置悬挂了定点标识。
"""


def checklist(report: str) -> dict[str, str]:
    """Quote of each duty → status."""
    duties = duties_from_extractions([extract(PHARMACY, "regulation")])
    return {check.rule.record.quote: check.status for check in make_checklist(extract(report), duties)}


def test_pharmacy() -> None:
    """Numbers decide the duties with bounds, sentences those without; the chapeau and the lapse are no duties."""
    found = checklist(
        INSPECTED.format(marks="对所售药品未设立明确的医保用药标识。", swaps="检查发现该店存在串换药品问题")
    )
    assert found == {
        "1名": "met",
        "2名": "broken",
        "1年": "broken",
        "按药品经营质量管理规范要求，对所售药品设立明确的医保用药标识": "broken",
        "2年": "met",
        "定点零售药店不得为非定点零售药店提供医保费用结算": "not_mentioned",
        "严禁串换药品": "broken",
        "定点零售药店应当在醒目位置悬挂定点标识": "met",
    }


@pytest.mark.parametrize(
    ("swaps", "status"),
    [
        ("未发现串换药品问题", "met"),  # denied
        ("该店无串换药品行为", "met"),  # denied by 无
        ("检查发现串换药品3起", "broken"),  # asserted
        ("该店环境整洁", "not_mentioned"),  # silence is no compliance
    ],
)
def test_prohibitions(swaps: str, status: str) -> None:
    """A prohibition is kept where the report denies the act, broken where it tells it."""
    assert checklist(INSPECTED.format(marks="", swaps=swaps))["严禁串换药品"] == status


def test_where_the_report_speaks() -> None:
    """Each duty that is mentioned points at the words of the report."""
    report = extract(INSPECTED.format(marks="", swaps="该店环境整洁"))
    checks = make_checklist(report, duties_from_extractions([extract(PHARMACY, "regulation")]))
    for check in checks:
        if check.start is not None:
            assert report.text[check.start : check.end] == check.quote
    assert [c.finding.margin for c in checks if c.finding and c.status == "broken"] == ["-1", "-0.5"]


def test_a_checklist_as_a_page_and_a_workbook(tmp_path):
    corpus = Path(__file__).parent.parent / "corpus"
    report = corpus / "reports" / "安澜市2023年度居民医保基金审计报告.txt"
    rules = corpus / "regulations" / "安澜市城乡居民基本医疗保险办法-2023.txt"
    page = html.fromstring(fadu("checklist", report, "--against", rules, "--format", "html").stdout)
    rows = page.findall(".//section[@id='document-1']//tbody/tr")
    assert page.find(".//section[@id='document-1']//span[@class='count']").text == f"{len(rows)} 项"
    assert any("三级医院 住院 起付标准" in row.text_content() for row in rows)
    assert fadu("checklist", report, "--against", rules, "--format", "xlsx", "-o", tmp_path / "c.xlsx").returncode == 1
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    assert book.active.max_row == len(rows) + 1
    assert [str(v.sqref) for v in book.active.data_validations.dataValidation] == [f"C2:C{len(rows) + 1}"]
    book.close()
