"""Work on a text that is not stored: extract, normalize, check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, UploadFile

from api.contract import aligned_to_dict, finding_to_dict
from api.library import Library, library_of
from api.problems import describe_problems
from api.routes.documents import Upload, read_upload
from api.schemas.analysis import CheckAnswer, Extraction, Normalized
from api.schemas.queries import FilterQuery, NormalizeRequest, TextRequest

if TYPE_CHECKING:
    from ingest.source import Source

router = APIRouter(prefix="/api", tags=["analysis"], responses=describe_problems(413))
Reader = Annotated[Library, Depends(library_of)]


def _read(upload: UploadFile) -> Source:
    from ingest.readers import read

    name, data = read_upload(upload)
    return read(data, name=name)


def _extract(document: str | Source) -> dict[str, Any]:
    from ingest.extract import extract
    from ingest.serialize import extraction_to_dict

    return extraction_to_dict(extract(document))


def _check(document: str | Source, query: FilterQuery, library: Library) -> dict[str, Any]:
    from ingest.extract import extract

    findings = library.kb.check(extract(document), library.filters_from_query(query))
    return {"findings": [finding_to_dict(finding) for finding in findings]}


@router.post(
    "/normalize",
    operation_id="normalize_text",
    summary="Clean and convert a text",
    response_model=Normalized,
)
def normalize_text(request: NormalizeRequest) -> dict[str, Any]:
    """Full-width and damaged characters cleaned, converted to one script, with the map back to the original."""
    from ingest.normalize import normalize

    return aligned_to_dict(normalize(request.text, to=request.to), request.to)


@router.post(
    "/extract",
    operation_id="extract_text",
    summary="Extract everything from a text",
    response_model=Extraction,
    response_model_exclude_unset=True,
)
def extract_text(request: TextRequest) -> dict[str, Any]:
    """Quantities, figures, rules, citations, missing figures and structure; all spans count in the given text."""
    return _extract(request.text)


@router.post(
    "/extract/file",
    operation_id="extract_file",
    summary="Extract everything from a file",
    response_model=Extraction,
    response_model_exclude_unset=True,
    responses=describe_problems(415),
)
def extract_file(file: Upload) -> dict[str, Any]:
    """The same for an uploaded file, which is not stored."""
    return _extract(_read(file))


@router.post(
    "/check",
    operation_id="check_text",
    summary="Check a report's text",
    response_model=CheckAnswer,
    response_model_exclude_unset=True,
)
def check_text(request: TextRequest, query: Annotated[FilterQuery, Query()], library: Reader) -> dict[str, Any]:
    """Figures against the rules the report quotes and those of the knowledge base, and the report's own arithmetic."""
    return _check(request.text, query, library)


@router.post(
    "/check/file",
    operation_id="check_file",
    summary="Check a report",
    response_model=CheckAnswer,
    response_model_exclude_unset=True,
    responses=describe_problems(415),
)
def check_file(file: Upload, query: Annotated[FilterQuery, Query()], library: Reader) -> dict[str, Any]:
    """The same for an uploaded report, which is not stored."""
    return _check(_read(file), query, library)
