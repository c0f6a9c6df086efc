"""The note a derived index keeps of what it holds; without it the index counts as broken."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

_NAME = "stamp.json"
_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an index holds.

    Attributes:
        generation: the generation of the store it has caught up with.
        format: how it was made; an index of another format is made anew.
        place: name of the folder beside the stamp that holds it, where that varies.
        files: a fingerprint of each file that must stay as it is, by its path below the stamp's folder.
    """

    generation: int
    format: str
    place: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


def read_stamp(folder: Path) -> Stamp | None:
    """The stamp in `folder`, None when it is absent or unreadable."""
    file = folder / _NAME
    try:
        now = file.stat()
        return _read(file, (now.st_ino, now.st_mtime_ns, now.st_size))
    except (OSError, ValueError, TypeError):
        return None


@lru_cache(maxsize=64)
def _read(file: Path, _state: tuple[int, ...]) -> Stamp:
    """The stamp in a file, read again when the file is another: every search asks for it several times."""
    return Stamp(**json.loads(file.read_text(encoding="utf-8")))


def write_stamp(folder: Path, stamp: Stamp) -> None:
    """Writes the stamp whole or not at all; call it last, when the index is complete on disk."""
    draft = folder / f"{_NAME}.new"
    draft.write_text(json.dumps(asdict(stamp)), encoding="utf-8")
    os.replace(draft, folder / _NAME)


def fingerprints(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """Size and CRC-32 of files below a folder: 1 GB a second, enough to notice what a disk or a hand has damaged."""
    return {str(file.relative_to(folder)): _fingerprint(file) for file in files if file.name != _NAME}


def is_whole(folder: Path, stamp: Stamp) -> bool:
    """Whether every file the stamp vouches for is as it was."""
    try:
        return all(_fingerprint(folder / name) == known for name, known in stamp.files.items())
    except OSError:
        return False


def _fingerprint(file: Path) -> str:
    size = crc = 0
    with file.open("rb") as opened:
        while part := opened.read(_AT_ONCE):
            size, crc = size + len(part), zlib.crc32(part, crc)
    return f"{size}-{crc:08x}"


def remove_stamp(folder: Path) -> None:
    """Takes the stamp away before the index changes, so that an interruption is noticed."""
    (folder / _NAME).unlink(missing_ok=True)
