"""Which passages may answer a question, and how likely each does.

Two things tell: how search ranks a passage, and how much of the question's content it holds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.records import Quantity
from kb.asking import (
    TIMELESS,
    answers_unit,
    asked_units,
    asks_number,
    asks_when,
    band_fits,
    bounds_as_asked,
    dates,
    states_unit,
)
from kb.conflicts import newest_issues
from kb.quoting import Shelf, evidence_of, sentences_of
from kb.ranking import SOFTENED
from kb.simplify import simplified
from kb.support import Question
from kb.types import DocumentRow, Hit

SUPPORT = 0.55
"""Least share of a question's content its evidence must hold, beside all that it asks for."""
_ODDS = -2.3
_RANKED = 0.42
_HELD = 4.9
"""Log odds that a passage answers: at first, for each log odds that search puts it below its first, for all of the
question's content held. Fitted to 520 questions on 50 regulations (`benchmarks/answering.py --fit`)."""
_UNSTATED = 1.5
"""Log odds that a passage loses where it has no number in the unit asked for."""
_LOOKED_INTO = 20
_NORM, _FOCUS, _BOUND, _NARROWER = 2.5, 0.5, 0.6, 1.2
"""Log odds for a norm where no year is named, for one sentence that speaks of all that is asked for, and for a bound or
a band as asked; what a sentence loses for each service or group it is limited to and nobody asked about."""
_TITLE = 1.0
"""Log odds for a document whose title has a thing the question names: 劳保 in 劳工保险条例."""
_LEAST = 1e-4
"""Least score that tells anything."""
_NUMERAL = re.compile(r"[\d〇零一二两三四五六七八九十百千万半倍]")
_YEAR = re.compile(r"(?:19|20)\d\d年|上年|去年|今年|本年|民国\d+年|\d{2,3}年度?(?=[^\d]*(?:年度|报告))")


@dataclass(frozen=True, slots=True)
class Judged:
    """A passage that may answer.

    Attributes:
        hit: the passage.
        ranked: log odds by which search puts it below its first.
        share: share of the question's content it holds, 0 to 1.
        worth: log odds that it is the answer.
        supports: whether it speaks of all that is asked for.
    """

    hit: Hit
    ranked: float
    share: float
    worth: float
    supports: bool


def judge(asked: Question, hits: Sequence[Hit], shelf: Shelf) -> tuple[float, list[Judged]]:
    """The probability that some passage answers, and those that may, likeliest first.

    What cannot answer is left out: another place's rule, another year's, one without a number where one is asked for.
    """
    judged, odds = [], 0.0
    norms_first = not _YEAR.search(asked.text)
    for hit in newest_issues(hits, asked.by)[:_LOOKED_INTO]:
        extraction = shelf.open(hit.document)
        numbers = [q for q in extraction.quantities if hit.start <= q.start < hit.end]
        evidence = evidence_of(hit.document, f"{shelf.caption(hit)}\n{hit.quote}\n{hit.reading}")
        if not asked.may_be_met_by(evidence) or (asks_number(asked.text) and not _NUMERAL.search(hit.quote)):
            continue
        if asks_when(asked.text) and not dates(hit.quote, (q.kind for q in numbers)):
            continue
        inside = [r for r in extraction.rules if hit.start <= r.start < hit.end]
        share = asked.share_held(evidence, inside)
        stated = _states_number(asked.text, numbers, hit.reading)
        ranked = SOFTENED * math.log(max(hit.score, _LEAST))
        worth = _ODDS + _RANKED * ranked + _HELD * share - _UNSTATED * (not stated)
        sentence = evidence_of(hit.document, extraction.text[slice(*nearest_sentence(asked, hit, shelf))])
        odds += math.exp(worth)
        worth += _NORM * (norms_first and is_norm(hit.document)) + _FOCUS * asked.focus_held(sentence)
        worth += _BOUND * bounds_as_asked(asked.text, sentence) + _BOUND * band_fits(asked.text, sentence)
        worth += _TITLE * asked.names(simplified(hit.document.title or ""))
        worth -= _NARROWER * len(asked.narrowings_beside(sentence))
        supports = stated and share >= SUPPORT and asked.is_met_by(evidence, inside)
        judged.append(Judged(hit, ranked, share, worth, supports))
    return odds / (1 + odds), sorted(judged, key=lambda one: one.worth, reverse=True)


def _states_number(text: str, numbers: Sequence[Quantity], reading: str) -> bool:
    """Whether there is a number where a question can be answered by nothing else."""
    units = asked_units(text)
    fits = any(answers_unit(q.unit, units) for q in numbers) or states_unit(text, reading)
    return not asks_number(text) or fits or bool(reading and units <= {TIMELESS})


def is_norm(document: DocumentRow) -> bool:
    """Whether a document sets rules instead of telling of them."""
    return document.kind not in ("report", "compendium", "plan")


def nearest_sentence(asked: Question, hit: Hit, shelf: Shelf) -> tuple[int, int]:
    """Span of the sentence of a passage that speaks most of what is asked; the passage where that only opens a list."""
    extraction = shelf.open(hit.document)
    units = asked_units(asked.text)

    def worth(piece: tuple[int, int]) -> tuple[float, bool, int, float]:
        evidence = evidence_of(hit.document, extraction.text[slice(*piece)])
        fits = any(answers_unit(q.unit, units) for q in extraction.quantities if piece[0] <= q.start < piece[1])
        return asked.focus_held(evidence), fits, band_fits(asked.text, evidence), asked.share_held(evidence)

    start, end = max(sentences_of(extraction.text, hit.start, hit.end), key=worth)
    opens = extraction.text[start:end].endswith(("：", ":"))
    return (hit.start, hit.end) if opens else (start, end)
