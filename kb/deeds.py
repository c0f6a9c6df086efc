"""What a time limit is for, by the words around it: the same deed is the same pairs of characters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.records import Figure, Rule
from kb.simplify import simplified

_IDLE = re.compile(r"[自从之日起的后内前应当须由将其于在按并及时了为应各、，,。；;：:（）()“”\s\d]")
_SAME = 0.5
_BEFORE, _BEHIND = 60, 24


@dataclass(frozen=True, slots=True)
class Deed:
    """Pairs of characters of what is done and of what sets time running."""

    done: frozenset[str]
    since: frozenset[str]


def deed_of_rule(rule: Rule) -> Deed:
    """The deed a rule sets a time for."""
    named = " ".join(filter(None, (rule.action, rule.indicator_text if rule.indicator != "deadline" else None)))
    return Deed(pairs_of(named), pairs_of(" ".join(filter(None, (rule.scope.condition, rule.scope.service)))))


def words_around(figure: Figure, text: str) -> frozenset[str]:
    """The pairs of characters around a figure, within its line."""
    start = max(text.rfind("\n", 0, figure.start) + 1, figure.start - _BEFORE)
    stop = text.find("\n", figure.end)
    end = min(len(text) if stop < 0 else stop, figure.end + _BEHIND)
    return pairs_of(simplified(text[start:end]))


def same_deed(around: frozenset[str], deed: Deed) -> bool:
    """Whether the words around a figure tell the deed of a rule: half of what is done, or of both together."""
    both = deed.done | deed.since
    if not both:
        return False
    told = len(around & both) / len(both)
    return told >= _SAME or (len(deed.done) > 1 and len(around & deed.done) / len(deed.done) >= _SAME + 0.1)


def pairs_of(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text, simplified, without those that say when and how."""
    words = simplified(text)
    pairs = (words[i : i + 2] for i in range(len(words) - 1))
    return frozenset(pair for pair in pairs if not _IDLE.search(pair) and not pair.isascii())
