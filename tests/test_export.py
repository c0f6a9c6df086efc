"""Export: every table whole and true to the base, in every form, streamed, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from kb_samples import HEALTH, HEALTH_AMENDED, REPORT, write_documents
from openpyxl import load_workbook
from serving import serving, upload

from api.errors import UsageError
from api.exports import write_export, zip_chunks
from api.sheets import MOST_ROWS, Sheet, check_rows, sheets_to_xlsx
from ingest.errors import QueryError
from kb import KnowledgeBase
from kb.export import NAMES
from kb.types import Filters

SPITEFUL = """=SUM市医保办法

第一条 为了保障权益，制定本办法。

第二条 =HYPERLINK("http://a.example")的报销比例为70%。

第三条 @SUM(1)的报销比例为+80%，-5%的部分除外。
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("export")
    documents = write_documents(folder)
    (documents / "坏.txt").write_text(SPITEFUL, encoding="utf-8")
    with KnowledgeBase.open(folder / "kb", create=True, write=True) as kb:
        kb.ingest([documents])
        (documents / "职工医保办法.txt").write_text(HEALTH_AMENDED, encoding="utf-8")
        kb.ingest([documents])
    with KnowledgeBase.open(folder / "kb") as kb:
        yield kb


def cells(kb: KnowledgeBase, name: str, filters: Filters = Filters()) -> list[dict[str, object]]:  # noqa: B008
    table = kb.table(name, filters)
    rows = [dict(zip(table.columns, row, strict=True)) for row in table]
    assert len(rows) == len(table)
    return rows


def test_every_table_is_whole_and_its_quotes_are_true(base: KnowledgeBase) -> None:
    documents = {row.id: row for row in base.documents()}
    assert {row["id"] for row in cells(base, "documents")} == set(documents)
    assert len(cells(base, "versions")) == len(documents) + 1
    counts = base.counts()
    assert len(cells(base, "rules")) == counts.rules
    assert len(cells(base, "figures")) == counts.figures
    assert len(cells(base, "passages")) == counts.passages
    for name in ("rules", "figures", "quantities", "citations", "passages"):
        rows = cells(base, name)
        assert rows, name
        for row in rows:
            text = base.text(f"{row['document.id']}@{row['document.version']}")
            assert text[row["start"] : row["end"]] == row["quote"]
    of_provisions = {row["document.id"]: base.provisions(str(row["document.id"])) for row in cells(base, "provisions")}
    assert sum(map(len, of_provisions.values())) == len(cells(base, "provisions"))


def test_filters_narrow_every_table(base: KnowledgeBase) -> None:
    narrowed = Filters(document="就業安定保險法")
    for name in NAMES:
        rows = cells(base, name, narrowed)
        assert {row.get("document.title", row.get("title")) for row in rows} <= {"就業安定保險法"}, name
    assert {row["kind"] for row in cells(base, "rules", Filters(kind="percent"))} == {"percent"}
    with pytest.raises(QueryError, match="no table; choose from documents"):
        base.table("findings")


def test_tables_become_frames_and_arrow(base: KnowledgeBase) -> None:
    pytest.importorskip("pandas")
    pyarrow = pytest.importorskip("pyarrow")
    for name in NAMES:
        table = base.table(name)
        arrow, frame = table.to_arrow(), table.to_dataframe()
        assert (arrow.num_rows, len(frame), tuple(arrow.column_names)) == (len(table), len(table), table.columns)
    assert base.table("rules").to_arrow().schema.field("start").type == pyarrow.int64()
    assert base.rules(limit=2).to_arrow().num_rows == 2


@pytest.mark.parametrize("form", ["xlsx", "csv", "parquet", "jsonl"])
def test_every_form_holds_every_row(base: KnowledgeBase, tmp_path: Path, form: str) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    output = tmp_path / f"out.{form}"
    tables = [base.table(name) for name in ("rules", "citations")]
    write_export(tables, form, output)  # type: ignore[arg-type]
    if form == "xlsx":
        book = load_workbook(output, read_only=True)
        assert [sum(1 for _ in page.rows) - 1 for page in book] == [len(table) for table in tables]
    elif form == "parquet":
        from pyarrow import parquet

        assert [parquet.read_table(output / f"{t.name}.parquet").num_rows for t in tables] == [len(t) for t in tables]
    else:
        for table in tables:
            lines = (output / f"{table.name}.{form}").read_text("utf-8-sig")
            rows = list(csv.reader(io.StringIO(lines, newline="")))[1:] if form == "csv" else lines.splitlines()
            assert len(rows) == len(table)


def test_no_cell_of_a_spreadsheet_is_run_as_a_formula(base: KnowledgeBase, tmp_path: Path) -> None:
    tables = [base.table(name) for name in NAMES]
    write_export(tables, "csv", tmp_path / "csv")
    for path in (tmp_path / "csv").iterdir():
        for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")):
            assert not any(cell[:1] in "=@+" and cell for cell in row), row
    write_export(tables, "xlsx", tmp_path / "all.xlsx")
    book = load_workbook(tmp_path / "all.xlsx")
    assert {cell.data_type for page in book for row in page.rows for cell in row} <= {"s", "inlineStr", "n", "b"}
    assert any(str(cell.value).startswith("=") for row in book["documents"].rows for cell in row)  # as it stands


def test_what_excel_cannot_hold_is_said() -> None:
    check_rows("rules", MOST_ROWS)
    with pytest.raises(UsageError, match=r"rules has more than the 1,048,575 rows .* choose csv, parquet or jsonl"):
        check_rows("rules", MOST_ROWS + 1)
    with pytest.raises(UsageError, match=r"passages: a cell of quote has 32,768 characters, more than the 32,767"):
        sheets_to_xlsx([Sheet("passages", ("quote",), (("字" * 32_768,),))])
    assert sheets_to_xlsx([Sheet("passages", ("quote",), (("字" * 32_767,),))])


def test_an_archive_is_sent_while_it_is_made() -> None:
    made: list[int] = []

    def chunks() -> Iterator[bytes]:
        for n in range(200):
            made.append(n)
            yield bytes(range(256)) * 400

    sent = zip_chunks([("a.bin", chunks())])
    assert next(sent)[:2] == b"PK"
    assert made == [0]
    again = io.BytesIO(b"".join(zip_chunks([("a.bin", chunks())])))
    assert zipfile.ZipFile(again).read("a.bin") == bytes(range(256)) * 400 * 200


def test_http_sends_whole_tables_without_the_folders_of_the_server(tmp_path: Path) -> None:
    def fetched(client: httpx.Client, **query: str) -> httpx.Response:
        return client.get("/api/export", params=query).raise_for_status()

    with serving(tmp_path / "kb") as client:
        assert upload(client, "办法.txt", HEALTH.encode()).status_code == 201
        assert upload(client, "总结.txt", REPORT.encode()).status_code == 201
        archive = zipfile.ZipFile(io.BytesIO(fetched(client, file="csv").content))
        assert set(archive.namelist()) == {f"{name}.csv" for name in NAMES}
        assert archive.testzip() is None
        rules = fetched(client, file="csv", table="rules")
        assert rules.headers["content-type"] == "text/csv; charset=utf-8"
        assert rules.content == archive.read("rules.csv")
        sources = {row["document.source"] for row in csv.DictReader(io.StringIO(rules.content.decode("utf-8-sig")))}
        assert sources == {"办法.txt"}
        book = load_workbook(io.BytesIO(fetched(client, table="figures").content))
        assert book.sheetnames == ["figures"]
        assert fetched(client, file="jsonl", table="documents").text.count("\n") == 2
        assert client.get("/api/export", params={"table": "none"}).status_code == 422
