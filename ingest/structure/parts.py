"""Parts: the real articles of a page, told from what the page puts around them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from ingest.lexicon import load_table
from ingest.records import Boilerplate, Part
from ingest.source import Source
from ingest.structure.ordinals import ordinal_from_text

_LINE = re.compile(r"\S[^\n]*")
_HEAD = re.compile(
    r"(?m)^[ \t　#*【]*(?P<prefix>[^\n。；;：:\d]{0,40}?)(?P<number>\d{1,2}|[一二三四五六七八九十]{1,3})(?P<unit>篇)?"
    r"[】*]*(?P<rest>[:：、 　][^\n]{0,45})?[ \t　]*$"
)
_ZONE = 12  # lines at the top of a page among which furniture is looked for
_TITLE_LENGTH = 60
_SHORTEST_ARTICLE = 150  # mean code points from one head of a compendium to the next
_PARAGRAPH = 120  # a line this long is text, not a link
_LABELLED = re.compile(r"^(?:法规|文件)?(?:名称|标题)[ 　]*[:：][ 　]*")
_NO_TITLE = re.compile(
    r"[。；，,;]$|^(?:第.{1,6}[条章节][ 　]?|[一二三四五六七八九十]+、|[(（][一二三四五六七八九十\d]+[)）])"
)
_LEAD_WORDS = re.compile(r"^(?:推荐|最新|精选|优秀|有关|关于|实用|热门|20\d\d年?)")


@dataclass(frozen=True, slots=True)
class _Cut:
    """A stretch outside every part."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Head:
    """A line that begins an article of a compendium."""

    start: int
    title: str
    prefix: str
    number: int


def find_parts(n: str, source: Source | None = None) -> tuple[list[Part], list[Boilerplate]]:
    """Divides a page into its articles and its boilerplate; every code point lies in exactly one of them.

    Args:
        n: normalized text.
        source: where the text came from; the spans of `source.dropped` must count code points of `n`.

    Returns:
        Parts and boilerplate, each sorted by start. A part runs from its title line to the next part, blanks
        included; one that boilerplate interrupts comes in pieces of the same title.

    >>> parts, rest = find_parts("当前位置：首页>政策\\n某市医疗保障办法\\n第一条 甲。\\n相关文章：\\n乙")
    >>> [(p.title, p.start) for p in parts], [b.reason for b in rest]
    ([('某市医疗保障办法', 11)], ['navigation', 'links'])
    """
    dropped = [_Cut(d.start, d.end, d.reason) for d in (source.dropped if source else ()) if d.start < d.end]
    end = _end_of_articles(n)
    heads = _compendium_heads(n, end)
    if not heads:
        heads = [_Head(*_first_title(n, end, dropped), "", 1)]
    before = list(_page_top(n, heads[0].start))
    return _divided(n, heads, [*dropped, *before, _Cut(end, len(n), "links")])


@cache
def _furniture() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["pattern"]), row["reason"]) for row in load_table("page")["furniture"])


@cache
def _related() -> re.Pattern[str]:
    return re.compile(rf"(?m)^[ \t　]*(?:{load_table('page')['related']['pattern']})")


def _furniture_reason(line: str) -> str | None:
    return next((reason for pattern, reason in _furniture() if pattern.search(line)), None)


def _end_of_articles(n: str) -> int:
    """Where the list of other pages begins, or the end of the text."""
    for match in _related().finditer(n, len(n) // 2):
        rest = n[match.start() :]
        if max(map(len, rest.split("\n"))) < _PARAGRAPH:
            return match.start()
    return len(n)


def _compendium_heads(n: str, end: int) -> list[_Head]:
    """Heads of a page that strings articles together, numbered 1, 2, 3 after the same words; else nothing."""
    groups: dict[tuple[str, bool, bool], list[_Head]] = defaultdict(list)
    for match in _HEAD.finditer(n, 0, end):
        prefix = match["prefix"].strip()
        listed = (match["rest"] or "").startswith("、") and not match["unit"]
        if listed or not (prefix or match["unit"]):
            continue
        line = match.group()
        start = match.start() + len(line) - len(line.lstrip(" \t　"))
        head = _Head(start, line.strip(" \t　#*"), prefix, ordinal_from_text(match["number"]))
        groups[prefix, match["number"].isdigit(), bool(match["unit"])].append(head)
    best: list[_Head] = []
    for (prefix, _, unit), heads in groups.items():
        run = _longest_count(heads, end)
        if len(run) > 1 and _is_series(n, prefix, unit, run, end) and _reach(run, end) > _reach(best, end):
            best = run
    return best


def _reach(run: Sequence[_Head], end: int) -> int:
    return end - run[0].start if run else 0


def _longest_count(heads: Sequence[_Head], end: int) -> list[_Head]:
    """The run 1, 2, 3 … that covers most text; a list of contents covers little."""
    runs: list[list[_Head]] = []
    for head in heads:
        if runs and head.number == runs[-1][-1].number + 1:
            runs[-1].append(head)
        elif head.number == 1:
            runs.append([head])
    ends = [run[0].start for run in runs[1:]] + [end]
    covered = [(stop - run[0].start, run) for run, stop in zip(runs, ends, strict=False)]
    return max(covered, key=lambda pair: pair[0])[1] if covered else []


def _is_series(n: str, prefix: str, unit: bool, run: Sequence[_Head], end: int) -> bool:
    """True when the words before the number say that each head begins an article."""
    mean = (end - run[0].start) / len(run)
    if mean < _SHORTEST_ARTICLE:
        return False
    words = load_table("page")["compendium"]
    if unit:
        return prefix in ("", "第")
    if prefix.endswith(tuple(words["markers"])):
        return True
    core = _LEAD_WORDS.sub("", prefix)
    if len(core) < 4:
        return False
    announced = core in n[: run[0].start]
    return announced or (prefix.endswith(tuple(words["genres"])) and mean > 2 * _SHORTEST_ARTICLE)


def _first_title(n: str, end: int, dropped: Sequence[_Cut]) -> tuple[int, str]:
    """Start and title of the only article of a page: its first line that is no furniture.

    A page that repeats its title after posting data or an introduction begins at the repetition.
    """
    lines: list[tuple[int, str]] = []
    for match in _LINE.finditer(n, 0, end):
        at, text = match.start(), match.group().strip()
        if any(cut.start <= at < cut.end for cut in dropped):
            continue
        lines.append((at, text))
        if len(lines) == _ZONE:
            break
    kept = [(at, text) for at, text in lines if _furniture_reason(text) is None]
    if not kept:
        return (lines[0][0] if lines else 0), ""
    first, title = kept[0]
    for at, text in kept[1:]:
        between = [words for other, words in lines if first < other < at]
        prose = any(len(words) > _TITLE_LENGTH and not _furniture_reason(words) for words in between)
        if text == title and not prose and any(map(_furniture_reason, between)):
            first = at
    title = _LABELLED.sub("", title).strip("#* ")
    return first, title if len(title) <= _TITLE_LENGTH and not _NO_TITLE.search(title) else ""


def _page_top(n: str, end: int) -> Iterator[_Cut]:
    """What stands above the first article, line by line with its reason."""
    for match in _LINE.finditer(n, 0, end):
        yield _Cut(match.start(), match.end(), _furniture_reason(match.group().strip()) or "page-made intro")


def _divided(n: str, heads: Sequence[_Head], cuts: Iterable[_Cut]) -> tuple[list[Part], list[Boilerplate]]:
    """Gives every code point to a part or a cut; blanks go with what stands before them."""
    apart = _apart(cuts)
    starts, cut_starts = [head.start for head in heads], [cut.start for cut in apart]
    edges = sorted({0, len(n), *starts, *cut_starts, *(cut.end for cut in apart)})
    owners: list[tuple[int, _Head | str]] = []
    for start, end in pairwise(edges):
        if not n[start:end].strip():
            continue
        c, h = bisect_right(cut_starts, start) - 1, bisect_right(starts, start) - 1
        owner = apart[c].reason if c >= 0 and start < apart[c].end else heads[max(h, 0)]
        if not owners or owners[-1][1] != owner:
            owners.append((start if owners else 0, owner))
    if not n:
        return [], []
    owners = owners or [(0, "blank")]
    stops = [start for start, _ in owners[1:]] + [len(n)]
    parts, boilerplate = [], []
    for (start, owner), stop in zip(owners, stops, strict=True):
        if isinstance(owner, _Head):
            parts.append(Part(start, stop, owner.title))
        else:
            boilerplate.append(Boilerplate(start, stop, owner))
    return parts, boilerplate


def _apart(cuts: Iterable[_Cut]) -> list[_Cut]:
    """The cuts without overlaps; the earlier one keeps what two share."""
    apart: list[_Cut] = []
    for cut in sorted(cuts, key=lambda c: (c.start, -c.end)):
        start = max(cut.start, apart[-1].end if apart else 0)
        if start < cut.end:
            apart.append(_Cut(start, cut.end, cut.reason))
    return apart
