"""The tokens of the lexical index: characters and their bigrams, words and numbers of other scripts whole."""

from __future__ import annotations

import re
from itertools import chain

FORMAT = 1
"""Changes whenever the same text would give other tokens; an index of another format is rebuilt."""

_RUN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff〇\U00020000-\U0003ffff]+)|[^\W_]+(?:[.,][0-9]+)*%?")


def find_tokens(text: str) -> list[str]:
    """Tokens of normalized text, in order.

    >>> find_tokens("医保报销80.5%")
    ['医', '保', '报', '销', '医保', '保报', '报销', '80.5%']
    """
    return list(chain.from_iterable(_of_run(m) for m in _RUN.finditer(text)))


def _of_run(run: re.Match[str]) -> list[str]:
    if run[1] is None:
        return [run[0]]
    return [*run[0], *map("".join, zip(run[0], run[0][1:], strict=False))]
