"""The note a derived index keeps of what it holds; without it the index counts as broken."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

_NAME = "stamp.json"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an index holds.

    Attributes:
        generation: the generation of the store it has caught up with.
        format: how it was made; an index of another format is made anew.
        place: name of the folder beside the stamp that holds it, where that varies.
    """

    generation: int
    format: str
    place: str = ""


def read_stamp(folder: Path) -> Stamp | None:
    """The stamp in `folder`, None when it is absent or unreadable."""
    try:
        return Stamp(**json.loads((folder / _NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_stamp(folder: Path, stamp: Stamp) -> None:
    """Writes the stamp whole or not at all; call it last, when the index is complete on disk."""
    draft = folder / f"{_NAME}.new"
    draft.write_text(json.dumps(asdict(stamp)), encoding="utf-8")
    os.replace(draft, folder / _NAME)


def remove_stamp(folder: Path) -> None:
    """Takes the stamp away before the index changes, so that an interruption is noticed."""
    (folder / _NAME).unlink(missing_ok=True)
