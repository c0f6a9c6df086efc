"""Read files and folders into the knowledge base; safe to repeat, a changed file replaces its old version."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import UsageError
from api.options import add_kb, parse_count
from api.output import to_json
from api.screen import Screen, plain, shorten

if TYPE_CHECKING:
    from kb.types import IngestEvent


def add_arguments(parser: argparse.ArgumentParser) -> None:
    told = "file, folder, ZIP archive or document in one (FILE.zip!/NAME)"
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help=told)
    add_kb(parser)
    parser.add_argument("--jobs", metavar="N", type=parse_count, default=1, help="files read at the same time (1)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the summary (text)")


def run(args: argparse.Namespace) -> int:
    from ingest.readers import exists

    for path in args.paths:
        if not exists(path):
            raise UsageError(f"{path}: no such file or folder; check the path")
    from kb import KnowledgeBase

    progress = _Progress(args.verbose)
    with KnowledgeBase.open(args.kb, create=True, write=True) as kb:
        report = kb.ingest(args.paths, jobs=args.jobs, progress=progress)
        late = kb.index_failure
    progress.close()
    if late:
        print(f"note     the documents are stored, an index is not in step: {plain(late)}", file=sys.stderr)
    if args.format == "json":
        refused = [{"source": r.source, "reason": r.reason} for r in report.refused]
        taken = {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}
        print(to_json({"kb": str(args.kb), **taken, "refused": refused}))
    else:
        counts = (len(report.added), len(report.replaced), len(report.unchanged), len(report.refused))
        print("{}: {} added, {} replaced, {} unchanged, {} refused".format(args.kb, *counts))
    return 1 if report.refused else 0


class _Progress:
    """A counter on standard error while it is a terminal; refused files always get their line."""

    def __init__(self, verbose: bool) -> None:
        self.verbose = verbose
        self.live = sys.stderr.isatty()
        self.columns = Screen.of_stdout().columns

    def __call__(self, event: IngestEvent) -> None:
        if event.outcome == "refused":
            self._clear()
            reason = plain(event.reason or "")
            source = plain(event.source)
            text = reason if reason.startswith(source) else f"{source}: {reason}"
            print(f"refused  {text}", file=sys.stderr)
        elif self.verbose:
            self._clear()
            print(f"{event.outcome:<9}{plain(event.source)}", file=sys.stderr)
        if self.live:
            self._clear()
            line = shorten(f"[{event.done}/{event.total}] {plain(Path(event.source).name)}", self.columns - 1)
            print(line, end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        self._clear()

    def _clear(self) -> None:
        if self.live:
            print("\r\x1b[K", end="", file=sys.stderr)
