"""Writes the binary documents of the corpus (docx, xlsx, pdf) from the texts below.

usage: python corpus/make_corpus.py --font FONT.ttf

The files are committed; run this only to change one. It needs `fpdf2` besides the project's own dependencies, and any
TrueType font with Chinese glyphs that may be embedded; the committed PDF holds a subset of WenQuanYi Micro Hei
(Apache-2.0).
The other documents of the corpus are plain text in the encoding that README.md names; edit them as such.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

REGULATIONS = Path(__file__).parent / "regulations"
WRITTEN = datetime(2024, 1, 2, tzinfo=UTC)

RESIDENTS = """栖水市城乡居民基本医疗保险实施细则
（栖政发〔2022〕9号　2022年3月30日栖水市人民政府公布　自2022年5月1日起施行）
第一章　总则
第一条　根据《云岭省城乡居民基本医疗保险规定》（云岭省人民政府令第312号），结合本市实际，制定本细则。
第二条　本市城乡居民基本医疗保险基金实行市级统筹，分级管理，责任共担。
第三条　参保居民应当于每年10月1日至12月31日办理参保缴费，个人缴费标准为每人每年360元。
第二章　待遇
第四条　参保居民住院起付标准、统筹基金支付比例和次均费用控制标准按照下表执行。
@table
第五条　未按规定转诊到市外就医的，支付比例降低15个百分点。
第六条　统筹基金年度最高支付限额为20万元，大病保险年度最高支付限额为30万元。
第七条　参保居民住院分娩补助1200元。
第八条　待遇等待期为90日。
第三章　管理
第九条　定点医疗机构药品加价率不得超过购进价格的10%。
第十条　经办机构应当自收到结算申请之日起20日内与定点医疗机构结算。
第十一条　基金累计结余不得超过当年筹资总额的20%。
第十二条　经办机构按照月结算额的95%预拨医疗费用，其余5%作为服务质量保证金，年度考核合格后30日内拨付。
第十三条　定点医疗机构违反本细则超标准收费的，责令退还，处违规金额1倍以上2倍以下的罚款。
第四章　附则
第十四条　本细则与省有关规定不一致的，以省有关规定为准。
第十五条　本细则自2022年5月1日起施行。"""

TIERS = [
    ["医院级别", "起付标准（元）", "支付比例", "次均费用控制标准（元）"],
    ["乡镇卫生院", "100", "90%", "1800"],
    ["一级医院", "200", "85%", "2600"],
    ["二级医院", "400", "70%", "5200"],
    ["三级医院", "800", "55%", "9800"],
]

HOUSING = """栖水市住房公积金缴存使用管理办法
（2021年10月18日栖水市住房公积金管理委员会通过　栖公积金委〔2021〕4号公布　自2022年1月1日起施行）
第一章　总则
第一条　为了加强住房公积金管理，维护缴存职工合法权益，根据《住房公积金管理条例》，结合本市实际，制定本办法。
第二条　住房公积金属于职工个人所有，任何单位和个人不得挪用。
第三条　市住房公积金管理中心（以下简称中心）负责全市住房公积金的管理运作。
第二章　缴存
第四条　单位应当自设立之日起30日内到中心办理缴存登记，并自登记之日起20日内为职工办理账户设立手续。
第五条　单位和职工的缴存比例均不得低于5%，不得高于12%，具体比例由单位确定。
第六条　缴存基数不得高于本市上年度职工月平均工资的3倍，不得低于本市最低工资标准。
第七条　单位应当于每月发放工资之日起5日内汇缴住房公积金。
第八条　单位经营困难的，经职工代表大会讨论通过，可以申请降低缴存比例或者缓缴，期限不超过12个月。
第三章　提取和贷款
第九条　职工有下列情形之一的，可以提取账户余额：
（一）购买或者建造自住住房的；
（二）办理退休手续的；
（三）出境定居的；
（四）归还住房贷款的；
（五）无自有住房且租赁住房的。
第十条　租赁住房提取额度为每月1200元，多子女家庭可以上浮20%。
第十一条　中心应当自受理提取申请之日起3日内作出准予或者不准予提取的决定。
第十二条　职工连续足额缴存满6个月的，可以申请住房公积金贷款。中心应当自受理贷款申请之日起15日内作出决定。
第十三条　贷款最高额度，一人缴存的为50万元，两人以上缴存的为80万元，且不得超过借款人账户余额的15倍。
第十四条　首套住房最低首付款比例为20%，第二套住房最低首付款比例为30%。贷款期限最长不超过30年。
第十五条　贷款逾期的，按照贷款利率的1.5倍计收罚息；连续逾期6个月的，中心可以提前收回贷款。
第四章　监督和罚则
第十六条　单位未办理缴存登记的，中心责令其限期补办；逾期未补办的，处1万元以上5万元以下的罚款。
第十七条　职工以虚假材料提取住房公积金的，责令退回，并自查实之日起3年内不得申请提取和贷款。
第五章　附则
第十八条　本办法自2022年1月1日起施行，有效期5年。"""

PAYOUT = [
    ["医院级别", "起付标准（元）", "在职职工支付比例", "退休人员支付比例"],
    ["一级医院", 200, "92%", "95%"],
    ["二级医院", 400, "88%", "92%"],
    ["三级医院", 800, "85%", "90%"],
    ["市外医院", 1200, "75%", "80%"],
]

CONTRIBUTIONS = [
    ["项目", "缴费主体", "缴费比例", "缴费基数"],
    ["基本医疗保险", "用人单位", "6%", "职工工资总额"],
    ["基本医疗保险", "职工个人", "2%", "本人工资"],
    ["生育保险", "用人单位", "0.5%", "职工工资总额"],
]

MATERNITY = [
    ["情形", "生育津贴天数（天）", "医疗费用定额标准（元）"],
    ["顺产", 98, 2400],
    ["难产（增加）", 15, 1200],
    ["多胞胎每多生育一个婴儿（增加）", 15, 600],
    ["怀孕未满4个月流产", 15, 400],
    ["怀孕满4个月流产", 42, 800],
]


def write_docx(path: Path) -> None:
    """A Word document with headings, paragraphs and a table of hospital tiers."""
    from docx import Document

    document = Document()
    document.core_properties.author = "fadu corpus"
    document.core_properties.created = document.core_properties.modified = WRITTEN
    for number, line in enumerate(RESIDENTS.splitlines()):
        if line == "@table":
            table = document.add_table(rows=0, cols=len(TIERS[0]))
            table.style = "Table Grid"
            for row in TIERS:
                for cell, word in zip(table.add_row().cells, row, strict=True):
                    cell.text = word
        elif number == 0 or "章　" in line[:5]:
            document.add_heading(line, level=0 if number == 0 else 1)
        else:
            document.add_paragraph(line)
    document.save(str(path))


def write_xlsx(path: Path) -> None:
    """A workbook of three sheets, each a title in merged cells over a table."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "fadu corpus"
    book.properties.created = book.properties.modified = WRITTEN.replace(tzinfo=None)
    book.remove(book.active)
    for name, title, rows in (
        ("住院待遇", "安澜市职工基本医疗保险住院待遇标准（2023年）", PAYOUT),
        ("缴费比例", "安澜市职工基本医疗保险和生育保险缴费比例（2023年）", CONTRIBUTIONS),
        ("生育待遇", "安澜市职工生育保险待遇标准（2023年）", MATERNITY),
    ):
        sheet = book.create_sheet(name)
        sheet.append([title])
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(rows[0]))
        for row in rows:
            sheet.append(row)
        sheet.column_dimensions["A"].width = 32
    book.save(path)


def write_pdf(path: Path, font: Path) -> None:
    """An A4 document with page numbers; the font is subset and carries a ToUnicode map."""
    from fpdf import FPDF

    class Numbered(FPDF):
        def footer(self) -> None:
            self.set_y(-15)
            self.set_font("cjk", size=9)
            self.cell(0, 10, f"— {self.page_no()} —", align="C")

    pdf = Numbered(format="A4")
    pdf.set_creation_date(WRITTEN)
    pdf.set_title(HOUSING.splitlines()[0])
    pdf.set_author("fadu corpus")
    pdf.add_font("cjk", fname=str(font))
    pdf.add_page()
    for number, line in enumerate(HOUSING.splitlines()):
        heading = number < 2 or "章　" in line[:5]
        pdf.set_font("cjk", size=18 if number == 0 else 12)
        pdf.multi_cell(
            0,
            12 if number == 0 else 8,
            line if heading else "　　" + line,
            align="C" if heading else "L",
            wrapmode="CHAR",
            new_x="LMARGIN",
            new_y="NEXT",
        )
    pdf.output(str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes the binary documents of the corpus.")
    parser.add_argument("--font", type=Path, required=True, help="TrueType font with Chinese glyphs")
    font = parser.parse_args().font
    write_docx(REGULATIONS / "栖水市城乡居民基本医疗保险实施细则.docx")
    write_xlsx(REGULATIONS / "安澜市职工医疗和生育保险标准.xlsx")
    write_pdf(REGULATIONS / "栖水市住房公积金缴存使用管理办法.pdf", font)


if __name__ == "__main__":
    main()
