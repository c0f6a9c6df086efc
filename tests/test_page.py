"""The web page without a browser: what is on it, in which script, and that no document can put anything else there."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook
from page_server import ROOT, serving_pages
from serving import serving

from api.web.labels import validity
from api.web.marks import Mark, marked
from api.web.samples import sample_files
from api.web.script import original, page_in_script
from api.web.settings import local_path
from api.web.sheet import lines_of
from kb import KnowledgeBase
from kb.reviews import Note, Reviews
from kb.types import DocumentRow

# Markup in every place a document's words come to stand: title, body, provision, citation, table, file name.
HOSTILE_NAME = "<img src=x onerror=alert(1)>.txt"
HOSTILE = """<img src=x onerror=alert(1)>市医疗保险"javascript:alert(1)'办法

第一条　根据《javascript:alert(1)<script>alert(2)</script>法》第二条和"><svg onload=alert(3)>，制定本办法。
第二条　<b onmouseover=alert(4)>三级医院</b>住院的，报销比例为60%；</mark></blockquote><script>alert(5)</script>
二级医院为75%。
"""
PAGES = ("/", "/rules", "/figures", "/pivot", "/check", "/documents", "/compare", "/ask")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server over two samples and a hostile document."""
    folder = tmp_path_factory.mktemp("page")
    wanted = ("安澜市城乡居民基本医疗保险办法-2018.txt", "離島勞工互助保險條例.txt")
    with KnowledgeBase.open(folder / "kb", create=True, write=True) as kb:
        kb.ingest([ROOT / "corpus" / "regulations" / name for name in wanted])
    with serving_pages(folder / "kb") as address, httpx.Client(base_url=address, timeout=60) as client:
        answer = client.post("/documents", files={"files": (HOSTILE_NAME, HOSTILE.encode())})
        assert "已入库" in answer.text
        yield client


def document(client: httpx.Client, words: str) -> dict[str, str]:
    found: dict[str, str] = client.get("/api/documents", params={"document": words}).json()["items"][0]
    return found


def without_values(tag: str) -> str:
    return re.sub(r'"[^"]*"', '""', tag)


def in_script(script: str) -> dict[str, str]:
    return {"Cookie": f"fadu_script={script}"}


def tags(html: str) -> list[str]:
    return re.findall(r"<[a-zA-Z][^>]*>", html)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_under_a_strict_policy(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in tags(answer.text):
        assert not re.search(r"<script(?! src=)|\son[a-z]+=|\sstyle=", without_values(tag)), tag


def hostile_pages(client: httpx.Client) -> list[str]:
    one = document(client, "alert")["id"]
    provisions = [p["id"] for p in client.get(f"/api/documents/{one}/provisions").json()["items"]]
    return [
        "/?q=三级医院报销比例",
        f"/?q={HOSTILE_NAME}",
        "/suggest?q=alert",
        "/rules?document=alert",
        "/rules?document=<script>alert(1)</script>",
        "/pivot?rows=document&columns=institution",
        "/documents",
        f"/documents/{one}",
        f"/documents/{one}?view=normalized",
        *(f"/p/{one}/{provision}" for provision in provisions),
        f"/context?document={one}&mark=2-20",
        f"/compare?a={one}&b={document(client, '安澜市')['id']}",
        "/ask?q=三级医院住院报销比例",
        "/documents/<img src=x onerror=alert(1)>",
        "/?q=x&as_of=<script>alert(1)</script>",
    ]


@pytest.mark.parametrize("script", ["hans", "hant"])
def test_text_of_documents_never_becomes_markup(client: httpx.Client, script: str) -> None:
    for path in hostile_pages(client):
        html = client.get(path, headers=in_script(script)).text
        assert not re.search(r"<(img|b |svg onload|script>)", html), path
        for tag in tags(html):
            assert not re.search(r"\son[a-z]+=", without_values(tag)), (path, tag)
            assert not re.search(r'(?:href|src|action)="\s*javascript:', tag), (path, tag)


def events_of(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = re.findall(r"event: (\w+)\ndata: (.*)\n\n", answer.text)
    return [(name, json.loads(data)) for name, data in found]


def test_an_answer_comes_in_pieces_and_whole(client: httpx.Client) -> None:
    asked = {"q": "安澜市三级医院住院报销比例是多少"}
    events = events_of(client.post("/ask/stream", data=asked))
    assert {name for name, _ in events[:-1]} == {"text"}
    assert "60%" in "".join(data for name, data in events if name == "text")
    name, html = events[-1]
    assert name == "end"
    assert re.search(r'<a class="ref" href="/p/[^"]+" data-context="/context\?[^"]+"', html)


def test_what_a_form_brings_back_is_only_text(client: httpx.Client) -> None:
    """A forged conversation: markup in its words, a link that is none of ours, a document there is not."""
    said = (
        "<img src=x onerror=alert(1)>〔1〕〔2〕\n\n来源：\n"
        "〔1〕《<b>甲</b>》 javascript:alert(1)?mark=1-2\n〔2〕《乙》 /documents/000000000000@1?mark=1-2"
    )
    html = client.post("/ask", data={"q": "那二级医院呢", "asked": "<b>甲</b>", "said": said}).text
    assert "<img src=x" not in html
    assert "<b>甲" not in html
    assert "《乙》（文件已删除）" in html
    assert not re.search(r'(?:href|data-context)="[^"]*(?:javascript|000000000000)', html)


def test_a_check_tells_its_steps_until_it_is_done(client: httpx.Client) -> None:
    report = {"report": ("报告.txt", "2023年，三级医院住院报销比例为50%。".encode(), "text/plain")}
    place = client.post("/check", files=report).headers["location"]
    events = events_of(client.get(f"{place}/events"))
    assert [name for name, _ in events[:-1]] == ["state"] * (len(events) - 1)
    assert events[-1] == ("end", "done")


def test_a_hit_is_marked_in_the_original_whatever_the_script_asked_in(client: httpx.Client) -> None:
    html = client.get("/", params={"q": "离岛劳工保险费率"}).text
    assert re.search(r'<mark class="m-hit">保險費', html)


def test_the_page_changes_script_and_originals_do_not(client: httpx.Client) -> None:
    one = document(client, "安澜市")["id"]
    plain = client.get(f"/documents/{one}").text
    traditional = client.get(f"/documents/{one}", headers=in_script("hant")).text
    assert "规则库" in plain
    assert "規則庫" in traditional
    sheets = [re.search(r"<article.*?</article>", html, re.S) for html in (plain, traditional)]
    texts = [re.sub(r"<[^>]*>", "", sheet[0]) for sheet in sheets if sheet]
    assert texts[0] == texts[1]
    assert "基本医疗保险" in texts[0]


def test_spoken_attributes_are_converted_and_values_are_not() -> None:
    html = '<input aria-label="检索规则" value="规则">' + str(original("规则")) + "规则"
    assert page_in_script(html, "hant") == '<input aria-label="檢索規則" value="规则">规则規則'
    assert page_in_script(f"{original('a' + chr(0xFDD1) + 'b')}", "hans") == "a\ufffdb"


def test_settings_are_kept_and_lead_nowhere_else(client: httpx.Client) -> None:
    answer = client.get("/settings", params={"theme": "dark", "next": "/rules?page=1"})
    assert answer.headers["location"] == "/rules?page=1"
    assert "fadu_theme=dark" in answer.headers["set-cookie"]
    assert 'data-theme="dark"' in client.get("/", headers={"Cookie": "fadu_theme=dark"}).text
    assert "set-cookie" not in client.get("/settings", params={"theme": "<script>"}).headers
    assert local_path("/\t/evil.example") == "/"


def test_overlapping_marks_nest_nothing() -> None:
    html = str(marked("三级医院60%。", 0, 8, [Mark(0, 7, "rules"), Mark(4, 7, "figures", 'a"b')])).strip("\ufdd0\ufdd1")
    assert html == ('<mark class="m-rules">三级医院</mark><mark class="m-rules m-figures" title="a&#34;b">60%</mark>。')


def test_marks_run_over_lines_and_anchors_stand_at_theirs() -> None:
    text = "一\n\n二三\n四"
    lines = list(lines_of(text, [Mark(0, 5, "rules")], [(3, "p1")]))
    assert [line.start for line in lines] == [0, 3, 6]
    assert [line.anchors for line in lines] == [(), ("p1",), ()]
    assert [str(line.html).count("<mark") for line in lines] == [1, 1, 0]


def test_a_provision_keeps_its_address_when_its_document_is_read_again(client: httpx.Client) -> None:
    text = "甲市规定\n\n第一条　报销比例为60%。\n第二条　本规定自2020年1月1日起施行。\n"
    client.post("/documents", files={"files": ("甲.txt", text.encode())})
    one = document(client, "甲市规定")["id"]
    assert "60%" in client.get(f"/p/{one}/第一条").text
    client.post("/documents", files={"files": ("甲.txt", text.replace("60%", "70%").encode())})
    assert "70%" in client.get(f"/p/{one}/第一条").text
    assert "60%" in client.get(f"/p/{one}@1/第一条").text
    assert "第 2 版" in client.get(f"/documents/{one}").text
    assert client.get(f"/p/{one}/第九条").status_code == 404


def test_exports_open_with_every_row(client: httpx.Client) -> None:
    total = client.get("/api/rules", params={"limit": 1}).json()["total"]
    book = load_workbook(io.BytesIO(client.get("/export/rules.xlsx").content))
    rows = list(book.active.values)
    assert len(rows) == total + 1
    assert {"性质", "指标", "数值", "原文", "引文"} <= set(rows[0])
    lines = client.get("/export/figures.csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("指标,数值")


def test_tables_narrow_sort_and_show_the_columns_asked_for(client: httpx.Client) -> None:
    page = client.get(
        "/rules", params={"indicator": "reimbursement_ratio", "sort": "-value", "cols": ["value", "place"]}
    )
    body = page.text.split("<tbody>")[1].split("</tbody>")[0]
    numbers = [float(n) for n in re.findall(r'class="value">[^<\d]*([\d.]+)%', body)]
    assert len(numbers) > 3
    assert numbers == sorted(numbers, reverse=True)
    assert page.text.count("<th ") == 3  # the two, and the one for the original


def test_refusals_are_pages_that_say_what_to_do(client: httpx.Client) -> None:
    missing = client.get("/documents/none")
    assert missing.status_code == 404
    assert "没有找到" in missing.text
    assert "2024-03-31" in client.get("/", params={"q": "x", "as_of": "soon"}).text
    refused = client.post("/documents", files=[("files", ("a.exe", b"MZ")), ("files", ("b.txt", b""))])
    assert "不支持 .exe 文件" in refused.text
    assert "文件是空的" in refused.text
    assert client.post("/check", data={"against": "all"}).status_code == 422


@pytest.mark.parametrize(
    "path", ["/nothing-here", "/check/none", "/pivot?indicator=火星", "/rules?modality=火星", "/p/x/y"]
)
def test_no_refusal_of_a_page_is_in_english(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code in (404, 422)
    words = re.sub(r"<[^>]*>", " ", re.search(r"<main.*?</main>", answer.text, re.S)[0])  # type: ignore[index]
    assert "；" in words or "。" in words
    assert not re.search(r"[A-Za-z]{4,}", words), words


def test_an_upload_that_cannot_be_read_says_why(client: httpx.Client) -> None:
    """Read in a process of its own, from which the message comes back whole."""
    place = client.post("/check", files={"report": ("报告.txt", b"\x00\x01\x02\xff\xfe\x9c")}).headers["location"]
    events_of(client.get(f"{place}/events"))
    assert "不是文字，或认不出编码" in client.get(place).text


@pytest.mark.parametrize(
    ("day", "slots", "label"),
    [
        (None, {"status": "尚未施行"}, "尚未施行"),  # as the knowledge base says
        (None, {"status": "有效", "current": False}, "旧版本"),  # history, looked at today
        ("2020-01-01", {"status": "有效", "current": False}, "有效"),  # what was in force on the day asked for
        (None, {"status": "已废止", "current": False}, "已废止"),  # says more
        (None, {}, None),  # a report is neither in force nor not
    ],
)
def test_a_badge_tells_the_status(day: str | None, slots: dict[str, object], label: str | None) -> None:
    state = validity(DocumentRow("a", "a.txt", "0", **slots), day)  # type: ignore[arg-type]
    assert (state.label if state else None) == label


def test_remarks_outlive_the_process_and_go_with_their_check(tmp_path: Path) -> None:
    reviews = Reviews(tmp_path)
    one = reviews.begin("报告", "整个知识库", "")
    reviews.finish(one, "报告", "{}", "[]", "{}")
    reviews.note(one, 3, Note(True, "已核"))
    reviews.note(one, 3, Note(True, "已复核"))
    again = Reviews(tmp_path)
    assert again.notes(one) == {3: Note(True, "已复核")}
    again.remove(one)
    assert (again.all(), again.notes(one)) == ([], {})


def test_samples_are_there() -> None:
    assert len(sample_files()) == 16


def test_a_check_cut_off_by_a_stop_is_told_at_the_next_start(tmp_path):
    folder = tmp_path / "kb"
    with KnowledgeBase.open(folder, create=True, write=True):
        pass
    identity = Reviews(folder).begin("报告", "全部规则", "")
    with serving(folder):
        review = Reviews(folder).get(identity)
    assert review is not None
    assert (review.state, review.message) == ("failed", "服务在检查完成前停止了，请重新检查")
