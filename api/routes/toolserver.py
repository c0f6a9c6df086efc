"""The tools as an OpenAPI tool server of its own, `/tools`: what Open WebUI and its like expect of one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api import tools
from api.library import Library, library_of
from api.problems import describe_problems
from api.schemas.analysis import CheckAnswer
from api.schemas.lookup import FoundDocuments, FoundProvisions, FoundRules, NumberAnswer, SearchAnswer, VerifyAnswer
from api.schemas.queries import TextRequest, VerifyRequest
from api.schemas.toolserver import AddressSought, DocumentsSought, NumberSought, PassageSearch, RuleSearch
from kb.types import Filters

router = APIRouter(tags=["tools"], responses=describe_problems(413, 503))
Reader = Annotated[Library, Depends(library_of)]


@router.post("/search_passages", operation_id="search_passages", response_model_exclude_unset=True)
def search_passages(asked: PassageSearch, library: Reader) -> SearchAnswer:
    """Find passages of policy documents, best first, each with document, article, quote and span."""
    filters = Filters(document=asked.document, region=asked.region)
    return SearchAnswer(**tools.search_passages(library.kb, asked.query, asked.k, filters))


@router.post("/search_rules", operation_id="search_rules", response_model_exclude_unset=True)
def search_rules(asked: RuleSearch, library: Reader) -> FoundRules:
    """List rules with their bounds (rates, caps, deadlines, prohibitions), narrowed by what is given."""
    named: dict[str, Any] = asked.model_dump(exclude={"limit"})
    return FoundRules(**tools.search_rules(library.kb, asked.limit, Filters(**named)))


@router.post("/get_provision", operation_id="get_provision", response_model_exclude_unset=True)
def get_provision(asked: AddressSought, library: Reader) -> FoundProvisions:
    """The text of an article by its address, such as 社会保险法第二十三条第二款."""
    return FoundProvisions(**tools.get_provision(library.kb, asked.address))


@router.post("/list_documents", operation_id="list_documents", response_model_exclude_unset=True)
def list_documents(asked: DocumentsSought, library: Reader) -> FoundDocuments:
    """List the documents of the knowledge base."""
    filters = Filters(region=asked.region, status=asked.status)
    return FoundDocuments(**tools.list_documents(library.kb, filters))


@router.post("/verify_quote", operation_id="verify_quote", response_model_exclude_unset=True)
def verify_quote(asked: VerifyRequest, library: Reader) -> VerifyAnswer:
    """Say whether a sentence stands in the knowledge base word for word, and each of its numbers, and where."""
    return VerifyAnswer(**tools.verify_quote(library.kb, asked.text))


@router.post("/verify_number", operation_id="verify_number", response_model_exclude_unset=True)
def verify_number(asked: NumberSought, library: Reader) -> NumberAnswer:
    """Say whether a number stands in the passages that speak of something, and where."""
    return NumberAnswer(**tools.verify_number(library.kb, asked.number, asked.about))


@router.post("/check_report", operation_id="check_report", response_model_exclude_unset=True)
def check_report(asked: TextRequest, library: Reader) -> CheckAnswer:
    """Check a report's text against the rules it quotes and those stored, and recompute its arithmetic."""
    return CheckAnswer(**tools.check_report(library.kb, asked.text))
