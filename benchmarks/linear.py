"""Time that hostile text takes: 100 KB of one stretch repeated, and twice as much, from text to records.

    python benchmarks/linear.py [STRETCH …]

Processor time, the least of three tries; text of nothing but numbers takes about 0.3 ms a number. The targets: at most
one second for 100 KB of UTF-8, and at most 2.5 times as long for twice the text.
"""

from __future__ import annotations

import sys
import time

from ingest import extract

SIZE = 100_000  # bytes of UTF-8
STRETCHES = ("补贴", "政", "2024", "（（））", "0", "第一条", "标准", "\n一")
SECONDS, GROWTH = 1.0, 2.5


def seconds(text: str) -> float:
    """Processor time of one extraction, the least of three."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        extract(text)
        best = min(best, time.process_time() - started)
    return best


def main() -> int:
    extract("第一条 费率为8%。")
    slow = 0
    print(f"{'stretch':12} {'100 KB, s':>10} {'200 KB, s':>10} {'growth':>7}")
    for stretch in sys.argv[1:] or STRETCHES:
        text = stretch * (SIZE // len(stretch.encode()))
        single, double = seconds(text), seconds(text + text)
        late = single > SECONDS or double > GROWTH * single + 0.05
        slow += late
        print(f"{stretch!r:12} {single:10.2f} {double:10.2f} {double / single:7.2f}{'  over' if late else ''}")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
