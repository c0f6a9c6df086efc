"""The conditions and duties of a regulation as a checklist for one report: met, broken, open or not mentioned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.records import Extraction, Rule
from kb.applicability import is_trigger
from kb.check import check_report, document_row
from kb.deeds import pairs_of
from kb.simplify import simplified
from kb.types import Finding, StoredRule

DutyStatus = Literal["met", "broken", "open", "not_mentioned"]

_BINDING = frozenset({"obligation", "prohibition", "standard", "target"})
_STATUS: dict[str, DutyStatus] = {"violation": "broken", "compliant": "met", "undetermined": "open"}
_SENTENCE = re.compile(r"[^。；;！!\n]+")
_CLAUSE = re.compile(r"[^，,。；;！!\n]+")
_DEONTIC = re.compile(r"应当?|必须|须|不得|严禁|禁止|不准|不应|不能|具备下列条件|符合下列条件")
_LACKS = re.compile(r"未|没有?(?!收)|无(?!偿|障碍|论)|缺|不(?:具备|符合|规范|到位|健全|完善|全|够)|尚不|欠缺|漏")
_DENIES = re.compile(r"未(?:发现|出现|发生|存在)|没有(?:发现|出现|发生)?|无(?!偿|故)|不存在|杜绝|严禁|禁止|不得")
_GROUNDS = re.compile(r"^(?:按照?|根据|依照?|依据)[^，,]{1,40}[，,]")
_TOLD = 0.6
_CHAPEAU = re.compile(r"(?:下列|以下|如下)[一-鿿]{0,4}[:：]?$")


@dataclass(frozen=True, slots=True)
class DutyCheck:
    """One duty and what the report says of it.

    Attributes:
        rule: the duty.
        status: `met`, `broken`, `open` (the report speaks of it but does not decide it) or `not_mentioned`.
        finding: the comparison behind the status, where the duty has a bound that a figure was held against.
        start: where the report speaks of it, code points of the original; None when it does not.
        end: likewise.
        quote: what it says there.
    """

    rule: StoredRule
    status: DutyStatus
    finding: Finding | None = None
    start: int | None = None
    end: int | None = None
    quote: str = ""


def make_checklist(report: Extraction, rules: Iterable[StoredRule]) -> list[DutyCheck]:
    """Every duty among `rules`, in their order, with what `report` says of it.

    Args:
        report: the report as extracted.
        rules: rules with and without bounds (`duties_from_extractions`); those that only define, permit, entitle,
            punish or say when others apply are left out.
    """
    duties = [rule for rule in rules if _binds(rule.record)]
    findings = check_report(report, duties)
    sentences = list(_SENTENCE.finditer(report.text))
    known = [pairs_of(match.group()) for match in sentences]
    return [_check(report, duty, findings, sentences, known) for duty in duties]


def duties_from_extractions(extractions: Iterable[Extraction]) -> list[StoredRule]:
    """The rules of documents that are not stored, with and without bounds, each in its document's order."""
    return [
        StoredRule(document_row(extraction), (rule.provision or "").rpartition("/")[2] or None, rule)
        for extraction in extractions
        for rule in extraction.rules
    ]


def _binds(rule: Rule) -> bool:
    if rule.modality not in _BINDING or is_trigger(rule):
        return False
    if rule.comparator is None and rule.modality == "standard":
        return False
    return rule.comparator is not None or _CHAPEAU.search(simplified(rule.quote)) is None


def _check(
    report: Extraction,
    duty: StoredRule,
    findings: Sequence[Finding],
    sentences: Sequence[re.Match[str]],
    known: Sequence[frozenset[str]],
) -> DutyCheck:
    mine = [f for f in findings if f.rule is not None and f.rule.record is duty.record]
    decided = min(mine, key=lambda f: list(_STATUS).index(f.status) if f.status in _STATUS else 9, default=None)
    if decided is not None and decided.figure is not None and decided.status in _STATUS:
        figure = decided.figure.record
        return DutyCheck(duty, _STATUS[decided.status], decided, figure.start, figure.end, figure.quote)
    wanted = pairs_of(_DEONTIC.sub("", simplified(_content(duty.record))))
    if not wanted:
        return DutyCheck(duty, "not_mentioned")
    shares = [len(wanted & pairs) / len(wanted) for pairs in known]
    best = max(range(len(shares)), key=shares.__getitem__, default=None)
    if best is None or shares[best] < _TOLD:
        return DutyCheck(duty, "not_mentioned")
    match = sentences[best]
    status = "open" if duty.record.comparator else _verdict(duty.record, match.group(), wanted)
    start = match.start() + len(match.group()) - len(match.group().lstrip())
    return DutyCheck(duty, status, None, start, match.end(), report.text[start : match.end()])


def _content(rule: Rule) -> str:
    """What a duty is about: with a bound its action and measure, else its clause without the actor."""
    if rule.comparator:
        return " ".join(filter(None, (rule.indicator_text, rule.action)))
    return _GROUNDS.sub("", rule.quote.removeprefix(rule.actor or ""))


def _verdict(rule: Rule, sentence: str, wanted: frozenset[str]) -> DutyStatus:
    """Whether a sentence about a duty without a bound says that it is kept, by the clauses that tell the duty."""
    clauses = [simplified(match.group()) for match in _CLAUSE.finditer(sentence)]
    told = " ".join(clause for clause in clauses if pairs_of(clause) & wanted)
    if rule.modality == "prohibition":
        return "met" if _DENIES.search(told) else "broken"
    return "broken" if _LACKS.search(told) else "met"
