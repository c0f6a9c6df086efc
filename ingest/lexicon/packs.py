"""Vocabulary packs: words of a field, a place or an office added to those fadu knows, without touching code.

The format is documented in `ingest/lexicon/README.md`. The packs under `ingest/lexicon/packs/` are always in use; those
a user names are in use within `use_packs`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from ingest.errors import LexiconError
from ingest.lexicon.pack_checks import PackChecker

SLOTS = ("institution", "service", "population")
PLACES = ("before", "after", "weak")


@dataclass(frozen=True, slots=True)
class PackIndicator:
    """Words that name one indicator; `label` and `kinds` are empty where the key is one fadu has."""

    key: str
    label: str
    kinds: tuple[str, ...]
    units: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    weak: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """The words of one pack, simplified; `schemes` and `narrowings` pair a name or slot with a written form."""

    name: str
    indicators: tuple[PackIndicator, ...]
    schemes: tuple[tuple[str, str], ...]
    narrowings: tuple[tuple[str, str], ...]


_IN_USE: ContextVar[tuple[Pack, ...]] = ContextVar("packs in use", default=())


def active_packs() -> tuple[Pack, ...]:
    """The user's packs in use here."""
    return _IN_USE.get()


def set_packs(packs: Sequence[Pack]) -> None:
    """Puts packs in use for the rest of a process, such as a worker of a pool."""
    _IN_USE.set(tuple(packs))


@contextmanager
def use_packs(packs: Sequence[Pack | str | Path]) -> Iterator[None]:
    """Puts packs in use beside those already in use.

    Args:
        packs: packs, or the files they are read from.

    Raises:
        LexiconError: a pack is malformed.
    """
    read = tuple(pack if isinstance(pack, Pack) else read_pack(pack) for pack in packs)
    token = _IN_USE.set((*_IN_USE.get(), *read))
    try:
        yield
    finally:
        _IN_USE.reset(token)


@cache
def shipped_packs() -> tuple[Pack, ...]:
    """The packs that come with fadu, checked by its tests and written in simplified characters."""
    folder = resources.files("ingest.lexicon") / "packs"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(_pack_from_text(file.read_text("utf-8"), file.name, simplify=False) for file in files)


def read_pack(path: str | Path) -> Pack:
    """Reads a vocabulary pack.

    Args:
        path: a TOML file in the format of `ingest/lexicon/README.md`, in either script.

    Returns:
        The pack, its words simplified as normalized text is.

    Raises:
        LexiconError: it cannot be read or is malformed; the message names file and line, what is wrong, what to do.
    """
    try:
        text = Path(path).read_text("utf-8-sig")
    except OSError as error:
        raise LexiconError(f"{path}: {error.strerror}; name a TOML file with --pack") from error
    except UnicodeDecodeError as error:
        raise LexiconError(f"{path}: byte {error.start} is not UTF-8; save the pack as UTF-8") from error
    return _pack_from_text(text, str(path), simplify=True)


def _pack_from_text(text: str, name: str, *, simplify: bool) -> Pack:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else text.rstrip().count("\n") + 1
        raise LexiconError(f"{name}:{line}: {error}; the pack is no valid TOML, mend that line") from error
    if simplify:
        PackChecker(name, text).check(table)

    def forms(entry: dict[str, list[str]], key: str) -> tuple[str, ...]:
        words = entry.get(key, [])
        return tuple(dict.fromkeys(form for word in words for form in (_forms(word) if simplify else (word,))))

    return Pack(
        name,
        tuple(
            PackIndicator(
                row["key"],
                row.get("label", ""),
                tuple(row.get("kind", ())),
                tuple(row.get("unit", ())),
                *(forms(row, place) for place in PLACES),
            )
            for row in table.get("indicator", ())
        ),
        tuple(
            (_forms(row["name"])[0] if simplify else row["name"], form)
            for row in table.get("scheme", ())
            for form in forms(row, "terms")
        ),
        tuple((slot, form) for slot in SLOTS for row in table.get(slot, ()) for form in forms(row, "terms")),
    )


def _forms(word: str) -> tuple[str, ...]:
    """A word as normalized text may have it: simplified, and in the mainland's words where it is Taiwan's."""
    from ingest.normalize import normalize
    from ingest.normalize.converters import converter

    plain = normalize(word, "hans").text
    simplified = converter("t2s").convert(word)
    return (plain, simplified, converter("tw2sp").convert(word)) if simplified != word else (plain,)
