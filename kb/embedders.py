"""Which embedder a setting names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import StoreError
from kb.embed import StaticEmbedder, default_embedder
from kb.endpoint import EndpointEmbedder
from kb.sentence_models import SentenceTransformerEmbedder

if TYPE_CHECKING:
    from kb.embed import Embedder

SETTING, KEY = "FADU_EMBEDDER", "FADU_EMBEDDER_KEY"


def embedder_from_environment() -> Embedder:
    """The embedder `FADU_EMBEDDER` names, the shipped one when it is unset."""
    setting = os.environ.get(SETTING)
    return embedder_from_setting(setting, os.environ.get(KEY)) if setting else default_embedder()


def embedder_from_setting(setting: str, key: str | None = None) -> Embedder:
    """An embedder by name.

    Args:
        setting: `static:FOLDER`, `sentence-transformers:FOLDER or NAME`, or `openai:MODEL@URL`.
        key: for an endpoint, its bearer token.

    Raises:
        StoreError: the setting is none of these, or the model cannot be loaded or reached.
        MissingExtraError: sentence-transformers is not installed.
    """
    kind, _, name = setting.partition(":")
    if kind == "static" and name:
        return StaticEmbedder(Path(name))
    if kind == "sentence-transformers" and name:
        return SentenceTransformerEmbedder(name)
    model, _, url = name.partition("@")
    if kind == "openai" and model and url:
        return EndpointEmbedder(url, model, key)
    raise StoreError(
        f"{SETTING}={setting!r} names no embedder; write static:FOLDER, sentence-transformers:FOLDER or "
        "openai:MODEL@URL"
    )
