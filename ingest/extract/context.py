"""Where a number stands: its clause, sentence and item, the kind of text around it, and what was said before.

Everything counts code points of the normalized text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, pairwise
from typing import Literal

from ingest.extract.vocabulary import Indicator, Mentions, ScopeTerm, indicators, modals, scope_mentions
from ingest.lexicon import load_table
from ingest.records import Citation, Part, Provision, Quantity

Mode = Literal["regulation", "plan", "report"]
Span = tuple[int, int]

_BREAK = re.compile(r"[。！？!;；\n]|[，：（）()]|(?<!\d):|:(?!\d)|\?(?![一-鿿])|(?<!\d),|,(?!\d{3}(?!\d))")
_LONGEST = 1000
_EXCERPTED = re.compile(r"\s{0,8}第[一二三四五六七八九十百零\d-]{1,8}条[ \u3000]")  # an article by itself
_RULES_TITLE = re.compile(r"(?:制度|规定|规程|守则|细则|管理办法|须知)(?:[(（][^)）]*[)）])?$")
_BINDS = re.compile(r"不得|应当|必须|严禁|须|应(?!该是)|禁止")
_NOTICE = re.compile(r"关于(?!印发|转发|开展|召开|做好|加强)[^\n]{2,60}的通知$")
_DISPOSES = re.compile(r"(?:现|特)(?:将|就)[^。\n]{0,30}通知如下")
_FULL_STOP = re.compile(r"[。\n]")
_SENTENCE = frozenset("。！？!;；\n")
_QUOTED = re.compile(r"“(?:[^“”\n]|“[^“”\n]{0,20}”){6,600}”|\"[^\"\n]{6,600}\"")
_LEADS_QUOTE = re.compile(
    r"(?:》|[号條条款项][)）]?|规定|要求|明确|约定|指出)[)）]?\s{0,2}(?:第?[一二三四五六七八九十\d]+[条款项])?\s{0,2}[:：,，]?\s{0,2}$"
)
_ENDS_QUOTE = re.compile(r"^\s?(?:之|等|的)?\s?\.?(?:规定|要求|原则|条款|约定)")
_INTRODUCED = re.compile(
    r"(?:》|[条款项号])[^，,。；;：:\n《”]{0,30}(?:规定[，,：:]|(?:掌握|执行|要求)[:：])|现行政策(?:规定)?(?:为|是)?[:：]"
)
_DONE = re.compile(r"了|已|共|进行|开展|制定|现将|组织|结合|我[县市校院局]|为[了进]")
_GROUNDS = re.compile(r"(?:根据|按照?|依据?|依照|对照)[^，,。；;\n]*$")
_HEADING = re.compile(r"[、.．)）\s]*(?P<words>[^。；;\n]{2,28}?)(?:[。:：]|[ 　]*(?:\n|$))")
_NEXT = re.compile(
    r"(?m)^[ 　]*(?:下一步|下步|下一阶段|下阶段|今后|明年|20\d\d年是)[^。\n]{0,12}[,，]"
    r"[^\n]*?(?:要|将|应|确保|力争)[^\n]*$"
)
_ARTICLE = re.compile(r"第[^条]{1,9}条(?:之[一二三四五六七八九十]+)?$|第[\d-]+条$")
_ITEM = re.compile(r"^[(（]?[一二三四五六七八九十百\d]{1,3}[)）、.．]?$")
_TELLS = re.compile(r"了|已|共|现将|汇报|总结|同比|较上年|比上年|截至|截止|审计|情况如下|取得")
_PLANS = re.compile(
    r"力争|确保|总体要求|工作任务|保障措施|主要目标|工作目标|负责[)）]|推进|健全|完善|强化|加快|逐步|(?<![高低加少升降长])到20\d\d年"
)
_SETS = re.compile(r"(?:标准|待遇|费率|缴费比例|限额|目录)(?:表|一览)?(?:[(（]|\s|$)")
_EXCERPT = 600  # code points of a text so short that its words of duty and of fact decide alone
_NORMS = re.compile(
    r"不得|应当|应于|应在|必须|不[低高少多短迟]于|[^，,。]{2,20}(?:以|为)[^，,。]{1,12}为[上下]限"
    r"|按照?[^，,。；;]{2,30}?(?:百分之[一-鿿]{1,6}|\d[\d.]*[%％倍元])[^，,。；;]{0,6}(?:发放|缴纳|缴存|支付|计发|发给|报销|提缴)"
)
_NARRATES = re.compile(
    r"了|已(?!满)|共|现有|实际|截[至止]|检查发现|经查|审计|抽查|达到?[一-鿿]{0,2}\d|[我全][省市县区院]|本[院店公]"
    r"|(?:19|20)\d\d年(?!\d{1,2}月\d{1,2}日起)|去年|上年|同比"
)
_REPORTS = re.compile(r"现将.{0,40}(?:如下|汇报|报告)|(?:汇报|总结|报告|反馈|述职)如下|审计调查|总结")
_DRAFTS = re.compile(
    r"制定.{0,40}(?:方案|计划|办法|意见)|总体要求|工作目标|工作任务|指导思想|为(?:进一步)?(?:贯彻|落实|深化|做好)"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The clause and sentence boundaries of a text."""

    breaks: list[int]
    stops: list[int]
    length: int

    def clause(self, at: int) -> Span:
        """The clause around position `at`, without its delimiters."""
        return self._around(self.breaks, at)

    def sentence(self, at: int) -> Span:
        """The sentence (up to 。；！ or a line end) around position `at`, without its delimiters."""
        return self._around(self.stops, at)

    def clauses_between(self, start: int, end: int) -> int:
        """How many clause boundaries lie in `[start, end)`."""
        return bisect_left(self.breaks, end) - bisect_left(self.breaks, start)

    def _around(self, marks: list[int], at: int) -> Span:
        right = bisect_left(marks, at)
        start = marks[right - 1] + 1 if right else 0
        return start, marks[right] if right < len(marks) else self.length


def layout_from_text(n: str) -> Layout:
    """The boundaries of `n`; commas and colons inside numbers do not count.

    What runs on for more than `_LONGEST` characters is no sentence, and is cut there, so that looking through the
    sentence of each of its numbers takes no more than linear time.
    """
    breaks = [match.start() for match in _BREAK.finditer(n)]
    stops = [at for at in breaks if n[at] in _SENTENCE]
    forced = [at for start, end in pairwise([0, *stops, len(n)]) for at in range(start + _LONGEST, end, _LONGEST)]
    if forced:
        breaks, stops = sorted({*breaks, *forced}), sorted({*stops, *forced})
    return Layout(breaks, stops, len(n))


@dataclass(frozen=True, slots=True)
class Context:
    """A document as the statement finders see it."""

    n: str
    layout: Layout
    parts: Sequence[Part]
    modes: Sequence[Mode]
    provisions: Sequence[Provision]
    quantities: Sequence[Quantity]
    citations: Sequence[Citation]
    indicators: Mentions[Indicator]
    scope: Mapping[str, Mentions[ScopeTerm]]
    modals: Mentions[str]
    quoted: Sequence[Span]
    _part_starts: list[int]
    _provision_starts: list[int]
    _quoted_starts: list[int]
    _planned: Sequence[Span]
    quantity_starts: Sequence[int]
    _modes: dict[int, Mode] = field(default_factory=dict)
    _innermost: dict[int, Provision | None] = field(default_factory=dict)
    _chapeaux: dict[str, Span | None] = field(default_factory=dict)

    def part(self, at: int) -> int | None:
        """Index of the part around position `at`, None in boilerplate."""
        i = bisect_right(self._part_starts, at) - 1
        return i if i >= 0 and at < self.parts[i].end else None

    def mode(self, at: int) -> Mode:
        """What kind of text stands at position `at`; rule text quoted in a report reads as regulation."""
        mode = self._modes.get(at)
        if mode is None:
            part = self.part(at)
            mode = self.modes[part] if part is not None else "report"
            if mode == "report" and self._is_planned(at):
                mode = "plan"
            if self.quotation(at) is not None:
                mode = "regulation"
            self._modes[at] = mode
        return mode

    def _is_planned(self, at: int) -> bool:
        i = bisect_right(self._planned, (at, self.layout.length + 1)) - 1
        return i >= 0 and at < self._planned[i][1]

    def quotation(self, at: int) -> Span | None:
        """The quoted rule text around position `at`."""
        i = bisect_right(self._quoted_starts, at) - 1
        if i >= 0 and at < self.quoted[i][1]:
            return self.quoted[i]
        return None

    def quoted_from(self, at: int) -> Span | None:
        """The citation that the quoted rule text around position `at` is quoted from."""
        quotation = self.quotation(at)
        if quotation is None:
            start, _ = self.layout.sentence(at)
            named = [c for c in self.citations if start <= c.start and c.end <= at and at - c.end <= 30]
            return (named[-1].start, named[-1].end) if named and "规定" in self.n[named[-1].end : at + 12] else None
        cited = [c for c in self.citations if c.end <= quotation[0] and c.start >= quotation[0] - 120]
        return (cited[-1].start, cited[-1].end) if cited else None

    def provision(self, at: int) -> Provision | None:
        """The innermost provision around position `at`."""
        if at in self._innermost:
            return self._innermost[at]
        found = self._innermost[at] = self._find_provision(at)
        return found

    def _find_provision(self, at: int) -> Provision | None:
        i = bisect_right(self._provision_starts, at) - 1
        while i >= 0:
            if at < self.provisions[i].end:
                return self.provisions[i]
            i -= 1
        return None

    def article(self, at: int) -> Span:
        """The article around position `at`; its sentence where it stands in none."""
        i = bisect_right(self._provision_starts, at) - 1
        while i >= 0:
            p = self.provisions[i]
            if p.label.endswith("条"):
                return (p.start, p.end) if at < p.end else self.layout.sentence(at)
            i -= 1
        return self.layout.sentence(at)

    def list_head(self, at: int) -> Span | None:
        """The words ahead of the list that position `at` stands in, None outside of lists."""
        provision = self.provision(at)
        return self.chapeau(provision) if provision else None

    def chapeau(self, provision: Provision) -> Span | None:
        """The words ahead of a list that `provision` is an item of, None when it is no list item."""
        if provision.id not in self._chapeaux:
            self._chapeaux[provision.id] = self._find_chapeau(provision)
        return self._chapeaux[provision.id]

    def _find_chapeau(self, provision: Provision) -> Span | None:
        if not _ITEM.match(provision.label) or provision.path.count("/") == 0:
            return None
        parent = provision.path.rsplit("/", 1)[0]
        i = bisect_left(self._provision_starts, provision.start) - 1
        while i >= 0 and self.provisions[i].path != parent:
            i -= 1
        if i < 0:
            return None
        start = self.provisions[i].start
        after = islice(self.provisions, i + 1, None)
        first = next((p.start for p in after if p.path.rsplit("/", 1)[0] == parent), provision.start)
        head = self.n[start:first].rstrip()
        line = max(head.rfind("\n"), head.rfind("。")) + 1
        if head.startswith("但", line) and line > 1:
            line = max(head.rfind("\n", 0, line - 1), head.rfind("。", 0, line - 1)) + 1
        return start + line, start + len(head)


def context_from_layers(
    n: str,
    parts: Sequence[Part],
    provisions: Sequence[Provision],
    quantities: Sequence[Quantity],
    citations: Sequence[Citation],
    declared: Mode | None = None,
) -> Context:
    """The context of a normalized text whose other layers are known; what would read as a report is `declared`."""
    quoted = list(_quoted_rules(n))
    return Context(
        n=n,
        layout=layout_from_text(n),
        parts=parts,
        modes=[_declared(_mode(n, part, provisions), declared) for part in parts],
        provisions=provisions,
        quantities=quantities,
        citations=citations,
        indicators=indicators().find(n),
        scope=scope_mentions(n),
        modals=modals().find(n),
        quoted=quoted,
        _part_starts=[p.start for p in parts],
        _provision_starts=[p.start for p in provisions],
        _quoted_starts=[start for start, _ in quoted],
        _planned=_planned_sections(n, provisions),
        quantity_starts=[q.start for q in quantities],
    )


@cache
def _plan_heading() -> re.Pattern[str]:
    return re.compile("|".join(load_table("signals")["plan"]["sections"]))


def _planned_sections(n: str, provisions: Sequence[Provision]) -> list[Span]:
    """Sections of reports that say what is to be done (三、明年工作计划), and paragraphs that begin so (下一步，…)."""
    found = [
        (p.start, p.end)
        for p in provisions
        if not _ARTICLE.search(p.label) and _plan_heading().search(_heading(n, p.start + len(p.label), p.end))
    ]
    found += [m.span() for m in _NEXT.finditer(n)]
    found.sort()
    merged: list[Span] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _heading(n: str, start: int, end: int) -> str:
    """The heading of a section, empty where its text begins at once."""
    line = _HEADING.match(n, start, end)
    return line["words"] if line else ""


def _quoted_rules(n: str) -> list[Span]:
    spans: list[Span] = []
    for match in _QUOTED.finditer(n):
        start, end = match.span()
        if _LEADS_QUOTE.search(n, max(0, start - 12), start) or _ENDS_QUOTE.match(n[end : end + 8]):
            spans.append((start + 1, end - 1))
    introduced = (m for m in _INTRODUCED.finditer(n) if not _grounds(n, m))
    spans += [(m.end(), full_sentence(n, m.end(), m.end())[1]) for m in introduced]
    spans.sort()
    return [span for i, span in enumerate(spans) if not i or span[0] >= spans[i - 1][1]]


def _grounds(n: str, introduced: re.Match[str]) -> bool:
    """Whether a rule is named as the ground of something done (根据…规定，进行了审计), not stated."""
    if not _GROUNDS.search(n, max(0, introduced.start() - 60), introduced.start()):
        return False
    return bool(_DONE.search(n, introduced.end(), full_sentence(n, introduced.end(), introduced.end())[1]))


def full_sentence(n: str, start: int, end: int) -> Span:
    """From the full stop or line end before `start` to the one behind `end`; semicolons do not end it."""
    stop = _FULL_STOP.search(n, end)
    return max(n.rfind("。", 0, start), n.rfind("\n", 0, start)) + 1, stop.start() if stop else len(n)


def stripped(n: str, start: int, end: int) -> Span:
    """The span without white space at its ends."""
    while start < end and n[start].isspace():
        start += 1
    while end > start and n[end - 1].isspace():
        end -= 1
    return start, end


def _declared(found: Mode, declared: Mode | None) -> Mode:
    return declared if declared and found == "report" else found


def _mode(n: str, part: Part, provisions: Sequence[Provision]) -> Mode:
    articles = sum(
        1 for p in provisions if part.start <= p.start < part.end and _ARTICLE.search(p.path.rsplit("/", 1)[-1])
    )
    house_rules = _RULES_TITLE.search(part.title) and len(_BINDS.findall(n, part.start, part.end)) >= 3
    if articles >= 2 or house_rules or _EXCERPTED.match(n, part.start):
        return "regulation"
    body = n[part.start : part.end]
    head = body[:400]
    lines = body.split("\n")
    if sum("\t" in line for line in lines) * 2 > len(lines) and _SETS.search(head[:80]):
        return "regulation"
    if _NOTICE.search(part.title) and _DISPOSES.search(body):
        return "regulation"
    if _REPORTS.search(head):
        return "report"
    if len(body) <= _EXCERPT and _NORMS.search(body) and not _NARRATES.search(body):
        return "regulation"
    per_thousand = 1000 / max(len(body), 1)
    plans, tells = len(_PLANS.findall(body)) * per_thousand, len(_TELLS.findall(body)) * per_thousand
    title = any(word in part.title for word in load_table("signals")["plan"]["title"])
    if plans > tells + (1 if title else 3) or (_DRAFTS.search(head) and plans + 2 > tells):
        return "plan"
    return "report"
