"""`fadu compare`, `conflicts`, `table` and `ask` as a user meets them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from lxml import html
from test_cli import fadu

REGULATIONS = Path(__file__).parent.parent / "corpus" / "regulations"
OLD, NEW = (REGULATIONS / f"安澜市城乡居民基本医疗保险办法-{year}.txt" for year in (2018, 2023))
PROVINCE = REGULATIONS / "云岭省城乡居民基本医疗保险规定.md"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    place = tmp_path_factory.mktemp("answers") / "kb"
    done = fadu("ingest", OLD, NEW, PROVINCE, "--kb", place)
    assert done.returncode == 0, done.stderr
    return place


def answered(*args):
    """The JSON a command prints."""
    done = fadu(*args, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_compare_files():
    found = answered("compare", OLD, NEW)
    change = next(c for c in found["changed"] if c["old"].get("indicator") == "cumulative_surplus_ratio")
    assert (change["direction"], change["old"]["value"], change["new"]["value"]) == ("stricter", "30", "25")
    assert not found["identical"]
    done = fadu("compare", OLD, NEW)
    assert done.returncode == 0
    assert "+ 累计结余不得超过当年筹资总额的25%" in done.stdout
    assert "第六章/第二十七条 → 第六章/第二十八条" in done.stdout


def test_compare_stored_documents_with_files_and_themselves(base):
    ids = {d["document"]["title"]: d["document"]["id"] for d in answered("rules", "--kb", base)["rules"]}
    identity = ids["云岭省城乡居民基本医疗保险规定"]
    assert answered("compare", identity, PROVINCE, "--kb", base)["identical"]
    done = fadu("compare", identity, identity, "--kb", base)
    assert "no difference" in done.stdout


def test_compare_refuses_what_is_not_there(base, tmp_path):
    for args in (("nothing.txt", NEW, "--kb", tmp_path / "none"), ("unknown-id", NEW, "--kb", base)):
        done = fadu("compare", *args)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1


def test_compare_as_a_workbook(tmp_path):
    path = tmp_path / "differences.xlsx"
    assert fadu("compare", OLD, NEW, "--format", "xlsx", "-o", path).returncode == 0
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    assert book.sheetnames == ["规则", "文字", "移动的条文"]
    assert {"趋严", "放宽", "新增"} <= {row[0] for row in book["规则"].iter_rows(values_only=True)}
    book.close()


def test_compare_as_a_page():
    page = html.fromstring(fadu("compare", OLD, NEW, "--format", "html").stdout)
    row = next(r for r in page.iterfind(".//section[@id='changed']//tr") if "累计结余率" in r.text_content())
    assert [cell.text_content() for cell in row][2:4] == ["≤30%", "≤25%"]
    assert (row.find(".//del").text, row.find(".//ins").text) == ("30%", "25%")
    assert len(page.findall(".//section[@id='moved']//tbody/tr")) == 1
    assert not page.findall(".//script")
    same = fadu("compare", OLD, OLD, "--format", "html").stdout
    assert "没有差异" in same


def test_conflicts(base):
    found = answered("conflicts", "--kb", base, "--only", "contradictory")["conflicts"]
    assert [(c["indicator"], c["senior"]["quote"], c["junior"]["quote"]) for c in found] == [
        ("waiting_period", "60日", "3个月")
    ]
    done = fadu("conflicts", "--kb", base)
    assert done.returncode == 0
    assert "SUPERSEDED" in done.stdout
    assert "1 contradictory" in done.stdout
    page = html.fromstring(fadu("conflicts", "--kb", base, "--format", "html").stdout)
    cards = page.findall(".//section[@id='contradictory']/article")
    assert [[mark.text for mark in card.iterfind(".//mark")] for card in cards] == [["60日", "3个月"]]
    book = openpyxl.load_workbook(io.BytesIO(written("conflicts", "--kb", base)))
    assert {"相互矛盾", "已被替代"} <= {row[0] for row in book.active.iter_rows(values_only=True)}
    lines = fadu("conflicts", "--kb", base, "--format", "csv").stdout.splitlines()
    assert lines[0].startswith("\ufeffkind,indicator,explanation,senior.document")


def written(*args):
    """The workbook a command writes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "out.xlsx"
        assert fadu(*args, "--format", "xlsx", "-o", path).returncode == 0
        return path.read_bytes()


def test_table_as_a_workbook_and_a_chart(base):
    book = openpyxl.load_workbook(io.BytesIO(written("table", "deductible", "--kb", base, "--rows", "year")))
    cross, sources = book
    assert [cell.value for cell in cross[1]][:4] == ["年份", "一级医院", "二级医院", "三级医院"]
    assert "2023年" in {cell.value for cell in cross["A"]}
    assert {1000, 1200} <= {cell.value for cell in sources["D"]}
    svg = fadu("table", "deductible", "--kb", base, "--format", "svg").stdout
    assert svg.startswith("<svg xmlns=")
    assert "1000元" in svg
    page = html.fromstring(fadu("table", "deductible", "--kb", base, "--format", "html").stdout)
    assert [head.text for head in page.iterfind(".//section[@id='table']//th")][:2] == ["文件", "一级医院"]
    assert page.find(".//figure/svg").get("role") == "img"


def test_table(base):
    found = answered("table", "报销比例", "--kb", base)
    cell = next(c for c in found["cells"] if c["column"] == "三级医院" and "〔2022〕26号" in c["row"])
    assert [r["value"] for r in cell["records"]] == ["65"]
    done = fadu("table", "deductible", "--kb", base, "--rows", "region")
    assert done.returncode == 0
    assert "三级医院" in done.stdout.splitlines()[0]
    csv = fadu("table", "deductible", "--kb", base, "--format", "csv").stdout
    assert csv.startswith("\ufeffdocument,一级医院,二级医院,三级医院")


@pytest.mark.parametrize(
    "args",
    [("火星",), ("deductible", "--rows", "region", "--columns", "region"), ("deductible", "--indicator", "share")],
)
def test_a_table_that_cannot_be_made_is_refused(base, args):
    done = fadu("table", *args, "--kb", base)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_ask(base):
    found = answered("ask", "安瀾市三級醫院住院報銷比例是多少", "--kb", base)
    assert found["supported"]
    assert "三级医院65%" in found["text"]
    (source,) = found["sources"]
    text = NEW.read_bytes().decode("gb18030")
    assert text[source["start"] : source["end"]] == source["quote"]
    done = fadu("ask", "购房契税税率是多少", "--kb", base)
    assert (done.returncode, done.stdout) == (0, "知识库中没有相关规定。\n")
