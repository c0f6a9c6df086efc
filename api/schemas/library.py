"""Documents kept, and the jobs that take them in."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.lookup import Page
from api.schemas.records import Document, Provision
from api.schemas.service import Problem


class DocumentList(Page):
    """Some of the documents that match."""

    items: list[Document]


class DocumentText(BaseModel):
    """The original text all spans count in."""

    id: str
    text: str


class ProvisionList(BaseModel):
    """The provisions of one document, in order."""

    id: str
    items: list[Provision]


class Uploaded(BaseModel):
    """What became of an uploaded document."""

    outcome: Literal["added", "unchanged", "replaced"]
    document: Document


class TakenFile(BaseModel):
    """What became of one document of a job."""

    name: str = Field(description="name of the file; `archive.zip!/folder/file.docx` inside an archive")
    outcome: Literal["added", "unchanged", "replaced", "refused"]
    reason: str = Field("", description="why it was refused")
    document: Document | None = None


class JobState(BaseModel):
    """An ingestion job. The whole of it comes from `get_job`; its events carry one step each."""

    id: str
    state: Literal["queued", "running", "done", "failed"]
    created: str = Field(description="when it was accepted, ISO 8601")
    names: list[str] = Field(description="the uploaded files")
    done: int = Field(description="documents dealt with")
    total: int | None = Field(description="documents there are, null until archives have been opened")
    files: list[TakenFile]
    error: Problem | None = Field(description="why a failed job could not go on")


class JobStep(BaseModel):
    """The data of a `progress` event."""

    done: int
    total: int | None
    file: TakenFile


class JobList(BaseModel):
    """Jobs, newest first."""

    total: int
    items: list[JobState]
