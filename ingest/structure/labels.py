"""Labels of divisions — 第一章, 第3条, 一、, (二), 1. — told from references that look alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.structure.ordinals import CHINESE, ordinal_from_text

# Ranks order the levels of a document from the outermost; a provision ends where one of its own rank or above begins.
ANNEX, VOLUME, SUBVOLUME, CHAPTER, SECTION, SUBSECTION, TOPIC, ARTICLE, PARAGRAPH = range(9)
FORMAL, STEM, COMMA, PAREN, ARABIC, ARABIC_PAREN, CIRCLED = range(9, 16)

_HEADING_RANKS = {
    "部分": VOLUME,
    "编": VOLUME,
    "分编": SUBVOLUME,
    "章": CHAPTER,
    "节": SECTION,
    "款": SUBSECTION,
    "目": TOPIC,
}
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_FORMAL = {c: i for i, c in enumerate("壹贰叁肆伍陆柒捌玖拾", 1)} | {"参": 3}
_BLANK = " \t　"


@dataclass(frozen=True, slots=True)
class Label:
    """A division's label where the text has it (`derived` is false) or where the law implies it (第一款).

    `start` is where the division begins, `body` where its own text begins after label, heading and blanks;
    `number` is the ordinal, `branch` the 之N of an inserted article.
    """

    rank: int
    number: int
    branch: int
    label: str
    heading: str
    start: int
    body: int
    derived: bool = False


_ARTICLE = re.compile(
    rf"第[ 　]?(?:(?P<digits>\d{{1,4}})(?:-(?P<dash>\d{{1,2}}))?|(?P<chinese>[{CHINESE}]{{1,7}}))[ 　]?条"
    rf"(?:[ 　]?之[ 　]?(?P<branch>[{CHINESE}]{{1,3}}(?![{CHINESE}年月日人项款])|\d{{1,2}}))?"
)
_ARTICLE_TITLE = re.compile(
    r"[ 　]*(?:【(?P<a>[^】\n]{1,40})】|[(（](?P<b>[^)）\n。]{1,30})[)）](?=[ 　]*(?:\n|$)|[ 　]))"
)
_HEADING = re.compile(
    rf"(?m)^[{_BLANK}#*]*(?P<label>第[ 　]?(?P<number>\d{{1,3}}|[{CHINESE}]{{1,5}})[ 　]?"
    rf"(?P<unit>分编|编|章|节|款|目|部分)(?:[ 　]?之[ 　]?(?P<branch>[{CHINESE}]{{1,3}}))?)"
    rf"(?P<gap>[{_BLANK}]*)(?P<rest>[^\n]*)$"
)
_INLINE_HEADING = re.compile(
    rf"(?<=[ 　。])(?P<label>第(?P<number>\d{{1,3}}|[{CHINESE}]{{1,5}})(?P<unit>编|章|节))[ 　]+"
    rf"(?P<rest>[^\s。，；：、]{{1,30}})[ 　]+(?=第(?:\d{{1,3}}|[{CHINESE}]{{1,5}})[章节条][ 　])"
)
_CLOSING_HEADING = re.compile(rf"(?m)^[{_BLANK}]*(?P<label>附[ 　]*则)[{_BLANK}]*$")
_ANNEX = re.compile(
    rf"(?m)^[{_BLANK}]*(?P<label>附[件表录图][ 　]?(?:\d{{1,2}}|[{CHINESE}]{{1,3}})?)[:：]?"
    r"(?P<rest>[^\n。；;]{0,40})$"
)
_ITEM_LABEL = (
    rf"(?P<label>(?P<comma>[{CHINESE[:-3]}]{{1,3}})[、．.]"
    rf"|(?P<stem>[{_STEMS}])、|(?P<formal>[{''.join(_FORMAL)}])、|[(（](?P<paren>[{CHINESE[:-3]}]{{1,3}})[)）]"
    r"|(?P<arabic>\d{1,2})(?:[、．.](?!\d)|[．.](?=\d{1,2}[年月]))|[(（]?(?P<inner>\d{1,2})[)）]"
    rf"|(?P<circled>[①-⑳])|(?P<dotted>[⒈-⒛]))[、.．]?[{_BLANK}]*"
)
_FIRST_ITEM = re.compile(rf"[{_BLANK}#*]*{_ITEM_LABEL}")
_ITEM = re.compile(rf"[\n；;：:。][{_BLANK}#*]*{_ITEM_LABEL}")
_ITEM_RANKS = {
    "comma": COMMA,
    "stem": STEM,
    "formal": FORMAL,
    "paren": PAREN,
    "arabic": ARABIC,
    "inner": ARABIC_PAREN,
    "circled": CIRCLED,
    "dotted": ARABIC,
}
_REFERENCE = re.compile(
    r"[、，,。；;：:)）》」”—第-]|规定|所|的|至|和|及|与|或|中[的所规]|各?[款项]|但书|以[外下上前]|有关"
)
_SENTENCE_END = frozenset("。；;！!？?」”》)）")


def find_articles(n: str, start: int, end: int) -> Iterator[tuple[Label, bool]]:
    """Every 第X条 that may head an article.

    Yields:
        The label, and whether its surroundings alone prove it (own line start, followed by a blank, a line end or a
        bracketed title). The others need the sequence to agree.
    """
    for match in _ARTICLE.finditer(n, start, end):
        at, after = match.start(), match.end()
        before = at - 1
        while before >= start and n[before] in " \t　#*":
            before -= 1
        on_line_start = before < start or n[before] == "\n"
        following = n[after] if after < end else "\n"
        spaced = before < at - 1 and following in _BLANK
        if not on_line_start and not spaced and n[before] not in _SENTENCE_END:
            continue
        title = _ARTICLE_TITLE.match(n, after, end)
        strong = following in " \t　\n\r" or title is not None
        if not strong and _REFERENCE.match(n, after):
            continue
        label, number, branch = _article_name(match)
        body = title.end() if title else after
        heading = (title["a"] or title["b"]).strip() if title else ""
        yield (
            Label(ARTICLE, number, branch, label, heading, at, _skip_blanks(n, body, end)),
            strong and on_line_start,
        )


def _article_name(match: re.Match[str]) -> tuple[str, int, int]:
    number = ordinal_from_text(match["digits"] or match["chinese"])
    branch = ordinal_from_text(match["dash"] or match["branch"] or "0")
    if match["digits"]:
        return (f"第{number}-{branch}条" if branch else f"第{number}条"), number, branch
    return re.sub(r"[ 　]", "", match.group()), number, branch


def _skip_blanks(n: str, at: int, end: int) -> int:
    while at < end and n[at].isspace():
        at += 1
    return at


def end_of_text(n: str, start: int, end: int) -> int:
    """Where the text of a division ends, before trailing blanks and the marks of a Markdown heading."""
    while end > start and (n[end - 1].isspace() or n[end - 1] == "#"):
        end -= 1
    return end


def find_headings(n: str, start: int, end: int) -> list[Label]:
    """Headings of volumes, chapters and sections that stand on lines of their own, and an unnumbered 附则."""
    found = []
    for match in _HEADING.finditer(n, start, end):
        unit, rest = match["unit"], match["rest"].strip()
        if (unit in "款目" or rest[:1] == "的") and not match["gap"] and rest:
            continue
        inline = _ARTICLE.search(rest)
        heading = (rest[: inline.start()] if inline else rest).strip(_BLANK + "*#")
        if len(heading) > 40 or (any(c in heading for c in "。；，,、;：:") and not match["gap"]):
            continue
        if "。" in heading or heading.startswith(("规定", "所")):
            continue
        body = match.start("rest") if rest else match.end()
        if not heading:
            heading = _heading_below(n, match.end(), end)
        label = re.sub(r"[ 　]", "", match["label"])
        number, branch = ordinal_from_text(match["number"]), ordinal_from_text(match["branch"] or "0")
        found.append(Label(_HEADING_RANKS[unit], number, branch, label, heading, match.start("label"), body))
    for match in _INLINE_HEADING.finditer(n, start, end):
        rank, number = _HEADING_RANKS[match["unit"]], ordinal_from_text(match["number"])
        found.append(Label(rank, number, 0, match["label"], match["rest"], match.start(), match.start("rest")))
    found += [
        Label(CHAPTER, 0, 0, "附则", "", m.start("label"), m.end()) for m in _CLOSING_HEADING.finditer(n, start, end)
    ]
    return sorted(found, key=lambda label: label.start)


_NEXT_LINE = re.compile(r"\s*([^\n]{1,20})(?:\n|$)")


def _heading_below(n: str, at: int, end: int) -> str:
    """The heading on the line after a bare label, empty when that line is an article or a sentence."""
    line = _NEXT_LINE.match(n, at, end)
    if line is None or line[1].startswith("第") or line[1][-1] in "。；：:":
        return ""
    return line[1].strip()


def find_annexes(n: str, start: int, end: int) -> list[Label]:
    """Lines that open an annex: 附件1, 附表二：…"""
    return [
        Label(ANNEX, 0, 0, re.sub(r"[ 　]", "", m["label"]), m["rest"].strip(), m.start("label"), m.end("label"))
        for m in _ANNEX.finditer(n, start, end)
    ]


def find_items(n: str, start: int, end: int) -> Iterator[tuple[Label, bool]]:
    """Every list label in a stretch of text, with whether it stands at the start of a line."""
    first = _FIRST_ITEM.match(n, start, end)
    if first:
        yield _item(first), True
    for match in _ITEM.finditer(n, start, end):
        yield _item(match), n[match.start()] == "\n"


def _item(match: re.Match[str]) -> Label:
    kind = next(kind for kind in _ITEM_RANKS if match[kind])
    rank, text = _ITEM_RANKS[kind], match[kind]
    if kind == "stem":
        number = _STEMS.index(text) + 1
    elif kind == "formal":
        number = _FORMAL[text]
    elif kind == "circled":
        number = ord(text) - ord("①") + 1
    elif kind == "dotted":
        number = ord(text) - ord("⒈") + 1
    else:
        number = ordinal_from_text(text)
    label = match["label"] if rank in (PAREN, ARABIC_PAREN) else (str(number) if kind == "dotted" else text)
    return Label(rank, number, 0, label, "", match.start("label"), match.end())
