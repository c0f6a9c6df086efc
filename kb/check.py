"""Checking a report: which figure breaks which rule and by how much, and where its own arithmetic fails.

Figures are those the report states, those its amounts give (`kb.derived`), the time between its dates (`kb.elapsed`)
and the standards it says hold (`kb.told`). Each is held against the nearest rule that speaks of it (`kb.matching`);
what lacks a value, a date or a calendar is undetermined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from decimal import Decimal

from ingest.records import Extraction, Figure
from kb.asserted import find_asserted
from kb.comparison import compare
from kb.deeds import same_deed, words_around
from kb.derived import Derived, derivable, find_derived
from kb.elapsed import Elapsed, find_elapsed
from kb.explain import explain_bound, explain_unknown_days
from kb.matching import Match, OwnRules, Places, given_matches
from kb.rulebook import Rulebook, in_force
from kb.simplify import simplified
from kb.slips import find_slips
from kb.told import told_figures
from kb.types import DocumentRow, Finding, FindingStatus, StoredFigure, StoredRule

_IF_IT_APPLIES = ("，违反该规定", "；报告未写明地区，该地方规定是否适用无法判定，如适用则不符合")
_HEAD = 20_000
_TAIWAN = re.compile(r"民国\d|新台币|全民健康保险|劳工保险|健保署|劳保")
_MAINLAND = re.compile(r"参[保合]|新农合|医保|社保|失业保险金|缴费基数|统筹|住房公积金")


def check_report(report: Extraction, rules: Iterable[StoredRule], *, chosen: bool = True) -> list[Finding]:
    """Findings of one report, in text order; slips of arithmetic stand beside the figures they concern.

    Args:
        report: the report as extracted.
        rules: rules from outside; those the report quotes are taken from the report itself.
        chosen: somebody chose the rules for this report. Else a local rule decides nothing of a report that does not
            say where it is from, and what is set scheme by scheme needs the scheme named.

    Returns:
        One finding per figure and nearest applicable rule, and one per claim whose arithmetic fails.
    """
    document = document_row(report)
    bounded = (rule for rule in rules if rule.record.comparator)
    book = Rulebook(in_force(bounded, _year(report)), _jurisdiction(report), strict=not chosen)
    placed = Places(report)
    own = OwnRules([StoredRule(document, None, rule) for rule in report.rules if rule.comparator], placed)
    findings: list[Finding] = []
    judged: set[int] = set()
    for figure in report.figures:
        if figure.change is not None and (figure.indicator != "growth_rate" or figure.change == "down"):
            continue
        matches = [*own.matches(figure), *given_matches(figure, book, placed)]
        if matches:
            judged.add(figure.start)
            findings.append(_finding(StoredFigure(document, figure), matches))
    findings += _of_what_holds(report, document, book, placed, judged)
    findings += _of_derived(report, document, book, placed, own)
    findings += _of_elapsed(report, document, book, judged)
    findings += find_slips(report, document)
    findings += find_asserted(report, document, judged)
    if not chosen and not report.document.region:
        findings = [_placeless(finding) for finding in findings]
    findings.sort(key=lambda f: (f.figure.record.start if f.figure else 0, f.status))
    return findings


def _placeless(finding: Finding) -> Finding:
    """A breach of a local rule, left open where the report does not say where it is from."""
    own = finding.rule is None or finding.figure is None or finding.rule.document.id == finding.figure.document.id
    if own or finding.status != "violation" or not _is_local(finding.rule):
        return finding
    return replace(finding, status="undetermined", explanation=finding.explanation.replace(*_IF_IT_APPLIES))


def _is_local(rule: StoredRule | None) -> bool:
    return rule is not None and bool(rule.document.region) and rule.document.region not in ("全国", "中国")


def document_row(report: Extraction) -> DocumentRow:
    """The document row of something that is not stored."""
    names = {f.name for f in fields(DocumentRow)} & {f.name for f in fields(report.document)}
    return DocumentRow(**{name: getattr(report.document, name) for name in names})


def rules_from_extractions(extractions: Iterable[Extraction]) -> list[StoredRule]:
    """The bounded rules of documents that are not stored."""
    return [
        StoredRule(document_row(extraction), (rule.provision or "").rpartition("/")[2] or None, rule)
        for extraction in extractions
        for rule in extraction.rules
        if rule.comparator
    ]


def indicators_to_check(report: Extraction) -> set[str]:
    """The indicators of rules that can speak of anything in a report."""
    stated = {figure.indicator for figure in report.figures}
    told = {rule.indicator for rule in report.rules if rule.indicator}
    return stated | told | derivable() | {"deadline", "other"}


def _of_what_holds(
    report: Extraction, document: DocumentRow, book: Rulebook, placed: Places, judged: set[int]
) -> Iterator[Finding]:
    """Findings on the standards a report says hold where it is: 我市大病保险最高支付限额为25万元."""
    for figure in told_figures(report):
        if figure.start in judged:
            continue
        if matches := given_matches(figure, book, placed, told=True):
            judged.add(figure.start)
            yield _finding(StoredFigure(document, figure), matches)


def _of_derived(
    report: Extraction, document: DocumentRow, book: Rulebook, placed: Places, own: OwnRules
) -> Iterator[Finding]:
    """Findings on ratios that the amounts of the report give."""
    bounded = own.indicators | {rule.record.indicator for rule in book.rules if rule.record.indicator}
    for derived in find_derived(report, bounded):
        figure = derived.figure
        matches = [*own.matches(figure), *given_matches(figure, book, placed, derived.slack)]
        if matches:
            yield _finding(StoredFigure(document, figure), matches, derived)


def _of_elapsed(report: Extraction, document: DocumentRow, book: Rulebook, judged: set[int]) -> Iterator[Finding]:
    """Findings on the time between two dates, where a rule sets a time for the same deed."""
    limits = [(rule, deed) for rule, deed in book.deeds() if rule.record.unit in ("day", "workday")]
    if not limits:
        return
    for elapsed in find_elapsed(report):
        if elapsed.end.start in judged:
            continue
        around = words_around(elapsed.start, report.text) | words_around(elapsed.end, report.text)
        stored = next((rule for rule, deed in limits if deed.since & around and same_deed(around, deed)), None)
        if stored is not None:
            judged.add(elapsed.end.start)
            yield _of_time(document, elapsed, stored)


def _of_time(document: DocumentRow, elapsed: Elapsed, stored: StoredRule) -> Finding:
    unit = stored.record.unit or "day"
    number = elapsed.workdays if unit == "workday" else elapsed.days
    end = StoredFigure(document, elapsed.end)
    start = StoredFigure(document, elapsed.start)
    if number is None:
        text = explain_unknown_days(start, end, stored)
        return Finding("undetermined", stored.record.indicator, end, stored, None, unit, text, operands=(start, end))
    spent = replace(elapsed.end, kind="duration", value=str(number), unit=unit, indicator=stored.record.indicator or "")
    matches = _match_with(spent, stored)
    derived = Derived(spent, (elapsed.start, elapsed.end), "o2-o1", Decimal(0))
    return _finding(StoredFigure(document, spent), matches, derived)


def _match_with(figure: Figure, stored: StoredRule) -> list[Match]:
    """The match of a figure with the one rule known to speak of it."""
    verdict = compare(figure, stored.record)
    return [Match(stored, verdict, False, 1.0, (2.0, 0.0, -1.0), ("事项",))] if verdict else []


def _finding(figure: StoredFigure, matches: Sequence[Match], derived: Derived | None = None) -> Finding:
    broken = [m for m in matches if m.broken]
    local = [m for m in matches if m.local]
    best = min(local or broken or matches, key=lambda m: m.rank)
    record = best.rule.record
    verdict = best.verdict
    status: FindingStatus = "undetermined" if verdict.kept is None else "compliant" if verdict.kept else "violation"
    others = [m.rule for m in broken if m.rule is not best.rule and not m.local]
    shown = figure if derived is None else StoredFigure(figure.document, _original(derived))
    operands = () if derived is None else tuple(StoredFigure(figure.document, f) for f in derived.operands)
    return Finding(
        status=status,
        indicator=record.indicator if record.indicator != "other" else figure.record.indicator,
        figure=shown,
        rule=best.rule,
        margin=f"{verdict.margin.normalize():+f}" if verdict.margin else "0",
        unit="day" if record.kind == "date" else record.unit,
        explanation=explain_bound(figure, best.rule, verdict, status, best.why, others, derived),
        recomputed=None if derived is None else derived.figure.value,
        operands=operands,
        formula=None if derived is None else derived.formula,
        why=best.why,
        confidence=_confidence(figure.record, best),
    )


def _original(derived: Derived) -> Figure:
    """The stated figure a derived one is shown at."""
    return next(f for f in derived.operands if f.start == derived.figure.start)


def _confidence(figure: Figure, match: Match) -> float:
    """How sure the match is: the surer half of what was read, times how many slots agree."""
    read = min(figure.confidence, match.rule.record.confidence)
    agreeing = 1.0 if match.local else 0.7 + 0.1 * min(3, len(match.why) - 1)
    return round(read * agreeing, 2)


def _jurisdiction(report: Extraction) -> str:
    """Whose law binds what a report is about: `tw` for Taiwan, `cn` for the mainland, empty when it does not show."""
    if any(q.unit == "TWD" for q in report.quantities) or _TAIWAN.search(simplified(report.text[:_HEAD])):
        return "tw"
    return "cn" if _MAINLAND.search(simplified(report.text[:_HEAD])) else ""


def _year(report: Extraction) -> str | None:
    """The latest full year the report's figures belong to."""
    years = [f.period[:4] for f in report.figures if f.period and f.period[:4].isdigit()]
    return max(years, default=None)
