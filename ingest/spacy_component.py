"""fadu inside spaCy: a pipeline component, a DocBin of what was extracted, and the dictionary displaCy draws.

Importing this module registers the factory `fadu`; nothing else of fadu imports it.

>>> import spacy
>>> nlp = spacy.blank("zh")
>>> _ = nlp.add_pipe("fadu")
>>> doc = nlp("第一条 三级医院住院报销比例不低于65%。")
>>> [(span.text, span.label_) for span in doc.spans["fadu_rules"]], doc._.fadu.rules[0].comparator
([('65%', 'reimbursement_ratio')], '>=')
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Literal

from ingest import records
from ingest.errors import MissingExtraError
from ingest.extract import extract
from ingest.extract.vocabulary import indicator_labels
from ingest.records import Extraction
from ingest.serialize import record_from_dict, record_to_dict

try:
    import spacy
    from spacy.language import Language
    from spacy.tokens import Doc, DocBin, Span
except ImportError as error:
    raise MissingExtraError("fadu's spaCy component", "spacy") from error

Layer = Literal["quantities", "figures", "rules", "citations"]

LAYERS: tuple[Layer, ...] = ("quantities", "figures", "rules", "citations")
"""Layers that become span groups, each under the key `fadu_` and its name."""
COLORS = {"rules": "#ffd6a5", "figures": "#caffbf", "citations": "#a0c4ff", "quantities": "#e5e5e5"}
_USER_DATA = "fadu"
_RECORDS = {
    "parts": records.Part,
    "boilerplate": records.Boilerplate,
    "repairs": records.Repair,
    "provisions": records.Provision,
    "quantities": records.Quantity,
    "figures": records.Figure,
    "rules": records.Rule,
    "citations": records.Citation,
    "missing": records.Missing,
    "arithmetic": records.Arithmetic,
}


@Language.factory("fadu", assigns=["doc._.fadu", "doc.spans"])
def make_component(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component `fadu`: reads a document's text and sets `doc._.fadu` and the span groups of `LAYERS`."""
    return lambda doc: annotate(doc, extract(doc.text))


def annotate(doc: Doc, extraction: Extraction) -> Doc:
    """Sets what was extracted of a document's text.

    Spans cover whole tokens: a record that begins or ends inside a token takes the whole token. A span's label is the
    kind of a quantity, the indicator of a figure or rule (of a rule without one, the modality), `citation`; its id
    is the number of the record in its layer.

    Args:
        doc: a document of `extraction.text`.
        extraction: what was found in it.

    Raises:
        ValueError: the texts differ.
    """
    if doc.text != extraction.text:
        raise ValueError("the document's text is not the text that was extracted; make the Doc of extraction.text")
    data: dict[str, Any] = {
        name: [record_to_dict(record, explain=True) for record in getattr(extraction, name)] for name in _RECORDS
    }
    data |= {name: record_to_dict(getattr(extraction, name)) for name in ("document", "coverage")}
    doc.user_data[_USER_DATA] = json.dumps(data, ensure_ascii=False)
    for layer in LAYERS:
        found = getattr(extraction, layer)
        spans = [_span(doc, layer, number, record) for number, record in enumerate(found)]
        doc.spans[f"fadu_{layer}"] = [span for span in spans if span is not None]
    return doc


def docbin_from_extractions(extractions: Iterable[Extraction], nlp: Language | None = None) -> DocBin:
    """A DocBin with one document an extraction, for training and for exchange; it keeps `doc._.fadu`.

    Args:
        extractions: what to keep.
        nlp: pipeline whose tokenizer cuts the texts, a blank Chinese one (a token a character) by default.
    """
    tokenizer = (nlp or spacy.blank("zh")).make_doc
    return DocBin(docs=[annotate(tokenizer(e.text), e) for e in extractions], store_user_data=True)


def displacy_from_extraction(
    extraction: Extraction,
    *,
    layers: Sequence[Layer] = ("rules", "figures", "citations"),
    start: int = 0,
    end: int | None = None,
) -> dict[str, Any]:
    """What `displacy.render(…, style="ent", manual=True, options=displacy_options())` draws.

    displaCy draws no overlaps: where records overlap, that of the layer named first stays, of one layer the longest.

    Args:
        extraction: the document.
        layers: what to mark.
        start: first code point to draw.
        end: where to stop, None for the end of the text.
    """
    stop = len(extraction.text) if end is None else end
    found = [
        (rank, -(record.end - record.start), record.start, record.end, f"{layer}: {_caption(layer, record)}")
        for rank, layer in enumerate(layers)
        for record in getattr(extraction, layer)
        if start <= record.start and record.end <= stop
    ]
    taken: list[tuple[int, int, str]] = []
    for _, _, left, right, label in sorted(found):
        if all(right <= other[0] or other[1] <= left for other in taken):
            taken.append((left, right, label))
    ents = [{"start": a - start, "end": b - start, "label": label} for a, b, label in sorted(taken)]
    return {"text": extraction.text[start:stop], "ents": ents, "title": extraction.document.title}


def displacy_options(drawn: dict[str, Any]) -> dict[str, Any]:
    """Options for `displacy.render`: one colour a layer.

    Args:
        drawn: the dictionary of `displacy_from_extraction`.
    """
    labels = {ent["label"] for ent in drawn["ents"]}
    return {"colors": {label: COLORS[label.partition(":")[0]] for label in labels}}


def _span(doc: Doc, layer: Layer, number: int, record: Any) -> Span | None:
    label = {"quantities": "kind", "figures": "indicator", "rules": "indicator"}.get(layer)
    name = (getattr(record, label) if label else "citation") or record.modality
    return doc.char_span(record.start, record.end, label=name, span_id=str(number), alignment_mode="expand")


def _caption(layer: Layer, record: Any) -> str:
    if layer == "citations":
        return str(record.title or record.doc_number or record.refers_to or record.quote)
    if layer == "quantities":
        return str(record.kind)
    return indicator_labels().get(record.indicator or "") or str(record.modality)


@lru_cache(maxsize=32)
def _restored(text: str, data: str) -> Extraction:
    found = json.loads(data)
    layers: dict[str, Any] = {
        name: tuple(record_from_dict(cls, one) for one in found[name]) for name, cls in _RECORDS.items()
    }
    document = record_from_dict(records.DocumentInfo, found["document"])
    coverage = record_from_dict(records.Coverage, found["coverage"])
    return Extraction(text=text, document=document, coverage=coverage, **layers)


def _extraction(doc: Doc) -> Extraction | None:
    data = doc.user_data.get(_USER_DATA)
    return None if data is None else _restored(doc.text, data)


Doc.set_extension("fadu", getter=_extraction, force=True)
