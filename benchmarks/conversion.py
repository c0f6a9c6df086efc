"""Script conversion beside `opencc` and `opencc-python-reimplemented`: right answers and speed, in one run.

    python benchmarks/conversion.py [--data DIR]

DIR (default: $FADU_DATA) holds `cases/conversion.jsonl`; speed is measured on a document of corpus/, repeated. Both
packages install the module `opencc`, so pip puts the second one into a temporary folder, where a process of its own
measures it. Times are processor time, the least of several rounds; the ratios travel, the MB/s do not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEER = "opencc-python-reimplemented==0.1.7"
ROUNDS = 3
SAMPLE_BYTES = 1_000_000
TO_SIMPLIFIED = ("t2s", "tw2s", "hk2s")
"""Configurations whose task `normalize` has too; it finds the variant itself and corrects words of the field."""
DOCUMENT = Path(__file__).parent.parent / "corpus" / "regulations" / "離島勞工互助保險條例.txt"


def read_cases(data: Path) -> list[dict[str, Any]]:
    """The rows of `cases/conversion.jsonl`: `config`, `input`, `expected`."""
    lines = (data / "cases" / "conversion.jsonl").read_text("utf-8").splitlines()
    return [case for line in lines if (case := json.loads(line)).get("applicable", True)]


def read_sample() -> str:
    """A megabyte of UTF-8 of a traditional document."""
    text = DOCUMENT.read_text("big5")
    return text * (SAMPLE_BYTES // len(text.encode()))


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of the fastest of a few calls."""
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def measure(data: Path) -> dict[str, Any]:
    """Right answers by configuration, and MB/s to simplified characters, of the `opencc` that is first on the path."""
    import opencc

    right: dict[str, list[int]] = {}
    for case in read_cases(data):
        try:
            found = opencc.OpenCC(case["config"]).convert(case["input"])
        except Exception:  # each package has errors of its own for a configuration it lacks
            found = None
        tally = right.setdefault(case["config"], [0, 0])
        tally[0] += found in _expected(case)
        tally[1] += 1
    sample, converter = read_sample(), opencc.OpenCC("t2s")
    return {"right": right, "speed": len(sample.encode()) / 1e6 / seconds(lambda: converter.convert(sample))}


def measure_fadu(data: Path) -> dict[str, Any]:
    """The same of fadu: the configurations it offers as such, `normalize` for those to simplified, and its speed."""
    from ingest.normalize import convert, normalize

    right: dict[str, list[int]] = {}
    for case in read_cases(data):
        step = convert(case["input"], case["config"])
        results = {case["config"]: step.text if step else case["input"]}
        if case["config"] in TO_SIMPLIFIED:
            results["normalize"] = normalize(case["input"]).text
        for name, found in results.items():
            tally = right.setdefault(name, [0, 0])
            tally[0] += found in _expected(case)
            tally[1] += 1
    sample = read_sample()
    size = len(sample.encode()) / 1e6
    return {
        "right": right,
        "speed": size / seconds(lambda: convert(sample, "t2s")),
        "normalize": size / seconds(lambda: normalize(sample)),
    }


def measure_peer(data: Path) -> dict[str, Any]:
    """`measure` with the pure-Python package, in a process that sees no other."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, PEER]
        subprocess.run(pip, check=True)
        command = [sys.executable, __file__, "--data", str(data), "--measure"]
        done = subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": folder})
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _expected(case: dict[str, Any]) -> list[str]:
    expected = case["expected"]
    return expected if isinstance(expected, list) else [expected]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("FADU_DATA"), help="folder with cases/")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.data is None:
        parser.error("name the data with --data DIR or FADU_DATA")
    if args.measure:
        print(json.dumps(measure(args.data)))
        return
    results = {"fadu": measure_fadu(args.data), "opencc": measure(args.data), "reimplemented": measure_peer(args.data)}
    for config in dict.fromkeys(name for result in results.values() for name in sorted(result["right"])):
        tallies = (result["right"].get(config) for result in results.values())
        print(f"{config:14}" + "".join(f"{f'{t[0]}/{t[1]}' if t else '':>16}" for t in tallies))
    base = results["reimplemented"]["speed"]
    print(f"{'':14}" + "".join(f"{name:>16}" for name in results))
    print(f"{'t2s, MB/s':14}" + "".join(f"{result['speed']:16.2f}" for result in results.values()))
    print(f"{'t2s, times':14}" + "".join(f"{result['speed'] / base:16.1f}" for result in results.values()))
    print(f"normalize, alignment and repairs included: {results['fadu']['normalize']:.2f} MB/s")


if __name__ == "__main__":
    main()
