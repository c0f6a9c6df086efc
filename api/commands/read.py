"""Show what was read of a file: format, encoding, script, parts, tables, repairs, dropped spans and coverage."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from api.options import add_format, read_source
from api.output import to_json, write_text
from api.screen import Screen, plain, shorten

if TYPE_CHECKING:
    from ingest.records import Extraction
    from ingest.source import Source

_FIELDS = (
    ("title", "title"),
    ("kind", "kind"),
    ("doc_number", "document number"),
    ("issuer", "issuer"),
    ("region", "region"),
    ("level", "level"),
    ("adopted", "adopted"),
    ("published", "published"),
    ("effective", "effective"),
    ("last_amended", "last amended"),
    ("repealed", "repealed"),
    ("status", "status"),
    ("script", "script"),
)
_LAYERS = ("provisions", "quantities", "figures", "rules", "citations", "missing", "arithmetic")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="document to read, - for standard input")
    add_format(parser, "text", "json")


def run(args: argparse.Namespace) -> int:
    from ingest.extract import extract

    source = read_source(args.file)
    extraction = extract(source)
    if args.format == "json":
        write_text(args, to_json(reading_to_dict(source, extraction)))
    else:
        write_text(args, _draw(source, extraction, Screen.of_stdout(), args.verbose))
    return 0


def reading_to_dict(source: Source, extraction: Extraction) -> dict[str, object]:
    """What a file gave, without the records found in it."""
    from ingest.serialize import extraction_to_dict

    found = extraction_to_dict(extraction)
    return {
        "document": found["document"],
        "format": source.format,
        "encoding": source.encoding,
        "encoding_confidence": source.encoding_confidence,
        "metadata": dict(source.metadata),
        "warnings": list(source.warnings),
        "tables": [{"start": t.start, "end": t.end, "rows": len(t.rows)} for t in source.tables],
        "parts": found["parts"],
        "boilerplate": found["boilerplate"],
        "repairs": found["repairs"],
        "coverage": found["coverage"],
        "records": {layer: len(found[layer]) for layer in _LAYERS},
    }


def _draw(source: Source, extraction: Extraction, screen: Screen, full: bool) -> str:
    limit = None if full else 10
    lines = [screen.style(plain(source.name), "bold")]
    lines += [f"  {label:<16}{plain(value)}" for label, value in _facts(source, extraction) if value]
    for name, entries in _sections(source, extraction):
        if not entries:
            continue
        lines.append(screen.style(f"{name} ({len(entries)})", "bold"))
        lines += ["  " + shorten(entry, screen.columns - 2) for entry in entries[:limit]]
        if limit and len(entries) > limit:
            lines.append(f"  … {len(entries) - limit} more, all with -v")
    return "\n".join(lines)


def _facts(source: Source, extraction: Extraction) -> list[tuple[str, str]]:
    encoding = source.encoding or ""
    if source.encoding and source.encoding_confidence is not None:
        encoding += f" (confidence {source.encoding_confidence:.2f})"
    coverage = extraction.coverage
    share = 100 * coverage.kept / max(coverage.kept + coverage.dropped, 1)
    return [
        ("format", source.format),
        ("encoding", encoding),
        *((label, getattr(extraction.document, name) or "") for name, label in _FIELDS),
        ("length", f"{len(source.text)} characters"),
        ("coverage", f"{coverage.kept} characters kept ({share:.1f}%), {coverage.dropped} dropped"),
        *((layer, str(len(getattr(extraction, layer)))) for layer in _LAYERS),
    ]


def _sections(source: Source, extraction: Extraction) -> list[tuple[str, list[str]]]:
    text = extraction.text
    repairs = [
        f"{r.start}-{r.end}  {plain(r.quote)} → {plain(r.repaired)}  {r.method}{', inferred' if r.inferred else ''}"
        for r in extraction.repairs
    ]
    dropped = [f"{b.start}-{b.end}  {b.reason}: {plain(text[b.start : b.end])}" for b in extraction.boilerplate]
    return [
        ("warnings", [plain(warning) for warning in source.warnings]),
        ("parts", [f"{p.start}-{p.end}  {plain(p.title)}" for p in extraction.parts]),
        ("tables", [f"{t.start}-{t.end}  {len(t.rows)} rows" for t in source.tables]),
        ("repairs", repairs),
        ("lost numbers", [f"{m.start}-{m.end}  {plain(m.quote)}" for m in extraction.missing]),
        ("dropped", dropped),
    ]
