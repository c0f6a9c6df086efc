"""Whether the numbers of a sentence stand in the knowledge base on the same matter, however the sentence puts it.

A claim is held against the rules and figures of its indicator whose scheme, institution, service, population, region
and period agree with it; what the sentence leaves out can be any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.extract import extract
from ingest.records import Extraction, Figure, Rule, Scope
from kb.address import readable_label
from kb.applicability import fit, periods_agree, plain_words, regions_agree
from kb.clauses import clause_around
from kb.conflicts import newest_issues
from kb.conversion import scale_between
from kb.likeness import bigrams
from kb.titles import title_rank
from kb.told import figure_from_rule
from kb.types import DocumentRow, NumberCheck, NumberMatch, QuoteMatch, StoredFigure, StoredRule

Held = StoredRule | StoredFigure
_PLACES = 5
_CLOSE = 0.5  # of the best fit, within which a record is about the same matter
_SHARED = 0.4  # of the words around a number that name no indicator
_STOPS = "。；\n"
_LEAST_RANK = 2  # of a title the sentence names


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A stored record on the matter of a claim, as a rule; `equal` says whether it states the same number."""

    rule: StoredRule
    score: float
    equal: bool


def check_claims(
    sentence: str,
    records_of: Callable[[str], Iterable[Held]],
    plain: Sequence[NumberCheck],
    text_of: Callable[[DocumentRow], str],
) -> tuple[NumberCheck, ...]:
    """Each number of a sentence, in order; the year a number is of is no number of its own.

    Args:
        sentence: in either script.
        records_of: the rules and figures of an indicator.
        plain: where the passages found hold the numbers, for those whose indicator the sentence does not name.
        text_of: the text of a document.
    """
    extraction = extract(sentence, "report")
    claims = {claim.start: claim for claim in _claims(extraction)}
    said = {(number.kind, number.value): number for number in plain}
    periods = " ".join(filter(None, (claim.period for claim in claims.values())))
    checks: list[NumberCheck] = []
    for quantity in extraction.quantities:
        claim = claims.get(quantity.start)
        if claim is not None and claim.indicator != "other":
            candidates = _candidates(claim, extraction, records_of(claim.indicator))
            if candidates:
                checks.append(_check(claim, candidates))
                continue
        if quantity.kind == "date" and quantity.value[:4] in periods:
            continue
        found = said.get((quantity.kind, quantity.value))
        words = clause_around(sentence, quantity.start, quantity.end)
        places = tuple(place for place in (found.places if found else ()) if _shares(words, place, text_of))
        match: NumberMatch = "exact" if places else "absent"
        checks.append(
            NumberCheck(quantity.quote, quantity.kind, quantity.value, quantity.unit, bool(places), places, match)
        )
    return tuple(checks)


def _shares(words: str, place: QuoteMatch, text_of: Callable[[DocumentRow], str]) -> bool:
    """Whether the sentence around a place has enough of the words around a number to be about the same."""
    text = text_of(place.document)
    start = max(text.rfind(stop, 0, place.start) for stop in _STOPS) + 1
    ends = [at for stop in _STOPS if (at := text.find(stop, place.end)) >= 0]
    asked, held = bigrams(words), bigrams(text[start : min(ends, default=len(text))])
    return len(asked & held) >= _SHARED * max(len(asked), 1)


def _claims(extraction: Extraction) -> Iterator[Figure]:
    """Every number with what it measures; a limit the sentence states measures the same as a figure would."""
    yield from (figure_from_rule(rule) for rule in extraction.rules if rule.value is not None)
    yield from extraction.figures


_SLOTS = ("scheme", "population", "institution", "service", "region", "period")


def _candidates(claim: Figure, extraction: Extraction, held: Iterable[Held]) -> list[_Candidate]:
    """The records on the matter of the claim, those that agree with it in the most slots.

    Unless the sentence names a document or a year, issues that a newer one replaces do not count.
    """
    region = plain_words(claim.region or extraction.document.region)
    titles = [plain_words(citation.title) for citation in extraction.citations if citation.title]
    found = []
    for record in held:
        rule = _as_rule(record)
        fitted = fit(claim, rule, None, local=True)
        near = regions_agree(region, plain_words(rule.record.scope.region or rule.document.region))
        dated = periods_agree(claim.period, rule.record, rule.document)
        if fitted is None or near is None or dated is None or not _named(titles, rule):
            continue
        found.append(_Candidate(rule, fitted.score + near + dated, _equal(claim, rule.record)))
    if not titles and not claim.period:
        current = {id(rule) for rule in newest_issues([one.rule for one in found])}
        found = [one for one in found if id(one.rule) in current]
    best = max((one.score for one in found), default=0.0)
    return sorted((one for one in found if one.score >= best - _CLOSE), key=lambda one: -one.score)


def _as_rule(held: Held) -> StoredRule:
    """A stored figure as the rule that would set its value."""
    if isinstance(held, StoredRule):
        return held
    f = held.record
    scope = Scope(**{name: getattr(f, name) for name in _SLOTS})
    bound = Rule(f.start, f.end, f.quote, "standard", "==", f.kind, f.value, f.high, f.unit, f.per, f.approx)
    kept = {name: getattr(f, name) for name in ("indicator", "indicator_text", "base", "provision")}
    return StoredRule(held.document, None, replace(bound, scope=scope, **kept))


def _named(titles: Sequence[str], rule: StoredRule) -> bool:
    """Whether the sentence names the document, or none at all."""
    title = plain_words(rule.document.title)
    return not titles or any(title_rank(named, title) >= _LEAST_RANK for named in titles)


def _equal(claim: Figure, rule: Rule) -> bool:
    """Whether both state one number, whatever the unit each is written in."""
    if claim.kind == "date" or rule.value is None:
        return (claim.value, claim.high) == (rule.value, rule.high)
    scale = scale_between(claim, rule)
    if scale is None:
        return False
    ends = [(claim.value, rule.value), (claim.high, rule.high)]
    return all(
        mine == theirs if mine is None or theirs is None else scale.low(mine) == Decimal(theirs) == scale.high(mine)
        for mine, theirs in ends
    )


def _check(claim: Figure, candidates: Sequence[_Candidate]) -> NumberCheck:
    equal = [_place(one.rule) for one in candidates if one.equal][:_PLACES]
    other = [] if equal else [_place(one.rule) for one in candidates][:_PLACES]
    match: NumberMatch = "exact" if equal else "near"
    named = (claim.indicator, tuple(other))
    return NumberCheck(claim.quote, claim.kind, claim.value, claim.unit, bool(equal), tuple(equal), match, *named)


def _place(held: StoredRule) -> QuoteMatch:
    record = held.record
    path = record.provision or ""
    label = readable_label(path)
    return QuoteMatch(held.document, path, label, record.quote, record.start, record.end, match="exact", similarity=1.0)
