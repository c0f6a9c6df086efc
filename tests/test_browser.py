"""The web page in a browser: Debian's Chromium on a real server over the sample documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from page_server import AXE, REPORT, ROOT, chromium, serving_pages

from kb import KnowledgeBase

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium here: apt-get install chromium")

FIGURE = "三级医院住院报销比例为50%。"
HOSTILE = """<img src=x onerror="window.pwned=1">市医疗保险办法

第一条　根据《<script>window.pwned=2</script>法》第二条，制定本办法。
第二条　<svg onload="window.pwned=3">三级医院住院的，报销比例为60%。
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the sample regulations and one report."""
    folder = tmp_path_factory.mktemp("browser") / "kb"
    with KnowledgeBase.open(folder, create=True, write=True) as kb:
        report = kb.ingest([ROOT / "corpus" / "regulations", REPORT])
        assert not report.refused
    with serving_pages(folder) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


class Tab:
    """A page of a context of its own that notes what it should not have done."""

    def __init__(self, browser: Any, address: str, **settings: Any) -> None:
        self.address = address
        self.context = browser.new_context(base_url=address, locale="zh-CN", **settings)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda line: self.wrong.append(line.text) if line.type == "error" else None)
        self.page.on("request", self._asked)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.wrong.append(request.url)


@pytest.fixture
def tab(browser: Any, address: str) -> Iterator[Tab]:
    tab = Tab(browser, address)
    yield tab
    tab.context.close()
    assert tab.wrong == []


@pytest.fixture
def phone(browser: Any, address: str) -> Iterator[Tab]:
    tab = Tab(browser, address, viewport={"width": 375, "height": 812}, has_touch=True, is_mobile=True)
    yield tab
    tab.context.close()
    assert tab.wrong == []


def document_of(tab: Tab, words: str) -> str:
    found = tab.context.request.get("/api/documents", params={"document": words}).json()["items"]
    return str(found[0]["id"])


def every_page(tab: Tab) -> list[str]:
    one = document_of(tab, "安政发〔2022〕26号")
    return [
        "/",
        "/?q=三级医院住院报销比例是多少",
        "/?q=没有这种东西的补贴&region=火星",
        "/rules",
        "/figures?sort=-value",
        "/pivot",
        "/check",
        "/documents",
        f"/documents/{one}",
        f"/documents/{one}?view=normalized",
        f"/p/{one}/第三章/第十三条",
        f"/compare?a={document_of(tab, '安政发〔2017〕31号')}&b={one}",
        "/ask?q=安澜市三级医院住院报销比例是多少",
        "/ask?q=火星移民补贴多少",
        "/documents/none",
    ]


def test_searching_with_the_keyboard_alone(tab: Tab) -> None:
    page = tab.page
    page.goto("/rules")
    page.goto("/")
    page.keyboard.type("失业保险条例", delay=5)
    page.wait_for_selector("#suggestions a")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#suggestions a[aria-selected=true]")
    assert page.locator("#q").get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/**")
    assert "失业保险条例" in page.inner_text("h1")
    page.goto("/?q=三级医院住院报销比例是多少")
    page.keyboard.press("/")
    page.keyboard.type("安澜市城乡居民基本医疗保险办法第十三条")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_selector("article.answer")
    for _ in range(60):
        if page.evaluate("document.activeElement.dataset.copy?.startsWith('《') ?? false"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#say.on")
    assert re.search(
        r"《安澜市城乡居民基本医疗保险办法》（安政发〔20\d\d〕\d+号）第十三条",
        page.evaluate("navigator.clipboard.readText()"),
    )


def test_answers_stand_above_passages_with_the_match_marked(tab: Tab) -> None:
    page = tab.page
    page.goto("/?q=三级医院住院报销比例是多少")
    assert "≥65%" in page.inner_text("table.answers")
    assert page.locator(".hit mark.m-hit").count() > 5
    page.click("aside.facets a:has-text('安澜市')")
    page.wait_for_url("**region=**")
    assert page.locator("aside.facets p.on").inner_text().startswith("安澜市")
    page.fill("input[name=as_of]", "2019-01-01")
    page.wait_for_url("**as_of=2019-01-01**")
    assert "安政发〔2022〕26号" not in "".join(page.locator(".hit .meta").all_inner_texts())


def test_a_report_is_dropped_and_its_findings_are_dealt_with(tab: Tab, tmp_path: Path) -> None:
    page = tab.page
    page.goto("/check")
    page.set_input_files("input[name=report]", REPORT)
    page.click("text=开始核查")
    page.wait_for_selector("article.finding")
    first = page.locator("article.finding.violation").first
    assert first.locator(".side").count() == 2
    assert first.locator("mark.m-hit").count() == 2
    first.locator("input[name=comment]").fill("<b>请医保局说明</b>")
    first.locator("input[name=handled]").check()
    page.wait_for_selector("#say.on")
    page.reload()
    assert page.locator("article.finding.handled input[name=comment]").input_value() == "<b>请医保局说明</b>"
    page.click("text=只看未处理")
    page.wait_for_url("**handled=no")
    assert page.locator("article.finding.handled").count() == 0
    page.click("nav.tabs >> text=自相矛盾")
    page.wait_for_url("**status=inconsistent**")
    assert "重算" in page.inner_text("article.finding >> nth=0")
    with page.expect_download() as got:
        page.click("text=Excel")
    got.value.save_as(tmp_path / "findings.xlsx")
    book = load_workbook(tmp_path / "findings.xlsx")
    assert sum(sheet.max_row for sheet in book.worksheets) > 10
    with page.expect_download() as got:
        page.click("a:text-is('网页')")
    assert "加价率" in Path(got.value.path()).read_text(encoding="utf-8")


def test_rules_can_come_with_the_report(tab: Tab) -> None:
    page = tab.page
    page.goto("/check")
    page.set_input_files(
        "input[name=report]",
        {"name": "报告.txt", "mimeType": "text/plain", "buffer": FIGURE.encode()},
    )
    page.check("input[value=files]")
    rules = "甲市医疗保险办法\n\n第一条　三级医院住院的，报销比例不低于60%。\n"
    page.set_input_files("input[name=rules]", {"name": "办法.txt", "mimeType": "text/plain", "buffer": rules.encode()})
    page.click("text=开始核查")
    page.wait_for_selector("article.finding.violation")
    assert "甲市医疗保险办法" in page.inner_text("article.finding.violation")


def test_files_are_uploaded_each_with_its_outcome(tab: Tab) -> None:
    page = tab.page
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/documents")
    name = '<img src=x onerror="window.pwned=4">.txt'
    page.set_input_files(
        "input[name=files]",
        [
            {"name": name, "mimeType": "text/plain", "buffer": HOSTILE.encode()},
            {"name": "a.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"},
        ],
    )
    page.wait_for_selector("ul.uploads li.refused")
    assert "不支持 .exe 文件" in page.inner_text("ul.uploads li.refused")
    link = page.locator("ul.uploads li.ok a").get_attribute("href")
    page.wait_for_selector(f".grid a[href='{link}']")
    hostile = [
        "/documents",
        link,
        f"{link}?view=normalized",
        "/?q=三级医院报销比例 60%",
        "/pivot",
        "/rules?document=pwned",
        f"/p/{str(link).split('/')[-1]}/第一条",
    ]
    for path in hostile:
        page.goto(str(path))
        assert page.evaluate("window.pwned") is None, path
        assert page.locator("main img, main script, main svg[onload], a[href^=javascript]").count() == 0, path
    page.goto("/documents")
    page.click(f"tr:has(a[href='{link}']) >> text=删除")
    page.wait_for_selector(f".grid a[href='{link}']", state="detached")


def test_the_samples_are_loaded_with_one_click(browser: Any, tmp_path: Path) -> None:
    with serving_pages(tmp_path / "kb") as empty:
        tab = Tab(browser, empty)
        tab.page.set_default_timeout(60_000)
        tab.page.goto("/")
        tab.page.click("text=载入样例文件")
        tab.page.wait_for_url("**/documents")
        assert tab.page.inner_text(".toolbar .count") == "16 份"
        tab.context.close()
        assert tab.wrong == []


def test_layers_are_turned_on_and_off(tab: Tab) -> None:
    page = tab.page
    page.goto(f"/documents/{document_of(tab, '审计报告')}")
    shade = "getComputedStyle(document.querySelector('article .m-citations')).backgroundColor"
    before = page.evaluate(shade)
    page.check("#layer-citations")
    assert page.evaluate(shade) != before
    assert page.locator("article .m-figures").count() > 20
    page.click("nav.outline >> text=审计评价")
    assert "#p" in page.url


def test_a_row_opens_its_quote_in_context(tab: Tab, tmp_path: Path) -> None:
    page = tab.page
    page.goto("/rules?indicator=reimbursement_ratio")
    page.click("a[data-context] >> nth=0")
    page.wait_for_selector("#panel mark.m-hit")
    page.keyboard.press("Escape")
    page.click("text=选择列")
    page.check("input[value=population]")
    page.click("text=应用")
    page.wait_for_selector("th:has-text('人群')")
    with page.expect_download() as got:
        page.click("text=Excel")
    got.value.save_as(tmp_path / "rules.xlsx")
    rows = list(load_workbook(tmp_path / "rules.xlsx").active.values)
    assert len(rows) == int(re.findall(r"\d+", page.inner_text(".toolbar .count"))[0]) + 1


def test_the_whole_page_changes_script(tab: Tab) -> None:
    page = tab.page
    page.goto(f"/documents/{document_of(tab, '安政发〔2022〕26号')}")
    text = page.inner_text("article.sheet")
    page.click("a[aria-label='切换为繁体']")
    page.wait_for_selector("text=規則庫")
    assert page.evaluate("document.documentElement.lang") == "zh-Hant"
    assert page.inner_text("article.sheet") == text
    page.click("a[aria-label='切換為簡體']")
    page.wait_for_selector("text=规则库")


def test_questions_are_answered_one_below_the_other(tab: Tab) -> None:
    page = tab.page
    page.goto("/ask")
    page.fill("textarea", "安澜市三级医院住院报销比例是多少")
    page.keyboard.press("Enter")
    page.wait_for_selector(".sources a")
    assert "65%" in page.inner_text(".said")
    page.keyboard.type("那二级医院呢？")  # the cursor is back in the box
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn:nth-of-type(2) .sources a")
    assert "80%" in page.inner_text(".turn:nth-of-type(2) .said")
    page.fill("textarea", "火星移民补贴多少")
    page.keyboard.press("Enter")
    page.wait_for_selector(".said.refused")
    assert page.locator(".turn").count() == 3
    page.click(".sources a >> nth=0")
    page.wait_for_selector("#panel mark.m-hit")
    page.click("#panel >> text=固定链接")
    page.wait_for_url("**/p/**")
    assert "三级医院65%" in page.inner_text("main")


def test_a_conversation_needs_no_script(browser: Any, address: str) -> None:
    tab = Tab(browser, address, java_script_enabled=False)
    page = tab.page
    page.goto("/ask")
    for question, number in (("安澜市三级医院住院报销比例是多少", "65%"), ("那二级医院呢？", "80%")):
        page.fill("textarea", question)
        page.click("text=提问")
        assert number in page.inner_text(".said >> nth=-1")
    assert page.locator(".asked").all_inner_texts() == ["安澜市三级医院住院报销比例是多少", "那二级医院呢？"]
    page.click(".turn >> nth=0 >> .sources a")
    assert "三级医院65%" in page.inner_text("main")
    tab.context.close()


@pytest.mark.parametrize("width", [375, 640])  # a phone, and a laptop's 1280 at 200%
def test_nothing_sticks_out_of_a_narrow_screen(browser: Any, address: str, width: int) -> None:
    tab = Tab(browser, address, viewport={"width": width, "height": 800})
    for path in every_page(tab):
        tab.page.goto(path)
        assert tab.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    tab.context.close()


def test_a_phone_finds_and_reads(phone: Tab) -> None:
    page = phone.page
    page.goto("/")
    page.fill("#q", "失业保险金领取期限")
    page.tap(".search button")
    page.wait_for_selector(".hit")
    page.tap("summary:has-text('筛选')")
    assert page.is_visible("aside.facets h2")
    page.tap(".hit h2 a >> nth=0")
    page.wait_for_url("**/p/**")


def test_paper_shows_the_text_and_nothing_to_press(tab: Tab) -> None:
    page = tab.page
    page.goto(f"/documents/{document_of(tab, '失业保险条例')}")
    page.emulate_media(media="print")
    for hidden in ("header.top", "nav.outline", ".layers", "footer"):
        assert not page.is_visible(hidden)
    assert page.is_visible("article.sheet")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm install --prefix build/axe axe-core")
@pytest.mark.parametrize(("scheme", "rules"), [("light", ""), ("dark", "runOnly: ['color-contrast']")])
def test_nothing_bars_people_who_see_or_move_otherwise(browser: Any, address: str, scheme: str, rules: str) -> None:
    tab = Tab(browser, address, color_scheme=scheme)
    source = AXE.read_text(encoding="utf-8")
    found = []
    for path in every_page(tab):
        tab.page.goto(path)
        tab.page.evaluate(source)
        run = tab.page.evaluate(f"axe.run({{resultTypes: ['violations'], {rules}}})")["violations"]
        violations = [v for v in run if v["impact"] in ("serious", "critical")]
        found += [(path, v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in violations]
    tab.context.close()
    assert found == []
