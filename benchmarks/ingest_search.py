"""How long ingestion and search take, each beside the work it cannot avoid.

    python benchmarks/ingest_search.py [FOLDER…] [--jobs N]

Without folders: `docs` and `seeds` below `FADU_DATA`, or `corpus` when that is unset. Times are wall clock on whatever
machine this is; the ratios travel, the seconds do not.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ingest import extract, read
from ingest.readers import find_files
from kb import KnowledgeBase

QUERIES = (
    "三级医院住院报销比例是多少",
    "失业保险金领取期限",
    "用人单位未按时足额缴纳社会保险费的滞纳金",
    "勞工保險費率",
    "職業災害傷病給付標準",
    "工伤认定申请时限",
)
ROUNDS = 5


def timed(work: Callable[[], object]) -> float:
    """Seconds one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    args = parser.parse_args()
    data = os.environ.get("FADU_DATA")
    if not args.folders:
        args.folders = [Path(data) / "docs", Path(data) / "seeds"] if data else [Path("corpus")]
        print("FADU_DATA is", data or "not set: measuring the small corpus")
    with tempfile.TemporaryDirectory() as scratch:
        measure(args.folders, args.jobs, Path(scratch) / "kb")


def measure(folders: list[Path], jobs: int, place: Path) -> None:
    """Measures one new knowledge base at `place`."""
    files = find_files(folders)
    size = sum(file.stat().st_size for file in files) / 1e6
    extraction = timed(lambda: [extract(read(file)) for file in files])

    with KnowledgeBase.open(place, create=True, write=True) as kb:
        first = timed(lambda: kb.ingest(folders, jobs=jobs))
    with KnowledgeBase.open(place, write=True) as kb:
        again = timed(lambda: kb.ingest(folders, jobs=jobs))
    stored = sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) / 1e6

    command = [sys.executable, "-m", "api.cli", "search", QUERIES[0], "--kb", str(place)]
    from_start = min(
        timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)) for _ in range(ROUNDS)
    )
    bare = min(timed(lambda: subprocess.run([sys.executable, "-c", ""], check=True)) for _ in range(ROUNDS))

    print(f"{len(files)} files, {size:.2f} MB; {stored:.1f} MB stored ({stored / size:.1f} times the source)")
    print(
        f"ingest           {first:6.2f} s  {size / first:5.2f} MB/s  {first / extraction:4.1f} times extraction alone"
    )
    print(f"ingest again     {again:6.2f} s  {first / again:5.0f} times faster")
    print(f"search, process  {from_start:6.2f} s  {from_start / bare:5.0f} times starting Python")
    for name, resident in (("search, warm", False), ("search, resident", True)):
        with KnowledgeBase.open(place, resident=resident) as kb:
            opening = timed(lambda kb=kb: kb.search(QUERIES[0]))
            times = [timed(lambda kb=kb, q=q: kb.search(q)) for q in QUERIES for _ in range(ROUNDS)]
        print(f"{name:16} {1000 * statistics.median(times):6.1f} ms  (first {1000 * opening:.0f} ms)")


if __name__ == "__main__":
    main()
