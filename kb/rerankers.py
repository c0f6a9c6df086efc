"""Which reranker a setting names."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Protocol

from ingest.errors import StoreError
from kb.rerank import shipped_reranker
from kb.sentence_models import CrossEncoderReranker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.features import Candidates

SETTING = "FADU_RERANKER"


class Scorer(Protocol):
    """Whatever puts candidates in order.

    Attributes:
        trust_in_fusion: weight of the log odds of the fusion, which are added to the scores.
    """

    trust_in_fusion: float

    def scores(self, question: str, found: Candidates) -> NDArray[np.float32]:
        """`(len(found),)`: the larger the likelier; differences are log odds. `question` is normalized."""
        ...


def reranker_from_environment(embedder: str) -> Scorer | None:
    """The reranker `FADU_RERANKER` names, loaded once a process; unset, the one of the embedder, if any."""
    setting = os.environ.get(SETTING)
    return reranker_from_setting(setting) if setting else shipped_reranker(embedder)


@cache
def reranker_from_setting(setting: str) -> Scorer | None:
    """A reranker by name.

    Args:
        setting: `cross-encoder:FOLDER or NAME`, or `none` for the order of the fusion.

    Raises:
        StoreError: the setting is neither, or the model cannot be loaded.
        MissingExtraError: sentence-transformers is not installed.
    """
    if setting == "none":
        return None
    kind, _, name = setting.partition(":")
    if kind == "cross-encoder" and name:
        return CrossEncoderReranker(name)
    raise StoreError(f"{SETTING}={setting!r} names no reranker; write cross-encoder:FOLDER, or none")
