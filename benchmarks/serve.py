"""How the server holds up: searches by 16 connections, health while hostile files parse, memory over many uploads.

    python benchmarks/serve.py --kb DIR [--data DIR] [--seconds S] [--uploads N] [--part search|hostile|memory]

Each figure is printed beside what is aimed at.

`--kb` is a knowledge base (`benchmarks/scale.py --kb DIR` makes one of 100,000 passages); it is served as `fadu serve`
does, by a process of its own, on the loopback interface. `--data` holds `queries.tsv` and `policy-qa.tsv.gz`, questions
that people asked, and defaults to `retrieval` below `FADU_DATA`: each is asked once, so that no answer can be
remembered. Uploads go into a new, empty base. CPU is the server's, read from /proc, so it can be compared between
machines that are busy with other things.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import io
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from urllib.parse import quote

CONNECTIONS = 16
WARMING = 50
"""Questions asked before those that count."""
RATE, P99_MS, CPU_MS, HEALTH_MS, GROWTH_MB = 60, 400, 15, 1000, 64
"""What is aimed at on an idle machine with two cores."""
_TICKS = os.sysconf("SC_CLK_TCK")


class Served:
    """A server process: its port, its CPU seconds and its resident memory in MB."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.pid = process.pid
        self.port = port

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def request(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, float]:
        """Status and seconds of one request on a connection of its own."""
        started = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=180)
        connection.request(method, path, body, {"Content-Type": kind} if kind else {})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, time.perf_counter() - started

    def upload(self, name: str, data: bytes) -> int:
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        body = head + data + b"\r\n--x--\r\n"
        return self.request("POST", "/api/documents", body, "multipart/form-data; boundary=x")[0]


@contextmanager
def serving(kb: Path) -> Iterator[Served]:
    """`fadu serve` over a base, until the block ends."""
    command = [sys.executable, "-m", "api.cli", "serve", "--kb", str(kb), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    port = int(process.stderr.readline().decode().split("http://127.0.0.1:")[1].split()[0])
    threading.Thread(target=process.stderr.read, daemon=True).start()
    served = Served(process, port)
    while True:
        try:
            if served.request("GET", "/healthz")[0] == 200:
                break
        except OSError:
            time.sleep(0.1)
    try:
        yield served
    finally:
        started = time.perf_counter()
        process.terminate()
        process.wait(30)
        print(f"stopped in {time.perf_counter() - started:.1f} s")


def read_questions(data: Path) -> list[str]:
    """Every question of the data once, in an order that is always the same."""
    data = data / "retrieval" if (data / "retrieval").is_dir() else data
    asked = [line.split("\t")[1] for line in (data / "queries.tsv").read_text(encoding="utf-8").splitlines()]
    with gzip.open(data / "policy-qa.tsv.gz", "rt", encoding="utf-8") as lines:
        asked += [line.split("\t")[2] for line in list(lines)[1:]]
    questions = list(dict.fromkeys(asked))
    random.Random(0).shuffle(questions)
    return questions


def measure_search(served: Served, questions: list[str], seconds: float) -> None:
    """Searches by all connections at once, after some that load what is loaded once; no question is asked twice."""
    left = iter(questions)
    for question in islice(left, WARMING):
        served.request("GET", f"/api/search?q={quote(question)}")
    times: list[float] = []
    until = time.perf_counter() + seconds
    started = time.perf_counter()

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=180)
        for question in left:
            if time.perf_counter() > until:
                return
            began = time.perf_counter()
            connection.request("GET", f"/api/search?q={quote(question)}")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            times.append(time.perf_counter() - began)

    before = served.cpu()
    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(times) / (time.perf_counter() - started)
    cpu = (served.cpu() - before) / len(times) * 1000
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    print(
        f"search, {CONNECTIONS} connections, {len(times)} different questions: {rate:.0f}/s (aim {RATE}), "
        f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms (aim {P99_MS}), CPU {cpu:.1f} ms a query (aim {CPU_MS})"
    )


def measure_hostile(served: Served, seconds: float) -> None:
    """Health while four files that keep a parser busy are read, for so long at most."""
    clauses = "第一条　比例为百分之五，" * 60_000
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<a>" * 2_000_000)
        archive.writestr("[Content_Types].xml", b"<Types/>")
    files = {
        "长.txt": clauses.encode(),
        "嵌.html": ("<div>" * 100_000 + "文").encode(),
        "弹.docx": bomb.getvalue(),
        "乱.pdf": b"%PDF-1.7\n" + os.urandom(2_000_000),
    }

    def upload(name: str, data: bytes) -> None:
        with suppress(OSError, http.client.HTTPException):  # the server stops before it is done
            served.upload(name, data)

    threads = [threading.Thread(target=upload, args=file, daemon=True) for file in files.items()]
    for thread in threads:
        thread.start()
    waits, until = [], time.perf_counter() + seconds
    while any(thread.is_alive() for thread in threads) and time.perf_counter() < until:
        waits.append(served.request("GET", "/healthz")[1])
        time.sleep(0.05)
    print(
        f"health while {len(files)} hostile files parse: slowest of {len(waits)} {max(waits) * 1000:.0f} ms "
        f"(aim {HEALTH_MS})"
    )


def measure_memory(served: Served, uploads: int) -> None:
    """Memory of the serving process over mixed uploads, after a tenth of them as a start."""
    samples = [path for path in sorted(Path("corpus").rglob("*")) if path.suffix in (".txt", ".docx", ".html", ".xlsx")]
    first = 0.0
    for number in range(uploads):
        if number == uploads // 10:
            first = served.memory()
        sample = samples[number % len(samples)]
        data = sample.read_bytes()
        served.upload(f"{number % 40}{sample.suffix}", data + b"\n" * (number % 7) if sample.suffix == ".txt" else data)
    last = served.memory()
    print(f"memory over {uploads} uploads: {first:.0f} MB to {last:.0f} MB, {last - first:+.0f} MB (aim {GROWTH_MB})")


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("FADU_DATA")
    parser.add_argument("--kb", type=Path, help="the knowledge base that is searched")
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--uploads", type=int, default=1000)
    parser.add_argument("--part", choices=("search", "hostile", "memory"), help="measure this alone")
    args = parser.parse_args()
    if args.part in (None, "search"):
        if args.kb is None or args.data is None:
            parser.error("name the base with --kb and the folder of the questions with --data or FADU_DATA")
        with serving(args.kb) as served:
            measure_search(served, read_questions(args.data), args.seconds)
    if args.part in (None, "hostile"):
        with tempfile.TemporaryDirectory() as scratch, serving(Path(scratch) / "kb") as served:
            measure_hostile(served, args.seconds)
    if args.part in (None, "memory"):
        with tempfile.TemporaryDirectory() as scratch, serving(Path(scratch) / "kb") as served:
            measure_memory(served, args.uploads)


if __name__ == "__main__":
    main()
