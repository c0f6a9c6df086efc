"""Ratios that rules bound and a report gives only as amounts: computed, with operands, formula and rounding shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from ingest.lexicon import load_table
from ingest.records import Extraction, Figure
from kb.simplify import simplified

_REACH = 240
_NAME = 30
_STOPS = "，,。；;：:\n、（("
_SCALES = {"亿": Decimal(100_000_000), "万": Decimal(10_000), "千": Decimal(1_000), "百": Decimal(100)}
_WRITTEN = re.compile(r"[\d,]+(?:\.(?P<decimals>\d+))?\s*(?P<scale>[亿億万萬千百]?)")
_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Derived:
    """A figure computed from others.

    Attributes:
        figure: what a rule can be held against; its span is that of the first operand.
        operands: the figures it is computed from, in the order of the formula.
        formula: with o1, o2 for the operands.
        slack: how far the value can be off, by the rounding of the operands.
    """

    figure: Figure
    operands: tuple[Figure, ...]
    formula: str
    slack: Decimal


@dataclass(frozen=True, slots=True)
class _Ratio:
    indicator: str
    kind: str
    top: re.Pattern[str]
    without: re.Pattern[str] | None
    bottom: re.Pattern[str]
    formula: str
    unit: str
    per: str | None


@cache
def _ratios() -> tuple[_Ratio, ...]:
    return tuple(_ratio(entry) for entry in load_table("derived")["ratio"])


def _ratio(entry: dict[str, Any]) -> _Ratio:
    without = entry.get("without")
    return _Ratio(
        entry["indicator"],
        entry["kind"],
        re.compile(entry["top"]),
        re.compile(without) if without else None,
        re.compile(entry["bottom"]),
        entry["formula"],
        entry["unit"],
        entry.get("per"),
    )


def derivable() -> frozenset[str]:
    """The indicators that can be computed from amounts."""
    return frozenset(ratio.indicator for ratio in _ratios())


def find_derived(report: Extraction, wanted: Collection[str]) -> Iterator[Derived]:
    """The ratios of `wanted` indicators that the report does not state but gives the amounts for.

    Args:
        report: the report.
        wanted: indicators that rules bound.
    """
    ratios = [ratio for ratio in _ratios() if ratio.indicator in wanted]
    if not ratios:
        return
    named = [(figure, _name(report, figure)) for figure in report.figures if _is_amount(figure)]
    stated = [f for f in report.figures if f.kind in ("percent", "duration") or f.per]
    done: set[tuple[str, int]] = set()
    for ratio in ratios:
        for at, (top, name) in enumerate(named):
            if top.kind != ratio.kind or top.per or not _names(ratio, name) or (ratio.indicator, top.start) in done:
                continue
            if any(s.indicator == ratio.indicator and abs(s.start - top.start) <= _REACH for s in stated):
                continue
            found = _bottom(report, ratio, named, at)
            if found is not None:
                done.add((ratio.indicator, top.start))
                yield _derived(ratio, top, *found)


def _is_amount(figure: Figure) -> bool:
    return figure.kind in ("money", "count") and figure.high is None and figure.change is None


def _names(ratio: _Ratio, name: str) -> bool:
    return bool(ratio.top.search(name)) and not (ratio.without and ratio.without.search(name))


def _name(report: Extraction, figure: Figure) -> str:
    """The words ahead of a figure in its clause, simplified."""
    ahead = report.text[max(0, figure.start - _NAME) : figure.start]
    cut = max(ahead.rfind(stop) for stop in _STOPS) + 1
    return simplified(ahead[cut:] or figure.indicator_text or "")


def _bottom(
    report: Extraction, ratio: _Ratio, named: Sequence[tuple[Figure, str]], at: int
) -> tuple[Figure, str] | None:
    """The nearest amount that the words call the denominator, of the same scheme, period and place."""
    top = named[at][0]
    fits = [
        (_distance(report.text, figure, top), figure.start, figure, name)
        for figure, name in named
        if figure is not top
        and ratio.bottom.search(name)
        and _measure_fits(ratio, top, figure)
        and _same_setting(top, figure)
        and Decimal(figure.value) > 0
        and abs(figure.start - top.start) <= _REACH
    ]
    return min(fits, key=lambda fit: fit[:2])[2:] if fits else None


def _distance(text: str, a: Figure, b: Figure) -> int:
    """How far apart two figures stand; another line is farther than anything on the same."""
    between = text[min(a.end, b.end) : max(a.start, b.start)]
    return abs(a.start - b.start) + (_REACH if "\n" in between else 0)


def _measure_fits(ratio: _Ratio, top: Figure, bottom: Figure) -> bool:
    if ratio.per is not None:
        heads = ("人次", "例") if ratio.per == "visit" else ("人", "名", "户")
        return bottom.kind == "count" and bottom.unit in heads
    if ratio.unit == "month" and ratio.formula == "o1/o2":
        return bottom.kind == top.kind and bottom.unit == top.unit and bottom.per in (None, "month")
    return bottom.kind == top.kind and bottom.unit == top.unit and not bottom.per


def _same_setting(a: Figure, b: Figure) -> bool:
    slots = ("scheme", "period", "region", "institution")
    return all(not getattr(a, s) or not getattr(b, s) or getattr(a, s) == getattr(b, s) for s in slots)


def _derived(ratio: _Ratio, top: Figure, bottom: Figure, name: str) -> Derived:
    o1, o2 = Decimal(top.value), Decimal(bottom.value)
    relative = half_of(top) / o1 + half_of(bottom) / o2 if o1 else Decimal(0)
    value = {
        "o1/o2*100": o1 * 100 / o2,
        "o1/o2": o1 / o2,
        "o1/(o2/12)": o1 * 12 / o2,
        "(o1-o2)/o2*100": (o1 - o2) * 100 / o2,
    }[ratio.formula]
    rounded = value.quantize(_PLACES, rounding=ROUND_HALF_UP)
    kind = {"%": "percent", "month": "duration"}.get(ratio.unit, "money")
    figure = replace(
        top,
        kind=kind,  # type: ignore[arg-type]
        value=f"{rounded.normalize():f}",
        unit=top.unit if kind == "money" else ratio.unit,
        per=ratio.per,
        indicator=ratio.indicator,
        indicator_text=None,
        base=None if bottom.kind == "count" else name,
        approx=top.approx or bottom.approx,
        population=top.population if ratio.indicator != "participation_rate" else None,
    )
    return Derived(figure, (top, bottom), ratio.formula, abs(value) * relative)


def half_of(figure: Figure) -> Decimal:
    """Half of the last place a figure is written to; whole yuan and persons are exact."""
    written = _WRITTEN.match(figure.quote)
    if written is None:
        return Decimal(0)
    scale = _SCALES.get(simplified(written["scale"]), Decimal(1))
    decimals = written["decimals"]
    if not decimals:
        return Decimal(0) if scale == 1 else scale / 2
    return scale.scaleb(-len(decimals)) / 2
