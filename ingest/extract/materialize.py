"""From drafts over the normalized text to records over the original, slots in the document's script."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from ingest.extract.statements import Draft
from ingest.normalize.aligned import AlignedText
from ingest.records import Arithmetic, Cue, Figure, Provision, Quantity, Rule, Scope

R = TypeVar("R")
_TEXT_SLOTS = frozenset({"title", "doc_number", "refers_to", "indicator_text", "heading", "label"})


def _names(cls: Any) -> frozenset[str]:
    return frozenset(cls.__dataclass_fields__)


def _unmoved(start: int, end: int) -> tuple[int, int]:
    """The way back through conversions that keep lengths."""
    return start, end


class Materializer:
    """Turns what was found in `aligned.text` into records of `aligned.source`.

    Args:
        aligned: the normalized text with the way back.
        derived: turns canonical simplified words into the document's script.
    """

    def __init__(self, aligned: AlignedText, derived: Callable[[str], str]) -> None:
        self._aligned = aligned
        self._source = aligned.source
        self._derived = derived
        self._same = aligned.source == aligned.text
        self._aligned_span = _unmoved if not aligned.blocks else aligned.to_source

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The source span of a normalized one."""
        return self._aligned_span(start, end)

    def text(self, start: int, end: int) -> str:
        """The document's own words for a normalized span, on one line."""
        first, last = self._aligned_span(start, end)
        return self._source[first:last]

    def phrase(self, words: str | None) -> str | None:
        """Normalized words as the document first writes them, else in its script."""
        if not words or self._same:
            return words
        at = self._aligned.text.find(words)
        return self.text(at, at + len(words)) if at >= 0 else self._derived(words)

    def paths(self, provisions: Iterable[Provision]) -> dict[str, str]:
        """Provision id → path whose labels read as in the document; labels the text does not spell are derived."""
        by_path: dict[str, str] = {}
        by_id: dict[str, str] = {}
        for provision in provisions:
            head, _, last = provision.path.rpartition("/")
            end = provision.start + len(provision.label)
            spelt = self._aligned.text[provision.start : end] == provision.label
            label = self.text(provision.start, end) if spelt else self._derived(last)
            label = "".join(label.split()) if "".join(provision.label.split()) == last else self._derived(last)
            path = f"{by_path[head]}/{label}" if head in by_path else label
            by_path[provision.path] = by_id[provision.id] = path
        return by_id

    def moved(self, records: Iterable[R]) -> tuple[R, ...]:
        """Spanned records with spans and quotes of the source; other text slots in the document's script."""
        if self._same:
            return tuple(records)
        return tuple(self._moved(record) for record in records)

    def _moved(self, record: Any) -> Any:
        names = _names(type(record))
        start, end = self._aligned_span(record.start, record.end)
        changes: dict[str, Any] = {"start": start, "end": end}
        if "quote" in names:
            changes["quote"] = self._source[start:end]
        for name in _TEXT_SLOTS & names:
            value = getattr(record, name)
            if value:
                changes[name] = self._within(record, start, end, value)
        if getattr(record, "cues", ()):
            changes["cues"] = tuple(self._cue((c.start, c.end), c.role) for c in record.cues)
        return replace(record, **changes)

    def _within(self, record: Any, start: int, end: int, value: str) -> str:
        """The source's spelling of `value` where it stands inside the record, else the derived one."""
        at = self._aligned.text.find(value, record.start, record.end)
        if at >= 0:
            return self.text(at, at + len(value))
        return self._derived(value)

    def provision(self, provision: Provision, path: str) -> Provision:
        """A provision with its label as the document writes it; `path` is its path in the document's script."""
        if self._same and path == provision.path:
            return provision
        start, end = self._aligned_span(provision.start, provision.end)
        label = self._within(provision, start, end, provision.label)
        heading = self._within(provision, start, end, provision.heading) if provision.heading else ""
        return Provision(provision.id, path, label, heading, start, end)

    def _cue(self, span: tuple[int, int], role: str) -> Cue:
        start, end = self._aligned_span(*span)
        return Cue(start, end, self._source[start:end], role)

    def _slot(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, tuple):
            return " ".join(self.text(*value).split()) or None
        return self._derived(value)

    def _quantity(self, q: Quantity | None, span: tuple[int, int]) -> dict[str, Any]:
        start, end = self._aligned_span(*span)
        out: dict[str, Any] = {"start": start, "end": end, "quote": self._source[start:end]}
        if q is not None:
            out |= {"kind": q.kind, "value": q.value, "high": q.high, "unit": q.unit, "per": q.per, "approx": q.approx}
        return out

    def arithmetic(self, claims: Iterable[Arithmetic]) -> tuple[Arithmetic, ...]:
        """Claims with their starts and words in the source."""
        out = []
        for claim in claims:
            start, end = self.span(claim.claim_start, claim.claim_start + len(claim.claim))
            operands = tuple(self.span(at, at + 1)[0] for at in claim.operands)
            out.append(replace(claim, claim_start=start, claim=self._source[start:end], operands=operands))
        return tuple(out)

    def figure(self, draft: Draft, paths: dict[str, str]) -> Figure:
        """The figure a draft describes. `paths` maps provision ids to their paths in the document's script."""
        values = self._quantity(draft.quantity, draft.span) | self._common(draft, paths)
        return Figure(**values)

    def rule(self, draft: Draft, paths: dict[str, str]) -> Rule:
        """The rule a draft describes. `paths` maps provision ids to their paths in the document's script."""
        values = self._quantity(draft.quantity, draft.span) | self._common(draft, paths)
        scope = {name: self._slot(value) for name, value in draft.slots.get("scope", {}).items()}
        return Rule(**values, scope=Scope(**scope))

    def _common(self, draft: Draft, paths: dict[str, str]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, value in draft.slots.items():
            if name == "scope" or value is None:
                continue
            if name in ("indicator", "comparator", "modality", "change"):
                out[name] = value
            elif name == "provision":
                out[name] = paths[value.id]
            elif name == "exceptions":
                out[name] = tuple(self.text(*span) for span in value)
            else:
                out[name] = self._slot(value)
        out["cues"] = tuple(self._cue(span, role) for span, role in draft.cues)
        out["confidence"] = draft.confidence
        return out
