"""Every regular expression that fadu's modules compile, at import and at work."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGES = ("ingest", "kb", "api")
CORPUS = Path(__file__).resolve().parents[2] / "corpus"
_FLAGS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression, and the first module that compiled it."""

    source: str
    flags: int
    module: str

    @property
    def digest(self) -> str:
        """What it is listed by: it changes with the expression."""
        return hashlib.sha256(f"{self.flags}/{self.source}".encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def for_ecmascript(self) -> tuple[str, str]:
        """Source and flags as ECMAScript writes them; there is no atomic group, a plain one only takes longer."""
        source = re.sub(r"^\(\?([ims]+)\)", "", self.source)
        source = source.replace("(?P<", "(?<").replace("\\Z", "$").replace("\\A", "^").replace("(?>", "(?:")
        source = re.sub(r"\(\?P=(\w+)\)", r"\\k<\1>", source)
        source = re.sub(r"(?<!\\)([*+?}])\+", r"\1", source)
        return source, "".join(letter for flag, letter in _FLAGS.items() if self.flags & flag)


def collect_patterns() -> list[Pattern]:
    """Imports every module and puts the corpus through extraction, which compiles the expressions made on first use."""
    found: dict[tuple[str, int], Pattern] = {}
    compile_pattern: Any = re._compile  # type: ignore[attr-defined]

    def listening(source: Any, flags: Any) -> Any:
        made = compile_pattern(source, flags)
        module = sys._getframe(2).f_globals.get("__name__", "")
        constant = sys._getframe(1).f_code.co_name == "compile"
        if constant and isinstance(source, str) and module.partition(".")[0] in PACKAGES:
            found.setdefault((source, made.flags), Pattern(source, made.flags, module))
        return made

    re._compile = listening  # type: ignore[attr-defined]
    try:
        for package in map(importlib.import_module, PACKAGES):
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
                if not module.name.endswith("__main__"):
                    importlib.import_module(module.name)
        from ingest import extract, read

        for path in sorted((*CORPUS.glob("regulations/*.txt"), *CORPUS.glob("reports/*.txt"))):
            extract(read(path))
    finally:
        re._compile = compile_pattern  # type: ignore[attr-defined]
    return sorted(found.values(), key=lambda pattern: (pattern.module, pattern.source))
