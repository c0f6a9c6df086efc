"""The JSON forms of what the knowledge base answers, the same from the command line and over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from api.reports.checked import count_statuses
from ingest.serialize import record_to_dict

if TYPE_CHECKING:
    from api.jobs import Job, Taken
    from api.reports.checked import Batch
    from ingest.normalize import AlignedText
    from kb.types import (
        DocumentRow,
        Finding,
        Hit,
        NumberCheck,
        QuoteMatch,
        SearchResult,
        StoredFigure,
        StoredRule,
        Verification,
    )


def stored_to_dict(stored: StoredRule | StoredFigure, explain: bool = False) -> dict[str, Any]:
    """A rule or figure with the `document` it stands in and, for a rule, the label of its provision.

    `count` is there where the document repeats it and repetitions are folded.
    """
    out: dict[str, Any] = {"document": document_to_dict(stored.document)}
    label = getattr(stored, "provision_label", None)
    if label:
        out["provision_label"] = label
    if stored.count > 1:
        out["count"] = stored.count
    return out | record_to_dict(stored.record, explain)


def document_to_dict(document: DocumentRow) -> dict[str, Any]:
    """A document's metadata; unknown fields are left out."""
    return record_to_dict(document)


def hit_to_dict(hit: Hit) -> dict[str, Any]:
    """A passage found."""
    return {
        "document": document_to_dict(hit.document),
        "path": hit.path,
        "label": hit.label,
        "quote": hit.quote,
        "start": hit.start,
        "end": hit.end,
        "score": round(hit.score, 6),
        "why": list(hit.why),
        **({"reading": hit.reading} if hit.reading else {}),
        **({"also": list(hit.also)} if hit.also else {}),
        **({"article": record_to_dict(hit.article)} if hit.article else {}),
    }


def search_to_dict(result: SearchResult, explain: bool = False) -> dict[str, Any]:
    """The object `fadu search --format json` prints."""
    return {
        "query": result.query,
        "hits": [hit_to_dict(hit) for hit in result.hits],
        "rules": [stored_to_dict(rule, explain) for rule in result.rules],
        **({"degraded": True} if result.degraded else {}),
        **({"missing": list(result.missing)} if result.missing else {}),
    }


def finding_to_dict(finding: Finding, explain: bool = False) -> dict[str, Any]:
    """One finding of a check; `figure` and `rule` are records with their `document`, or null."""
    return {
        "status": finding.status,
        "indicator": finding.indicator,
        "figure": None if finding.figure is None else stored_to_dict(finding.figure, explain),
        "rule": None if finding.rule is None else stored_to_dict(finding.rule, explain),
        "margin": finding.margin,
        "unit": finding.unit,
        "explanation": finding.explanation,
        "recomputed": finding.recomputed,
        "operands": [stored_to_dict(operand, explain) for operand in finding.operands],
        "formula": finding.formula,
        "why": list(finding.why),
        "confidence": finding.confidence,
    }


def findings_to_dict(findings: Iterable[Finding], explain: bool = False) -> dict[str, Any]:
    """What `fadu check --format json` prints of one report."""
    return {"findings": [finding_to_dict(finding, explain) for finding in findings]}


def batch_to_dict(batch: Batch, explain: bool = False) -> dict[str, Any]:
    """What `fadu check --format json` prints of several reports: each one's findings, the matrix, what was refused."""
    from api.reports.matrix import matrix_of, matrix_to_dict

    return {
        "reports": [
            {
                "document": record_to_dict(checked.report.document),
                "counts": dict(count_statuses(checked.findings)),
                **findings_to_dict(checked.findings, explain),
            }
            for checked in batch.reports
        ],
        "matrix": matrix_to_dict(matrix_of(batch.reports), batch.reports),
        "refused": [{"source": refusal.source, "reason": refusal.reason} for refusal in batch.refused],
    }


def match_to_dict(match: QuoteMatch) -> dict[str, Any]:
    """Where a verified sentence stands."""
    return {
        "document": document_to_dict(match.document),
        "path": match.path,
        "label": match.label,
        "quote": match.quote,
        "start": match.start,
        "end": match.end,
        "match": match.match,
        "similarity": round(match.similarity, 4),
        **({"differences": [record_to_dict(change) for change in match.differences]} if match.differences else {}),
    }


def verification_to_dict(verification: Verification) -> dict[str, Any]:
    """What `fadu verify --format json` prints."""
    return {
        "verified": verification.verified,
        "text": verification.text,
        "matches": [match_to_dict(match) for match in verification.matches],
        "numbers": [number_to_dict(number) for number in verification.numbers],
    }


def number_to_dict(number: NumberCheck) -> dict[str, Any]:
    """A verified number; `near` are the places of other numbers on its matter."""
    return {
        "quote": number.quote,
        "kind": number.kind,
        "value": number.value,
        "unit": number.unit,
        "found": number.found,
        "match": number.match,
        **({"indicator": number.indicator} if number.indicator else {}),
        "places": [match_to_dict(place) for place in number.places],
        **({"near": [match_to_dict(place) for place in number.near]} if number.near else {}),
    }


def aligned_to_dict(aligned: AlignedText, to: str) -> dict[str, Any]:
    """Normalized text with its steps, its repairs and the way back.

    `map` lists the changed blocks as `[source_start, source_end, start, end]`; between two blocks characters
    correspond one to one.
    """
    return {
        "to": to,
        "text": aligned.text,
        "steps": [step.name for step in aligned.steps],
        "repairs": [record_to_dict(repair) for repair in aligned.repairs],
        "map": [[b.start, b.end, b.new_start, b.new_end] for b in aligned.blocks],
    }


def job_to_dict(job: Job) -> dict[str, Any]:
    """An ingestion job with what became of each document so far."""
    from api.problems import problem_of

    files = list(job.files)
    return {
        "id": job.order.id,
        "state": job.state,
        "created": job.order.created,
        "names": list(job.order.names),
        "done": len(files),
        "total": job.total,
        "files": [taken_to_dict(taken) for taken in files],
        "error": None if job.error is None else problem_of(job.error),
    }


def taken_to_dict(taken: Taken) -> dict[str, Any]:
    """What became of one document of a job."""
    document = {} if taken.document is None else {"document": document_to_dict(taken.document)}
    return {"name": taken.name, "outcome": taken.outcome, "reason": taken.reason, **document}
