"""Exceptions of rules: 除…外 ahead of one, a proviso (但…除外) or a reservation (另有规定的，从其规定) behind it.

除…外，还… adds and 除按照… grounds; neither excepts.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable

from ingest.extract.context import Context, Span
from ingest.extract.statements import Draft

_AHEAD = re.compile(
    r"(?<![免清扣解开删拆排消])除(?!了|按|依)[^，,。；;\n]{2,60}?(?:以外|之外|外)(?=[，,](?![^，,。；;\n]{0,10}[亦还也并另]))"
)
_PROVISO = re.compile(r"(?<=[，,。；;])\s?但(?:是)?[^。；;\n]{2,160}")
_EXCEPTS = re.compile(r"除外|此限|不受[^。；;]{0,20}限制|另有(?:规定|约定)|不适用")
_UNLIKE = re.compile(r"^\s?但(?:是)?[，,]?[^，,。；;]{2,60}[的者][，,](?!最[高长低多短])")
_RULES = re.compile(r"应当|应于|应在|必须|不得|处[^，,。；;]{2,30}罚")  # a rule of its own, not an exception
_RESERVED = re.compile(
    r"(?<=[，,。；;])[^，,。；;\n]{2,40}另有(?:规定|约定)的?[，,](?:从其|依照其|适用其|按其|按照其)[规约]定"
)
_LISTED = re.compile(r"(?<=[，,（(])[^，,。；;\n（）()但]{2,40}除外")
_CLOSERS = "。；;，,\n"


def add_exceptions(ctx: Context, rules: Iterable[Draft]) -> None:
    """Gives each rule the spans of its exceptions, in text order, as the slot `exceptions`.

    An exception ahead holds for what follows it in its sentence; one behind, for what its sentence says before it or,
    where it is a sentence of its own, for the sentence before on the same line.
    """
    ordered = sorted(rules, key=lambda draft: draft.span)
    starts = [draft.span[0] for draft in ordered]
    for span, host in sorted(_hosted(ctx)):
        for draft in ordered[bisect_left(starts, host[0]) : bisect_left(starts, host[1])]:
            held: tuple[Span, ...] = draft.slots.get("exceptions", ())
            if draft.span[0] < span[0] or draft.span[1] > span[1]:
                draft.slots["exceptions"] = (*held, span)


def _hosted(ctx: Context) -> Iterable[tuple[Span, Span]]:
    """Exceptions, each with the span in which the rules it narrows begin."""
    n = ctx.n
    for match in _AHEAD.finditer(n):
        yield match.span(), (match.start(), ctx.layout.sentence(match.start())[1])
    seen = -1
    for match in _PROVISO.finditer(n):
        if _EXCEPTS.search(match.group()) or (_UNLIKE.search(match.group()) and not _RULES.search(match.group())):
            seen = match.end()
            start = match.start() + (len(match.group()) - len(match.group().lstrip()))
            yield (start, match.end()), _before(ctx, start)
    for pattern in (_RESERVED, _LISTED):
        for match in pattern.finditer(n):
            if match.end() > seen:
                yield match.span(), _before(ctx, match.start())


def _before(ctx: Context, at: int) -> Span:
    """The sentence that an exception at `at` follows: its own so far, else the one before on its line."""
    start, _ = ctx.layout.sentence(at)
    if ctx.n[start:at].strip():
        return start, at
    end = start
    while end > 0 and ctx.n[end - 1] in _CLOSERS[:3] + " ":
        end -= 1
    return ctx.layout.sentence(max(0, end - 1))[0], at
