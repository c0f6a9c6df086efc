"""What was read last, held while the base does not change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The values used last, of one generation of a store; safe from several threads.

    Args:
        most: how many are held.

    >>> squares = Recent[int, int](2)
    >>> squares.get([3, 4], 1, lambda keys: {key: key * key for key in keys})
    {3: 9, 4: 16}
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[K, V] = OrderedDict()
        self._generation = -1
        self._guard = Lock()

    def get(self, keys: Iterable[K], generation: int, load: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """The values of some keys, in their order.

        Args:
            keys: what is asked for.
            generation: the store's; what was held of another is forgotten.
            load: gives the values of keys that are not held; keys it leaves out stay unknown.
        """
        wanted = list(dict.fromkeys(keys))
        found: dict[K, V] = {}
        with self._guard:
            if generation != self._generation:
                self._held.clear()
                self._generation = generation
            for key in wanted:
                if key in self._held:
                    self._held.move_to_end(key)
                    found[key] = self._held[key]
        if len(found) == len(wanted):
            return found
        loaded = load([key for key in wanted if key not in found])
        with self._guard:
            if generation == self._generation:
                self._held.update(loaded)
                while len(self._held) > self._most:
                    self._held.popitem(last=False)
        return {key: found[key] if key in found else loaded[key] for key in wanted if key in found or key in loaded}
