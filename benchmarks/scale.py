"""What a knowledge base of 100,000 passages costs: to fill, to open, to search, filtered and not.

    python benchmarks/scale.py [--data DIR] [--passages N] [--kb DIR] [--queries N] [--json]

Each figure is printed beside what is aimed at on an idle machine; processor time can be compared between busy ones.

`DIR` holds `prc-articles.jsonl.gz` (records with law, date, chapter, article, text) and `queries.tsv`; it defaults to
`retrieval` below `FADU_DATA`. Articles are written as one text file a law and taken in as any document is: read,
extracted, embedded, stored, both indexes. With `--kb`, a base that is there already is measured as it is. Everything is
measured in processes of its own, as a user meets it, on one core at a time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from kb import KnowledgeBase
from kb.types import Filters

FILTERS = {
    "unfiltered": Filters(),
    "region": Filters(region="浙江"),
    "level": Filters(level="地方性法规"),
    "issuer": Filters(issuer="人民代表大会"),
    "scheme": Filters(scheme="医疗保险"),
    "indicator": Filters(indicator="late_fee_rate"),
    "kind of document": Filters(kind="regulation"),
    "kind of quantity": Filters(kind="percent"),
    "modality": Filters(modality="prohibition"),
    "dates": Filters(date_from="2015-01-01", date_to="2020-12-31"),
    "status": Filters(status="有效"),
    "as of": Filters(as_of="2018-06-30"),
    "document": Filters(document="条例"),
    "collection": Filters(collections=frozenset({"default"})),
    "region and dates": Filters(region="浙江", date_from="2015-01-01"),
}
NAMING = (
    "食品安全法第三条",
    "社保法23条2款",
    "浙江省物业管理条例第十条",
    "“处一万元以上十万元以下罚款”",
    "“本条例自公布之日起施行”",
    "罚款25万元",
    "三十日内答复",
    "50%",
    "国发〔1998〕44号",
    "三级医院住院报销比例是多少",
    "罚款上限是多少",
    "残疾人就业保障金缴纳比例",
)
"""Queries that name an address, a number, words, a value or a measure, each asked with something else to look for."""
OPENINGS = 3
RATE, OPENING_S, MEMORY_MB, P50_MS, P99_MS = 300, 2.0, 1000, 30, 100
"""What is aimed at: passages a second on a core, from opening to the first answer, memory, times of searches."""


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("FADU_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) / "retrieval" if data else None)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--kb", type=Path, help="kept, and used when it is there")
    parser.add_argument("--queries", type=int, default=100, help="questions asked under each filter")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--part", choices=("ingest", "open", "search"), help=argparse.SUPPRESS)
    parser.add_argument("--documents", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.data is None:
        parser.error("FADU_DATA is not set; name the folder of the articles with --data")
    if args.part:
        print(json.dumps({"ingest": ingest, "open": first_answer, "search": search}[args.part](args)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        figures = measure(args, Path(scratch))
    print(json.dumps(figures, ensure_ascii=False, indent=1) if args.json else "\n".join(described(figures)))


def measure(args: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """Every figure, by name."""
    args.kb = args.kb or scratch / "kb"
    figures: dict[str, Any] = {}
    if not args.kb.exists():
        args.documents = scratch / "documents"
        write_documents(args.data / "prc-articles.jsonl.gz", args.documents, args.passages)
        figures["ingest"] = in_process("ingest", args)
    figures["stored_mb"] = sum(f.stat().st_size for f in args.kb.rglob("*") if f.is_file()) / 1e6
    openings = [in_process("open", args) for _ in range(OPENINGS)]
    figures["open"] = {name: min(opening[name] for opening in openings) for name in openings[0]}
    figures["search"] = in_process("search", args)
    return figures


def in_process(part: str, args: argparse.Namespace) -> Any:
    """What a part of this script, run in a new process, prints."""
    command = [sys.executable, __file__, "--part", part, "--data", args.data, "--kb", args.kb]
    command += ["--documents", args.documents, "--queries", args.queries]
    run = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(run.stdout.splitlines()[-1])


def write_documents(articles: Path, folder: Path, passages: int) -> None:
    """Whole laws, one file each, until they hold as many articles as passages are wanted."""
    folder.mkdir()
    written = 0
    with gzip.open(articles, "rt", encoding="utf-8") as lines:
        for number, (law, rows) in enumerate(
            groupby(map(json.loads, lines), key=lambda row: (row["law"], row["date"]))
        ):
            found = list(rows)
            if law[1]:
                (folder / f"{number:05}.txt").write_text("\n".join(law_text(*law, found)), encoding="utf-8")
                written += len(found)
            if written >= passages:
                break


def law_text(title: str, date: str, articles: list[dict[str, str]]) -> Iterator[str]:
    """A law as it is published: title, date, chapters, articles."""
    yield title
    year, month, day = date.split("-")
    yield f"（{year}年{int(month)}月{int(day)}日通过）\n"
    chapter = ""
    for article in articles:
        if article["chapter"] != chapter:
            chapter = article["chapter"]
            yield f"{chapter}\n"
        yield f"{article['article']}　{article['text']}\n"


def ingest(args: argparse.Namespace) -> dict[str, float]:
    """Wall and processor time of taking every document in, with one process."""
    started, used = time.perf_counter(), time.process_time()
    with KnowledgeBase.open(args.kb, create=True, write=True) as kb:
        report = kb.ingest([args.documents])
        passages = kb._store.count_current()
    return {
        "documents": len(report.added),
        "refused": len(report.refused),
        "passages": passages,
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - used,
        "memory_mb": peak_mb(),
    }


def first_answer(args: argparse.Namespace) -> dict[str, float]:
    """Seconds from the start of opening to the first answer, in a process that has answered nothing."""
    started = time.perf_counter()
    with KnowledgeBase.open(args.kb, resident=True) as kb:
        opened = time.perf_counter() - started
        kb.search("用人单位未按时缴纳社会保险费的滞纳金是多少")
        return {"open_s": opened, "first_answer_s": time.perf_counter() - started}


def search(args: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds a query under each filter, asked one after the other by one process that stays."""
    lines = (args.data / "queries.tsv").read_text(encoding="utf-8").splitlines()
    questions = [line.split("\t")[1] for line in lines[: args.queries]]
    naming = [f"{query} {word}" for word in ("", "规定", "处罚", "期限") for query in NAMING]
    with KnowledgeBase.open(args.kb, resident=True) as kb:
        kb.warm()
        times = {name: timed(kb, questions, filters) for name, filters in FILTERS.items()}
        times["addresses, values"] = timed(kb, naming, Filters())
    return {"ms": times, "memory_mb": peak_mb()}


def timed(kb: KnowledgeBase, questions: list[str], filters: Filters) -> dict[str, float]:
    """Percentiles of wall time, the median of processor time, and the share of questions that found something."""
    wall, cpu, hits = [], [], 0
    for question in questions:
        started, used = time.perf_counter(), time.process_time()
        hits += bool(kb.search(question, filters=filters).hits)
        wall.append(1000 * (time.perf_counter() - started))
        cpu.append(1000 * (time.process_time() - used))
    cuts = statistics.quantiles(wall, n=100, method="inclusive")
    shares = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "cpu": statistics.median(cpu)}
    return shares | {"answered": hits / len(questions)}


def peak_mb() -> float:
    """Most memory this process held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def described(figures: dict[str, Any]) -> Iterator[str]:
    """The figures as lines of text."""
    if taken := figures.get("ingest"):
        rate = taken["passages"] / taken["cpu_seconds"]
        yield (
            f"ingest   {taken['documents']} documents, {taken['passages']} passages, {taken['refused']} refused: "
            f"{taken['seconds']:.0f} s, {rate:.0f} passages/s per core (aim {RATE}), {taken['memory_mb']:.0f} MB"
        )
    opening = figures["open"]
    yield f"stored   {figures['stored_mb']:.0f} MB"
    first = opening["first_answer_s"]
    yield f"open     {opening['open_s']:.2f} s; to the first answer {first:.2f} s (aim {OPENING_S:g})"
    yield f"memory   {figures['search']['memory_mb']:.0f} MB at most while searching (aim {MEMORY_MB})"
    yield f"{'search, ms':18}{'p50':>8}{'p95':>8}{'p99':>8}{'CPU':>8}  answered"
    yield f"{'aim':18}{P50_MS:8}{'':8}{P99_MS:8}"
    for name, row in figures["search"]["ms"].items():
        numbers = "".join(f"{row[part]:8.1f}" for part in ("p50", "p95", "p99", "cpu"))
        yield f"{name:18}{numbers}  {row['answered']:.0%}"


if __name__ == "__main__":
    main()
