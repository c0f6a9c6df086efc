"""Whose word a document is: the territory it rules, the tier of government behind it, its rank among norms."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from ingest.lexicon import load_table
from ingest.structure.style import is_taiwan

_TERRITORY = re.compile(
    r"^(?P<place>(?:[\u4e00-\u9fa5]{2,6}?(?:省|自治区|特别行政区|自治州|地区|盟|市|自治县|县|旗|区)){1,3})"
    r"(?=[\u4e00-\u9fa5\d])"
)
_NO_TERRITORY = re.compile(
    r"^(?:城|全|各市|各省|本|我|各|大|都|超|股|上|辖|农村|[大中小]城)(?:省|市|县|区)$|[社园辖山校地分小]区$|[联同]盟$"
    r"|[及与的]|有关|关于|中华|^(?:调整|公布|印发|修改|废止|转发)"
)
_NATIONAL = re.compile(
    r"国务院|政务院|全国人民代表大会|最高人民|中共中央|国家|中央军事委员会|行政院|立法院|考试院|[\u4e00-\u9fa5]{1,14}部(?:$|、)"
)
LEVELS = (
    "法律",
    "行政法规",
    "军事法规",
    "司法解释",
    "部门规章",
    "法规命令",
    "地方性法规",
    "自治条例和单行条例",
    "自治条例",
    "地方政府规章",
    "自治规则",
    "规范性文件",
    "行政规则",
    "报告",
)
"""Ranks of documents, the highest first; the mainland's and Taiwan's beside each other."""
TIERS = ("县", "市", "省", "国家")
"""Tiers of government, the lowest first."""
_NATIONAL_LEVELS = frozenset({"法律", "行政法规", "部门规章", "司法解释", "军事法规", "法规命令"})
_SUFFIX = re.compile(r"[（(〔][^）)〕\n]*[)）〕]$")
_LAW = re.compile(r"(?<![办方看说做用想疗魔语书司])法$|法典$")
_TAIWAN_STATUTE = re.compile(r"(?:(?<![办方])法|条例|通则)$")
_TAIWAN_ORDER = re.compile(r"(?:规程|规则|细则|办法|纲要|标准|准则)$")
_RULE_NAME = re.compile(r"(?:办法|规定|细则|规则|规程|准则|决定)$")


def territory(title: str, issuer: str | None) -> str | None:
    """The place whose name begins the issuer or else the title.

    >>> territory("临江市医疗保障办法", None), territory("城市居民最低生活保障条例", "国务院")
    ('临江市', None)
    >>> territory("成都市工伤保险办法", None), territory("农村地区医疗救助办法", None)
    ('成都市', None)
    """
    for words in (issuer or "", title):
        match = _TERRITORY.match(words.removeprefix("关于"))
        if match and not _NO_TERRITORY.search(match["place"]):
            return match["place"]
    return None


@lru_cache(maxsize=4096)
def tier(region: str | None, issuer: str | None, level: str | None) -> str | None:
    """The tier of government behind a document: 国家 省 市 县, None when it does not say.

    Args:
        region, issuer, level: as metadata gives them, in simplified characters.

    >>> tier("临江市", None, None), tier("北京市", None, None), tier(None, "国务院", "行政法规")
    ('市', '省', '国家')
    """
    if region:
        return _tier_of_place(region)
    return "国家" if level in _NATIONAL_LEVELS or (issuer and _NATIONAL.match(issuer)) else None


def legal_level(
    n: str, title: str, kind: str, issuer: str | None, number: str | None, region: str | None
) -> str | None:
    """The rank of a document: 法律 行政法规 部门规章 地方性法规 地方政府规章 规范性文件 报告, and the special ranks.

    Ranks follow 立法法 and 规章制定程序条例 on the mainland, 中央法规标准法 in Taiwan; None when the text does not
    say who made it and its name does not tell.

    Args:
        n: normalized text; decides between the two traditions.
        title, kind, issuer, number, region: as metadata has found them.
    """
    if kind == "report":
        return "报告"
    name = _SUFFIX.sub("", title)
    if is_taiwan(n):
        return _taiwan_level(name, kind, region)
    if kind in ("notice", "plan"):
        return "规范性文件"
    if kind != "regulation":
        return None
    body = issuer or ""
    by_order = "令" in (number or "")
    if body.startswith(("最高人民法院", "最高人民检察院")):
        return "司法解释"
    if "人民代表大会" in body:
        if not region:
            return "法律"
        return (
            "自治条例和单行条例" if re.match(r".*自治(?:州|县|旗).*条例$", name) and "自治" in region else "地方性法规"
        )
    if body.startswith(("国务院", "政务院")) and not re.search(r"[部厅局署]|(?<!军事)委员会", body[3:]):
        return "规范性文件" if number and not by_order else "行政法规"
    if body == "中央军事委员会":
        return "军事法规"
    if not region and (_LAW.search(name) and not _RULE_NAME.search(name)):
        return "法律"
    if name.endswith("条例"):
        return "地方性法规" if region else "行政法规"
    if region and "人民政府" in body:
        return "地方政府规章" if by_order else "规范性文件"
    if region:
        return "规范性文件" if body else None
    if body and _NATIONAL.match(body):
        return "部门规章" if by_order or (_RULE_NAME.search(name) and not number) else "规范性文件"
    return None


def _taiwan_level(name: str, kind: str, region: str | None) -> str | None:
    if region:
        return "自治条例" if name.endswith("自治条例") else ("自治规则" if _TAIWAN_ORDER.search(name) else None)
    if _TAIWAN_STATUTE.search(name):
        return "法律"
    if _TAIWAN_ORDER.search(name):
        return "法规命令"
    return "行政规则" if kind in ("notice", "plan") or name.endswith(("要点", "注意事项")) else None


def _tier_of_place(place: str) -> str | None:
    table = _table()
    if place in table["municipalities"]:
        return "省"
    unit = next((unit for unit in sorted(table["levels"], key=len, reverse=True) if place.endswith(unit)), None)
    return str(table["levels"][unit]) if unit else None


@cache
def _table() -> dict[str, Any]:
    return load_table("issuers")
