"""Answers in the documents' own words: rule records or a provision, each with its place, or that there is none.

Nothing is generated: an answer joins what stands in the records and the originals, and every line names its source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.records import Extraction, Provision
from kb.address import readable_label
from kb.conflicts import newest_issues
from kb.question import question_from_query
from kb.simplify import simplified
from kb.support import Question
from kb.types import EVERYTHING, DocumentRow, Filters, Hit, StoredRule

if TYPE_CHECKING:
    from kb.base import KnowledgeBase

NOTHING = "知识库中没有相关规定。"
SUPPORT = 0.7
"""Least share of a question's content its evidence must hold.

Measured on the 80 questions of tests/cases/questions.jsonl against the 16 documents of corpus/ (43 that these answer,
37 that they do not; the same questions helped to correct the method, so expect somewhat less elsewhere), answered
rightly / refused: at 0.6 42 and 32, at 0.7 41 and 35, at 0.75 40 and 36, at 0.9 36 and 37.
"""
_RULES = 6
_PASSAGES = 8
_ADDRESSES = 3
_LONGEST = 160
_TABULAR = re.compile(r"\t|\|")
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]*")
_ASKS_NUMBER = re.compile(r"多少|几[年天日元倍成岁次个月]|多[长久高大]")
_AMOUNT = re.compile(r"多少|几|多[长久高大]|上限|下限|最[长多高大低少]|标准|比例|率|期限|限额|百分")


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


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Attributes:
        question: as asked.
        text: one line a source, each ended by its number 〔1〕; or that the base holds nothing on it.
        supported: whether there is an answer.
        support: share of the question's content that the best evidence holds, 0 to 1.
        sources: what is quoted, in the order of their numbers.
        rules: the records the answer reads from, empty when it quotes a provision.
    """

    question: str
    text: str
    supported: bool
    support: float
    sources: tuple[Source, ...] = ()
    rules: tuple[StoredRule, ...] = ()


def answer(kb: KnowledgeBase, question: str, filters: Filters = EVERYTHING) -> Answer:
    """What the base says on a question, in either script; without a model, and never without a source.

    Args:
        kb: an open knowledge base.
        question: a question, words, or an address.
        filters: where to look.
    """
    result = kb.search(question, k=50, filters=filters)
    shelf = _Shelf(kb)
    addressed = [hit for hit in result.hits if "address" in hit.why]
    if addressed:
        return _from_passages(question, 1.0, newest_issues(addressed)[:_ADDRESSES], shelf)
    if question_from_query(question).only_address:
        return Answer(question, NOTHING, False, 0.0)
    asked = Question(simplified(question), [_evidence(hit.document, hit.quote) for hit in result.hits])
    ranked = _supported_rules(asked, result.rules, shelf) if _AMOUNT.search(asked.text) else []
    best = ranked[0][0] if ranked else 0.0
    if best >= SUPPORT:
        return _from_rules(question, best, [rule for _, rule in ranked[:_RULES]], shelf)
    hits = _supported_hits(asked, result.hits[:_PASSAGES], shelf, bool(_ASKS_NUMBER.search(asked.text)))
    if hits and hits[0][0] >= SUPPORT:
        return _from_passages(question, hits[0][0], [hits[0][1]], shelf)
    return Answer(question, NOTHING, False, max(best, hits[0][0] if hits else 0.0))


class _Shelf:
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


def _evidence(document: DocumentRow, quote: str) -> str:
    return simplified("\n".join(filter(None, (document.title, document.region, quote))))


def _supported_rules(asked: Question, rules: Sequence[StoredRule], shelf: _Shelf) -> list[tuple[float, StoredRule]]:
    """The rules that hold the largest share of a question, with that share; norms before reports, newest issues alone.

    Of one document those whose own sentence holds most stand for the rest.
    """
    scored: list[tuple[bool, float, float, StoredRule]] = []
    for rule in newest_issues([rule for rule in rules if rule.record.kind != "percentage_point"]):
        text = shelf.open(rule.document).text
        wide, near = shelf.article(rule.document, rule.record.start), _sentence(rule, shelf)
        shares = [asked.share_held(_evidence(rule.document, text[s:e]), [rule.record]) for s, e in (wide, near)]
        scored.append((_is_norm(rule.document), shares[0], shares[1], rule))
    if any(norm and share >= SUPPORT for norm, share, _, _ in scored):
        scored = [one for one in scored if one[0]]
    best = max((share for _, share, _, _ in scored), default=0.0)
    leading = [one for one in scored if one[1] == best]
    nearest: dict[str, float] = {}
    for _, _, near_share, rule in leading:
        nearest[rule.document.id] = max(nearest.get(rule.document.id, 0.0), near_share)
    return [(best, rule) for _, _, share, rule in leading if share == nearest[rule.document.id]]


def _is_norm(document: DocumentRow) -> bool:
    return document.kind not in ("report", "compendium", "plan")


def _supported_hits(asked: Question, hits: Sequence[Hit], shelf: _Shelf, amount: bool) -> list[tuple[float, Hit]]:
    newest = newest_issues(hits)
    scored = []
    for order, hit in enumerate(newest):
        if amount and not _has_number(hit, shelf):
            continue
        inside = [r for r in shelf.open(hit.document).rules if hit.start <= r.start < hit.end]
        share = asked.share_held(_evidence(hit.document, hit.quote), inside)
        scored.append((share, _is_norm(hit.document), -order, hit))
    return [(share, hit) for share, _, _, hit in sorted(scored, key=lambda one: one[:3], reverse=True)]


def _has_number(hit: Hit, shelf: _Shelf) -> bool:
    return any(hit.start <= q.start < hit.end for q in shelf.open(hit.document).quantities)


def _from_rules(question: str, support: float, rules: Sequence[StoredRule], shelf: _Shelf) -> Answer:
    sources: list[Source] = []
    numbers: dict[tuple[str, int, int], int] = {}
    lines = []
    for rule in rules:
        start, end = _sentence(rule, shelf)
        key = (rule.document.id, start, end)
        if key not in numbers:
            numbers[key] = len(sources) + 1
            sources.append(_source(len(sources) + 1, rule.document, rule.record.provision or "", start, end, shelf))
            lines.append(f"{_whose(rule)}{_said(rule, start, end, shelf)}〔{numbers[key]}〕")
    return Answer(question, "\n".join(lines), True, support, tuple(sources), tuple(rules))


def _whose(rule: StoredRule) -> str:
    place = rule.record.scope.region or rule.document.region
    return f"{place}：" if place else ""


def _said(rule: StoredRule, start: int, end: int, shelf: _Shelf) -> str:
    """The sentence of a rule, behind the words that open its list; a table's row in words."""
    text = shelf.open(rule.document).text
    quote = text[start:end]
    if _TABULAR.search(quote):
        scope = rule.record.scope
        about = (scope.population, scope.institution, scope.service, rule.record.indicator_text)
        return f"{' '.join(dict.fromkeys(filter(None, about)))}：{rule.record.quote}"
    inner = shelf.provision(rule)
    opening = shelf.opening(rule.document, inner) if inner else ""
    return f"{opening}{quote}"


def _sentence(rule: StoredRule, shelf: _Shelf) -> tuple[int, int]:
    """Span of the sentence around a rule within its innermost provision."""
    text = shelf.open(rule.document).text
    inner = shelf.provision(rule)
    start, end = (inner.start, inner.end) if inner else shelf.article(rule.document, rule.record.start)
    for left, right in _sentences(text, start, end):
        if left <= rule.record.start < right:
            return left, right
    return rule.record.start, rule.record.end


def _sentences(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    for match in _SENTENCE.finditer(text, start, end):
        quote = match[0]
        if quote.strip():
            yield match.start() + len(quote) - len(quote.lstrip()), match.end() - len(quote) + len(quote.rstrip())


def _from_passages(question: str, support: float, hits: Sequence[Hit], shelf: _Shelf) -> Answer:
    """Quotes each passage, the sentences nearest to the question of a long one."""
    asked = Question(simplified(question))
    sources = []
    for number, hit in enumerate(hits, start=1):
        start, end = hit.start, hit.end
        if end - start > _LONGEST and "address" not in hit.why:
            text = shelf.open(hit.document).text
            pieces = list(_sentences(text, start, end))
            best = max(pieces, key=lambda p: asked.share_held(_evidence(hit.document, text[p[0] : p[1]])))
            if not text[best[0] : best[1]].endswith(("：", ":")):  # words that only open a list say nothing alone
                start, end = best
        sources.append(_source(number, hit.document, hit.path, start, end, shelf))
    text = "\n".join(f"{source.quote}〔{source.number}〕" for source in sources)
    return Answer(question, text, True, support, tuple(sources))


def _source(number: int, document: DocumentRow, path: str, start: int, end: int, shelf: _Shelf) -> Source:
    quote = shelf.open(document).text[start:end]
    return Source(number, document, readable_label(path), path, quote, start, end)
