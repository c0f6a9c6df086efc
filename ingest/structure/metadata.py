"""What a document says about itself: title, number, issuer, territory, dates. From the text and its file only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from ingest.lexicon import load_table
from ingest.records import Part, Provision
from ingest.source import Source
from ingest.structure.authority import legal_level, territory
from ingest.structure.dates import DATE, find_dates, iso_from_match, iso_from_text
from ingest.structure.document_numbers import find_document_numbers

_HEAD = 1500  # code points of a report or notice that may hold its number, issuer and date
_TAIL = 800
_TITLE_LINES = 15
_LONGEST_TITLE = 100
_NO_TITLE = re.compile(r"[。:：]|\d日|^(?:[一二三四五六七八九十]+、|[(（]|\d+[.、]|第.{1,4}[章节条])|[做方看说想疗]法$")
_NORMS = ("法", "条例", "办法", "规定", "细则", "规则", "标准", "规程", "准则")
_NOTICES = ("通知", "意见", "公告", "通告", "批复", "函", "决定", "决议", "答复", "令")
_PLANS = ("方案", "计划", "规划", "纲要", "要点", "预案")
_FIELD = re.compile(r"(?m)^[ \t　]*[【\[]?([\u4e00-\u9fa5]{2,8})[】\]]?[ 　]*[:：][ 　]*(\S[^\n]{0,80}?)[ \t　]*$")
_LINE = re.compile(r"\S[^\n]*")
_NORM_TITLE = re.compile(
    r"(?:关于.{2,80}的(?:通知|意见|决定|决议|批复|函|公告|通告|通报|方案|规定|办法|报告|请示|解释|复函|答复)"
    r"|(?:法|条例|办法|规定|细则|规则|规程|规范|标准|方案|规划|计划|纲要|通知|意见|决定|准则|通则|章程|报告|总结|目录|公告))"
    r"(?:[（(〔][^）)〕\n]{1,20}[)）〕])*$"
)
_AFTER_DATE = r"(?:(?<![\u4e00-\u9fa5\d])|(?<=[\d一二三四五六七八九十]日)|(?<=[经由]))"
_SESSION = re.compile(
    r"第[^\n]{1,5}届(?P<national>全国人民代表大会(?:常务委员会)?)"
    rf"|{_AFTER_DATE}(?:"
    r"(?P<place>[\u4e00-\u9fa5]{1,9}?(?:省|市|自治区|自治州|自治县|县))第[^\n]{1,5}届人民代表大会(?P<standing>常务委员会)?"
    r"|(?P<council>国务院|政务院|[\u4e00-\u9fa5]{2,10}人民政府)第?[^\n，。]{1,10}?(?:常务|全体|政务)会议)"
)
_ORDER_BODY = re.compile(r"^(?P<body>.+?)(?:令|公告)?第?[ 　]*[\d一二三四五六七八九十百零]+[ 　]*号")
_PUBLISHER = re.compile(rf"{DATE}[ 　]*(?:由|经)?(?P<body>[\u4e00-\u9fa5、]{{2,30}}?)(?:修正|修订)?(?:公布|发布|颁布)")
_SIGNATURE = re.compile(rf"(?m)^[ \t　]*(?P<body>[\u4e00-\u9fa5、]{{2,40}})[ \t　]*\n\s*{DATE}[ \t　]*$")
_FORCE = re.compile(
    rf"自[ 　]*(?:(?P<spelled>{DATE})|(?:发布|公布|颁布|印发|下发)之?日)[ 　]*起?[ 　]*(?:正式)?(?:施行|实施|执行|生效)"
)
_STATED = {
    "有效": "有效",
    "现行有效": "有效",
    "已修改": "已修改",
    "已被修改": "已修改",
    "失效": "已废止",
    "已废止": "已废止",
    "尚未生效": "尚未施行",
    "尚未施行": "尚未施行",
}
_FIELDS = {
    "title": ("标题", "名称", "法规名称"),
    "doc_number": ("发文字号", "文号", "文件编号", "发文号"),
    "issuer": ("发布机构", "发文机关", "发文机构", "发布机关", "制定机关", "发布单位", "发布部门"),
    "published": ("发布日期", "公布日期", "成文日期", "发文日期", "印发日期"),
    "effective": ("施行日期", "生效日期", "实施日期"),
    "last_amended": ("最新异动日期", "修正日期", "修订日期", "异动日期"),
    "status": ("时效性", "效力状态", "有效性"),
}


@dataclass(slots=True)
class _Dates:
    """Dates as the note under a title gives them."""

    adopted: str | None = None
    published: str | None = None
    effective: str | None = None
    repealed: str | None = None
    amended: list[str] = field(default_factory=list)


@cache
def _bodies() -> tuple[str, ...]:
    return tuple(load_table("issuers")["bodies"])


def read_metadata(
    n: str,
    source: Source | None,
    parts: Sequence[Part],
    provisions: Sequence[Provision],
    *,
    today: date | None = None,
) -> dict[str, Any]:
    """What the document says about itself; a key is left out when the text does not say.

    Args:
        n: normalized text.
        source: the file's own fields (发文字号, 成文日期 …) count where the text is silent.
        parts: the articles of the page; a page of several is a compendium and has no number, issuer or dates.
        provisions: tell a regulation from a report and where its head ends.
        today: against which `effective` is judged for `status`; the present day when None.

    Returns:
        `title` `doc_number` `issuer` `region` (text of `n`), `level` (法律 行政法规 … 规范性文件 报告), `kind`
        (regulation report plan notice compendium table other), `adopted` `published` `effective` `repealed`
        `last_amended` (ISO 8601), `amended` (tuple of them, in order), `status` (有效 已修改 已废止 尚未施行
        日期不明; norms only).
    """
    articles = [p for p in provisions if p.label.endswith("条")]
    titles = list(dict.fromkeys(part.title for part in parts))
    compendium = len(titles) > 1
    head = n[: provisions[0].start if articles else _HEAD]
    fields = _fields(head, source)
    title = _title(n, head, parts, fields, compendium=compendium)
    kind = "compendium" if compendium else _kind(title or "", articles, source)
    found: dict[str, Any] = {"title": title, "kind": kind}
    if kind in ("regulation", "notice", "plan"):
        found |= _origin(n, head, title or "", kind, fields)
        found |= _history(n, head, kind, fields)
        found["status"] = _status(found, fields, title or "", today or date.today())
    elif kind in ("report", "table"):
        found |= _origin(n, head, title or "", kind, fields) | {"published": _signed(n, head)}
    return {key: value for key, value in found.items() if value}


def _fields(head: str, source: Source | None) -> dict[str, str]:
    """Labelled values of the head and of the file, by our names; the text goes first."""
    stated = {m[1]: m[2] for m in reversed(list(_FIELD.finditer(head)))}
    own = dict(source.metadata) if source else {}
    return {
        name: value
        for name, labels in _FIELDS.items()
        if (value := next((d[label] for d in (stated, own) for label in labels if d.get(label)), None))
    }


def _title(n: str, head: str, parts: Sequence[Part], fields: dict[str, str], *, compendium: bool) -> str | None:
    if compendium:
        top = n[: parts[0].start]
        lines = [m.group().strip(" \t　#*") for m in _LINE.finditer(top)]
        plain = [line for line in lines if 4 <= len(line) <= 60 and not re.search(r"[|。:：>＞]", line)]
        return plain[0] if plain else None
    own = parts[0].title if parts else ""
    lines = [own] if own else []
    for match in _LINE.finditer(head, parts[0].start if parts else 0):
        line = match.group().strip(" \t　#*")
        if len(line) > _LONGEST_TITLE or len(lines) == _TITLE_LINES:
            break
        lines.append(line)
    for i, line in enumerate(lines):
        if _NORM_TITLE.search(line) and not _NO_TITLE.search(line):
            above = lines[i - 1] if i and line.startswith("关于") and lines[i - 1].endswith(_bodies()) else ""
            return above + line
    return own or fields.get("title")


def _kind(title: str, articles: Sequence[Provision], source: Source | None) -> str:
    name = re.sub(r"[（(〔][^）)〕]*[)）〕]$", "", title)
    if len(articles) > 1:
        return "regulation"
    if source and sum(t.end - t.start for t in source.tables) * 2 > len(source.text):
        return "table"
    if name.endswith(_NOTICES):
        return "notice"
    if name.endswith(_PLANS):
        return "plan"
    if len(name) > 3 and name.endswith(_NORMS) and not _NO_TITLE.search(name):
        return "regulation"
    if re.search(r"报告|总结|汇报|情况|述职|讲话|通报|简报|公报|体会", name):
        return "report"
    return "other"


def _origin(n: str, head: str, title: str, kind: str, fields: dict[str, str]) -> dict[str, Any]:
    """Number, issuer, territory and rank."""
    numbers = [(s, e) for s, e in find_document_numbers(head) if _own_number(head, s, e)]
    revised = [span for span in numbers if re.match(r"[^\n]{0,8}修订", head[span[1] :])]
    span = revised[-1] if revised else (numbers[0] if numbers else None)
    number = fields.get("doc_number") or (head[slice(*span)] if span else None)
    issuer = fields.get("issuer") or _issuer(n, head, title, number)
    region = territory(title, issuer)
    level = legal_level(n, title, kind=kind, issuer=issuer, number=number, region=region)
    return {"doc_number": number, "issuer": issuer, "region": region, "level": level}


def _own_number(head: str, start: int, end: int) -> bool:
    """True for a number on a line of its own, after a label, or in the note that says who promulgated the text."""
    line_start = head.rfind("\n", 0, start) + 1
    line_end = head.find("\n", end)
    before, after = head[line_start:start], head[end : line_end if line_end >= 0 else len(head)]
    noted_first = before.strip() in ("(", "（") and after[:1] in (" ", "　", "，", ",", "；")
    if noted_first:
        return True
    alone = not after.strip() and (not before.strip() or before.rstrip().endswith((":", "：")))
    noted = bool(re.match(r"[ 　]*(?:第.次)?(?:修订)?(?:公布|发布|颁布|修订)", after)) and "《" not in before
    return alone or noted


def _issuer(n: str, head: str, title: str, number: str | None) -> str | None:
    session = _SESSION.search(head)
    if session:
        if session["place"]:
            return f"{session['place']}人民代表大会{session['standing'] or ''}"
        return session["national"] or re.sub(r"^.*日", "", session["council"])
    body = _ORDER_BODY.match(number or "") if number and "令" in number else None
    if body:
        return body["body"].replace("中华人民共和国", "") or None
    published = _PUBLISHER.search(head)
    if published and published["body"].endswith(_bodies()):
        return published["body"].replace("中华人民共和国", "")
    about = re.match(r"(?P<body>[\u4e00-\u9fa5、 　]{2,60}?)关于", title)
    if about and about["body"].endswith(_bodies()):
        return about["body"].strip()
    signatures = _signatures(n, head)
    return str(signatures[0]["body"]) if signatures else None


def _history(n: str, head: str, kind: str, fields: dict[str, str]) -> dict[str, Any]:
    """Dates of adoption, promulgation, force, amendment and repeal."""
    dates = _note_dates(head)
    if kind in ("notice", "plan") or (dates.published is None and dates.adopted is None):
        dates.published = dates.published or _signed(n, head)
    dates.published = dates.published or iso_from_text(fields.get("published", ""))
    effective = _force(n, dates.published) or dates.effective or iso_from_text(fields.get("effective", ""))
    amended = tuple(dict.fromkeys(dates.amended))
    last = iso_from_text(fields.get("last_amended", "")) or (max(amended) if amended else None)
    return {
        "adopted": dates.adopted,
        "published": dates.published,
        "effective": effective,
        "amended": amended,
        "last_amended": last,
        "repealed": dates.repealed,
    }


def _signatures(n: str, head: str) -> list[re.Match[str]]:
    """An issuing body and, under it, the date: at the end of a document or of the letter before it."""
    texts = (head, n[-_TAIL:])
    return [m for text in texts for m in _SIGNATURE.finditer(text) if m["body"].endswith(_bodies())]


def _signed(n: str, head: str) -> str | None:
    signatures = _signatures(n, head)
    return iso_from_match(signatures[-1]) if signatures else None


def _note_dates(head: str) -> _Dates:
    """Dates of the note under the title, by the verb that follows each."""
    dates = _Dates()
    found = [(m, iso) for m, iso in find_dates(head)]
    for i, (match, iso) in enumerate(found):
        stop = found[i + 1][0].start() if i + 1 < len(found) else len(head)
        line_end = head.find("\n", match.end())
        words = head[match.end() : min(stop, line_end if line_end >= 0 else stop)]
        if re.search(r"修正|修订", words):
            dates.amended.append(iso)
        elif re.search(r"废止", words):
            dates.repealed = iso
        elif re.match(r"[ 　]*起?(?:施行|执行|实施|生效)", words):
            dates.effective = dates.effective or iso
        elif verb := re.search(r"通过|公布|发布|颁布", words):
            if verb.group() == "通过":
                dates.adopted = dates.adopted or iso
            else:
                dates.published = dates.published or iso
    return dates


def _force(n: str, published: str | None) -> str | None:
    """The date from which the text says it is in force; a clause on amended articles only does not count."""
    for match in reversed(list(_FORCE.finditer(n, max(0, len(n) - 2 * _TAIL)))):
        sentence = n[max(n.rfind("。", 0, match.start()), n.rfind("\n", 0, match.start())) + 1 : match.start()]
        if re.search(r"修正|修订|之?条文", sentence):
            continue
        spelled = next((iso for _, iso in find_dates(match.group())), None)
        return spelled or (published if not match["spelled"] else None)
    return None


def _status(found: dict[str, Any], fields: dict[str, str], title: str, today: date) -> str:
    stated = _STATED.get(fields.get("status", ""))
    if stated:
        return stated
    if found.get("repealed") or re.search(r"[（(](?:已)?(?:废止|失效)[)）]", title):
        return "已废止"
    effective = found.get("effective")
    if effective and effective > today.isoformat():
        return "尚未施行"
    return "有效" if effective or found.get("last_amended") or found.get("published") else "日期不明"
