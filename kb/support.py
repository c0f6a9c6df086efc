"""Whether a piece of text answers a question: the share of the question's words it holds, and those it must hold.

A word is held where it stands, where documents say it otherwise (`lexicon/lay.toml`), or where a record carries what it
means. Places, degrees and what a question is after must be held, for another city's rule, another hospital's level and
another allowance are no answer; of the rest a share suffices, for people tell stories before they ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from ingest.extract.vocabulary import scope_terms
from ingest.lexicon import load_table
from ingest.records import Figure, Rule
from kb.asking import COUNT, answers_kind, asks_whether, focus_words
from kb.simplify import simplified
from kb.words import Word, find_words, tagged

_ASKING = re.compile(
    r"请问|想问|咨询|一下|是多少|到底|大概|是什么时候|什么时候|什么|怎么(?:[样做算]|办(?!理))?|怎样|如何|哪[些个种里家]|谁|为何|为什么|是否|有没有|没有|"
    r"能不能|可不可以|会不会|要不要|算不算|是不是|多[久长高大]时?间?|才能|还能|能够|百分之(?:几|多少)|要求|后果|处理|需要|可以|应当|应该|不得|不能|会怎么?样?|"
    r"最(?:[长多高大少]|低(?!工资|生活|保))|上限|下限|不?超过|低于|高于|(?:能|要|会|可|得|给)(?=[报交缴领取贷拿发罚补赔借])|"
    rf"{COUNT}"
)
_PLACE = re.compile(r"[\u4e00-\u9fa5]{2,3}?(?:省|市|县|自治区|自治州)(?![外内里级属场民区])")
_BEFORE = "在到去从于往是问和与及住跟给让请那对"
"""Characters that stand before a place and belong to none that they would leave too short."""
_SHORTEST = 3
_DIGITS = "一二三四五六七八九十"
_YEAR = re.compile(r"(?:19|20)\d\d(?=[年版])")
_GENERAL = re.compile(
    r"中国|外国|我国|国外|台湾|城市|全省|全市|各市|各省|本省|本市|各县|全县|本县|省市|市县|超市|股市|上市"
)
_NO_NAME = re.compile(r"[的和与及或去到在是外里内各跨同每]")
_SUFFIX = re.compile(r"(?:省|市|县|自治区|自治州)$")
DEGREE = re.compile(
    r"第?[一二三四五六七八九十]级(?!医)|首套|第?[一二三]套|[初中高]级|第[一二三四五六七八九十]类|[一二三四五六七八]类|顺产|难产|剖[宫腹]产|大型|中小微|小微|中型"
)
LEVEL = re.compile(r"[一二三四五六七八九十]级(?=医|定点)")
_MEASURE = re.compile(r"(?:比例|比率|标准|金额|额度|限额|期限|年限|天数|月数|次数|人数)$")
"""What a number shows by itself: 返还比例 is held where something is returned at 60%."""
_GRADED = re.compile(r"级|乡镇|乡级|县级|社区|基层|[市县省境]外|异地")
_BROAD = re.compile(r"^(?:benefit_|other$|beneficiary_|fund_|share$|growth_)")
"""Indicators under which many measures go: a record of one is not held to be what a question calls by another name."""
_MEANT = 0.95
"""What a word is held by that no text has and a record means."""
_HELD = 0.5
"""From what credit on a word that must be held is."""
_LONG = 4
"""Characters of a name that tells documents apart."""
_THING_MISSED = 2
"""What a thing that is named and not held counts: of another thing nothing is answered."""
_STORY = 0.5
"""What the words of clauses without the question count."""
_ASKS_PART = re.compile(r"的(?:多少|几|百分之几)")
_CLAUSE_END = re.compile(r"[,，。;；!！?？]")


def find_places(text: str) -> list[tuple[int, int]]:
    """Spans of the places normalized `text` names: 安澜市, 云岭省."""
    spans = (m.span() for m in _PLACE.finditer(text) if not _GENERAL.search(m[0]))
    places = [(start + bool(end - start > _SHORTEST and text[start] in _BEFORE), end) for start, end in spans]
    return [(s, e) for s, e in places if not _NO_NAME.search(text, s, e) and _is_name(text[s:e])]


def _is_name(place: str) -> bool:
    """Whether what stands before 市 or 县 can be a name: no deed that the dictionary knows (申请县, 符合县)."""
    return not any(len(said) > 1 and tag.startswith("v") for said, tag in tagged(_SUFFIX.sub("", place)))


class Question:
    """The content of a question, ready to be held against many texts.

    Args:
        text: the question normalized.
        regions: places documents are of; a question may leave out what kind of place it is.
    """

    def __init__(self, text: str, regions: Iterable[str] = ()) -> None:
        self.text = text
        places = _places(text, regions)
        self.places = [_SUFFIX.sub("", text[start:end]) for start, end in places]
        self.years = set(_YEAR.findall(text))
        self.words = find_words(text, [*(m.span() for m in _ASKING.finditer(text)), *places])
        self.places += [word.text for word in self.words if word.slot == "place" and not _GENERAL.search(word.text)]
        self.focus = focus_words(text, self.words)
        self._degrees = [m[0].removeprefix("第") for m in (*DEGREE.finditer(text), *LEVEL.finditer(text))]
        self._asks_part = bool(_ASKS_PART.search(text))
        asked = min((word.start for word in self.focus), default=0)
        story = max((m.end() for m in _CLAUSE_END.finditer(text) if m.end() <= asked), default=0)
        self._weights = [w.weight * (_STORY if w.end <= story else 1) for w in self.words]

    def _places_held(self, evidence: str) -> bool:
        return all(_place_held(place, evidence) for place in self.places)

    def names(self, title: str) -> bool:
        """Whether a normalized title has a long name for a thing the question names."""
        return any(len(name) >= _LONG and name in title for w in self.words if w.noun for name in (w.text, *w.formal))

    @property
    def by(self) -> str:
        """The last day of the years asked about, empty for none."""
        return f"{max(self.years)}-12-31" if self.years else ""

    def share_held(self, evidence: str, records: Iterable[Rule | Figure] = ()) -> float:
        """The share of the content that normalized `evidence` and the slots of `records` hold, from 0 to 1.

        A place that the evidence does not name leaves nothing: another place's rule is no answer.
        """
        if not self.words or not self._places_held(evidence):
            return 0.0
        known = list(records)
        held, total = 0.0, float(sum(not _degree_held(degree, evidence) for degree in self._degrees))
        for weight, word in zip(self._weights, self.words, strict=True):
            credit = _credit(word, evidence, known)
            held += weight * credit
            total += weight * (_THING_MISSED if word.noun and credit < _HELD else 1)
        return held / total

    def may_be_met_by(self, evidence: str) -> bool:
        """Whether normalized `evidence` is of the place, degree, year and kind asked for."""
        return (
            self._places_held(evidence)
            and all(_degree_held(degree, evidence) for degree in self._degrees)
            and answers_kind(self.text, evidence)
            and not self._contradicts_year(evidence)
        )

    def is_met_by(self, evidence: str, records: Iterable[Rule | Figure] = ()) -> bool:
        """Whether normalized `evidence` and `records` speak of what is asked for, and not of something beside it."""
        known = list(records)
        strict = [w for w in self.words if w.slot == "service" or (w.slot == "institution" and _GRADED.search(w.text))]
        missed = [w for w in self.focus if _credit(w, evidence, known) < _HELD]
        return (
            self.may_be_met_by(evidence)
            and all(_credit(word, evidence, known) >= _HELD or self._may_be_unsaid(word, evidence) for word in strict)
            and (not missed or self._may_lack(missed))
            and (self._asks_part or not any(_only_base(word.text, evidence) for word in self.focus))
        )

    def _may_be_unsaid(self, word: Word, evidence: str) -> bool:
        """Whether a service is not what is asked for, and a text speaks of no other."""
        if word.slot != "service" or word in self.focus:
            return False
        return all(mention.item.slot != "service" for mention in scope_terms().find(evidence).found)

    def _may_lack(self, missed: list[Word]) -> bool:
        """Whether of the words asked for only deeds are missed that no vocabulary knows, beside a thing held."""
        return (
            not asks_whether(self.text)
            and not any(w.noun or w.formal or w.measures or len(w.text) == 1 for w in missed)
            and any(w.noun for w in self.focus if w not in missed)
        )

    def _contradicts_year(self, evidence: str) -> bool:
        """Whether a text is of other years than the one asked about."""
        years = set(_YEAR.findall(evidence))
        return bool(self.years and years) and not self.years & years

    def narrowings_beside(self, evidence: str) -> set[str]:
        """The services and groups a normalized text names and the question does not."""
        found = {m.item.name for m in scope_terms().find(evidence).found if m.item.slot in ("service", "population")}
        title, _, quote = evidence.partition("\n")
        names = {name for name in found if name in quote and name[-2:] not in title}
        return {name for name in names if not any(w.text in name or name in w.text for w in self.words)}

    def formal_words(self) -> tuple[str, ...]:
        """The words documents have for what is said otherwise."""
        said = [f for word in self.words for f in word.formal if f != word.name and f not in self.text]
        return tuple(dict.fromkeys(said))

    def focus_held(self, evidence: str, records: Iterable[Rule | Figure] = ()) -> float:
        """The share of the words asked for that `evidence` and `records` hold."""
        known = list(records)
        return sum(_credit(w, evidence, known) for w in self.focus) / len(self.focus) if self.focus else 0.0


@cache
def _province_of() -> dict[str, str]:
    within: dict[str, str] = load_table("places")["within"]
    return {place: province for province, places in within.items() for place in places.split()}


def _place_held(place: str, evidence: str) -> bool:
    """Whether a text names a place, or the province it lies in."""
    return place in evidence or _province_of().get(place, place) in evidence


def _places(text: str, regions: Iterable[str]) -> list[tuple[int, int]]:
    """Spans of the places a question names: those documents are of, whole or without what kind of place they are."""
    names = {name for region in regions for name in (region, _SUFFIX.sub("", region)) if len(name) > 1}
    known = [m.span() for name in sorted(names, key=len, reverse=True) for m in re.finditer(re.escape(name), text)]
    found: list[tuple[int, int]] = []
    for start, end in (*known, *find_places(text)):
        if all(end <= s or e <= start for s, e in found):
            found.append((start, end))
    return found


def _degree_held(degree: str, evidence: str) -> bool:
    """Whether a text names a degree, by itself or within a range: 一类至八类 holds 三类."""
    if degree.replace("剖腹", "剖宫") in evidence:
        return True
    number, kind = _DIGITS.find(degree[:1]), degree[1:]
    ranges = re.findall(rf"([{_DIGITS}]){kind}?[至到—-]([{_DIGITS}]){re.escape(kind)}", evidence) if number >= 0 else ()
    return any(_DIGITS.find(low) <= number <= _DIGITS.find(high) for low, high in ranges)


def _credit(word: Word, evidence: str, records: list[Rule | Figure]) -> float:
    """How far a word is held, 0 to 1."""
    if DEGREE.fullmatch(word.text):
        return float(_degree_held(word.text, evidence))
    if word.text in evidence:
        return 1.0
    if any(formal in evidence for formal in word.formal):
        return 1.0
    if word.measures and any(r.indicator in word.measures and not _BROAD.match(r.indicator) for r in records):
        return _MEANT
    if word.name and any(simplified(_slot(record, word.slot)) == word.name for record in records):
        return _MEANT
    stem = _MEASURE.sub("", word.text)
    if len(stem) > 1 and stem in evidence:
        return 1.0
    size = len(word.text)
    if size < 2:
        return 0.0
    if size == 2:
        return 0.1 if any(c in evidence for c in word.text) else 0.0
    if re.search(".{0,2}".join(map(re.escape, word.text)), evidence):
        return 0.8
    pairs = [word.text[i : i + 2] in evidence for i in range(size - 1)]
    return 0.9 * sum(pairs) / len(pairs)


def _only_base(word: str, evidence: str) -> bool:
    """Whether a text names something only to take a multiple of it: 贷款利率的1.5倍 states no rate of interest."""
    return word in evidence and not re.search(
        re.escape(word) + r"(?!的(?:百分之|千分之|万分之|[\d.]+(?:倍|%|‰)))", evidence
    )


def _slot(record: Rule | Figure, name: str) -> str:
    holder = record.scope if isinstance(record, Rule) else record
    return getattr(holder, name) or ""
