"""What the pages send step by step: server-sent events whose data is one JSON string each."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, Iterable

from fastapi.responses import StreamingResponse


def event(name: str, text: str) -> str:
    """One event.

    >>> event("end", "好\\n")
    'event: end\\ndata: "好\\\\n"\\n\\n'
    """
    return f"event: {name}\ndata: {json.dumps(text, ensure_ascii=False)}\n\n"


def stream(events: Iterable[str] | AsyncIterable[str]) -> StreamingResponse:
    """An answer that proxies pass on as it comes."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)
