"""The whole way from a source to its extraction."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from ingest.extract.arithmetic import find_arithmetic
from ingest.extract.cells import with_cells
from ingest.extract.citations import find_citations
from ingest.extract.context import Context, Mode, context_from_layers
from ingest.extract.duties import find_duties
from ingest.extract.exceptions import add_exceptions
from ingest.extract.materialize import Materializer
from ingest.extract.missing import find_missing
from ingest.extract.quantities import find_quantities
from ingest.extract.slots import Setting, scheme_from_title, setting_from_part, timeline_from_context
from ingest.extract.statements import find_statements
from ingest.lexicon.packs import Pack, use_packs
from ingest.normalize import Target, aligned_document, detect_script, normalize
from ingest.normalize.aligned import AlignedText
from ingest.records import Coverage, DocumentInfo, Extraction
from ingest.source import Source
from ingest.structure import find_parts, find_provisions, read_metadata


def extract(source: Source | str, kind: Mode | None = None, *, packs: Sequence[Pack | str | Path] = ()) -> Extraction:
    """Everything found in one document.

    Args:
        source: what `read` returned, or the text itself.
        kind: what the reader knows the document to be; parts that would pass for a report are read as that.
        packs: vocabulary packs, or their files, whose words are known beside fadu's own.

    Returns:
        Records whose spans count code points of the source's text.

    Raises:
        LexiconError: a pack is malformed; the message names file and line.
    """
    if isinstance(source, str):
        digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
        source = Source(name="text", text=source, sha256=digest, format="txt")
    with use_packs(packs), _collector_paused():
        return _extraction(source, kind)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pauses the cyclic garbage collector, whose passes over records, which hold no cycles, took a fifth."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _extraction(source: Source, kind: Mode | None) -> Extraction:
    script = detect_script(source.text)
    aligned = aligned_document(source.text)
    n = aligned.text
    parts, boilerplate = find_parts(n, _in_normalized(source, aligned))
    provisions = find_provisions(n, parts)
    metadata = read_metadata(n, source, parts, provisions)
    currency = {"tw": "TWD", "hk": "HKD"}.get(script.variant or "", "CNY")
    quantities = with_cells(n, find_quantities(n, currency=currency), currency)
    title = metadata.get("title") or ""
    citations = find_citations(n, provisions, title=title or None)
    ctx = context_from_layers(n, parts, provisions, quantities, citations, kind)
    settings = _settings(ctx, title)
    figures, rules = find_statements(ctx, timeline_from_context(ctx), settings)
    duties = find_duties(ctx, settings, [draft.span for draft in rules])
    add_exceptions(ctx, rules + duties)

    make = Materializer(aligned, _derivation(script.script, script.variant))
    paths = make.paths(provisions)
    made_parts = make.moved(parts)
    kept = sum(p.end - p.start for p in made_parts)
    return Extraction(
        text=source.text,
        document=_document(source, script.script, metadata, make),
        parts=made_parts,
        boilerplate=make.moved(boilerplate),
        repairs=aligned.repairs,
        provisions=tuple(make.provision(p, paths[p.id]) for p in provisions),
        quantities=make.moved(quantities),
        figures=tuple(make.figure(draft, paths) for draft in figures),
        rules=tuple(sorted((make.rule(d, paths) for d in rules + duties), key=lambda r: (r.start, r.end))),
        citations=make.moved(citations),
        arithmetic=make.arithmetic(find_arithmetic(ctx)),
        missing=make.moved(find_missing(n, quantities)),
        coverage=Coverage(kept, len(source.text) - kept),
    )


def _in_normalized(source: Source, aligned: AlignedText) -> Source:
    """The source with the spans of its furniture and tables counted in the normalized text."""
    if not source.dropped or aligned.source == aligned.text:
        return source
    dropped = tuple(
        replace(d, start=start, end=end) for d in source.dropped for start, end in [aligned.from_source(d.start, d.end)]
    )
    return replace(source, text=aligned.text, dropped=dropped)


def _settings(ctx: Context, title: str) -> list[Setting]:
    whole = scheme_from_title(title)
    return [
        setting_from_part(ctx, i, scheme_from_title(part.title) or (whole if len(ctx.parts) == 1 else None))
        for i, part in enumerate(ctx.parts)
    ]


def _derivation(script: str, variant: str | None) -> Callable[[str], str]:
    """How canonical simplified words are written in a document of this script."""
    if script != "hant":
        return str
    return partial(_converted, to="tw" if variant == "tw" else "hant")


@lru_cache(maxsize=16384)
def _converted(text: str, to: Target) -> str:
    return normalize(text, to).text


def _document(source: Source, script: str, found: Mapping[str, Any], make: Materializer) -> DocumentInfo:
    words: dict[str, Any] = {name: make.phrase(found.get(name)) for name in ("title", "doc_number", "issuer", "region")}
    rest = {name: value for name, value in found.items() if name not in words and value}
    return DocumentInfo(
        id=source.sha256[:16],
        source=source.name,
        sha256=source.sha256,
        encoding=source.encoding,
        script=script,
        length=len(source.text),
        **words,
        **rest,
    )
