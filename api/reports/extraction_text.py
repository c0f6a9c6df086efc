"""What was found in one document as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from api.present import sentence_around
from api.reports.explained import LAYERS, ROLES, Explained, explain_extraction
from api.screen import plain
from ingest.records import Extraction


def extraction_to_text(found: Extraction, explain: bool) -> str:
    """Every record in the order of the text: where, what, the sentence with the words in 【】.

    Args:
        found: the extraction.
        explain: add the slots, the cues with their roles, and the confidence.
    """
    records = [record for record in explain_extraction(found) if record.layer != "boilerplate"]
    lines = [line for record in records for line in _lines(found.text, record, explain)]
    counts = "，".join(f"{name} {sum(record.layer == layer for record in records)}" for layer, name in LAYERS.items())
    return "\n".join([plain(found.document.title or found.document.source), counts, "", *lines])


def _lines(text: str, record: Explained, explain: bool) -> Iterator[str]:
    before, quote, after = sentence_around(text, record.start, record.end)
    where = record.provision or ""
    yield f"{record.start:>6} {LAYERS[record.layer]}  {plain(record.title)}  {where}".rstrip()
    yield f"       {plain(before)}【{plain(quote)}】{plain(after)}"
    if not explain:
        return
    for term, slot in record.facts:
        yield f"       {term}：{plain(slot)}"
    if record.cues:
        cues = "、".join(f"{ROLES.get(c.role, c.role)}“{plain(c.quote)}”[{c.start}:{c.end}]" for c in record.cues)
        yield f"       线索：{cues}"
    if record.confidence is not None:
        yield f"       把握：{record.confidence:.2f}"
