"""How long pages take, what they weigh, and how a long document scrolls, on a real server and in Chromium.

    python benchmarks/page.py [--kb DIR] [--characters N]

Without a knowledge base of your own, one is made of `corpus/`. A document of N characters (200,000) is taken in. Times
are medians on whatever machine this is; the first request is a cold one and stands apart. Processor time counts server
and client together, and in Chromium the main thread of the page: it says what an idle machine would need.
"""

from __future__ import annotations

import argparse
import logging
import re
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from page_server import chromium, serving_pages  # noqa: E402

from kb import KnowledgeBase  # noqa: E402

ROUNDS = 7
ASSET = re.compile(r'(?:href|src)="(/(?:static/web/|charts\.css)[^"]+)"')
QUERY = "三级医院住院报销比例是多少"
PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()[0].startTime))
  .observe({ type: "paint", buffered: true }))"""
FRAMES = """async () => {
  const times = []; let last = performance.now();
  for (let at = 0; at < 60; at += 1) {
    scrollBy(0, 700);
    await new Promise(requestAnimationFrame);
    const now = performance.now(); times.push(now - last); last = now;
  }
  return times;
}"""


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kb", type=Path, help="a knowledge base, which gains one document")
    parser.add_argument("--characters", type=int, default=200_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = args.kb or Path(scratch) / "kb"
        long = Path(scratch) / "长文件.txt"
        long.write_text(long_document(args.characters), encoding="utf-8")
        with KnowledgeBase.open(place, create=True, write=True) as kb:
            kb.ingest([long] if args.kb else [ROOT / "corpus" / "regulations", ROOT / "corpus" / "reports", long])
            counts = kb.counts()
            identity = next(row.id for row in kb.documents() if row.source.endswith(long.name))
        print(f"{counts.documents:,} documents, {counts.passages:,} passages, {counts.rules:,} rules")
        with serving_pages(place) as address:
            measure(address, identity)
        if args.kb:
            with KnowledgeBase.open(place, write=True) as kb:
                kb.remove(identity)


def long_document(characters: int) -> str:
    """A regulation of articles with rules, of a length."""
    lines = ["长岭市社会保险实施办法", "", "（2023年1月1日起施行）", ""]
    size, number = 0, 0
    while size < characters:
        number += 1
        line = (
            f"第{number}条　参保人员在三级医院住院的，起付标准为{800 + number % 7 * 100}元，"
            f"报销比例为{60 + number % 20}%；经办机构应当自受理之日起{10 + number % 30}个工作日内办结。"
            "用人单位不得少报职工工资总额，违者处1万元以上5万元以下罚款。"
        )
        lines.append(line)
        size += len(line) + 1
    return "\n".join(lines)[:characters]


def measure(address: str, identity: str) -> None:
    """Prints time and weight of each page, then what a browser makes of it."""
    pages = {
        "first page": "/",
        "search": f"/?q={QUERY}",
        "rules": "/rules",
        "figures": "/figures",
        "pivot": "/pivot",
        "documents": "/documents",
        "check": "/check",
        "ask": f"/ask?q={QUERY}",
        "long document": f"/documents/{identity}",
        "long, normalized": f"/documents/{identity}?view=normalized",
    }
    logging.getLogger("httpx").setLevel(logging.WARNING)
    print("page               first ms  median ms  processor ms  transfer kB  with style and scripts kB")
    with httpx.Client(base_url=address, timeout=120) as client:
        for name, path in pages.items():
            times, worked = [], []
            for _ in range(ROUNDS):
                started, busy = time.perf_counter(), time.process_time()
                answer = client.get(path)
                answer.raise_for_status()
                times.append(1000 * (time.perf_counter() - started))
                worked.append(1000 * (time.process_time() - busy))
            page = answer.num_bytes_downloaded
            assets = sum(client.get(link).num_bytes_downloaded for link in set(ASSET.findall(answer.text)))
            print(
                f"{name:18} {times[0]:8.0f}  {statistics.median(times[1:]):9.0f}  "
                f"{statistics.median(worked[1:]):12.0f}  "
                f"{page / 1000:11.0f}  {(page + assets) / 1000:10.0f}"
            )
    if chromium() is None or shutil.which("node") is None:
        print("no Chromium here: what a browser makes of the pages is not measured")
        return
    in_browser(address, {name: pages[name] for name in ("first page", "search", "long document")})


def in_browser(address: str, pages: dict[str, str]) -> None:
    """Prints until when Chromium has loaded each page, and how long its frames take while it scrolls."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, path in pages.items():
            loaded, painted, worked = [], [], []
            for _ in range(ROUNDS):
                page = browser.new_context(base_url=address).new_page()
                session = page.context.new_cdp_session(page)
                session.send("Performance.enable", {"timeDomain": "threadTicks"})
                page.goto(path)
                loaded.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
                painted.append(page.evaluate(PAINTED))
                metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
                worked.append(1000 * metrics["TaskDuration"])
                frames = page.evaluate(FRAMES) if name == "long document" else []
                page.context.close()
            smooth = (
                f", frames while scrolling {statistics.median(frames):.0f} ms, worst {max(frames):.0f} ms"
                if frames
                else ""
            )
            print(
                f"Chromium, {name}: first painted after {statistics.median(painted):.0f} ms, loaded after "
                f"{statistics.median(loaded):.0f} ms, processor {statistics.median(worked):.0f} ms{smooth}"
            )
        browser.close()


if __name__ == "__main__":
    main()
