"""Score fadu's numbers and quantities on other recognizers' own test cases.

usage: python benchmarks/peers.py [--data DIR] [--errors]

DIR (default: $FADU_DATA) holds `cases/number.jsonl`, `percent.jsonl`, `money.jsonl`, `duration.jsonl`, `range.jsonl`,
`dimension.jsonl`, `date.jsonl`. A date is read where it bounds something, as in 应于…前, and compared as a calendar
interval without the year that a peer takes from its reference time. The best peer's passes are those the README of
the cases gives for the whole suite. A case whose convention differs from
fadu's definitions is skipped with the reason that `peer-skips.toml` gives.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from peer_dates import date_passes

from ingest import normalize
from ingest.extract.numerals import NumeralError, parse_number
from ingest.extract.quantities import find_quantities
from ingest.records import Quantity

_SKIPS = Path(__file__).with_name("peer-skips.toml")
_TASKS = ("number", "percent", "money", "duration", "dimension", "date", "range")
_BEST = {
    "recognizers PercentModel": "152 of 152",
    "recognizers CurrencyModel": "31 of 35",
    "jionlp MoneyParser": "49 of 49 with MoneyExtractor",
    "duckling AmountOfMoney": "35 of 35",
    "cn2an Cn2An": "136 of 136",
    "duckling Numeral": "124 of 124",
    "nemo Values": "193 of 194 with wetext",
    "recognizers NumberRangeModel": "none runs it",
}

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


@dataclass(frozen=True, slots=True)
class Skip:
    """Why cases are left out: one of `ids`, or of `suite` and matching `pattern`; `parts` keeps whole-input cases."""

    reason: str
    ids: frozenset[str]
    suite: str | None
    pattern: re.Pattern[str] | None
    parts: bool

    def covers(self, suite: str, case: dict[str, Any]) -> bool:
        if case["id"] in self.ids:
            return True
        if self.suite not in (None, suite) or self.suite is None:
            return False
        whole = len(case["expected"]) == 1 and case["expected"][0].get("text") == case["input"].strip()
        if self.parts and whole:
            return False
        return self.pattern is None or bool(self.pattern.search(case["input"]))


def read_skips() -> list[Skip]:
    """Read the skip file; every entry has a reason."""
    table = tomllib.loads(_SKIPS.read_text("utf-8"))
    return [
        Skip(
            entry["reason"],
            frozenset(entry.get("ids", ())),
            entry.get("suite"),
            re.compile(entry["pattern"]) if "pattern" in entry else None,
            entry.get("parts", False),
        )
        for entry in table.get("skip", ())
    ]


def passes(task: str, case: dict[str, Any]) -> bool:
    """Whether fadu gives what the case expects: values for numerals, span and value for quantities."""
    if task == "number" and case["task"] not in ("currency", "percent"):
        return _number_passes(case)
    text = normalize(case["input"], to="hans").text
    if task == "date":
        (item,) = case["expected"]
        return date_passes(normalize(item["text"], to="hans").text, item)
    found = find_quantities(text)
    if task == "number":
        return _values(found) == [_exact(item["value"]) for item in case["expected"]]
    wanted = [(item["text"].strip(), _wanted_value(item)) for item in case["expected"]]
    got = [
        (q.quote, Fraction(q.value) * _SECONDS.get(q.unit, 1), Fraction(q.high) if q.high else None)
        for q in found
        if _kind_fits(task, q)
    ]
    if len(wanted) != len(got):
        return False
    return all(_same_text(w, text, g) and _same_value(v, g) for (w, v), g in zip(wanted, got, strict=True))


def _kind_fits(task: str, quantity: Quantity) -> bool:
    kinds = {
        "percent": ("percent", "percentage_point"),
        "money": ("money",),
        "duration": ("duration",),
        "dimension": ("count", "duration"),
    }
    return quantity.kind in kinds.get(task, (quantity.kind,))


def _number_passes(case: dict[str, Any]) -> bool:
    """The whole input is the numeral, or a quantity: 二个."""
    try:
        value = Fraction(parse_number(case["input"]))
    except NumeralError:
        found = find_quantities(normalize(case["input"], to="hans").text)
        return _values(found) == [_exact(item["value"]) for item in case["expected"]]
    if not case["expected"]:
        return False
    wanted = _exact(case["expected"][0]["value"])
    return abs(value - wanted) <= abs(wanted) * Fraction(1, 10**12)


def _exact(value: str) -> Fraction:
    return sum((Fraction(part) for part in value.split("+")), Fraction(0))


def _values(found: list[Quantity]) -> list[Fraction]:
    return [Fraction(q.value) for q in found]


def _wanted_value(item: dict[str, Any]) -> tuple[Fraction | None, Fraction | None]:
    seconds = _SECONDS.get((item.get("unit") or "").lower(), 1)
    if item.get("value") is not None:
        return Fraction(item["value"]) * seconds, None
    low, high = item.get("lo"), item.get("hi")
    return (Fraction(low) if low else None), (Fraction(high) if high else None)


def _same_text(wanted: str, text: str, got: tuple[str, Fraction, Fraction | None]) -> bool:
    """The same words, apart from a currency mark or comparator that stands before the first numeral."""
    plain = normalize(wanted, to="hans").text
    return got[0] == plain or plain.endswith(got[0]) or (plain.startswith(got[0]) and len(plain) - len(got[0]) <= 2)


def _same_value(wanted: tuple[Fraction | None, Fraction | None], got: tuple[str, Fraction, Fraction | None]) -> bool:
    low, high = wanted
    if low is None:
        return high is None or got[1] == high
    tolerance = max(abs(low) * Fraction(1, 10**9), Fraction(0))
    return abs(got[1] - low) <= tolerance and (high is None or got[2] == high)


def run(data: Path) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Yield (task, suite, case, outcome); the outcome is `pass`, `fail`, or `skip: reason`."""
    skips = read_skips()
    for task in _TASKS:
        for line in (data / "cases" / f"{task}.jsonl").read_text("utf-8").splitlines():
            case = json.loads(line)
            suite = f"{case['peer']} {case['model']}"
            reason = next((s.reason for s in skips if s.covers(suite, case)), None)
            outcome = f"skip: {reason}" if reason else ("pass" if passes(task, case) else "fail")
            yield task, suite, case, outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("FADU_DATA"), help="folder with cases/ (default: $FADU_DATA)")
    parser.add_argument("--errors", action="store_true", help="list every failing case")
    options = parser.parse_args()
    if not options.data:
        print("FADU_DATA is unset: name the folder that holds cases/ with --data", file=sys.stderr)
        return 2
    tally: Counter[tuple[str, str, str]] = Counter()
    for task, suite, case, outcome in run(Path(options.data)):
        tally[task, suite, outcome.partition(":")[0]] += 1
        if options.errors and outcome == "fail":
            print(f"{case['id']}\t{case['input'][:60]}\t{[(e.get('text'), e.get('value')) for e in case['expected']]}")
    print(f"{'task':10} {'suite':34} {'passed':>7} {'failed':>7} {'skipped':>8} {'share':>7}  best peer")
    for task, suite in sorted({(t, s) for t, s, _ in tally}):
        good, bad, left = (tally[task, suite, o] for o in ("pass", "fail", "skip"))
        share = Decimal(good) / (good + bad) if good + bad else Decimal(0)
        print(f"{task:10} {suite:34} {good:7} {bad:7} {left:8} {share:7.1%}  {_BEST.get(suite, '')}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
