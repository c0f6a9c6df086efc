"""The numbers Word writes in front of paragraphs (第一条, （二）, 1.) but keeps out of their text.

A regulation drafted with automatic numbering has no 第…条 in its paragraphs at all; Word computes the labels from
numbering.xml when it shows them. This module computes them the same way (ECMA-376 part 1, 17.9).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_STYLE_DEPTH = 32
"""Steps up a `basedOn` chain: real ones have three or four, a circular one no end."""

_PLACEHOLDER = re.compile(r"%([1-9])")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a numbered list: `text` is its pattern (`第%1条`), `form` its numeral format (ST_NumberFormat)."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    suffix: str = " "
    legal: bool = False
    style: str | None = None


class Numbering:
    """Computes the label of each paragraph; call `label` once a paragraph, in document order.

    Args:
        numbering: root of numbering.xml, None when the document has none.
        styles: root of styles.xml, None when the document has none.
    """

    def __init__(self, numbering: _Element | None, styles: _Element | None) -> None:
        self._lists: dict[str, str] = {}
        self._levels: dict[str, dict[int, Level]] = {}
        self._overrides: dict[str, dict[int, Level]] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        self._styles = {attribute(style, "styleId"): style for style in _children(styles, "style")}
        self._counters: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        if numbering is not None:
            self._read_lists(numbering)

    def label(self, paragraph: _Element) -> str:
        """The number Word shows before this paragraph with its following space, empty when it has none."""
        number, level = self._position(paragraph)
        kind = self._lists.get(number)
        if kind is None or number == "0":
            return ""
        counters = self._counters.setdefault(kind, {})
        levels = {**self._levels.get(kind, {}), **self._overrides.get(number, {})}
        restart = self._restarts.get(number, {}).get(level)
        if restart is not None and (number, level) not in self._started:
            counters[level] = restart
        else:
            counters[level] = counters.get(level, levels.get(level, Level()).start - 1) + 1
        self._started.add((number, level))
        for deeper in [other for other in counters if other > level]:
            del counters[deeper]
        for upper in range(level):
            counters.setdefault(upper, levels.get(upper, Level()).start)
        return _render(levels, counters, level)

    def _position(self, paragraph: _Element) -> tuple[str, int]:
        """The list and level a paragraph belongs to, its own or its style's."""
        properties = child(paragraph, "pPr")
        own = child(properties, "numPr")
        style = attribute(child(properties, "pStyle"), "val")
        number, level = attribute(child(own, "numId"), "val"), attribute(child(own, "ilvl"), "val")
        for ancestor in self._style_chain(style):
            inherited = child(child(ancestor, "pPr"), "numPr")
            number = number or attribute(child(inherited, "numId"), "val")
            level = level or attribute(child(inherited, "ilvl"), "val")
        if number and not level and style:
            linked = self._levels.get(self._lists.get(number, ""), {})
            level = next((str(depth) for depth, entry in linked.items() if entry.style == style), "")
        return number, int(level) if level.isdigit() else 0

    def _style_chain(self, style: str) -> Iterator[_Element]:
        for _ in range(MAX_STYLE_DEPTH):
            element = self._styles.get(style)
            if element is None:
                return
            yield element
            style = attribute(child(element, "basedOn"), "val")

    def _read_lists(self, numbering: _Element) -> None:
        links: dict[str, str] = {}
        targets: dict[str, str] = {}
        for kind in _children(numbering, "abstractNum"):
            key = attribute(kind, "abstractNumId")
            self._levels[key] = {_depth(entry): _read_level(entry) for entry in _children(kind, "lvl")}
            links[key] = attribute(child(kind, "numStyleLink"), "val")
            if style := attribute(child(kind, "styleLink"), "val"):
                targets[style] = key
        for instance in _children(numbering, "num"):
            number = attribute(instance, "numId")
            key = attribute(child(instance, "abstractNumId"), "val")
            self._lists[number] = targets.get(links.get(key, ""), key)
            for override in _children(instance, "lvlOverride"):
                start = attribute(child(override, "startOverride"), "val")
                if start.isdigit():
                    self._restarts.setdefault(number, {})[_depth(override)] = int(start)
                entry = child(override, "lvl")
                if entry is not None:
                    self._overrides.setdefault(number, {})[_depth(override)] = _read_level(entry)


def format_number(value: int, form: str) -> str:
    """Write a list number in a Word numeral format.

    Args:
        value: 1 or more.
        form: an ST_NumberFormat name; unknown ones are written in digits.

    >>> format_number(21, "chineseCountingThousand"), format_number(2, "ideographTraditional")
    ('二十一', '乙')
    """
    return _FORMATS.get(form, str)(value)


def child(element: _Element | None, name: str) -> _Element | None:
    """The first child with a local name, whatever its namespace (transitional and strict files differ in it)."""
    return next(_children(element, name), None)


def attribute(element: _Element | None, name: str) -> str:
    """The value of an attribute by its local name, empty when missing."""
    if element is None:
        return ""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")


def _children(element: _Element | None, name: str) -> Iterator[_Element]:
    if element is not None:
        yield from element.iterchildren("{*}" + name)


def _depth(element: _Element) -> int:
    value = attribute(element, "ilvl")
    return int(value) if value.isdigit() else 0


def _read_level(entry: _Element) -> Level:
    start = attribute(child(entry, "start"), "val")
    level = Level(
        form=attribute(child(entry, "numFmt"), "val") or "decimal",
        text=attribute(child(entry, "lvlText"), "val"),
        suffix="" if attribute(child(entry, "suff"), "val") == "nothing" else " ",
        legal=child(entry, "isLgl") is not None,
        style=attribute(child(entry, "pStyle"), "val") or None,
    )
    return replace(level, start=int(start)) if start.isdigit() else level


def _render(levels: Mapping[int, Level], counters: Mapping[int, int], level: int) -> str:
    shown = levels.get(level, Level())
    if shown.form in ("bullet", "none") and not _PLACEHOLDER.search(shown.text):
        return ""

    def number(match: re.Match[str]) -> str:
        depth = int(match.group(1)) - 1
        form = levels.get(depth, Level()).form
        return format_number(counters.get(depth, 1), "decimal" if shown.legal else form)

    text = _PLACEHOLDER.sub(number, shown.text)
    return text + shown.suffix if text else ""


def _count_in(digits: str, units: str) -> Callable[[int], str]:
    """Counting in Chinese: 十 for 10, 十一 for 11, 一百零一 for 101; above 9,999 in digits."""

    def write(value: int) -> str:
        if not 0 < value < 10_000:
            return str(value)
        figures = str(value)
        parts = [
            digits[int(figure)] + units[len(figures) - 1 - place] if figure != "0" else digits[0]
            for place, figure in enumerate(figures)
        ]
        text = re.sub(f"{digits[0]}+", digits[0], "".join(parts)).rstrip(digits[0]).strip()
        text = text.replace(" ", "")
        return text[1:] if 10 <= value < 20 and units[1] == "十" else text

    return write


def _pick_from(symbols: str) -> Callable[[int], str]:
    return lambda value: symbols[value - 1] if 0 < value <= len(symbols) else str(value)


def _letters(first: str) -> Callable[[int], str]:
    """a … z, then aa, bb … as Word does."""
    return lambda value: (
        chr(ord(first) + (value - 1) % 26) * ((value - 1) // 26 + 1) if 0 < value <= 780 else str(value)
    )


def _roman(value: int) -> str:
    if not 0 < value < 4000:
        return str(value)
    steps = zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), _ROMAN, strict=True)
    text = ""
    for worth, sign in steps:
        text += sign * (value // worth)
        value %= worth
    return text


_ROMAN = ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I")
_counting = _count_in("零一二三四五六七八九", " 十百千")
_legal_simplified = _count_in("零壹贰叁肆伍陆柒捌玖", " 拾佰仟")
_legal_traditional = _count_in("零壹貳參肆伍陸柒捌玖", " 拾佰仟")
_full_width = str.maketrans("0123456789", "０１２３４５６７８９")
_digital = str.maketrans("0123456789", "〇一二三四五六七八九")
_circled = _pick_from("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")

_FORMATS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda value: f"{value:02d}",
    "upperRoman": _roman,
    "lowerRoman": lambda value: _roman(value).lower(),
    "upperLetter": _letters("A"),
    "lowerLetter": _letters("a"),
    "chineseCounting": _counting,
    "chineseCountingThousand": _counting,
    "taiwaneseCounting": _counting,
    "taiwaneseCountingThousand": _counting,
    "japaneseCounting": _counting,
    "ideographDigital": lambda value: str(value).translate(_digital),
    "taiwaneseDigital": lambda value: str(value).translate(_digital),
    "japaneseDigitalTenThousand": lambda value: str(value).translate(_digital),
    "chineseLegalSimplified": _legal_simplified,
    "ideographLegalTraditional": _legal_traditional,
    "ideographTraditional": _pick_from(_STEMS),
    "ideographZodiac": _pick_from(_BRANCHES),
    "decimalFullWidth": lambda value: str(value).translate(_full_width),
    "decimalFullWidth2": lambda value: str(value).translate(_full_width),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": _pick_from("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"),
    "decimalEnclosedFullstop": _pick_from("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"),
    "ideographEnclosedCircle": _pick_from("㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"),
}
