"""Ordinals of labels: 第二十三条, 第19-1条, 之一 as integers."""

from __future__ import annotations

from functools import lru_cache

CHINESE = "〇零一二三四五六七八九十百千两"
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000}


@lru_cache(maxsize=4096)
def ordinal_from_text(text: str) -> int:
    """The integer a label's numeral stands for.

    Args:
        text: Arabic digits or Chinese numerals below ten thousand, positional (一〇三) or with 十百千.

    Returns:
        The number; 0 for an empty numeral.

    >>> ordinal_from_text("二十三"), ordinal_from_text("一百零五"), ordinal_from_text("19"), ordinal_from_text("一〇三")
    (23, 105, 19, 103)
    """
    if text.isascii() and text.isdigit():
        return int(text)
    if not any(c in _SCALES for c in text):
        return int("".join(str(_DIGITS[c]) for c in text) or "0")
    total, digit = 0, 0
    for c in text:
        if c in _SCALES:
            total += (digit or 1) * _SCALES[c]
            digit = 0
        else:
            digit = _DIGITS[c]
    return total + digit
