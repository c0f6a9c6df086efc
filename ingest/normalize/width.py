"""Full-width digits, letters and signs, typed-together forms and radicals, written as the ordinary characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ingest.errors import LexiconError
from ingest.lexicon import load_table
from ingest.normalize.aligned import Edit, Step, step_from_edits
from ingest.normalize.census import Census, Characters

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STOP = re.compile(r"．(?<=[0-9A-Za-z]．)")
_ZEROS = re.compile(r"(?<![○◯])[○◯]+(?=[一二三四五六七八九零〇年月日号號条條])")
_BEFORE_ZERO = frozenset("一二三四五六七八九十百千零〇")
_BMP = 0x10000


def width_step(text: str, census: Census) -> Step | None:
    """The step to ordinary widths, or None where all is ordinary. Chinese punctuation stays as it is.

    >>> width_step("Ⅳ级，３．５％", Census.of("Ⅳ级，３．５％")).text
    'IV级，3.5%'
    """
    forms = _forms()
    plain = text
    if census.total(forms.single):
        plain = forms.narrowed(plain)
    if census.total(forms.contextual):
        plain = _ZEROS.sub(_zeros, _STOP.sub(".", plain))
    if census.total(forms.long):
        edits = [Edit(found.start(), found.end(), forms.expanded[found[0]]) for found in forms.pattern.finditer(plain)]
        return step_from_edits("width", plain, edits)
    return Step("width", plain) if plain != text else None


def _zeros(found: re.Match[str]) -> str:
    """The circle of 二○○九年 as the numeral it stands for."""
    counted = found.start() and found.string[found.start() - 1] in _BEFORE_ZERO
    return "〇" * len(found[0]) if counted else found[0]


@dataclass(frozen=True, slots=True)
class _Forms:
    """The table: what goes character to character (`lookup`, by code point), what expands, what needs its context."""

    single: Characters
    lookup: NDArray[Any]
    long: Characters
    expanded: dict[str, str]
    pattern: re.Pattern[str]
    contextual: Characters

    def narrowed(self, text: str) -> str:
        """`text` with every single character looked up."""
        import numpy

        codes = numpy.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=numpy.uint32)
        narrow = numpy.where(codes < _BMP, self.lookup[codes & (_BMP - 1)], codes)
        return narrow.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _forms() -> _Forms:
    import numpy

    table = load_table("width")
    single = _singles(table)
    lookup = numpy.arange(_BMP, dtype=numpy.uint32)
    for old, new in single.items():
        lookup[ord(old)] = ord(new)
    expanded: dict[str, str] = {}
    for entry in table["expand"]:
        expanded |= entry["forms"]
    pattern = re.compile(f"[{re.escape(''.join(expanded))}]")
    return _Forms(Characters.of(single), lookup, Characters.of(expanded), expanded, pattern, Characters.of("．○◯"))


def _singles(table: dict[str, Any]) -> dict[str, str]:
    """Every form that goes to one character."""
    single: dict[str, str] = {}
    for entry in table["map"]:
        if len(entry["from"]) != len(entry["to"]):
            raise LexiconError(
                f"ingest/lexicon/width.toml: map of {entry['from']!r} does not go character to character"
            )
        single |= dict(zip(entry["from"], entry["to"], strict=True))
    for entry in table["decompose"]:
        for code in range(ord(entry["first"]), ord(entry["last"]) + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if plain != chr(code) and len(plain) == 1:
                single[chr(code)] = plain
    return single
