"""What the OpenAI-compatible interface takes and gives. Fields of OpenAI's that fadu has no use for are ignored."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ShortText = Annotated[str, Field(max_length=20_000)]


class OpenAIErrorBody(BaseModel):
    """What went wrong, with all four keys."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(BaseModel):
    """An error as OpenAI's clients read it."""

    error: OpenAIErrorBody


class ModelCard(BaseModel):
    """A model."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class ModelList(BaseModel):
    """The models there are."""

    object: Literal["list"] = "list"
    data: list[ModelCard]


class EmbeddingRequest(BaseModel):
    """Texts to embed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"model": "fadu-embedding", "input": ["住院报销比例"]}]})

    model: str = Field("fadu-embedding", max_length=100, description="the embedding model")
    input: ShortText | Annotated[list[ShortText], Field(min_length=1, max_length=2048)] = Field(
        description="a text, or several, in either script"
    )
    encoding_format: Literal["float", "base64"] = Field("float", description="numbers, or base64 of them")
    dimensions: int | None = Field(None, description="what the model has, or nothing")
    user: str | None = Field(None, description="ignored")


class Embedding(BaseModel):
    """A vector: numbers, or base64 of little-endian 32-bit floats."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingUsage(BaseModel):
    """Characters, for tokens."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(BaseModel):
    """The vectors, in the order of the texts."""

    object: Literal["list"] = "list"
    model: str
    data: list[Embedding]
    usage: EmbeddingUsage


class ContentPart(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: ShortText = ""


class ChatMessage(BaseModel):
    """A message; what is not of the user or the assistant is ignored."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: ShortText | Annotated[list[ContentPart], Field(max_length=100)] | None = None

    @property
    def text(self) -> str:
        """The words of the message."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """How to stream."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A conversation that ends with a question."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "fadu", "messages": [{"role": "user", "content": "三级医院住院报销比例是多少？"}]}]
        }
    )

    model: str = Field("fadu", max_length=100, description="the model that answers")
    messages: list[ChatMessage] = Field(
        min_length=1, max_length=200, description="oldest first; the last is the question"
    )
    stream: bool = Field(False, description="answer in chunks, as server-sent events")
    stream_options: StreamOptions | None = Field(None, description="how to stream")
    reference: bool = Field(False, description="fadu's own: give the sources as data too")
    document: str | None = Field(None, max_length=200, description="fadu's own: answer from this document")
    region: str | None = Field(None, max_length=200, description="fadu's own: answer from documents of this place")


class ChatAnswer(BaseModel):
    """What was answered."""

    role: Literal["assistant"]
    content: str
    refusal: str | None = None
    reference: list[dict[str, Any]] | None = None


class ChatChoice(BaseModel):
    """The one answer."""

    index: int
    message: ChatAnswer
    finish_reason: Literal["stop"]
    logprobs: None = None


class ChatUsage(BaseModel):
    """Characters, for tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: ChatUsage


class ChatChunk(BaseModel):
    """A piece of a streamed answer."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: ChatUsage | None = None
