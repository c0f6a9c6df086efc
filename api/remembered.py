"""Answers kept while the knowledge base stays as it is: what counting takes long over, once for each state."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

_MOST = 128
T = TypeVar("T")


class Remembered:
    """The answers asked for last; safe from several threads, which may both make one that is new."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Any] = OrderedDict()
        self._state = -1
        self._guard = Lock()

    def of(self, state: int, key: Hashable, make: Callable[[], T]) -> T:
        """The answer to `key` in a state of the base, made now if it is not known.

        >>> known = Remembered()
        >>> known.of(1, "a", lambda: "made"), known.of(1, "a", lambda: "again"), known.of(2, "a", lambda: "anew")
        ('made', 'made', 'anew')
        """
        with self._guard:
            if state != self._state:
                self._known.clear()
                self._state = state
            if key in self._known:
                self._known.move_to_end(key)
                found: T = self._known[key]
                return found
        made = make()
        with self._guard:
            if state == self._state:
                self._known[key] = made
                if len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return made
