"""Compare what two revisions of fadu extract from the same documents.

    python -m tests.eval OLD [NEW] [--data DIR] [--layer LAYER] [--limit N]

OLD and NEW are git revisions; without NEW, the working tree. The documents are those of corpus/ and, where --data or
$FADU_DATA names a folder, the seeds and docs in it. Each revision runs in a worktree of its own in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.eval.differences import LAYERS, Difference, find_differences

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = Path(__file__).with_name("snapshot.py")
FOLDERS = ("seeds", "docs")
TEXTS = (".txt", ".html", ".htm", ".md")


def documents(data: Path | None) -> list[Path]:
    """The documents of the corpus and of a data folder, in order."""
    roots = [ROOT / "corpus" / "regulations", ROOT / "corpus" / "reports"]
    roots += [data / folder for folder in FOLDERS if data]
    return sorted(path for root in roots for path in root.rglob("*") if path.suffix in TEXTS)


def snapshot(tree: Path, paths: Sequence[Path]) -> list[dict[str, Any]]:
    """What the version of fadu in `tree` extracts from each document."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, str(SNAPSHOT)],
        input="".join(f"{path}\n" for path in paths),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        cwd=tree,
    )
    if done.returncode:
        raise SystemExit(f"{tree}: extraction failed; mend this revision or compare another\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def snapshot_of_revision(revision: str, paths: Sequence[Path]) -> list[dict[str, Any]]:
    """What a git revision extracts, from a worktree that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        git = ["git", "-C", str(ROOT), "worktree"]
        made = subprocess.run([*git, "add", "--detach", str(tree), revision], capture_output=True, text=True)
        if made.returncode:
            raise SystemExit(f"{revision}: {made.stderr.strip()}; name a commit, branch or tag")
        try:
            return snapshot(tree, paths)
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True, capture_output=True)


def shown(difference: Difference) -> str:
    """One line for a reviewer: the quote, and the slots that changed."""
    record = difference.new or difference.old or {}
    quote = str(record.get("quote") or record.get("claim") or record.get("path") or record.get("title") or "")
    where = record.get("start", record.get("claim_start"))
    sign = {"gained": "+", "lost": "-", "changed": "~"}[difference.kind]
    if difference.kind == "changed":
        slots = "; ".join(f"{name} {old!r} → {new!r}" for name, old, new in difference.slots())
    else:
        hidden = ("start", "end", "quote", "provision")
        slots = " ".join(f"{name}={value}" for name, value in record.items() if name not in hidden)
    return f"  {sign} {where} {quote[:60]!r} {slots}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", metavar="OLD", help="git revision to compare with")
    parser.add_argument("new", metavar="NEW", nargs="?", help="git revision (the working tree)")
    parser.add_argument("--data", type=Path, default=os.environ.get("FADU_DATA"), help="folder with seeds/ and docs/")
    parser.add_argument("--layer", choices=LAYERS, help="only this layer")
    parser.add_argument("--limit", type=int, default=20, help="records listed per document and layer (20)")
    options = parser.parse_args()
    paths = documents(Path(options.data) if options.data else None)
    old = snapshot_of_revision(options.old, paths)
    new = snapshot_of_revision(options.new, paths) if options.new else snapshot(ROOT, paths)
    total: Counter[tuple[str, str]] = Counter()
    for before, after in zip(old, new, strict=True):
        differences = [d for d in find_differences(before, after) if options.layer in (None, d.layer)]
        total.update((d.layer, d.kind) for d in differences)
        if not differences:
            continue
        print(Path(after["path"]).name)
        for layer in LAYERS:
            lines = [shown(d) for d in differences if d.layer == layer]
            print(*([f" {layer}", *lines[: options.limit]] if lines else []), sep="\n", end="\n" if lines else "")
            if len(lines) > options.limit:
                print(f"  … {len(lines) - options.limit} more; raise --limit")
    print(f"{len(paths)} documents")
    for layer in LAYERS:
        counts = ", ".join(f"{kind} {total[layer, kind]}" for kind in ("gained", "lost", "changed"))
        if options.layer in (None, layer):
            print(f"{layer:11} {counts}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
