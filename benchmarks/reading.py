"""How well each format is read: the same text and the same table, rendered to every format and read back.

    python benchmarks/reading.py [FILE…]

Without files: the plain texts of `corpus`. Recall is the share of the text's characters that are read, order the share
of its lines that follow one another as in the text, extra the share of characters read that are not of the text; white
space and what the reader marks as page furniture do not count. Cells are the table's, headings the full headings of its
columns. Times are wall clock of a warm reader on whatever machine this is. Exit status 1 when anything is below target.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ingest import read
from ingest.source import Source

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from rendering import TABLES, TEXTS, example_table  # noqa: E402

RECALL = 0.995
"""Target of character recall; order, cells and headings must be complete."""


def measure_text(text: str, source: Source) -> tuple[float, float, float]:
    """Recall, order and extra of a text read back."""
    wanted, got = Counter(_bare(text)), Counter(_bare(_kept(source)))
    recall = (wanted & got).total() / wanted.total()
    lines = [bare for line in text.splitlines() if (bare := _bare(line))]
    flat, at, ordered = _bare(_kept(source)), 0, 0
    for line in lines:
        place = flat.find(line, at)
        if place >= 0:
            ordered += 1
            at = place + len(line)
    return recall, ordered / len(lines), (got - wanted).total() / max(got.total(), 1)


def measure_table(rows: Sequence[Sequence[str]], source: Source) -> tuple[float, float]:
    """Share of the cells found in their place, and of the columns with their full heading."""
    if not source.tables:
        return 0.0, 0.0
    table = source.tables[0]
    read_rows = [[cell.text for cell in row] for row in table.rows]
    cells = [(i, j) for i, row in enumerate(rows) for j in range(len(row)) if i > 1]
    found = sum(i < len(read_rows) and j < len(read_rows[i]) and read_rows[i][j] == rows[i][j] for i, j in cells)
    headings = [" ".join(dict.fromkeys(column)) for column in zip(*rows[:2], strict=True)]
    named = sum(got == heading for got, heading in zip(table.headings, headings, strict=False))
    return found / len(cells), named / len(headings)


def main() -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    files = parser.parse_args().files or sorted((ROOT / "corpus").glob("*/*.txt"))
    texts = [read(file).text for file in files]
    print(f"{len(texts)} texts of {sum(map(len, texts)):,} characters")
    print(f"{'text as':<16}{'recall':>10}{'order':>10}{'extra':>10}{'characters/s':>16}")
    good = True
    for name in TEXTS:
        if name != "rtf" or shutil.which("soffice"):
            good = _show_texts(name, texts) and good
    print(f"\n{'table as':<16}{'cells':>10}{'headings':>10}")
    rows = example_table(40)
    for name, (file, render) in TABLES.items():
        cells, headings = measure_table(rows, read(render(rows), name=file))
        good = good and cells == headings == 1
        print(f"{name:<16}{cells:>10.4f}{headings:>10.4f}")
    return 0 if good else 1


def _show_texts(rendering: str, texts: Sequence[str]) -> bool:
    name, render = TEXTS[rendering]
    documents = [render(text) for text in texts]
    read(documents[0], name=name)
    started = time.perf_counter()
    sources = [read(document, name=name) for document in documents]
    taken = time.perf_counter() - started
    found = [measure_text(text, source) for text, source in zip(texts, sources, strict=True)]
    recall, order = (min(measured[i] for measured in found) for i in (0, 1))
    extra = max(measured[2] for measured in found)
    print(f"{rendering:<16}{recall:>10.4f}{order:>10.4f}{extra:>10.4f}{sum(map(len, texts)) / taken:>16,.0f}")
    return recall >= RECALL and order == 1


def _kept(source: Source) -> str:
    pieces, at = [], 0
    for span in source.dropped:
        pieces.append(source.text[at : span.start])
        at = span.end
    return "".join(pieces) + source.text[at:]


def _bare(text: str) -> str:
    return "".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
