"""What was found in a document, record by record, in words: what it says, the words that made it, how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from api.present import describe_bound, describe_figure, describe_quantity, describe_rule
from api.web.labels import MODALITIES, QUANTITY_KINDS, REASONS, indicator_name
from ingest.records import Citation, Cue, Extraction, Figure, Quantity, Rule

LAYERS: Mapping[str, str] = {
    "rules": "规则",
    "figures": "数据",
    "quantities": "其他数量",
    "citations": "引用",
    "missing": "缺失",
    "arithmetic": "算术",
    "repairs": "修复",
    "boilerplate": "剔除",
}
ROLES: Mapping[str, str] = {
    "indicator": "指标",
    "comparator": "界限",
    "modality": "情态",
    "scheme": "险种",
    "population": "对象",
    "institution": "机构",
    "service": "项目",
    "base": "基数",
    "period": "时期",
    "region": "地区",
    "condition": "条件",
    "change": "增减",
    "versus": "比较",
    "actor": "主体",
    "action": "行为",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """One record for the eye.

    Attributes:
        layer: key of `LAYERS`.
        start, end: its span in the original.
        title: what it says, in one line.
        facts: term and text of each slot that is filled.
        cues: the words that made it.
        confidence: 0 to 1, None where the layer has none.
        provision: the path it stands in.
    """

    layer: str
    start: int
    end: int
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    cues: tuple[Cue, ...] = ()
    confidence: float | None = None
    provision: str | None = None


def explain_extraction(found: Extraction) -> list[Explained]:
    """Every record of a document in the order of the text; quantities only where no rule or figure carries them."""
    carried = {(r.start, r.end) for r in found.rules} | {(f.start, f.end) for f in found.figures}
    records = [_rule(rule) for rule in found.rules]
    records += [_figure(figure) for figure in found.figures]
    records += [_quantity(q) for q in found.quantities if (q.start, q.end) not in carried]
    records += [_citation(citation) for citation in found.citations]
    records += [Explained("missing", m.start, m.end, f"原文缺数字：{m.quote}") for m in found.missing]
    records += _arithmetic(found)
    records += [
        Explained("repairs", r.start, r.end, f"{r.quote} → {r.repaired}", (("方法", r.method),), (), r.confidence)
        for r in found.repairs
    ]
    records += [Explained("boilerplate", b.start, b.end, REASONS.get(b.reason, b.reason)) for b in found.boilerplate]
    return sorted(records, key=lambda r: (r.start, -r.end, tuple(LAYERS).index(r.layer)))


def _rule(rule: Rule) -> Explained:
    bound = describe_bound(rule)
    name = indicator_name(rule.indicator) if rule.indicator else ""
    title = " ".join(filter(None, (MODALITIES[rule.modality], name if bound else "", bound))) or rule.quote
    scope = rule.scope
    slots = (
        ("内容", describe_rule(rule) if bound else rule.quote),
        ("基数", rule.base),
        ("险种", scope.scheme),
        ("对象", scope.population),
        ("机构", scope.institution),
        ("项目", scope.service),
        ("地区", scope.region),
        ("时期", scope.period),
        ("条件", scope.condition),
        ("主体", rule.actor),
        ("行为", rule.action),
        ("例外", "；".join(rule.exceptions)),
        ("引自", rule.quoted_from),
    )
    return Explained("rules", rule.start, rule.end, title, _filled(slots), rule.cues, rule.confidence, rule.provision)


def _figure(figure: Figure) -> Explained:
    name = indicator_name(figure.indicator)
    slots = (
        ("内容", describe_figure(figure)),
        ("基数", figure.base),
        ("增减", {"up": "增长", "down": "下降"}.get(figure.change or "")),
        ("比较", figure.versus),
    )
    title = f"{name} {describe_bound(figure)}"
    return Explained(
        "figures", figure.start, figure.end, title, _filled(slots), figure.cues, figure.confidence, figure.provision
    )


def _quantity(quantity: Quantity) -> Explained:
    kind = (("种类", QUANTITY_KINDS[quantity.kind]),)
    return Explained(
        "quantities", quantity.start, quantity.end, describe_quantity(quantity), kind, (), quantity.confidence
    )


def _citation(citation: Citation) -> Explained:
    levels = (
        ("article", "条"), ("paragraph", "款"), ("item", "项"), ("subitem", "目"),
    )  # fmt: skip
    place = "".join(f"第{number}{unit}" for name, unit in levels if (number := getattr(citation, name)))
    title = f"《{citation.title}》" if citation.title else citation.refers_to or ""
    facts = _filled((("文号", citation.doc_number), ("所指", citation.refers_to if citation.title else None)))
    return Explained("citations", citation.start, citation.end, f"{title}{place}" or citation.quote, facts)


def _arithmetic(found: Extraction) -> Iterator[Explained]:
    ends = {q.start: q.end for q in found.quantities}
    for claim in found.arithmetic:
        verdict = "算得一致" if claim.consistent else f"算得 {claim.recomputed}，文中写 {claim.stated}"
        yield Explained(
            "arithmetic",
            claim.claim_start,
            ends.get(claim.claim_start, claim.claim_start + 1),
            f"{claim.claim}：{verdict}",
            (("算式", claim.formula),),
        )


def _filled(slots: tuple[tuple[str, str | None], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((term, text) for term, text in slots if text)
