"""A cross table as a chart: one group of bars a row, one colour a column, one panel a unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from api.present import describe_bound, describe_unit
from api.reports.checked import indicator_name
from api.reports.svg import bar, chart, dot, line, measure, text_at
from api.screen import plain, shorten, text_width
from kb.pivot import NOT_STATED

if TYPE_CHECKING:
    from kb.pivot import Pivot, Record

AXIS_WORDS = {
    "document": "文件",
    "region": "地区",
    "level": "制定级别",
    "institution": "机构级别",
    "scheme": "险种",
    "service": "项目",
    "population": "人群",
    "period": "期间",
    "year": "年份",
}
_ORDINAL = frozenset({"institution", "level", "period", "year"})
_COLOURS = 6
_WIDTH = 880.0
_BAR, _GAP, _GROUP_GAP = 16.0, 3.0, 14.0
_LABEL_COLUMNS = 32  # of a row's name, half of that in Chinese characters
_MOST_ROWS = 60
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class _Bar:
    """What one cell holds in one unit: its distinct bounds, each with the words for it."""

    row: str
    column: str
    values: tuple[tuple[Decimal, Decimal, str], ...]

    @property
    def words(self) -> str:
        said = [words for *_, words in self.values]
        return "、".join(said) if len(said) < 4 else f"{said[0]} … {said[-1]}（{len(said)} 个值）"


@dataclass(frozen=True, slots=True)
class _Panel:
    """The cells of one unit, in the order of rows and columns."""

    unit: str
    bars: tuple[_Bar, ...]

    @property
    def highest(self) -> Decimal:
        return max(high for one in self.bars for _, high, _ in one.values)


def pivot_to_svg(indicator: str, table: Pivot, *, name: str = "pivot", alone: bool = True) -> str:
    """The numbers of a cross table as bars; dates and empty cells are not drawn.

    Args:
        indicator: the canonical key, named in the title.
        table: rows become groups, columns colours; several bounds in one cell become dots on one line.
        name: tells it from other charts of one page.
        alone: for a file of its own, with colours and background.
    """
    title = f"{indicator_name(indicator)}（按{AXIS_WORDS[table.rows_axis]}和{AXIS_WORDS[table.columns_axis]}）"
    panels = _panels(table)
    series = [c for c in table.columns if any(one.column == c for panel in panels for one in panel.bars)]
    colours = _colours(series, ordinal=table.columns_axis in _ORDINAL)
    shapes = [text_at(16, 28, title, "fd-title")]
    top = 44.0
    if 1 < len(series) <= _COLOURS:
        top = _legend(shapes, series, colours, top)
    if not panels:
        shapes.append(text_at(16, top + 20, "没有可画的数值", "fd-muted"))
        top += 32
    for panel in panels:
        top = _draw(shapes, panel, colours, top, several=len(panels) > 1)
    said = "；".join(f"{one.row} {one.column}：{one.words}" for panel in panels for one in panel.bars)
    return chart(_WIDTH, top + 8, title, said or "没有可画的数值", shapes, name=name, alone=alone)


def _panels(table: Pivot) -> list[_Panel]:
    """The cells by unit, the unit of most cells first; each bar's bounds from the lowest."""
    found: dict[str, dict[tuple[str, str], dict[tuple[Decimal, Decimal], str]]] = {}
    for row in table.rows[:_MOST_ROWS]:
        for column in table.columns:
            for stored in table.cell(row, column):
                span = _span(stored)
                if span is not None:
                    cell = found.setdefault(_unit(stored), {}).setdefault((row, column), {})
                    cell.setdefault(span, describe_bound(stored.record))
    panels = [
        _Panel(
            unit,
            tuple(_Bar(*place, tuple((*span, cell[span]) for span in sorted(cell))) for place, cell in cells.items()),
        )
        for unit, cells in found.items()
    ]
    return sorted(panels, key=lambda panel: -len(panel.bars))


def _span(stored: Record) -> tuple[Decimal, Decimal] | None:
    record = stored.record
    if record.kind == "date" or record.value is None:
        return None
    low = Decimal(record.value)
    return None if low < 0 else (low, Decimal(record.high) if record.high else low)


def _unit(stored: Record) -> str:
    unit = describe_unit(stored.record.unit)
    return f"{unit}/{stored.record.per}" if stored.record.per else unit


def _colours(series: Sequence[str], *, ordinal: bool) -> dict[str, str]:
    """A class per column: shades of one hue where columns have an order; all alike where there are too many."""
    if len(series) > _COLOURS:
        return dict.fromkeys(series, "fd-c1")
    if not ordinal or len(series) == 1:
        return {column: f"fd-c{number}" for number, column in enumerate(series, start=1)}
    stated = [column for column in series if column != NOT_STATED]
    spread = (_COLOURS - 1) / max(len(stated) - 1, 1)
    shades = {column: f"fd-s{1 + round(number * spread)}" for number, column in enumerate(stated)}
    return {column: shades.get(column, "fd-c6") for column in series}


def _legend(shapes: list[str], series: Sequence[str], colours: dict[str, str], top: float) -> float:
    at = 16.0
    for column in series:
        words = shorten(plain(column), 24)
        width = measure(words, 12) + 40
        if at + width > _WIDTH:
            at, top = 16.0, top + 22
        shapes += [bar(at, top, 12, 12, colours[column]), text_at(at + 18, top + 10.5, words, "fd-muted fd-small")]
        at += width
    return top + 26


def _draw(shapes: list[str], panel: _Panel, colours: dict[str, str], top: float, *, several: bool) -> float:
    named = len(colours) > _COLOURS
    groups: dict[str, list[_Bar]] = {}
    for one in panel.bars:
        groups.setdefault(one.row, []).append(one)
    labels = {row: _label_lines(row) for row in groups}
    left = max((measure(words) for lines in labels.values() for words in lines), default=0) + 28
    step = _step(panel.highest)
    most = max(step, (panel.highest / step).to_integral_value(ROUND_CEILING) * step)
    right = max(measure(_words(one, named), 12) for one in panel.bars) + 24
    scale = (_WIDTH - left - right) / float(most)
    if several:
        shapes.append(text_at(16, top + 14, f"单位：{panel.unit}", "fd-strong"))
        top += 24
    bottom = top + 22 + sum(_group_height(len(bars), len(labels[row])) for row, bars in groups.items())
    for number in range(int(most / step) + 1):
        x = left + float(step * number) * scale
        shapes.append(text_at(x, top + 12, _tick(step * number, panel.unit), "fd-muted fd-small", "middle"))
        shapes.append(line(x, top + 20, x, bottom - 4, "fd-axis" if number == 0 else "fd-line"))
    at = top + 28
    for row, bars in groups.items():
        height = _group_height(len(bars), len(labels[row])) - _GROUP_GAP
        first = at + (height - len(labels[row]) * 17) / 2 + 13
        shapes += [text_at(left - 12, first + 17 * n, words, anchor="end") for n, words in enumerate(labels[row])]
        y = at + (height - len(bars) * (_BAR + _GAP) + _GAP) / 2
        for one in bars:
            _draw_bar(shapes, one, colours[one.column], left, scale, y, named)
            y += _BAR + _GAP
        at += height + _GROUP_GAP
    return at


def _draw_bar(shapes: list[str], one: _Bar, colour: str, left: float, scale: float, y: float, named: bool) -> None:
    low = left + float(one.values[0][0]) * scale
    end = left + float(max(high for _, high, _ in one.values)) * scale
    if len(one.values) > 1:
        middle = y + _BAR / 2
        shapes.append(bar(low, middle - 1.5, end - low, 3, colour))
        shapes += [
            dot(left + float(value) * scale, middle, 5, colour) for span in one.values for value in set(span[:2])
        ]
        end += 4
    else:
        start = low if one.values[0][1] > one.values[0][0] else left
        shapes.append(bar(start, y, max(end - start, 1.5), _BAR, colour))
    shapes.append(text_at(end + 7, y + 12.5, _words(one, named), "fd-small fd-halo"))


def _words(one: _Bar, named: bool) -> str:
    """What stands beside a bar; also the column where colours do not tell it."""
    return shorten(f"{plain(one.column)} {one.words}", 34) if named else shorten(one.words, 28)


def _group_height(bars: int, lines: int) -> float:
    return max(bars * (_BAR + _GAP) - _GAP, lines * 17) + _GROUP_GAP


def _label_lines(words: str) -> list[str]:
    """A row's name on two lines at most."""
    text = plain(words)
    if text_width(text) <= _LABEL_COLUMNS:
        return [text]
    number, blank, name = text.partition(" ")
    if blank and text_width(number) <= _LABEL_COLUMNS:
        return [number, shorten(name, _LABEL_COLUMNS)]
    half = len(text) // 2 + 1 if text_width(text) <= 2 * _LABEL_COLUMNS - 4 else _LABEL_COLUMNS // 2
    return [text[:half], shorten(text[half:], _LABEL_COLUMNS)]


def _step(highest: Decimal) -> Decimal:
    """The distance of ticks: 1, 2, 2.5 or 5 times a power of ten, six ticks at most."""
    if highest <= 0:
        return Decimal(1)
    power = Decimal(10) ** (highest / 6).adjusted()
    return next(step * power for step in _STEPS if step * power * 6 >= highest)


def _tick(value: Decimal, unit: str) -> str:
    for size, word in ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万")):
        if value >= size:
            return f"{_plain_number(value / size)}{word}{unit}"
    return f"{_plain_number(value)}{unit}"


def _plain_number(value: Decimal) -> str:
    return f"{value.normalize():f}"
