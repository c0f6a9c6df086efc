"""The OpenAI-compatible interface: models, embeddings, chat completions, whole or as a stream."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from api.chat import Reply, reply_to
from api.library import Library, library_of
from api.llm import configured_model
from api.problems import ApiError
from api.schemas.openai import (
    ChatChunk,
    ChatCompletion,
    ChatRequest,
    ChatUsage,
    EmbeddingList,
    EmbeddingRequest,
    ModelCard,
    ModelList,
    OpenAIError,
)
from kb.types import Filters

router = APIRouter(prefix="/v1", tags=["openai"])
Reader = Annotated[Library, Depends(library_of)]
CHAT = "fadu"
EMBEDDING = "fadu-embedding"
_STARTED = int(time.time())
_PIECE = 40
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "whole, or chunks"}
}


def describe_errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for errors in OpenAI's shape."""
    told = {400: "bad request", 401: "no key", 403: "forbidden", 404: "no such model", 422: "invalid", 502: "no model"}
    return {
        status: {"model": OpenAIError, "description": told.get(status, "error")}
        for status in (400, 401, 403, 413, 422, 500, 503, *statuses)
    }


@router.get("/models", operation_id="openai_list_models", summary="List models", responses=describe_errors())
async def list_models() -> ModelList:
    """`fadu` answers questions, `fadu-embedding` embeds texts."""
    return ModelList(data=[_card(CHAT), _card(EMBEDDING)])


@router.get("/models/{model}", operation_id="openai_get_model", summary="Get a model", responses=describe_errors(404))
async def get_model(model: Annotated[str, Path(max_length=100, description="`id` of a model")]) -> ModelCard:
    """One of the models."""
    return _card(_known(model, (CHAT, EMBEDDING)))


@router.post(
    "/embeddings",
    operation_id="openai_embed",
    summary="Embed texts",
    responses=describe_errors(404),
    response_model=EmbeddingList,
)
def embed(request: EmbeddingRequest) -> Any:
    """Unit vectors of texts in either script, as numbers or as base64 of little-endian 32-bit floats."""
    from kb.embed import default_embedder
    from kb.simplify import simplified

    _known(request.model, (EMBEDDING,))
    texts = [request.input] if isinstance(request.input, str) else request.input
    embedder = default_embedder()
    if request.dimensions not in (None, embedder.dimension):
        raise ApiError(422, f"the vectors have {embedder.dimension} dimensions; leave `dimensions` out")
    vectors = embedder.encode([simplified(text) for text in texts])
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(vector.astype("<f4").tobytes()).decode()
            if request.encoding_format == "base64"
            else [float(number) for number in vector],
        }
        for index, vector in enumerate(vectors)
    ]
    used = sum(map(len, texts))
    usage = {"prompt_tokens": used, "total_tokens": used}
    return JSONResponse({"object": "list", "model": EMBEDDING, "data": data, "usage": usage})


@router.post(
    "/chat/completions",
    operation_id="openai_chat",
    summary="Answer a conversation",
    response_model=ChatCompletion,
    responses=describe_errors(404, 502) | _STREAM,
)
def complete_chat(body: ChatRequest, request: Request, library: Reader) -> Response:
    """The last question, read in the light of those before, answered with 〔1〕 and a list of sources under it.

    Without a configured model the answer quotes the documents; with one, whatever it wrote that its sources do not
    hold is marked 〔未核实〕. `reference: true` adds the sources as data.
    """
    _known(body.model, (CHAT,))
    turns = [(m.role, m.text) for m in body.messages if m.role in ("user", "assistant") and m.text.strip()]
    if not turns or turns[-1][0] != "user":
        raise ApiError(422, "the last message must be a question of the user")
    base_url = str(request.base_url).rstrip("/")
    reply = reply_to(
        library.kb, turns, Filters(document=body.document, region=body.region), base_url, configured_model()
    )
    usage = _usage(body, reply)
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": CHAT}
    if body.stream:
        lines = _chunks(head, reply, usage if body.stream_options and body.stream_options.include_usage else None, body)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(lines, media_type="text/event-stream", headers=headers)
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": None}
    if body.reference:
        message["reference"] = list(reply.references)
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return JSONResponse({**head, "object": "chat.completion", "choices": [choice], "usage": usage.model_dump()})


def _chunks(head: dict[str, Any], reply: Reply, usage: ChatUsage | None, body: ChatRequest) -> Iterator[str]:
    def line(choices: list[dict[str, Any]], used: ChatUsage | None = None) -> str:
        return f"data: {ChatChunk(**head, choices=choices, usage=used).model_dump_json()}\n\n"

    def choice(delta: dict[str, Any], reason: str | None = None) -> list[dict[str, Any]]:
        return [{"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}]

    yield line(choice({"role": "assistant", "content": ""}))
    for at in range(0, len(reply.text), _PIECE):
        yield line(choice({"content": reply.text[at : at + _PIECE]}))
    yield line(choice({"reference": list(reply.references)} if body.reference else {}, "stop"))
    if usage is not None:
        yield line([], usage)
    yield "data: [DONE]\n\n"


def _usage(body: ChatRequest, reply: Reply) -> ChatUsage:
    """Characters for tokens: a Chinese character is about one."""
    asked = sum(len(message.text) for message in body.messages)
    said = len(reply.text)
    return ChatUsage(prompt_tokens=asked, completion_tokens=said, total_tokens=asked + said)


def _card(model: str) -> ModelCard:
    return ModelCard(id=model, created=_STARTED, owned_by="fadu")


def _known(model: str, models: tuple[str, ...]) -> str:
    if model not in models:
        raise ApiError(404, f"there is no model {model!r} for this; use {models[0]!r}")
    return model
