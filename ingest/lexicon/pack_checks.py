"""What can be wrong with a vocabulary pack, said with the line it stands in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NoReturn

from ingest.errors import LexiconError
from ingest.lexicon import load_table

KINDS = ("percent", "percentage_point", "money", "count", "duration", "multiple", "ratio", "date")
_REQUIRED = {
    "indicator": ("key", "source"),
    "scheme": ("name", "terms", "source"),
    "institution": ("terms", "source"),
    "service": ("terms", "source"),
    "population": ("terms", "source"),
}
_OPTIONAL = {"indicator": ("label", "kind", "unit", "before", "after", "weak", "comment"), "scheme": ("comment",)}
_LISTS = ("terms", "kind", "unit", "before", "after", "weak")
_WORDS = ("terms", "before", "after", "weak")
_KEY = re.compile(r"[a-z][a-z0-9_]{1,40}")
_LONGEST = 40


@cache
def canonical_keys() -> frozenset[str]:
    """The indicator keys fadu has of its own."""
    return frozenset(row["key"] for row in load_table("indicators")["indicator"])


class PackChecker:
    """Checks one pack.

    Args:
        name: the file, as messages call it.
        text: its TOML, which lines are counted in.
    """

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._lines = text.split("\n")
        self._seen: dict[tuple[str, str], int] = {}
        self._labels: set[str] = set()

    def check(self, table: Mapping[str, Any]) -> None:
        """Checks every entry.

        Raises:
            LexiconError: the first thing wrong.
        """
        for kind, entries in table.items():
            if kind not in _REQUIRED:
                self._fail(
                    self._table(kind),
                    f"{kind!r} is no table of a pack",
                    f"take one of [[{']], [['.join(_REQUIRED)}]]",
                )
            if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
                self._fail(self._table(kind), f"{kind} is no list of entries", f"write [[{kind}]]")
            for index, entry in enumerate(entries):
                self._entry(kind, entry, self._header(kind, index))

    def _entry(self, kind: str, entry: Mapping[str, Any], header: int) -> None:
        allowed = (*_REQUIRED[kind], *_OPTIONAL.get(kind, ("comment",)))
        for key, value in entry.items():
            line = self._field(key, header)
            if key not in allowed:
                self._fail(line, f"[[{kind}]] has no {key!r}", f"take {', '.join(allowed)}")
            if key in _LISTS:
                if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
                    self._fail(line, f"{key} is no list of words", f'write {key} = ["…", "…"]')
            elif not isinstance(value, str) or not value.strip():
                self._fail(line, f"{key} is empty or no text", f'write {key} = "…"')
        for key in _REQUIRED[kind]:
            if key not in entry:
                what = "say where the words are from" if key == "source" else "add it"
                self._fail(header, f"[[{kind}]] has no {key}", what)
        for key in _WORDS:
            for word in entry.get(key, ()):
                self._word(kind, key, word, header)
        if kind == "indicator":
            self._indicator(entry, header)

    def _word(self, kind: str, key: str, word: str, header: int) -> None:
        line = self._word_at(word, header)
        if len(word.strip()) < 2:
            self._fail(line, f"{word!r} is too short and would be found everywhere", "write at least two characters")
        if len(word) > _LONGEST or word != word.strip() or "\n" in word:
            self._fail(line, f"{word!r} is no word", f"write at most {_LONGEST} characters, no blanks around them")
        first = self._seen.setdefault((kind if kind != "indicator" else f"{kind} {key}", word), line)
        if first != line:
            self._fail(line, f"{word!r} stands in line {first} already", "remove one of the two")

    def _indicator(self, entry: Mapping[str, Any], header: int) -> None:
        key = entry["key"]
        line = self._field("key", header)
        if not _KEY.fullmatch(key):
            self._fail(line, f"key {key!r} is no name", "write small letters, digits and _, as in withdrawal_limit")
        for kind in entry.get("kind", ()):
            if kind not in KINDS:
                line = self._field("kind", header)
                self._fail(line, f"kind {kind!r} is unknown", f"take one of {', '.join(KINDS)}")
        if not any(entry.get(place) for place in ("before", "after", "weak")):
            self._fail(header, f"{key} has no words", "add before, after or weak")
        if key in canonical_keys() or key in self._labels:
            return
        for needed in ("label", "kind"):
            if not entry.get(needed):
                self._fail(line, f"{key} is a new indicator and has no {needed}", f"add {needed}, or take a known key")
        self._labels.add(key)

    def _header(self, kind: str, index: int) -> int:
        """The line of the entry's [[kind]]."""
        found = [at for at, line in enumerate(self._lines, 1) if line.replace(" ", "").startswith(f"[[{kind}]]")]
        return found[index] if index < len(found) else self._table(kind)

    def _table(self, kind: str) -> int:
        return self._first(lambda line: line.strip().lstrip("[ ").startswith(kind), 1)

    def _field(self, key: str, after: int) -> int:
        return self._first(lambda line: line.partition("=")[0].strip() == key, after)

    def _word_at(self, word: str, after: int) -> int:
        return self._first(lambda line: f'"{word}"' in line or f"'{word}'" in line, after)

    def _first(self, fits: Callable[[str], bool], after: int) -> int:
        return next((at for at, line in enumerate(self._lines[after - 1 :], after) if fits(line)), after)

    def _fail(self, line: int, wrong: str, remedy: str) -> NoReturn:
        raise LexiconError(f"{self._name}:{line}: {wrong}; {remedy}")
