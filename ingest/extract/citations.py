"""Citations: the laws, notices, standards and plans a document names, and their articles."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from ingest.extract.law_names import LawName, law_name_before
from ingest.lexicon import load_table
from ingest.records import Citation, Provision
from ingest.structure.document_numbers import document_number_at, find_document_numbers
from ingest.structure.ordinals import CHINESE, ordinal_from_text
from ingest.structure.style import is_taiwan

_NUMBER = rf"(?:\d{{1,4}}|[{CHINESE}]{{1,7}})"
_TITLE = re.compile(r"《([^《》\n]{1,150}(?:《[^《》\n]{1,100}》[^《》\n]{0,80}){0,3})》")
_ARTICLE = re.compile(
    rf"第[ 　]?(?:(?P<digits>\d{{1,4}})(?:-(?P<dash>\d{{1,2}}))?|(?P<chinese>[{CHINESE}]{{1,7}}))[ 　]?条"
    rf"(?:[ 　]?之[ 　]?(?P<branch>[{CHINESE}]{{1,3}}|\d{{1,2}})(?![{CHINESE}年月日]))?"
    r"(?![款道街线路件鱼腿幅]|生产|措施|战线|意见|建议|经验)"
)
_DIVISION = re.compile(rf"[ 　]?第?[（(]?(?P<number>{_NUMBER})[)）]?(?P<unit>[款项目])(?!标)")
_BETWEEN = re.compile(
    r"(?:但书|前段|后段|中段|本文|序文|各款|各项|[ 　])*"
    rf"(?:(?:[、及和与或至]|以及)?第[（(]?{_NUMBER}[)）]?[款项目](?:之[一二三四五六七八九十])?(?:但书|前段|后段)?)*"
    r"(?:规定)?(?:[、，,]?(?:以及|及其|及|和|与|或|暨|至|到|并)|、|[-—~～])[ 　]?"
)
_SHORT_NAME = re.compile(r"以下(?:统称|简称|合称|称)为?[:：]?[《“\"「‘']?([^》”\"」’'）)，,。；;\n]{1,24})")
_TAIL_PAREN = re.compile(r"[（(〔\[【<〈][^（）()〔〕\[\]【】<>〈〉]{0,20}[)）〕\]】>〉]$")
_COUNTED = re.compile(r"[一二三四五六七八九十两\d]+[个项大]")  # 《三个目录》 is a saying, not a title
_NOTE = re.compile(r"[ 　]?[（(][^（）()\n]{1,30}[)）]")


@dataclass(frozen=True, slots=True)
class _Place:
    """An article with what follows it: its span and slots."""

    start: int
    end: int
    article: str
    paragraph: str | None
    item: str | None
    subitem: str | None


@cache
def _title_words() -> tuple[tuple[str, ...], tuple[str, ...], re.Pattern[str]]:
    table = load_table("citations")["title"]
    return tuple(table["endings"]), tuple(table["not_norms"]), re.compile("|".join(table["publications"]))


def find_citations(n: str, provisions: Sequence[Provision] = (), *, title: str | None = None) -> list[Citation]:
    """Every reference to a norm, in order.

    Args:
        n: normalized text.
        provisions: the document's own divisions, whose labels are no citations.
        title: the document's own title, which 本法 and a bare 第X条 refer to when it has articles.

    Returns:
        Citations sorted by start, not overlapping. `title` and `doc_number` are text of `n`; a bare 第X条 carries in
        `refers_to` the law it belongs to where the text decides it, and so does a short title (《条例》).

    >>> [(c.title, c.article, c.paragraph) for c in find_citations("按照《失业保险条例》第十四条第一款、第十五条办理")]
    [('失业保险条例', '14', '1'), (None, '15', None)]
    """
    places = list(_find_places(n, {p.start for p in provisions if p.label.endswith("条")}))
    titled = list(_titled(n, places))
    taken = _Spans([(c.start, c.end) for c in titled])
    numbers = [
        Citation(s, e, n[s:e], doc_number=_plain(n[s:e])) for s, e in find_document_numbers(n) if not taken.touch(s, e)
    ]
    shorts = _short_names(n, titled)
    own = title if title and any(p.label.endswith("条") for p in provisions) else None
    articles = _articles(n, [p for p in places if not taken.touch(p.start, p.end)], titled, shorts, own)
    found = sorted([*titled, *numbers, *articles], key=lambda c: c.start)
    return _resolved(_apart(found), shorts)


class _Spans:
    """Spans in order, asked whether one touches another."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self._starts = [s for s, _ in spans]
        self._ends = [e for _, e in spans]

    def touch(self, start: int, end: int) -> bool:
        i = bisect_right(self._starts, end - 1) - 1
        return i >= 0 and self._ends[i] > start


def _apart(citations: list[Citation]) -> list[Citation]:
    kept: list[Citation] = []
    for citation in citations:
        if not kept or citation.start >= kept[-1].end:
            kept.append(citation)
    return kept


def _plain(text: str) -> str:
    return re.sub(r"[ 　]", "", text)


def _find_places(n: str, own_labels: set[int]) -> Iterator[_Place]:
    """Every 第X条 with the paragraph, item and subitem after it."""
    taiwan = is_taiwan(n)
    for match in _ARTICLE.finditer(n):
        if match.start() in own_labels:
            continue
        number = ordinal_from_text(match["digits"] or match["chinese"])
        branch = ordinal_from_text(match["dash"] or match["branch"] or "0")
        units: dict[str, str] = {}
        at = match.end()
        while len(units) < 3 and (part := _DIVISION.match(n, at)) and part["unit"] not in units:
            units[part["unit"]] = str(ordinal_from_text(part["number"]))
            at = part.end()
        order = list(units)
        mainland = order[:2] == ["款", "项"] or (order[:2] != ["项", "款"] and not taiwan)
        paragraph, item = ("款", "项") if mainland else ("项", "款")
        article = f"{number}-{branch}" if branch else str(number)
        yield _Place(match.start(), at, article, units.get(paragraph), units.get(item), units.get("目"))


def _titled(n: str, places: Sequence[_Place]) -> Iterator[Citation]:
    """Titles in 《》 with the document number and the article that follow them."""
    by_start = {place.start: place for place in places}
    for match in _TITLE.finditer(n):
        end, number, place = match.end(), None, None
        span = document_number_at(n, end)
        if span:
            number, end = _plain(n[slice(*span)]), span[1]
        at = _after_note(n, end if span is None else _closed(n, end))
        place = by_start.get(at)
        if place is None and number is None and not _is_norm(n, match):
            continue
        if place:
            end = place.end
        yield Citation(
            match.start(),
            end,
            n[match.start() : end],
            title=match[1],
            doc_number=number,
            article=place.article if place else None,
            paragraph=place.paragraph if place else None,
            item=place.item if place else None,
            subitem=place.subitem if place else None,
        )


def _closed(n: str, at: int) -> int:
    return at + 1 if n[at : at + 1] in ("）", ")", "]", "］") else at


def _after_note(n: str, at: int) -> int:
    """Past blanks, or one note in parentheses, when 第 follows."""
    note = _NOTE.match(n, at)
    for candidate in (note.end() if note else at, at):
        while n[candidate : candidate + 1] in (" ", "　"):
            candidate += 1
        if n[candidate : candidate + 1] == "第":
            return candidate
    return at


def _is_norm(n: str, match: re.Match[str]) -> bool:
    endings, not_norms, publications = _title_words()
    name = match[1].strip()
    while (tail := _TAIL_PAREN.search(name)) and tail.start():
        name = name[: tail.start()].strip()
    name = name.rstrip("0123456789 ")
    if not name.endswith(endings) or name.endswith(not_norms) or _COUNTED.match(name):
        return False
    return not publications.match(n, match.end())


def _short_names(n: str, titled: Sequence[Citation]) -> dict[str, str]:
    """Short names with the full title each stands for."""
    starts = [c.start for c in titled]
    shorts: dict[str, str] = {}
    for match in _SHORT_NAME.finditer(n):
        i = bisect_right(starts, match.start()) - 1
        floor = max(0, match.start() - 2)
        opening = max(n.rfind("（", floor, match.start()), n.rfind("(", floor, match.start()))
        short = match[1].strip("《》“”「」")
        if (
            i >= 0
            and titled[i].title
            and match.start() - titled[i].end <= 60
            and n.find("。", titled[i].end, match.start()) < 0
        ):
            shorts.setdefault(short, titled[i].title or "")
        elif opening >= 0:
            name = law_name_before(n, opening)
            if name and name.title:
                shorts.setdefault(short, name.title)
    return shorts


def _articles(
    n: str, places: Sequence[_Place], titled: Sequence[Citation], shorts: dict[str, str], own: str | None
) -> Iterator[Citation]:
    """Articles cited by a bare law name, by 本法, in a list after another article, or alone."""
    named = frozenset([*shorts, *(c.title for c in titled if c.title)])
    law: str | None = None
    previous_end = -1
    titled_ends = {c.end: c.title for c in titled}
    latest = sorted(titled_ends)
    for place in places:
        i = bisect_right(latest, place.start) - 1
        if i >= 0 and latest[i] > previous_end:
            previous_end, law = latest[i], titled_ends[latest[i]]
        name = law_name_before(n, place.start, named)
        if name is not None and name.title is not None:
            law = shorts.get(name.title, name.title)
            yield _cited(n, name.start, place, title=name.title, refers_to=law if law != name.title else None)
        elif name is not None:
            law = _meant(name, law, shorts, own, [c.title or "" for c in titled if c.end <= place.start])
            yield _cited(n, name.start, place, refers_to=law)
        else:
            joined = 0 <= place.start - previous_end <= 30 and _BETWEEN.fullmatch(n, previous_end, place.start)
            law = law if joined else own
            yield _cited(n, place.start, place, refers_to=law)
        previous_end = place.end


def _meant(
    name: LawName, latest: str | None, shorts: dict[str, str], own: str | None, earlier: Sequence[str]
) -> str | None:
    """The law that 本法, 同法 or 本条例施行细则 stands for; 该条例 is the nearest earlier law that is a 条例."""
    pronoun = name.pronoun or ""
    if pronoun.startswith("本"):
        for short, full in shorts.items():
            if pronoun.startswith(short):
                return full + pronoun[len(short) :]
        return own
    kind = pronoun.removeprefix("上述").removeprefix("前述").lstrip("该同")
    named = [shorts.get(title, title) for title in earlier]
    of_kind = (law for law in (latest, *reversed(named)) if law and law not in (own, kind) and law.endswith(kind))
    return next(of_kind, own if own and own.endswith(kind) else latest)


def _cited(n: str, start: int, place: _Place, *, title: str | None = None, refers_to: str | None = None) -> Citation:
    return Citation(
        start,
        place.end,
        n[start : place.end],
        title=title,
        article=place.article,
        paragraph=place.paragraph,
        item=place.item,
        subitem=place.subitem,
        refers_to=refers_to,
    )


def _resolved(citations: list[Citation], shorts: dict[str, str]) -> list[Citation]:
    """Short titles with the full title they stand for: declared, or the nearest earlier one that ends so."""
    earlier: list[str] = []
    resolved = []
    for citation in citations:
        title = citation.title
        if title and citation.refers_to is None and len(title) <= 8:
            full = shorts.get(title) or next((t for t in reversed(earlier) if _shortened(title, t)), None)
            if full and full != title:
                citation = replace(citation, refers_to=full)
        if title and len(title) > 8:
            earlier.append(title)
        resolved.append(citation)
    return resolved


def _shortened(short: str, full: str) -> bool:
    return len(full) > len(short) and (
        full.endswith(short) or re.search(re.escape(short) + r"[（(〉>》]", full) is not None
    )
