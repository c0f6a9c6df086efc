"""The vocabulary of the field, as reviewed TOML tables."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from ingest.errors import LexiconError


@cache
def load_table(name: str) -> dict[str, Any]:
    """A lexicon table by file name without suffix.

    Raises:
        LexiconError: the file is missing or not valid TOML.
    """
    path = resources.files("ingest.lexicon") / f"{name}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(f"ingest/lexicon/{name}.toml: {error}; restore the file or mend the line named") from error
