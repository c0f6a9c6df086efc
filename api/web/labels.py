"""What the page calls things: the Chinese names of canonical values, and whether a document is in force."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kb.types import DocumentRow

MODALITIES: Mapping[str, str] = {
    "obligation": "应当",
    "prohibition": "禁止",
    "permission": "可以",
    "entitlement": "待遇",
    "standard": "标准",
    "target": "目标",
    "penalty": "罚则",
    "definition": "定义",
}
QUANTITY_KINDS: Mapping[str, str] = {
    "percent": "百分比",
    "percentage_point": "百分点",
    "money": "金额",
    "count": "数量",
    "duration": "期限",
    "multiple": "倍数",
    "ratio": "比",
    "date": "日期",
}
DOCUMENT_KINDS: Mapping[str, str] = {
    "regulation": "法规",
    "report": "报告",
    "plan": "计划",
    "table": "标准表",
    "compendium": "汇编",
    "notice": "通知",
}
FINDINGS: Mapping[str, str] = {
    "violation": "违反规定",
    "inconsistent": "自相矛盾",
    "undetermined": "无法判定",
    "compliant": "符合规定",
}
BEARINGS: Mapping[str, str] = {"renewed_by": "取代", "repealed_by": "废止", "amended_by": "修改"}
TALLY: Mapping[str, str] = {"violation": "违反", "inconsistent": "矛盾", "undetermined": "未定", "compliant": "符合"}
AXES: Mapping[str, str] = {
    "institution": "机构级别",
    "scheme": "险种",
    "region": "地区",
    "period": "期间",
    "year": "施行年份",
    "document": "文件",
    "service": "项目",
    "population": "人群",
    "level": "制定级别",
}
DIRECTIONS: Mapping[str, str] = {
    "stricter": "趋严",
    "looser": "放宽",
    "higher": "提高",
    "lower": "降低",
    "reworded": "改写",
    "changed": "改变",
}
SCRIPTS: Mapping[str, str] = {"hans": "简体", "hant": "繁体", "mixed": "简繁混排", "none": "未辨"}
LAYERS: Mapping[str, str] = {
    "figures": "指标",
    "rules": "规则",
    "citations": "引用",
    "repairs": "修复",
    "missing": "缺失",
    "dropped": "剔除",
}
REASONS: Mapping[str, str] = {
    "navigation": "网页导航",
    "advert": "广告",
    "spam": "堆砌词",
    "posting data": "发布信息",
    "page-made intro": "网页导语",
    "related": "相关链接",
    "links": "链接",
    "footer": "页脚",
    "header": "页眉",
    "page number": "页码",
}


class Validity(NamedTuple):
    """A badge: its words, and the class it is coloured by."""

    label: str
    tone: str


_TONES: Mapping[str, str] = {
    "有效": "valid",
    "已修改": "amended",
    "已废止": "repealed",
    "尚未施行": "coming",
    "日期不明": "unknown",
    "旧版本": "repealed",
}


def validity(document: DocumentRow, day: str | None = None) -> Validity | None:
    """The badge of a document's status; None for reports and plans.

    Args:
        document: as the knowledge base told it.
        day: the day it was asked for, None for the present one, on which history is 旧版本.
    """
    if document.status is None:
        return None
    label = "旧版本" if not document.current and day is None and document.status != "已废止" else document.status
    return Validity(label, _TONES[label])


def lang_of(document: DocumentRow) -> str:
    """The language tag of a document's own words: browsers set punctuation and choose fonts by it."""
    return "zh-Hant" if document.script == "hant" else "zh-Hans"


def document_name(document: DocumentRow) -> str:
    """The title, else the file's name."""
    return document.title or PurePath(document.source).name


@cache
def indicator_name(key: str | None) -> str:
    """The name people read for an indicator key; the key itself where there is none."""
    from ingest.extract.vocabulary import indicator_labels

    return indicator_labels().get(key, key) if key else ""


def value_name(column: str, value: str | None) -> str:
    """A canonical value of a column as the page writes it."""
    if value is None:
        return ""
    names: Mapping[str, str] = {
        "modality": MODALITIES,
        "kind": {**QUANTITY_KINDS, **DOCUMENT_KINDS},
        "script": SCRIPTS,
    }.get(column, {})
    return indicator_name(value) if column == "indicator" else names.get(value, value)
