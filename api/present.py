"""Records in words, for tables and lists on a terminal."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from api.screen import plain

if TYPE_CHECKING:
    from ingest.records import Figure, Quantity, Rule
    from kb.types import DocumentRow, Relation

_COMPARATORS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">", "==": "", None: ""}
_UNITS = {
    "CNY": "元",
    "TWD": "新台币元",
    "HKD": "港元",
    "pp": "个百分点",
    "day": "日",
    "workday": "个工作日",
    "month": "个月",
    "year": "年",
    "hour": "小时",
    "times": "倍",
    "ratio": "",
    "date": "",
}
_PART_OF_DATE = re.compile(r"(?:(?:--|XXXX-)(?P<month>\d\d))?(?:-{1,3}(?P<day>\d\d))?")
_SENTENCE_ENDS = "。；！？\n"
_REACH = 120  # characters of context at most, each way
_PER = {"person": "人", "month": "月", "year": "年", "visit": "人次", "day": "日"}


def describe_quantity(record: Rule | Figure | Quantity) -> str:
    """The value with its unit, ranges with a dash: `70%`, `3–6个月`, `240元/人·年`; empty without a value."""
    if record.value is None:
        return ""
    if record.kind == "date":
        return "至".join(describe_date(text) for text in (record.value, record.high) if text)
    per = f"/{'·'.join(_PER.get(part, part) for part in record.per.split('·'))}" if record.per else ""
    approx = "约" if record.approx else ""
    span = f"{_grouped(record.value)}–{_grouped(record.high)}" if record.high else _grouped(record.value)
    return f"{approx}{span}{describe_unit(record.unit)}{per}"


def describe_date(text: str) -> str:
    """An ISO 8601 date; one without a year in words.

    >>> describe_date("2024-06-30"), describe_date("--10-01"), describe_date("---05")
    ('2024-06-30', '10月1日', '每月5日')
    """
    parts = _PART_OF_DATE.fullmatch(text)
    if not parts:
        return text
    month, day = parts["month"], parts["day"]
    if month is None:
        return f"每月{int(day)}日"
    return f"{int(month)}月" + (f"{int(day)}日" if day else "")


def describe_unit(unit: str | None) -> str:
    """A canonical unit in Chinese; measure words are Chinese already."""
    return _UNITS.get(unit or "", unit or "")


def _grouped(value: str | None) -> str:
    """A long whole number with thousands separators, anything else as it is.

    >>> _grouped("303060000"), _grouped("41.24"), _grouped("--03-31")
    ('303,060,000', '41.24', '--03-31')
    """
    text = value or ""
    whole, point, rest = text.partition(".")
    return f"{int(whole):,}{point}{rest}" if whole.isdigit() and len(whole) > 4 else text


def describe_bound(record: Rule | Figure) -> str:
    """The comparator and the value, empty for a rule without a bound."""
    return "" if record.value is None else _COMPARATORS.get(record.comparator, "") + describe_quantity(record)


def describe_rule(rule: Rule) -> str:
    """What a rule is about: indicator words and everything that narrows it; the quote for one without a bound."""
    scope = rule.scope
    about = rule.indicator_text or (_named(rule.indicator) if rule.indicator != "other" else None)
    if rule.value is None:
        return plain(rule.quote)
    slots = (scope.region, scope.scheme, scope.population, scope.institution, scope.service, scope.condition)
    words = [word for word in (*slots, rule.actor, rule.action if not about else None, about) if word]
    return plain(" ".join(dict.fromkeys(words))) or plain(rule.quote)


def describe_figure(figure: Figure) -> str:
    """What a figure measures: indicator words and everything that narrows it."""
    slots = (figure.region, figure.period, figure.scheme, figure.population, figure.institution, figure.service)
    words = [word for word in (*slots, figure.indicator_text or _named(figure.indicator)) if word]
    text = " ".join(dict.fromkeys(words))
    if figure.base:
        text += f"（占{figure.base}）"
    return plain(text)


def _named(indicator: str | None) -> str | None:
    """The name people read for an indicator key."""
    from ingest.extract.vocabulary import indicator_labels

    return indicator_labels().get(indicator, indicator) if indicator else None


def sentence_around(text: str, start: int, end: int) -> tuple[str, str, str]:
    """What stands before `text[start:end]` in its sentence, the span itself, and what stands after it.

    >>> sentence_around("第一条。结余不得超过25%，并备案。", 10, 13)
    ('结余不得超过', '25%', '，并备案。')
    """
    left = max(text.rfind(mark, max(start - _REACH, 0), start) for mark in _SENTENCE_ENDS) + 1
    left = max(left, start - _REACH, 0)
    rights = [at for at in (text.find(mark, end, end + _REACH) for mark in _SENTENCE_ENDS) if at >= 0]
    right = min(rights) + 1 if rights else min(end + _REACH, len(text))
    return text[left:start].lstrip(), text[start:end], text[end:right].rstrip()


def describe_document(document: DocumentRow) -> str:
    """《title》 with the document number, else the file name; marked where it is not, or not surely, in force."""
    title = f"《{plain(document.title)}》" if document.title else plain(PurePath(document.source).name)
    number = f" {plain(document.doc_number)}" if document.doc_number else ""
    if not document.current and document.status != "已废止":
        number += "（旧版本）"
    elif document.status not in (None, "有效"):
        number += f"（{document.status}）"
    return title + number


def describe_relation(relation: Relation) -> str:
    """What another document does to one: `repealed by 《…》 from 2024-01-01: “…同时废止。”`."""
    done = {"repealed_by": "repealed by", "amended_by": "amended by", "renewed_by": "replaced by"}[relation.kind]
    title = f"《{plain(relation.title)}》" if relation.title else relation.document
    number = f" {plain(relation.doc_number)}" if relation.doc_number else ""
    since = f" from {relation.since}" if relation.since else ""
    return f"{done} {title}{number}{since}" + (f": “{plain(relation.quote)}”" if relation.quote else "")
