"""Examples in the OpenAPI document: answers of a server with three documents of corpus/, lists cut to one item."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from fastapi import FastAPI


class Documented(FastAPI):
    """An application whose OpenAPI document shows an answer for each operation that gives text or JSON."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        known = self.openapi_schema is not None
        document = super().openapi()
        if not known:
            _add_examples(document)
        return document


def _add_examples(document: dict[str, Any]) -> None:
    examples = json.loads((files("api") / "examples.json").read_text("utf-8"))
    for path in document["paths"].values():
        for operation in path.values():
            example = examples.get(operation["operationId"])
            if example is None:
                continue
            answer = next(answer for status, answer in sorted(operation["responses"].items()) if status >= "200")
            for media_type, body in answer.get("content", {}).items():
                if isinstance(example, str) == (media_type != "application/json"):
                    body.setdefault("example", example)
