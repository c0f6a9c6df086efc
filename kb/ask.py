"""Answers in the documents' own words: rule records or a provision, each with its place, or that there is none.

Nothing is generated: an answer joins what stands in the records and the originals, and every line names its source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from ingest.records import Rule
from kb.asking import answers_unit, asked_units, asks_amount, band_fits
from kb.conflicts import newest_issues
from kb.judge import SUPPORT, is_norm, judge, nearest_sentence
from kb.question import question_from_query
from kb.quoting import Shelf, Source, evidence_of, said, sentence_of, source_at, unbroken, whose
from kb.simplify import simplified
from kb.support import Question
from kb.types import EVERYTHING, Filters, Hit, SearchResult, StoredRule

if TYPE_CHECKING:
    from kb.base import KnowledgeBase

NOTHING = "知识库中没有相关规定。"
NEAREST = "知识库中没有相关规定直接回答这个问题，最接近的是："
LIKELY, POSSIBLE = 0.6, 0.2
"""From what probability on that some passage answers the best is the answer, and is shown as the nearest there is."""
_NEAR = 0.35
"""Least share of a question's content what is shown as near holds."""
_CLOSE = 0.5
"""From what share of the best one's odds on a second passage is shown as near."""
_MARGIN = 0.15
"""How much more of a question a passage must hold than the rules to be the answer instead of them."""
_LIKELIEST = 6
"""Among how many of the likeliest passages one must hold a rule for the rules to be the answer."""
_RULES = 6
_PASSAGES = 50
_ALL = 0.9
"""From what share on all that is asked for counts as held."""
_ADDRESSES = 3
_LONGEST = 160


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
    result = kb.search(question, k=_PASSAGES, filters=filters)
    shelf = Shelf(kb)
    addressed = [hit for hit in result.hits if "address" in hit.why]
    if addressed:
        return _from_passages(question, 1.0, newest_issues(addressed)[:_ADDRESSES], shelf, None)
    if question_from_query(question).only_address:
        return Answer(question, NOTHING, False, 0.0)
    asked = Question(simplified(question), {simplified(h.document.region) for h in result.hits if h.document.region})
    found, rules = widened(kb, asked, result, filters)
    likely, judged = judge(asked, found, shelf)
    hits = [one for one in judged if one.supports and one.worth >= judged[0].worth + math.log(_CLOSE)]
    ranked = _supported_rules(asked, rules, shelf) if asks_amount(asked.text) else []
    if not any(_stands_in(rule, one.hit) for _, rule in ranked for one in judged[:_LIKELIEST]):
        ranked = []
    best = ranked[0][0] if ranked else 0.0
    weaker = bool(hits and ranked) and is_norm(hits[0].hit.document) and not is_norm(ranked[0][1].document)
    if best >= SUPPORT and not weaker and (not hits or best + _MARGIN >= hits[0].share):
        return _from_rules(question, best, [rule for _, rule in ranked[:_RULES]], shelf)
    if hits and likely >= LIKELY:
        return _from_passages(question, hits[0].share, [hits[0].hit], shelf, asked)
    if judged and likely >= POSSIBLE and judged[0].share >= _NEAR:
        near = [one.hit for one in judged[:2] if one.worth >= judged[0].worth + math.log(_CLOSE)]
        shown = _from_passages(question, judged[0].share, near, shelf, asked)
        return replace(shown, text=f"{NEAREST}\n{shown.text}", supported=False)
    return Answer(question, NOTHING, False, 0.0)


def widened(
    kb: KnowledgeBase, asked: Question, result: SearchResult, filters: Filters
) -> tuple[list[Hit], list[StoredRule]]:
    """What a search found, and what the same question finds in the words that documents have for everyday ones."""
    formal = asked.formal_words()
    if not formal:
        return list(result.hits), list(result.rules)
    also = kb.search(f"{asked.text} {' '.join(formal)}", k=_PASSAGES, filters=filters)
    hits = {
        (h.document.id, h.document.version, h.start, h.end): h
        for pair in zip_longest(result.hits, also.hits)
        for h in pair
        if h
    }
    rules = {(r.document.id, r.record.start, r.record.indicator): r for r in (*result.rules, *also.rules)}
    return list(hits.values()), list(rules.values())


def _supported_rules(asked: Question, rules: Sequence[StoredRule], shelf: Shelf) -> list[tuple[float, StoredRule]]:
    """The rules that hold the largest share of a question, with that share; norms before reports, newest issues alone.

    Of one document those whose own sentence holds most stand for the rest.
    """
    scored: list[tuple[bool, float, float, StoredRule]] = []
    units = asked_units(asked.text)
    points = "pp" in units
    kinds = question_from_query(asked.text).indicators
    fitting = [
        r
        for r in rules
        if _is_of_kind(r.record, kinds)
        and (r.record.kind == "percentage_point") == points
        and (points or answers_unit(r.record.unit, units))
    ]
    for rule in newest_issues(fitting, asked.by):
        text = shelf.open(rule.document).text
        start, end = shelf.article(rule.document, rule.record.start)
        wide = evidence_of(rule.document, text[start:end])
        near = evidence_of(rule.document, said(rule, *sentence_of(rule, shelf), shelf))
        if not (asked.is_met_by(wide, [rule.record]) and asked.focus_held(near, [rule.record]) >= _ALL):
            continue
        shares = asked.share_held(wide, [rule.record]), asked.share_held(near, [rule.record])
        if shares[0] >= SUPPORT:
            scored.append((is_norm(rule.document), *shares, rule))
    if any(norm for norm, *_ in scored):
        scored = [one for one in scored if one[0]]
    best = max((share for _, share, _, _ in scored), default=0.0)
    leading = [one for one in scored if one[1] == best]
    nearest: dict[str, float] = {}
    for _, _, near_share, rule in leading:
        nearest[rule.document.id] = max(nearest.get(rule.document.id, 0.0), near_share)
    kept = [rule for _, _, share, rule in leading if share == nearest[rule.document.id]]
    bands = [band_fits(asked.text, simplified(said(rule, *sentence_of(rule, shelf), shelf))) for rule in kept]
    return [(best, rule) for rule, band in zip(kept, bands, strict=True) if band == max(bands)]


def _stands_in(rule: StoredRule, hit: Hit) -> bool:
    """Whether a rule stands in a passage."""
    return (rule.document.id, rule.document.version) == (hit.document.id, hit.document.version) and (
        hit.start <= rule.record.start < hit.end
    )


def _is_of_kind(rule: Rule, kinds: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a rule's number is of the kind the measure asked for takes; any kind is, of other measures."""
    key = rule.indicator or ""
    return rule.kind in kinds[key] if key in kinds else True


def _from_rules(question: str, support: float, rules: Sequence[StoredRule], shelf: Shelf) -> Answer:
    sources: list[Source] = []
    numbers: dict[tuple[str, int, int], int] = {}
    lines = []
    for rule in rules:
        start, end = sentence_of(rule, shelf)
        key = (rule.document.id, start, end)
        if key not in numbers:
            numbers[key] = len(sources) + 1
            sources.append(source_at(len(sources) + 1, rule.document, rule.record.provision or "", start, end, shelf))
            lines.append(f"{whose(rule)}{said(rule, start, end, shelf)}〔{numbers[key]}〕")
    return Answer(question, "\n".join(lines), True, support, tuple(sources), tuple(rules))


def _from_passages(question: str, support: float, hits: Sequence[Hit], shelf: Shelf, asked: Question | None) -> Answer:
    """Quotes each passage; of a long one the sentence nearest to what is asked, all where `asked` is None."""
    sources = []
    for number, hit in enumerate(hits, start=1):
        start, end = hit.start, hit.end
        if asked is not None and end - start > _LONGEST:
            start, end = nearest_sentence(asked, hit, shelf)
        sources.append(source_at(number, hit.document, hit.path, start, end, shelf))
    readings = {(hit.start, hit.end): hit.reading for hit in hits}
    text = "\n".join(f"{readings.get((s.start, s.end)) or unbroken(s.quote)}〔{s.number}〕" for s in sources)
    return Answer(question, text, True, support, tuple(sources))
