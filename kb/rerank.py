"""The light reranker: a small learned network over the features of a candidate, averaged over several seeds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import StoreError
from kb.embed import StaticEmbedder, default_embedder
from kb.features import NAMES, Candidates, FeatureMaker

_ARRAYS = ("mean", "spread", "inner", "bias", "outer", "direct")
SHIPPED_RERANKER = Path(__file__).parent / "models" / "fadu-rerank" / "weights.npz"


class Reranker:
    """Scores candidates by what their features say.

    The network belongs to the embedder it was trained with: `mean` and `spread` `(features,)` standardize, then
    for each of `s` seeds `inner` `(s, features, width)`, `bias` `(s, width)`, `outer` `(s, width)` and
    `direct` `(s, features)`.

    Args:
        path: the `.npz` file.
        embedder: the model the cosines come from.

    Raises:
        StoreError: the file holds no such network, or one for another embedder.
    """

    trust_in_fusion = 2.0

    def __init__(self, path: Path, embedder: StaticEmbedder) -> None:
        try:
            with np.load(path, allow_pickle=False) as file:
                held = {name: file[name] for name in file.files}
            known = (str(held.pop("embedder")), tuple(held.pop("features").tolist()))
            self._network = {name: held[name] for name in _ARRAYS}
            self._maker = FeatureMaker(embedder, held["rarity"].astype(np.float32))
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(f"{path}: no reranker can be read there ({error}); reinstall fadu") from error
        if known != (embedder.name, NAMES):
            raise StoreError(f"{path}: made for the embedder {known[0]} with other features; train it anew")

    def scores(self, question: str, found: Candidates) -> NDArray[np.float32]:
        """`(len(found),)`: the larger the likelier; differences are log odds. `question` is normalized."""
        return network_scores(self._network, self._maker.features(question, found))


def network_scores(network: Mapping[str, NDArray[np.float32]], features: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(n,)` scores of `(n, features)` by a network of the arrays that `Reranker` describes."""
    ready = (features - network["mean"]) / network["spread"]
    hidden = np.maximum(ready @ network["inner"] + network["bias"][:, None], 0)
    scores = np.einsum("snw,sw->sn", hidden, network["outer"]) + (ready @ network["direct"].T).T
    mean: NDArray[np.float32] = scores.mean(axis=0)
    return mean


@cache
def shipped_reranker(embedder: str) -> Reranker | None:
    """The reranker of the embedder of that name, loaded once a process; None for any but the shipped one."""
    own = default_embedder()
    return Reranker(SHIPPED_RERANKER, own) if isinstance(own, StaticEmbedder) and own.name == embedder else None
