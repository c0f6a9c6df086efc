"""Carries a check out and keeps it: read, extract, hold against the rules, each step told as it begins."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from api.web.labels import document_name
from api.web.places import versioned_id
from api.web.refusals import said_in_chinese
from ingest.errors import FaduError
from kb.reviews import Reviews

if TYPE_CHECKING:
    from api.library import Library
    from api.reports.checked import CheckedReport
    from ingest.records import Extraction
    from kb import KnowledgeBase
    from kb.types import Finding, StoredFigure, StoredRule

_LOG = logging.getLogger("fadu.api")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: its name and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be checked against what.

    Attributes:
        report: an uploaded report, or the id of a stored one.
        documents: ids of stored documents whose rules count; empty for the whole base.
        against: uploaded documents whose rules count instead.
    """

    report: Upload | str
    documents: tuple[str, ...] = ()
    against: tuple[Upload, ...] = ()


def carry_out(library: Library, reviews: Reviews, identity: str, order: Order) -> None:
    """Does what was ordered and keeps the findings; whatever goes wrong is kept as the reason."""
    try:
        _check(library, reviews, identity, order)
    except FaduError as error:
        reviews.fail(identity, said_in_chinese(error))
    except Exception:
        _LOG.exception("check %s failed", identity)
        reviews.fail(identity, "内部错误，详情见服务器日志")


def _check(library: Library, reviews: Reviews, identity: str, order: Order) -> None:
    from kb.check import check_report, rules_from_extractions

    reviews.tell(identity, "正在读取报告并提取数字")
    report = _extraction(library, order.report)
    against = []
    for number, upload in enumerate(order.against, 1):
        reviews.tell(identity, f"正在读取规则文件 {number}/{len(order.against)}")
        against.append(library.parsers.run(extract_rules, upload, name=upload.name))
    reviews.tell(identity, f"正在把 {len(report.figures)} 个数字逐项对照规则")
    if against:
        findings = check_report(report, rules_from_extractions(against))
    elif order.documents:
        findings = check_report(report, _rules_of(library.kb, order.documents, report))
    else:
        findings = library.kb.check(report)
    texts = {e.document.id: e.text for e in (report, *against)}  # the report's first
    name = report.document.title or document_name_of(report)
    reviews.finish(
        identity,
        name,
        json.dumps(texts, ensure_ascii=False),
        _findings_type().dump_json(findings).decode(),
        json.dumps(Counter(finding.status for finding in findings)),
    )


def document_name_of(report: Extraction) -> str:
    """The name of a report without a title: that of its file."""
    from kb.check import document_row

    return document_name(document_row(report))


def _extraction(library: Library, document: Upload | str) -> Extraction:
    if isinstance(document, str):
        return library.kb.extraction(document)
    return library.parsers.run(extract_upload, document, name=document.name)


def extract_upload(upload: Upload) -> Extraction:
    """Everything found in an uploaded file; done in a process of its own."""
    from ingest.extract import extract
    from ingest.readers import read

    return extract(read(upload.data, name=upload.name))


def extract_rules(upload: Upload) -> Extraction:
    """Everything found in an uploaded file whose rules count: it is read as a regulation."""
    from ingest.extract import extract
    from ingest.readers import read

    return extract(read(upload.data, name=upload.name), "regulation")


def _rules_of(kb: KnowledgeBase, documents: Sequence[str], report: Extraction) -> list[StoredRule]:
    from kb.types import Filters

    rules = [rule for identity in documents for rule in kb.rules(Filters(document=identity))]
    return [rule for rule in rules if rule.document.sha256 != report.document.sha256]


class Results:
    """The findings of a kept check, and the texts they quote.

    Args:
        kb: where the texts of stored documents are.
        reviews: where the check is.
        identity: its id.
    """

    def __init__(self, kb: KnowledgeBase, reviews: Reviews, identity: str) -> None:
        texts, findings = reviews.results(identity)
        self._kb = kb
        self._texts: dict[str, str] = json.loads(texts)
        self.findings: list[Finding] = _findings_type().validate_json(findings)

    def checked(self, name: str) -> CheckedReport:
        """The report under a name with its findings; its other records are read from its text again."""
        from api.reports.checked import CheckedReport
        from ingest.extract import extract

        identity, text = next(iter(self._texts.items()))
        report = extract(text)
        document = replace(report.document, id=identity, source=name)
        return CheckedReport(replace(report, document=document), tuple(self.findings))

    def text_of(self, stored: StoredFigure | StoredRule) -> str:
        """The text a record stands in; empty for a document that was removed since."""
        from ingest.errors import QueryError

        document = stored.document
        if document.id in self._texts:
            return self._texts[document.id]
        try:
            return self._kb.text(versioned_id(document))
        except QueryError:
            return ""  # removed after the check; the quote itself is kept in the record


@cache
def _findings_type() -> Any:
    from pydantic import TypeAdapter

    from kb.types import Finding

    return TypeAdapter(list[Finding])
