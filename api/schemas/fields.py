"""The kinds of value that requests and answers are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

MAX_TEXT = 2_000_000
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT, description="the words of a document")]
FilterText = Annotated[str | None, Field(max_length=200)]
Block = Annotated[list[int], Field(min_length=4, max_length=4)]
IsoDate = Annotated[str | None, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
Axis = Literal["document", "region", "level", "institution", "scheme", "service", "population", "period"]
TableName = Literal[
    "documents", "versions", "relations", "rules", "figures", "quantities", "citations", "provisions", "passages"
]
Span = Annotated[int, Field(description="offset in code points of the original text")]
Decimal = Annotated[str, Field(description="decimal string, or an ISO 8601 date for kind `date`")]
