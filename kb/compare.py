"""What differs between two documents: rules, provisions that moved, and the text clause by clause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.records import DocumentInfo, Extraction, Provision, Rule
from kb.applicability import any_institution, institution_levels, plain_words, same_service, schemes_agree
from kb.bounds import relation
from kb.clauses import TextChange, clause_around, find_text_changes, provision_text
from kb.conflicts import SPECIFIC_MEASURES
from kb.likeness import likeness

Direction = Literal["stricter", "looser", "higher", "lower", "reworded", "changed"]

_FAMILY = {"penalty": "penalty", "target": "target", "definition": "definition"}
_BARE_FAMILY = {"standard": "obligation", "entitlement": "permission"}
_LEAST = 0.45
_LEAST_UNNAMED = 0.6
_FARTHEST = 0.2  # between scopes of rules that only their measure makes one


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that both documents lay down, differently.

    `direction` is how the new bound relates to the old one (see `kb.bounds.relation`), `reworded` for rules without
    a bound, `changed` where the bounds cannot be compared.
    """

    old: Rule
    new: Rule
    direction: Direction


@dataclass(frozen=True, slots=True)
class MovedProvision:
    """A provision of the same text under another path."""

    old: Provision
    new: Provision


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between an old document and a new one.

    `added` rules stand in the new document, `removed` ones in the old; `unchanged` counts the rules both share.
    """

    old: DocumentInfo
    new: DocumentInfo
    added: tuple[Rule, ...] = ()
    removed: tuple[Rule, ...] = ()
    changed: tuple[RuleChange, ...] = ()
    unchanged: int = 0
    moved: tuple[MovedProvision, ...] = ()
    text: tuple[TextChange, ...] = ()

    @property
    def identical(self) -> bool:
        """Whether nothing differs, blanks and the script aside."""
        return not (self.added or self.removed or self.changed or self.moved or self.text)


def compare_documents(a: Extraction, b: Extraction) -> Comparison:
    """What became of the rules and the text of `a` in `b`.

    Rules are matched by what they are about, never by their number: indicator, scope, family of the modality, and
    the words around them.

    Args:
        a: the old document.
        b: the new one; either may be in either script.
    """
    pairs = _matched(a, b)
    changed = [RuleChange(old, new, direction) for old, new in pairs if (direction := _direction(old, new))]
    known_old, known_new = {id(old) for old, _ in pairs}, {id(new) for _, new in pairs}
    return Comparison(
        a.document,
        b.document,
        added=tuple(rule for rule in b.rules if id(rule) not in known_new),
        removed=tuple(rule for rule in a.rules if id(rule) not in known_old),
        changed=tuple(changed),
        unchanged=len(pairs) - len(changed),
        moved=tuple(_moved(a, b)),
        text=find_text_changes(a, b),
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """A rule with the words it is recognized by; `rank` counts the like rules of its provision before it."""

    rule: Rule
    clause: str
    provision: str
    rank: int


def _placed(extraction: Extraction) -> list[_Placed]:
    seen: dict[tuple[str | None, str | None], int] = {}
    texts = provision_text(extraction)
    out = []
    for rule in extraction.rules:
        key = (rule.provision, rule.indicator)
        rank = seen[key] = seen.get(key, -1) + 1
        clause = rule.quote if rule.value is None else clause_around(extraction.text, rule.start, rule.end)
        out.append(_Placed(rule, clause, texts.get(rule.provision or "", ""), rank))
    return out


def _matched(a: Extraction, b: Extraction) -> list[tuple[Rule, Rule]]:
    """Pairs of rules on the same matter, the surest first chosen; each rule once.

    A measure whose name says what is measured, and that each side lays down once more, is one matter in any words.
    Where the wording changed so much that another indicator was read, words and scope alone must be surer.
    """
    old, new = _placed(a), _placed(b)
    pairs = _paired(old, new, _group, _LEAST)
    taken = {id(rule) for pair in pairs for rule in pair}
    left, right = ([one for one in side if id(one.rule) not in taken] for side in (old, new))
    pairs += _sole_pairs(left, right)
    taken |= {id(rule) for pair in pairs for rule in pair}
    left, right = ([one for one in side if id(one.rule) not in taken] for side in (left, right))
    pairs += _paired(left, right, lambda rule: (rule.kind, _group(rule)[1]), _LEAST_UNNAMED)
    return sorted(pairs, key=lambda pair: (pair[0].start, pair[1].start))


def _sole_pairs(olds: Sequence[_Placed], news: Sequence[_Placed]) -> list[tuple[Rule, Rule]]:
    """Rules of one specific measure left alone on both sides, where their scopes do not exclude each other."""
    sides = []
    for side in (olds, news):
        groups: dict[object, list[Rule]] = {}
        for one in side:
            if one.rule.indicator in SPECIFIC_MEASURES:
                groups.setdefault((one.rule.kind, _group(one.rule)), []).append(one.rule)
        sides.append({key: rules[0] for key, rules in groups.items() if len(rules) == 1})
    old, new = sides
    return [
        (old[key], new[key])
        for key in old.keys() & new.keys()
        if (distance := _scope_distance(old[key], new[key])) is not None and distance <= _FARTHEST
    ]


def _paired(
    olds: Sequence[_Placed], news: Sequence[_Placed], group: Callable[[Rule], object], least: float
) -> list[tuple[Rule, Rule]]:
    groups: dict[object, list[_Placed]] = {}
    for new in news:
        groups.setdefault(group(new.rule), []).append(new)
    scored = [
        (score, old, new)
        for old in olds
        for new in groups.get(group(old.rule), ())
        if (score := _same_matter(old, new)) is not None and score >= least
    ]
    scored.sort(key=lambda one: (-one[0], one[1].rule.start, one[2].rule.start))
    taken: set[int] = set()
    pairs = []
    for _, old, new in scored:
        if id(old.rule) not in taken and id(new.rule) not in taken:
            taken |= {id(old.rule), id(new.rule)}
            pairs.append((old.rule, new.rule))
    return pairs


def _group(rule: Rule) -> tuple[str | None, str]:
    """What two rules must share to be one: the indicator, and the family of the modality."""
    if rule.value is None:
        return None, _BARE_FAMILY.get(rule.modality, rule.modality)
    return rule.indicator, _FAMILY.get(rule.modality, "limit")


def _same_matter(old: _Placed, new: _Placed) -> float | None:
    """How surely two rules are about the same matter, 1 at most; None where their scopes or measures exclude it."""
    words = likeness(old.clause, new.clause)
    around = likeness(old.provision, new.provision)
    if old.rule.value is None:
        return 0.7 * words + 0.3 * around
    distance = _scope_distance(old.rule, new.rule)
    named_apart = {old.rule.indicator, new.rule.indicator} <= SPECIFIC_MEASURES
    if distance is None or (named_apart and old.rule.indicator != new.rule.indicator):
        return None
    alike = old.rule.indicator == new.rule.indicator
    named = 0.25 if alike and old.rule.indicator not in (None, "other", "share", "deadline") else 0.0
    unlike_kinds = 0.25 if old.rule.kind != new.rule.kind else 0.0
    return 0.5 * words + 0.25 * around + named - distance - unlike_kinds - 0.03 * abs(old.rank - new.rank)


def _scope_distance(old: Rule, new: Rule) -> float | None:
    """How much two scopes differ; None for schemes, institutions or services that exclude one another."""
    a, b = old.scope, new.scope
    if schemes_agree(plain_words(a.scheme), plain_words(b.scheme)) is None:
        return None
    mine, theirs = plain_words(a.institution), plain_words(b.institution)
    levels = institution_levels(mine), institution_levels(theirs)
    if levels[0] and levels[1] and not levels[0] & levels[1]:
        return None
    distance = 0.2 if any_institution(mine) != any_institution(theirs) else 0.0
    if a.service and b.service and not same_service(plain_words(a.service), plain_words(b.service)):
        return None
    distance += 0.1 * (bool(a.service) != bool(b.service))
    people = plain_words(a.population), plain_words(b.population)
    if people[0] != people[1]:
        distance += 0.15 if not all(people) or people[0] in people[1] or people[1] in people[0] else 0.3
    return distance


def _direction(old: Rule, new: Rule) -> Direction | None:
    """How a matched rule changed, None if it did not."""
    if old.value is None:
        return None if plain_words(old.quote) == plain_words(new.quote) else "reworded"
    if (old.comparator, old.value, old.high, old.unit, old.per) == (
        new.comparator, new.value, new.high, new.unit, new.per
    ):  # fmt: skip
        return None
    found = relation(old, new)
    return "changed" if found is None or found == "same" else found


def _moved(a: Extraction, b: Extraction) -> Iterator[MovedProvision]:
    """The outermost provisions whose text stands in both under different paths."""
    texts = provision_text(a), provision_text(b)
    homes: dict[str, list[Provision]] = {}
    for provision in b.provisions:
        homes.setdefault(texts[1][provision.path], []).append(provision)
    moved_until = -1
    for old in a.provisions:
        places = homes.get(texts[0][old.path], [])
        if not texts[0][old.path] or old.start < moved_until:
            continue
        if any(plain_words(new.path) == plain_words(old.path) for new in places) or not places:
            continue
        moved_until = old.end
        yield MovedProvision(old, places.pop(0))
