"""Rules and figures that a document states more than once in the same words, as pages that repeat whole articles do."""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_left
from dataclasses import fields
from operator import attrgetter

from sqlalchemy import Connection, Table, bindparam, select, update

from ingest.records import Figure, Rule, Scope
from ingest.serialize import record_from_dict
from kb.schema import rules, texts

_STOP = re.compile(r"[。！!？?\n\r]")
_PLACE = frozenset({"start", "end", "provision", "cues", "confidence", "scope"})
_FIGURE_SLOTS = attrgetter(*(f.name for f in fields(Figure) if f.name not in _PLACE))
_RULE_SLOTS = attrgetter(
    *(f.name for f in fields(Rule) if f.name not in _PLACE), *(f"scope.{f.name}" for f in fields(Scope))
)


class Sentences:
    """Tells which records of one document say the same.

    Args:
        text: the document's original text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._last = (-1, -1)
        self._sentence, self._left = "", 0
        self._stops = [-1, *(stop.start() for stop in _STOP.finditer(text)), len(text)]

    def key(self, record: Rule | Figure) -> int:
        """The same signed 64-bit number for records alike in all but their place, in the same words around them.

        >>> text = "费率为8%。附：费率为8%。费率为8%。"
        >>> keys = [Sentences(text).key(Rule(at, at + 2, "8%", "standard")) for at in (3, 11, 17)]
        >>> keys[0] == keys[2] != keys[1]
        True
        """
        at = bisect_left(self._stops, record.start)
        left = self._stops[at - 1] + 1
        right = self._stops[at]
        if right < record.end - 1:
            right = self._stops[bisect_left(self._stops, record.end - 1)]
        if (left, right) != self._last:
            self._last = left, right
            self._sentence = self._text[left:right].strip()
            self._left = self._text.find(self._sentence, left)
        slots = _RULE_SLOTS(record) if isinstance(record, Rule) else _FIGURE_SLOTS(record)
        said = f"{record.start - self._left} {slots!r} {self._sentence}"
        digest = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


def mark_stored(connection: Connection, table: Table) -> None:
    """Marks the repeated records of a base that was written before repetitions were.

    Args:
        connection: inside the migrating transaction.
        table: `rules` or `figures`.
    """
    cls: type[Rule] | type[Figure] = Rule if table is rules else Figure
    marked = update(table).where(table.c.row == bindparam("at")).values(said=bindparam("key"))
    for version, text in connection.execute(select(texts.c.version_id, texts.c.text)).all():
        sentences = Sentences(text)
        rows = connection.execute(select(table.c.row, table.c.record).where(table.c.version_id == version)).all()
        keys = [{"at": row, "key": sentences.key(record_from_dict(cls, json.loads(record)))} for row, record in rows]
        if keys:
            connection.execute(marked, keys)
