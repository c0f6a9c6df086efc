"""How much of a question a piece of text answers to: the share of its content that the text holds.

The content of a question is its characters without the words that only ask. A character is held when it stands in two
neighbours that the text holds side by side, or in an everyday word for which the text has the formal one. A
measure or a narrowing word is held by a record that carries it,
whatever word the text uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from ingest.extract.vocabulary import indicators, scope_terms
from ingest.lexicon import load_table
from ingest.records import Figure, Rule
from kb.simplify import simplified

_ASKING = re.compile(
    r"请问|想问|咨询|一下|是多少|到底|大概|一共|总共|(?:多少|几)(?:个|平方)?(?:工作日|月|天|日|年|小时|元|倍|次|岁|成|钱|种|米|人|级)?|什么时候|什么|"
    r"怎么[样办做算]?|怎样|如何|哪[些个种里]|谁|为何|为什么|是否|有没有|没有|能不能|可不可以|多[长久高大]时?间?|才能|还能|能够|能|百分之几|规定|要求|"
    r"给(?!付)|处理|需要|需|可以|应当|应该|不得|最(?:[长多高大少]|低(?!工资|生活|保))|上限|下限|超过|低于|高于|[吗呢么的了是在有和与及或要会能按照就把对被将向由从去]"
)
_WORD = re.compile(r"[^\W_]+")
_PLACE = re.compile(r"[\u4e00-\u9fa5]{2,3}?(?:省|市|县|自治区|自治州)(?![外内级属场民区])")
_BEFORE = "在到去从于往是问和与及住跟给让请那对"
"""Characters that stand before a place and belong to none that they would leave too short."""
_SHORTEST = 3
_GENERAL = re.compile(r"城市|全省|全市|各市|各省|本省|本市|各县|全县|本县|省市|市县|超市|股市|上市")


def find_places(text: str) -> list[tuple[int, int]]:
    """Spans of the places normalized `text` names: 安澜市, 云岭省."""
    spans = (m.span() for m in _PLACE.finditer(text) if not _GENERAL.search(m[0]))
    return [(start + bool(end - start > _SHORTEST and text[start] in _BEFORE), end) for start, end in spans]


class Question:
    """The content of a question, ready to be held against many texts.

    Args:
        text: the question normalized.
        background: normalized texts as near to the question as there are; what none of them holds weighs twice.
    """

    def __init__(self, text: str, background: Iterable[str] = ()) -> None:
        self.text = text
        self.places = [text[start:end] for start, end in find_places(text)]
        blank = _ASKING.sub(lambda m: "\n" * len(m[0]), text)
        self._runs = [run.span() for run in _WORD.finditer(blank)]
        known = "\n".join(background)
        met = {at for start, end in self._found_spans(known) for at in range(start, end)}
        self._weights = {at: 1 if at in met or not known else 2 for run in self._runs for at in range(*run)}
        self._measures = [(m.start, m.end, m.item.key) for m in indicators().find(text).found]
        self._lay = [
            (at, at + len(said), tuple(formal)) for said, formal in _lay_words() for at in _places_of(said, text)
        ]
        self._narrowings = [(m.start, m.end, m.item.slot, m.item.name) for m in scope_terms().find(text).found]

    def share_held(self, evidence: str, records: Iterable[Rule | Figure] = ()) -> float:
        """The share of the content that normalized `evidence` and the slots of `records` hold, from 0 to 1.

        A place that the evidence does not name leaves nothing: another place's rule is no answer.
        """
        if not self._weights or any(place not in evidence for place in self.places):
            return 0.0
        spans = [*self._held_spans(list(records)), *self._found_spans(evidence)]
        spans += [(start, end) for start, end, formal in self._lay if any(word in evidence for word in formal)]
        held = {at for start, end in spans for at in range(start, end)}
        return sum(weight for at, weight in self._weights.items() if at in held) / sum(self._weights.values())

    def _found_spans(self, evidence: str) -> Iterable[tuple[int, int]]:
        """Pairs of neighbours the evidence holds; a character without neighbours stands for itself."""
        for start, end in self._runs:
            size = min(2, end - start)
            yield from ((at, at + size) for at in range(start, end - size + 1) if self.text[at : at + size] in evidence)

    def _held_spans(self, records: list[Rule | Figure]) -> Iterable[tuple[int, int]]:
        keys = {record.indicator for record in records}
        yield from ((start, end) for start, end, key in self._measures if key in keys and key != "other")
        for start, end, slot, name in self._narrowings:
            if any(name == simplified(_slot(record, slot)) for record in records):
                yield start, end


@cache
def _lay_words() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What people say, and the words documents have for it."""
    return tuple((said, tuple(formal)) for said, formal in load_table("lay")["words"].items())


def _places_of(word: str, text: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _slot(record: Rule | Figure, name: str) -> str:
    holder = record.scope if isinstance(record, Rule) else record
    return getattr(holder, name) or ""
