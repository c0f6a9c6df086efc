"""What answers quote: documents read once, the sentence and the article around a place, the words that open a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from ingest.records import Extraction, Provision
from kb.address import readable_label
from kb.simplify import simplified
from kb.types import DocumentRow, Hit, StoredRule

if TYPE_CHECKING:
    from kb.base import KnowledgeBase

_TABULAR = re.compile(r"\t|\|")
_INTRODUCES = re.compile(r"表|如下|下列|[：:]\s*$")
_WRAPPED = re.compile(
    r"(?<=[\u4e00-\u9fff\d，、])[ \t]*\n[ \t\u3000]*(?=[\u4e00-\u9fff\d，、。；])(?!第[\d一二三四五六七八九十百]+条)"
)
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]*")


@dataclass(frozen=True, slots=True)
class Source:
    """What an answer quotes: `quote` is `text[start:end]` of the document, `label` the provision as people cite it."""

    number: int
    document: DocumentRow
    label: str
    path: str
    quote: str
    start: int
    end: int


class Shelf:
    """The documents an answer looks into, each read once."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._read: dict[tuple[str, int], Extraction] = {}

    def open(self, document: DocumentRow) -> Extraction:
        key = (document.id, document.version)
        if key not in self._read:
            self._read[key] = self._kb.extraction(f"{document.id}@{document.version}")
        return self._read[key]

    def provision(self, rule: StoredRule) -> Provision | None:
        """The innermost provision a rule stands in."""
        around = [p for p in self.open(rule.document).provisions if p.start <= rule.record.start < p.end]
        return max(around, key=lambda p: p.start, default=None)

    def opening(self, document: DocumentRow, inner: Provision) -> str:
        """The words that open the list an item stands in, empty for what is no item: 支付比例不低于下列标准："""
        extraction = self.open(document)
        above = inner.path.rpartition("/")[0]
        holder = next((p for p in extraction.provisions if p.path == above and p.start < inner.start < p.end), None)
        if holder is None:
            return ""
        first = min(p.start for p in extraction.provisions if p.start > holder.start)
        words = extraction.text[holder.start : first].strip().removeprefix(holder.label).strip()
        return words if words.endswith(("：", ":")) else ""

    def caption(self, hit: Hit) -> str:
        """What introduces the table a row stands in, empty for what is no row and where nothing does."""
        if not hit.reading:
            return ""
        start, _ = self.article(hit.document, hit.start)
        ahead = self.open(hit.document).text[start : hit.start].splitlines()
        above = [line for line in takewhile(lambda line: not _TABULAR.search(line), ahead) if line.strip()]
        return above[-1] if above and _INTRODUCES.search(above[-1]) else ""

    def article(self, document: DocumentRow, start: int) -> tuple[int, int]:
        """Span of the article around a place: the innermost provision that is no part of one, else the line."""
        extraction = self.open(document)
        around = [p for p in extraction.provisions if p.start <= start < p.end]
        for provision in sorted(around, key=lambda p: p.start):
            if readable_label(provision.path) == provision.label and provision.label.endswith(("条", "條")):
                return provision.start, provision.end
        inner = max(around, key=lambda p: p.start, default=None)
        if inner is not None:
            return inner.start, inner.end
        text = extraction.text
        end = text.find("\n", start)
        return text.rfind("\n", 0, start) + 1, end if end >= 0 else len(text)


def evidence_of(document: DocumentRow, quote: str) -> str:
    """What a quote is read with, normalized: the title and the place of its document."""
    return simplified("\n".join(filter(None, (document.title, document.region, quote))))


def whose(rule: StoredRule) -> str:
    place = rule.record.scope.region or rule.document.region
    return f"{place}：" if place else ""


def said(rule: StoredRule, start: int, end: int, shelf: Shelf) -> str:
    """The sentence of a rule, behind the words that open its list; a table's row in words."""
    text = shelf.open(rule.document).text
    quote = text[start:end]
    if _TABULAR.search(quote):
        scope = rule.record.scope
        about = (scope.population, scope.institution, scope.service, rule.record.indicator_text)
        return f"{' '.join(dict.fromkeys(filter(None, about)))}：{rule.record.quote}"
    inner = shelf.provision(rule)
    opening = shelf.opening(rule.document, inner) if inner else ""
    return f"{opening}{unbroken(quote)}"


def unbroken(quote: str) -> str:
    """A quote without the line breaks that a page's width put inside its sentences."""
    return _WRAPPED.sub("", quote)


def sentence_of(rule: StoredRule, shelf: Shelf) -> tuple[int, int]:
    """Span of the sentence around a rule within its innermost provision."""
    text = shelf.open(rule.document).text
    inner = shelf.provision(rule)
    start, end = (inner.start, inner.end) if inner else shelf.article(rule.document, rule.record.start)
    for left, right in sentences_of(text, start, end):
        if left <= rule.record.start < right:
            return left, right
    return rule.record.start, rule.record.end


def sentences_of(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    for match in _SENTENCE.finditer(text, start, end):
        quote = match[0]
        if quote.strip():
            yield match.start() + len(quote) - len(quote.lstrip()), match.end() - len(quote) + len(quote.rstrip())


def source_at(number: int, document: DocumentRow, path: str, start: int, end: int, shelf: Shelf) -> Source:
    quote = shelf.open(document).text[start:end]
    return Source(number, document, readable_label(path), path, quote, start, end)
