"""Two documents compared, as a page and as a workbook: what became of each rule, of the articles and of the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from api.present import describe_bound, describe_rule, sentence_around
from api.reports.checked import describe_provision, indicator_name
from api.reports.page import facts, page, section, table
from api.reports.quotes import script_of
from api.reports.workbook import Page, pages_to_xlsx
from api.screen import plain
from kb.wording import find_wording_changes

if TYPE_CHECKING:
    from ingest.records import DocumentInfo, Rule
    from kb.clauses import TextChange
    from kb.compare import Comparison, RuleChange
    from kb.flat import Value

DIRECTION_WORDS = {
    "stricter": "趋严",
    "looser": "放宽",
    "higher": "提高",
    "lower": "降低",
    "changed": "改变",
    "reworded": "改写",
}
_TEXT_WORDS = {"replaced": "改写", "inserted": "新增", "deleted": "删除"}
_COLOURS = {"stricter": "violation", "looser": "compliant", "higher": "undetermined", "lower": "inconsistent"}
_ALIKE = 0.3  # of two sentences that are shown as one with its changes


def comparison_to_html(comparison: Comparison, old_text: str, new_text: str) -> str:
    """A comparison as a page that stands alone.

    Args:
        comparison: of two documents.
        old_text: the original of `comparison.old`.
        new_text: the original of `comparison.new`.
    """
    names = side_names(comparison)
    texts = old_text, new_text
    title = _title(comparison)
    parts = [_head(comparison, names, title)]
    if comparison.identical:
        parts.append('<p class="verdict compliant">两份文件的规则与文字没有差异。</p>')
    else:
        parts.append(f'<p class="verdict">{escape(summary_of(comparison))}</p>{_tiles(comparison)}')
    changed, added, removed = comparison.changed, comparison.added, comparison.removed
    parts.append(section("changed", "规则变化", len(changed), _changed(changed, names, texts)))
    parts.append(section("added", "新增规则", len(added), _alone(added, new_text, comparison.new)))
    parts.append(section("removed", "删去规则", len(removed), _alone(removed, old_text, comparison.old)))
    rows = [
        (escape(plain(m.old.path)), escape(plain(m.new.path)), escape(plain(m.old.heading))) for m in comparison.moved
    ]
    moved = table((f"{names[0]}位置", f"{names[1]}位置", "标题"), rows) if rows else ""
    parts.append(section("moved", "移动的条文", len(rows), moved))
    parts.append(section("text", "文字对照", len(comparison.text), _text(comparison.text)))
    return page(title, parts)


def comparison_to_xlsx(comparison: Comparison, old_text: str, new_text: str) -> bytes:
    """A comparison as a workbook: 规则, 文字, 移动的条文."""
    names = side_names(comparison)
    places = tuple(f"{name}{end}" for name in names for end in ("起", "止"))
    bounds, articles, quotes = (tuple(name + what for name in names) for what in ("限值", "条款", "原文"))
    columns = ("变化", "事项", *bounds, *articles, "指标", *quotes, *places)
    rules = tuple(_rule_row(what, old, new, (old_text, new_text)) for what, old, new in _rows(comparison))
    texts = tuple(
        (_TEXT_WORDS[c.kind], describe_provision(c.old_path), c.old_quote, describe_provision(c.new_path), c.new_quote)
        for c in comparison.text
    )
    moved = tuple((plain(m.old.path), plain(m.new.path), plain(m.old.heading)) for m in comparison.moved)
    sides = (f"{names[0]}条款", f"{names[0]}文字", f"{names[1]}条款", f"{names[1]}文字")
    pages = [Page("规则", columns, rules), Page("文字", ("变化", *sides), texts)]
    pages.append(Page("移动的条文", (f"{names[0]}位置", f"{names[1]}位置", "标题"), moved))
    return pages_to_xlsx(pages)


def side_names(comparison: Comparison) -> tuple[str, str]:
    """What the two documents are called: issues of one title, or two documents."""
    from kb.applicability import plain_words

    same = plain_words(comparison.old.title) == plain_words(comparison.new.title)
    return ("旧版", "新版") if same and comparison.old.title else ("甲", "乙")


def summary_of(comparison: Comparison) -> str:
    """One sentence on what differs."""
    counts = Counter(DIRECTION_WORDS[change.direction] for change in comparison.changed)
    ways = "、".join(f"{word} {counts[word]}" for word in DIRECTION_WORDS.values() if counts[word])
    rules = f"规则变化 {len(comparison.changed)} 项" + (f"（{ways}）" if ways else "")
    other = f"新增 {len(comparison.added)} 项，删去 {len(comparison.removed)} 项，{comparison.unchanged} 项不变"
    moved = f"；{len(comparison.moved)} 条移动位置" if comparison.moved else ""
    return f"{rules}，{other}{moved}；文字差异 {len(comparison.text)} 处。"


def _title(comparison: Comparison) -> str:
    old, new = (plain(d.title or d.source) for d in (comparison.old, comparison.new))
    return f"《{old}》新旧对照" if side_names(comparison)[0] == "旧版" else f"《{old}》与《{new}》对照"


def _head(comparison: Comparison, names: tuple[str, str], title: str) -> str:
    documents = zip(names, (comparison.old, comparison.new), strict=True)
    told = facts([(name, _described(document)) for name, document in documents])
    return f'<header><p class="kicker">文件对照</p><h1>{escape(title)}</h1>{told}</header>'


def _described(document: DocumentInfo) -> str:
    dated = f"自 {document.effective} 施行" if document.effective else document.published
    parts = (f"《{document.title}》" if document.title else document.source, document.doc_number, dated)
    return "　".join(part for part in parts if part)


def _tiles(comparison: Comparison) -> str:
    counted = (
        ("变化", len(comparison.changed), "changed", "undetermined"),
        ("新增", len(comparison.added), "added", "compliant"),
        ("删去", len(comparison.removed), "removed", "violation"),
        ("不变", comparison.unchanged, "", ""),
    )
    tiles = []
    for word, count, anchor, colour in counted:
        inner = f'<b class="tint">{count}</b>{word}'
        linked = f'<a href="#{anchor}">{inner}</a>' if count and anchor else inner
        tiles.append(f'<li class="{colour if count else "none"}">{linked}</li>')
    return f'<ul class="tiles">{"".join(tiles)}</ul>'


def _changed(changes: Sequence[RuleChange], names: tuple[str, str], texts: tuple[str, str]) -> str:
    rows = []
    for change in changes:
        colour = _COLOURS.get(change.direction, "")
        bounds = [escape(describe_bound(rule)) for rule in (change.old, change.new)]
        places = " → ".join(dict.fromkeys(escape(describe_provision(r.provision)) for r in (change.old, change.new)))
        rows.append(
            (
                f'<span class="tint {colour}">{DIRECTION_WORDS[change.direction]}</span>',
                f"{escape(_about(change.new))}<br><small>{places}</small>",
                *bounds,
                _reworded(_sentence(change.old, texts[0]), _sentence(change.new, texts[1])),
            )
        )
    heads = ("变化", "事项", *names, "原文对照")
    return table(heads, rows, ("sign-word", "about", "value", "value", "words")) if rows else ""


def _alone(rules: Sequence[Rule], text: str, document: DocumentInfo) -> str:
    language = script_of(document.script)
    rows = [
        (
            escape(_about(rule)),
            escape(describe_bound(rule)),
            escape(describe_provision(rule.provision)),
            f"<span{language}>{escape(plain(_sentence(rule, text)))}</span>",
        )
        for rule in rules
    ]
    return table(("事项", "限值", "条款", "原文"), rows, ("about", "value", "", "words")) if rows else ""


def _about(rule: Rule) -> str:
    if rule.value is None:
        return "行为规范"
    scope = rule.scope
    words = [plain(word) for word in (scope.population, scope.institution, scope.service) if word]
    return " ".join(dict.fromkeys([*words, indicator_name(rule.indicator, rule.indicator_text)]))


def _sentence(rule: Rule, text: str) -> str:
    return rule.quote if rule.value is None else "".join(sentence_around(text, rule.start, rule.end))


def _text(changes: Sequence[TextChange]) -> str:
    rows = []
    for change in changes:
        sides = ((change.old_path, change.old_quote), (change.new_path, change.new_quote))
        paths = [path for path, quote in sides if quote]
        places = " → ".join(dict.fromkeys(filter(None, map(describe_provision, paths))))
        rows.append((escape(places or "条文以外"), _reworded(change.old_quote, change.new_quote)))
    return table(("位置", "文字"), rows, ("about", "words")) if rows else ""


def _reworded(old: str, new: str) -> str:
    """Two wordings as one with its changes; side by side where they have too little in common."""
    from kb.likeness import likeness

    if not old or not new or likeness(old, new) < _ALIKE:
        return "<br>".join(f"<{tag}>{escape(plain(t))}</{tag}>" for tag, t in (("del", old), ("ins", new)) if t)
    out, at = [], 0
    for change in find_wording_changes(old, new):
        out.append(escape(new[at : change.new_start]))
        out += [f"<del>{escape(change.old_quote)}</del>"] if change.old_quote else []
        out += [f"<ins>{escape(change.new_quote)}</ins>"] if change.new_quote else []
        at = change.new_end
    return "".join([*out, escape(new[at:])])


def _rows(comparison: Comparison) -> Iterator[tuple[str, Rule | None, Rule | None]]:
    yield from ((DIRECTION_WORDS[change.direction], change.old, change.new) for change in comparison.changed)
    yield from (("新增", None, rule) for rule in comparison.added)
    yield from (("删去", rule, None) for rule in comparison.removed)


def _rule_row(what: str, old: Rule | None, new: Rule | None, texts: tuple[str, str]) -> tuple[Value, ...]:
    pairs = tuple(zip((old, new), texts, strict=True))
    about = new or old
    return (
        what,
        describe_rule(about) if about else None,
        *(describe_bound(rule) if rule else None for rule, _ in pairs),
        *(describe_provision(rule.provision) if rule else None for rule, _ in pairs),
        indicator_name(about.indicator, about.indicator_text) if about and about.value else None,
        *(_sentence(rule, text) if rule else None for rule, text in pairs),
        *(place for rule, _ in pairs for place in ((rule.start, rule.end) if rule else (None, None))),
    )
