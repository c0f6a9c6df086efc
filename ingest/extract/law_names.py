"""Statutes named without 《》: where 劳动基准法 begins in 但被保险人依劳动基准法第十一条."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ingest.lexicon import load_table

_LONGEST = 45
_MENTION = re.compile(r"[\u4e00-\u9fa5]+$")
_SELF = re.compile(
    r"(?:本|该|同|上述|前述)(?:法|条例|办法|规定|细则|规则|规程|标准|准则|通则|通知|意见|方案|决定)(?:施行细则|实施细则|实施条例)?$"
    r"|本(?:施行细则|实施细则|实施办法|实施条例)$"
)
_ALIAS = re.compile(r"[（(]以下[^（）()\n]{1,30}[)）]$")
_QUOTED = re.compile(r"[「“‘\"]([^「」“”\n]{2,40})[」”’\"]$")
_REGION = re.compile(r"(?:省|市|县|区|州|共和国|国务院)$")
_ARTICLE_LEFT = re.compile(r"[条款项目]$")


@dataclass(frozen=True, slots=True)
class LawName:
    """A law's name before 第X条: `title` is None for 本法 and the like, whose words are `pronoun`."""

    start: int
    title: str | None
    pronoun: str | None = None


@dataclass(frozen=True, slots=True)
class _Grammar:
    """The tables of `citations.toml`; where group 1 of `breaks` or `soft` is empty, a word has matched, not a cut."""

    endings: re.Pattern[str]
    weak: re.Pattern[str]
    breaks: re.Pattern[str]
    soft: re.Pattern[str]
    known: frozenset[str]
    generic: frozenset[str]
    not_norms: tuple[str, ...]


@cache
def _grammar() -> _Grammar:
    table = load_table("citations")
    name = table["name"]

    def ends(words: list[str]) -> re.Pattern[str]:
        return re.compile(f"(?:{'|'.join(words)})$")

    def outside_words(words: list[str]) -> re.Pattern[str]:
        longest = sorted(dict.fromkeys(words), key=len, reverse=True)
        return re.compile(f"(?:{'|'.join(name['keeps'])})|({'|'.join(longest)})")

    return _Grammar(
        endings=ends(name["endings"]),
        weak=ends(name["weak_endings"]),
        breaks=outside_words(name["breaks"]),
        soft=outside_words(name["soft"]),
        known=frozenset(name["known"]),
        generic=frozenset(name["generic"]),
        not_norms=tuple(table["title"]["not_norms"]),
    )


def law_name_before(n: str, at: int, named: frozenset[str] = frozenset()) -> LawName | None:
    """The law whose name ends right before `at`, where 第X条 begins.

    Args:
        n: normalized text.
        at: start of 第X条.
        named: titles and short names that the document gives elsewhere.

    Returns:
        The name and where it begins, or None when no law stands there.

    >>> n = "雇主应依劳动基准法第十一条"
    >>> law_name_before(n, n.index("第")).title
    '劳动基准法'
    """
    end = at
    while end and n[end - 1] in " 　":
        end -= 1
    window = n[max(0, end - _LONGEST) : end]
    alias = _ALIAS.search(window)
    if alias:
        end -= len(alias.group())
        window = n[max(0, end - _LONGEST) : end]
    grammar = _grammar()
    quoted = _QUOTED.search(window)
    if quoted and (grammar.endings.search(quoted[1]) or grammar.weak.search(quoted[1])):
        return LawName(end - len(quoted.group()), quoted[1])
    pronoun = _SELF.search(window)
    if pronoun:
        return LawName(end - len(pronoun.group()), None, pronoun.group())
    mention = _MENTION.search(window)
    if mention is None:
        return None
    text = mention.group()
    tails = (text[i:] for i in range(len(text) - 1))
    familiar = next((tail for tail in tails if tail in grammar.known or tail in named), "")
    if not familiar and not grammar.endings.search(text) and not grammar.weak.search(text):
        return None
    title = _title(text, familiar)
    return LawName(end - len(title), title) if title else None


def _title(text: str, familiar: str) -> str | None:
    """The name at the end of a run of characters, without the words before it."""
    grammar = _grammar()
    cut, relied = 0, False
    for match in grammar.breaks.finditer(text):
        if match[1] and match.end() < len(text):
            cut, relied = match.end(), True
    name = text[cut:]
    if familiar:
        lead = name[: -len(familiar)] if len(name) > len(familiar) else ""
        return name if relied and lead and len(lead) <= 10 and _REGION.search(lead) else familiar
    for match in grammar.soft.finditer(name):
        if match[1] and _cuts(match[1], name[: match.start()], relied=relied):
            return _title(name[match.end() :], "") if len(name) - match.end() > 1 else None
    if not 2 <= len(name) <= 30 or name in grammar.generic or name.endswith(grammar.not_norms):
        return None
    return None if grammar.weak.search(name) and not (relied and len(name) >= 6) else name


def _cuts(word: str, left: str, *, relied: bool) -> bool:
    """Whether a soft word parts a name from what stands to its left, or belongs to the name."""
    if word in "及与和暨":
        return not left or bool(_ARTICLE_LEFT.search(left) or _grammar().endings.search(left))
    return not left or (word != "者" and not relied and len(left) < 4)
