"""Writes a token matrix as the model folder that `kb.embed.StaticEmbedder` reads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.ngrams import UNKNOWN, NgramVocabulary


def write_model(folder: Path, name: str, vocabulary: NgramVocabulary, vectors: NDArray[np.float32]) -> None:
    """Writes `config.json`, `tokenizer.json`, `weights.npy` (int8) and `scales.npy` (float32, one a row).

    Args:
        folder: where to; made if absent, files in it replaced.
        name: the embedder's name.
        vocabulary: the tokens in the order of the rows.
        vectors: `(tokens, dimension)`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-8) / 127
    np.save(folder / "weights.npy", np.rint(vectors / scales[:, None]).astype(np.int8))
    np.save(folder / "scales.npy", scales.astype(np.float32))
    config = {
        "name": name,
        "dimension": vectors.shape[1],
        "tokens": len(vocabulary),
        "fold": [vocabulary.folded, vocabulary.folds_to],
    }
    _write_json(folder / "config.json", config)
    tokenizer: dict[str, object] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {token: index for index, token in enumerate(vocabulary.tokens)},
            "unk_token": UNKNOWN,
        },
    }
    _write_json(folder / "tokenizer.json", tokenizer)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
