"""The lexicon tables that normalization reads, each once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from ingest.errors import LexiconError


@cache
def read_table(name: str) -> dict[str, Any]:
    """The TOML table `name` of `ingest/lexicon`.

    Raises:
        LexiconError: it is missing or not TOML.
    """
    try:
        return tomllib.loads((files("ingest") / "lexicon" / name).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(f"ingest/lexicon/{name}: {error}; restore the file or mend the line named") from error
