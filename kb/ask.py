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
_UNIT_WORTH = 0.2
_NORM_WORTH = 0.31
"""What a number of the unit asked for, being a norm, or a list is worth beside the share of the question held."""
_MARGIN = 0.15
"""How much more of a question a passage must hold than the rules to be the answer instead of them."""
_RULES = 6
_PASSAGES = 8
_ADDRESSES = 3
_LONGEST = 160
_TABULAR = re.compile(r"\t|\|")
_WRAPPED = re.compile(
    r"(?<=[\u4e00-\u9fff\d，、])[ \t]*\n[ \t\u3000]*(?=[\u4e00-\u9fff\d，、。；])(?!第[\d一二三四五六七八九十百]+条)"
)
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]*")
_ASKS_NUMBER = re.compile(r"多少|几[年天日元倍成岁次个月]|多[长久高大]")
_YEAR = re.compile(r"(?:19|20)\d\d年|上年|去年|今年|本年|民国\d+年")
_UNITS = (
    (re.compile(r"(?:多少|几)(?:个)?(?:工作日|天|日)"), ("day", "workday", "hour")),
    (re.compile(r"(?:多少|几)个?月"), ("month", "day", "year")),
    (re.compile(r"(?:多少|几)(?:年|岁|周岁)"), ("year", "month")),
    (re.compile(r"(?:多少|几)个?小时"), ("hour",)),
    (re.compile(r"(?:多少|几)万?元"), ("CNY", "TWD")),
    (re.compile(r"(?:多少|几)倍"), ("times",)),
    (re.compile(r"百分之(?:多少|几)|多少比例|几成"), ("%",)),
)
"""What a question asks a number in, and the units of quantities that answer it."""
_DURATIONS = frozenset({"day", "workday", "hour", "month", "year"})
_ASKS_LIST = re.compile(r"哪些|哪几|什么(?:情况|情形|条件|材料)")
_LIST = re.compile(r"下列|[（(]一[）)]")
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
    hits = _supported_hits(asked, result.hits[:_PASSAGES], shelf)
    if best >= SUPPORT and (not hits or best + _MARGIN >= hits[0][0]):
        return _from_rules(question, best, [rule for _, rule in ranked[:_RULES]], shelf)
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
    units = _asked_units(asked.text)
    fitting = [r for r in rules if r.record.kind != "percentage_point" and _answers(r.record.unit, units)]
    for rule in newest_issues(fitting):
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


def _supported_hits(asked: Question, hits: Sequence[Hit], shelf: _Shelf) -> list[tuple[float, Hit]]:
    """Passages by the share of the question they hold.

    Of those that hold enough, one with a number of the unit asked for is worth more, and so is a norm, unless the
    question names a year, which norms seldom do.
    """
    amount = _ASKS_NUMBER.search(asked.text)
    units = _asked_units(asked.text)
    asks_list = bool(_ASKS_LIST.search(asked.text))
    norms_first = not _YEAR.search(asked.text)
    scored = []
    for order, hit in enumerate(newest_issues(hits)):
        extraction = shelf.open(hit.document)
        numbers = [q for q in extraction.quantities if hit.start <= q.start < hit.end]
        if amount and not hit.reading and not any(_answers(q.unit, units) for q in numbers):
            continue
        inside = [r for r in extraction.rules if hit.start <= r.start < hit.end]
        share = asked.share_held(_evidence(hit.document, f"{hit.quote}\n{hit.reading}"), inside)
        norm = _is_norm(hit.document)
        value = share
        if share >= SUPPORT:
            meets = not units or bool(hit.reading) or any(q.unit in units for q in numbers)
            listed = asks_list and bool(_LIST.search(hit.quote))
            value += _UNIT_WORTH * meets + _NORM_WORTH * (norm and norms_first) + _NORM_WORTH * listed
        scored.append(((share >= SUPPORT, value, norm, -order), share, hit))
    return [(share, hit) for _, share, hit in sorted(scored, key=lambda one: one[0], reverse=True)]


def _answers(unit: str | None, units: frozenset[str]) -> bool:
    """Whether a number of a unit can answer a question for some units: a duration answers for any other."""
    return not units or unit in units or (unit in _DURATIONS and bool(units & _DURATIONS))


def _asked_units(text: str) -> frozenset[str]:
    """The units a question asks a number in, empty when it leaves that open."""
    return frozenset(unit for pattern, units in _UNITS for unit in units if pattern.search(text))


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
    return f"{opening}{_unbroken(quote)}"


def _unbroken(quote: str) -> str:
    """A quote without the line breaks that a page's width put inside its sentences."""
    return _WRAPPED.sub("", quote)


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
    readings = {(hit.start, hit.end): hit.reading for hit in hits}
    text = "\n".join(f"{readings.get((s.start, s.end)) or _unbroken(s.quote)}〔{s.number}〕" for s in sources)
    return Answer(question, text, True, support, tuple(sources))


def _source(number: int, document: DocumentRow, path: str, start: int, end: int, shelf: _Shelf) -> Source:
    quote = shelf.open(document).text[start:end]
    return Source(number, document, readable_label(path), path, quote, start, end)
