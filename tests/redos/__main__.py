"""Check fadu's regular expressions with recheck (npm), those that `checked.tsv` does not list yet.

    python -m tests.redos [--update]

The list has one line for each expression: its digest, what recheck found, the module. An expression that takes
exponential time is never listed. One of polynomial time is listed when it runs over a bounded stretch alone: a sentence
has at most 1,000 characters, what stands around a number less. `--update` writes the list anew with what was found.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.redos.collect import Pattern, collect_patterns

LIST = Path(__file__).with_name("checked.tsv")
CHECKER = Path(__file__).with_name("recheck.cjs")


def read_list() -> dict[str, str]:
    """Digest to what recheck found."""
    lines = LIST.read_text("utf-8").splitlines() if LIST.exists() else []
    return {digest: found for digest, found, _ in (line.split("\t") for line in lines if not line.startswith("#"))}


def recheck(patterns: Sequence[Pattern]) -> list[dict[str, Any]]:
    """What recheck finds of each; none where node or recheck is missing."""
    node = shutil.which("node")
    if node is None:
        return []
    lines = []
    for pattern in patterns:
        source, flags = pattern.for_ecmascript()
        lines.append(json.dumps({"digest": pattern.digest, "source": source, "flags": flags}) + "\n")
    done = subprocess.run([node, str(CHECKER)], input="".join(lines), capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1] if done.stderr else "recheck failed", file=sys.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write the list anew")
    options = parser.parse_args()
    patterns = collect_patterns()
    known = read_list()
    unlisted = [pattern for pattern in patterns if pattern.digest not in known]
    found = {entry["digest"]: entry for entry in recheck(unlisted)} if unlisted else {}
    wrong = 0
    for pattern in unlisted:
        entry = found.get(pattern.digest)
        if entry is None:
            print(f"not checked: {pattern.module}: {pattern.source[:100]}")
            continue
        summary = entry.get("summary") or entry["status"]
        exponential = "exponential" in summary
        if exponential or (entry["status"] == "vulnerable" and not options.update):
            wrong += 1
            print(f"{pattern.module}: {summary}: {pattern.source}\n  attacked by {entry.get('pattern')}")
        if not exponential:
            known[pattern.digest] = summary
    if options.update:
        rows = [f"{p.digest}\t{known[p.digest]}\t{p.module}\n" for p in patterns if p.digest in known]
        LIST.write_text("# digest\twhat recheck found\tmodule\n" + "".join(rows), "utf-8")
    print(f"{len(patterns)} expressions, {len(unlisted)} not listed, {len(found)} checked, {wrong} to be mended")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
