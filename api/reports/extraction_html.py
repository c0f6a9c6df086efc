"""What was found in one document, marked in its original text: a page that stands alone, without scripts.

A record's card and the words that made it appear while a pointer rests on it or the keyboard has it; the layers are
switched by check boxes. All of that is style.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import pairwise

from api.present import sentence_around
from api.reports.explained import LAYERS, ROLES, Explained, explain_extraction
from api.reports.page import facts, page, section, table
from api.reports.quotes import script_of
from api.screen import plain
from api.web.labels import DOCUMENT_KINDS
from ingest.records import Extraction

_LINKED = 600
"""Records whose cues light up with them; each takes a rule of style."""
_SHOWN = 4
"""Records on one card; the list below the text has them all."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of text with the same records, by index, and cues of the same records."""

    start: int
    end: int
    records: tuple[int, ...]
    cues: tuple[int, ...]


def extraction_to_html(found: Extraction) -> str:
    """The whole page."""
    records = explain_extraction(found)
    title = found.document.title or found.document.source
    language = script_of(found.document.script)
    counts = Counter(record.layer for record in records)
    body = [
        f'<header><p class="kicker">提取结果</p><h1{language}>{escape(plain(title))}</h1>{_about(found)}</header>',
        _legend(counts),
        f'<section id="text" class="original"{language}>{_text(found.text, records)}</section>',
        *(_list(found.text, records, layer, language) for layer in LAYERS if layer != "boilerplate"),
    ]
    return page(f"{plain(title)} · 提取结果", body, _style(records))


def _about(found: Extraction) -> str:
    about = found.document
    total = max(1, about.length)
    return facts(
        (
            ("文号", about.doc_number),
            ("制定机关", about.issuer),
            ("类别", DOCUMENT_KINDS.get(about.kind or "", about.kind)),
            ("公布", about.published),
            ("施行", about.effective),
            ("编码", about.encoding),
            ("篇幅", f"{about.length:,} 字，其中正文 {found.coverage.kept * 100 // total}%"),
        )
    )


def _legend(counts: Counter[str]) -> str:
    boxes = "".join(
        f'<label class="k-{layer}"><input type="checkbox" id="show-{layer}" checked><span>{name}</span>'
        f"<b>{counts[layer]}</b></label>"
        for layer, name in LAYERS.items()
        if counts[layer]
    )
    hint = "指向或用 Tab 键移到标记处，可看记录的内容、依据的词语（线索）和把握；勾选可显示或隐藏一类。"
    return f'<nav class="legend" aria-label="图例">{boxes}<p class="note">{hint}</p></nav>'


def _text(text: str, records: Sequence[Explained]) -> str:
    """The original in lines, each piece marked with the records it belongs to."""
    out: list[str] = []
    seen: set[int] = set()
    for piece in _pieces(text, records):
        inner = escape(text[piece.start : piece.end])
        classes = [f"m-{layer}" for layer in dict.fromkeys(records[i].layer for i in piece.records)]
        classes += [f"r{i}" for i in piece.records] + [f"c{i}" for i in piece.cues]
        if piece.cues:
            classes.append("cue")
        if not classes:
            out.append(inner)
            continue
        if not piece.records:
            out.append(f'<span class="{" ".join(classes)}">{inner}</span>')
            continue
        anchors = "".join(f'<i id="at-{i}"></i>' for i in piece.records if i not in seen)
        seen.update(piece.records)
        innermost = sorted(piece.records, key=lambda i: records[i].end - records[i].start)
        card = "".join(_card(records[i]) for i in innermost[:_SHOWN])
        if all(records[i].layer == "boilerplate" for i in piece.records):
            reason = escape(records[innermost[0]].title)
            out.append(f'<span class="{" ".join(classes)}" title="剔除：{reason}">{inner}</span>')
            continue
        out.append(
            f'{anchors}<a href="#record-{innermost[0]}" class="m {" ".join(classes)}">{inner}'
            f'<span class="cards" role="note">{card}</span></a>'
        )
    return "".join(out)


def _pieces(text: str, records: Sequence[Explained]) -> Iterator[_Piece]:
    spans = [(r.start, r.end, i, True) for i, r in enumerate(records)]
    spans += [(c.start, c.end, i, False) for i, r in enumerate(records) for c in r.cues if i < _LINKED]
    cuts = sorted({0, len(text), *(at for start, end, _, _ in spans for at in (start, end))})
    own: list[list[int]] = [[] for _ in cuts]
    cued: list[list[int]] = [[] for _ in cuts]
    for start, end, index, is_record in spans:
        at = bisect_right(cuts, start) - 1
        while at < len(cuts) and cuts[at] < end:
            (own if is_record else cued)[at].append(index)
            at += 1
    for at, (start, end) in enumerate(pairwise(cuts)):
        yield _Piece(start, end, tuple(dict.fromkeys(own[at])), tuple(dict.fromkeys(cued[at])))


def _card(record: Explained) -> str:
    terms = "".join(f"<span><i>{escape(term)}</i>{escape(plain(text))}</span>" for term, text in record.facts)
    told = f"<span><i>线索</i>{_cues(record)}</span>" if record.cues else ""
    return (
        f'<span class="card-{record.layer}"><b>{LAYERS[record.layer]}</b> '
        f"<strong>{escape(plain(record.title))}</strong>{terms}{told}{_confidence(record)}</span>"
    )


def _cues(record: Explained) -> str:
    return "、".join(f"{ROLES.get(cue.role, cue.role)}“{escape(plain(cue.quote))}”" for cue in record.cues)


def _confidence(record: Explained) -> str:
    if record.confidence is None:
        return ""
    return f"<span><i>把握</i>{record.confidence * 100:.0f}%</span>"


def _list(text: str, records: Sequence[Explained], layer: str, language: str) -> str:
    rows = [
        (
            f'<a id="record-{i}" href="#at-{i}">{escape(record.provision or "原文")}</a>',
            f"<b>{escape(plain(record.title))}</b>",
            f"<q{language}>{_quoted(text, record)}</q>",
            _cues(record),
            "" if record.confidence is None else f"{record.confidence * 100:.0f}%",
        )
        for i, record in enumerate(records)
        if record.layer == layer
    ]
    headers = ("所在", "内容", "原文", "线索", "把握")
    if not any(row[3] or row[4] for row in rows):
        headers, rows = headers[:3], [row[:3] for row in rows]  # type: ignore[assignment,misc]
    return section(f"list-{layer}", LAYERS[layer], len(rows), table(headers, rows) if rows else "")


def _quoted(text: str, record: Explained) -> str:
    before, quote, after = sentence_around(text, record.start, record.end)
    return f"{escape(plain(before))}<mark>{escape(plain(quote))}</mark>{escape(plain(after))}"


def _style(records: Iterable[Explained]) -> str:
    sheet = files("api.reports").joinpath("extraction.css").read_text(encoding="utf-8")
    hidden = "".join(
        f"body:has(#show-{layer}:not(:checked)) :is(.m-{layer},.card-{layer}){{--on-{layer}:0}}"
        f"body:has(#show-{layer}:not(:checked)) :is(#list-{layer},.card-{layer}){{display:none}}"
        for layer in LAYERS
    )
    linked = "".join(
        f".original:has(.r{i}:is(:hover,:focus)) .c{i},"
        for i, record in enumerate(records)
        if record.cues and i < _LINKED
    )
    lit = f"{linked.removesuffix(',')}{{background:var(--cue);box-shadow:0 0 0 2px var(--cue)}}" if linked else ""
    return sheet + hidden + lit
