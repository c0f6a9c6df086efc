"""Comparators: whether a number is a ceiling, a floor or a set value, by the words on both sides of it.

以上 以下 以内 include the number, 超过 不满 以外 exclude it (PRC Civil Code art. 1259).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ingest.lexicon import load_table
from ingest.records import Comparator, Quantity

_NEAR = {"满", "达", "达到", "届满", "已满", "年满", "限", "未满", "合计满"}
# 最低 and 最高 that begin the name of something bound nothing.
_NAMES = {"最低": "(?!生活|工资|标准|限度|保障)", "最高": "(?!人民|法院|一级|额)", "逾": "(?!期)"}
# 限 that ends the name of what is bound (期限, 年限, 时限) or stands in 宽限 bounds nothing.
_SINGLE = {"限": "(?<![期年时权界宽])限"}
_UNTIL = {"前", "之前", "以前"}
_FILLER = r"(?:为|了|到|在|于|至|本人|按|人民币|新台币|[约近])?\s?"
_GAP = r"[^，,。；;：:、（）()\n\d]{0,24}?"
_WITHIN = re.compile(r"[^，,。；;：:\n\d]{0,18}?[之的]?范围内")
_LATE = re.compile(r"(?:超过|逾期?)[一每1][日天月年]")  # 每逾一日加收万分之五: the day is late, not the rate high
_PART = re.compile(
    r"(?:超过|超出|高于|低于)[^，,。；;]{0,6}(?:部分|天数|金额|人数)"
)  # what is over, not a bound on the number
_HELD = re.compile(r"(?:\s|左右|上下|多|余|[(（](?:含|不含)(?:本数)?[)）])*")


@dataclass(frozen=True, slots=True)
class Bound:
    """How a clause bounds a number; `word` is the comparator word with its span, None for a bare value."""

    comparator: Comparator
    word: str | None = None
    start: int = 0
    end: int = 0


@cache
def _before() -> tuple[re.Pattern[str], dict[str, Comparator]]:
    words: dict[str, Comparator] = {w: c for c, ws in load_table("signals")["comparator"]["before"].items() for w in ws}
    near = "|".join(_SINGLE.get(w, w) for w in sorted((w for w in words if w in _NEAR), key=len, reverse=True))
    far = "|".join(
        f"{w}{_NAMES.get(w, '')}" for w in sorted((w for w in words if w not in _NEAR), key=len, reverse=True)
    )
    return re.compile(rf"(?:(?P<far>{far}){_GAP}|(?P<near>{near})){_FILLER}$"), words


@cache
def _after() -> tuple[re.Pattern[str], dict[str, Comparator]]:
    words: dict[str, Comparator] = {w: c for c, ws in load_table("signals")["comparator"]["after"].items() for w in ws}
    return re.compile("|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))), words


def find_bound(n: str, q: Quantity, start: int, end: int) -> Bound | None:
    """The bound the words of `[start, end)` put on quantity `q`, None when they put none.

    Args:
        n: normalized text.
        q: the quantity.
        start: earliest position whose words may bound it (clause start or the end of the quantity before).
        end: latest position likewise.
    """
    if q.high is not None:
        return Bound("between")
    pattern, words = _before()
    ahead = _last(pattern, n, max(start, q.start - 36), q.start)
    tail = _HELD.match(n, q.end, end)
    at = tail.end() if tail else q.end
    if within := _WITHIN.match(n, at, end):
        return Bound("<=", "范围内", within.end() - 3, within.end())
    after_pattern, after_words = _after()
    behind = after_pattern.match(n, at, end)
    if behind and not _holds(n, q, behind.group(), behind.end()):
        behind = None
    if behind and not (ahead and ahead[0] in words and words[ahead[0]] in ("<", ">") and behind.group() == "内"):
        word = behind.group()
        comparator: Comparator = "<" if word in _UNTIL and "岁" in q.quote else after_words[word]
        if ahead is None or ahead[0] in _NEAR or words[ahead[0]] in (">=", "<=") or word in ("以上", "以下"):
            return Bound(comparator, word, behind.start(), behind.end())
    if ahead and not _PART.search(n, ahead[1], q.start) and not _LATE.match(n, ahead[1], q.start):
        word, word_start = ahead
        return Bound(words[word], word, word_start, word_start + len(word))
    return None


def _last(pattern: re.Pattern[str], n: str, start: int, end: int) -> tuple[str, int] | None:
    """The comparator word nearest ahead of `end`: the shortest stretch that the pattern still matches."""
    window = n[start:end]
    found: tuple[str, int] | None = None
    at = 0
    while match := pattern.search(window, at):
        group = "far" if match.group("far") else "near"
        found = match.group(group), start + match.start(group)
        at = match.start() + len(match.group(group))
    return found


def _holds(n: str, q: Quantity, word: str, after: int) -> bool:
    """Whether the word behind a quantity bounds it rather than beginning another word."""
    if word == "起":
        return q.kind == "date"
    if word in ("前", "以前", "之前"):
        return q.kind in ("date", "duration") and n[after : after + 1] not in "款项条述后往期两三"
    if word == "内":
        return q.kind in ("duration", "date", "money", "percent") and n[after : after + 1] not in "部设容控审"
    return True
