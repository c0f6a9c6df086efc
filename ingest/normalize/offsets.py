"""Maps between the offsets of two texts that differ in blocks: sorted segments, found by bisection."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Block(NamedTuple):
    """`[start, end)` of one text corresponds, as a whole, to `[new_start, new_end)` of the next."""

    start: int
    end: int
    new_start: int
    new_end: int

    def turned(self) -> Block:
        """The same correspondence seen from the other text."""
        return Block(self.new_start, self.new_end, self.start, self.end)


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """A monotone map of spans, as segments of the domain; segment i begins at `at[i]`, the last has no end.

    A segment either keeps offsets (`high[i] == -1`, offset p goes to `low[i] + p - at[i]`) or is a block that goes
    to `[low[i], high[i])` as a whole; the last keeps offsets. Composed, the images of
    neighbouring blocks may overlap, and that of inserted text may end before it begins: it is empty.
    """

    at: tuple[int, ...] = (0,)
    low: tuple[int, ...] = (0,)
    high: tuple[int, ...] = (-1,)

    @classmethod
    def of(cls, blocks: Iterable[Block]) -> OffsetMap:
        """The map given by sorted, disjoint blocks."""
        segments: list[tuple[int, int, int]] = []
        done = image = 0
        for start, end, new_start, new_end in blocks:
            if start > done:
                segments.append((done, image, -1))
            if end > start:
                segments.append((start, new_start, new_end))
            done, image = end, new_end
        segments.append((done, image, -1))
        return cls._of_segments(segments)

    @classmethod
    def _of_segments(cls, segments: list[tuple[int, int, int]]) -> OffsetMap:
        """Joins segments that continue each other; each begins after the one before it."""
        kept: list[tuple[int, int, int]] = []
        for at, low, high in segments:
            if high == -1 and kept and kept[-1][2] == -1 and low - at == kept[-1][1] - kept[-1][0]:
                continue
            kept.append((at, low, high))
        return cls(*(tuple(column) for column in zip(*kept, strict=True)))

    @property
    def identical(self) -> bool:
        """True when every offset maps to itself."""
        return len(self.at) == 1 and self.low[0] == 0 and self.high[0] == -1

    def _first(self, offset: int) -> int:
        """Where the image of the character at `offset` begins."""
        i = bisect_right(self.at, offset) - 1
        return self.low[i] if self.high[i] >= 0 else self.low[i] + offset - self.at[i]

    def _last(self, offset: int) -> int:
        """Where the image of the character before `offset` ends."""
        i = bisect_right(self.at, offset - 1) - 1
        if i < 0:
            return 0
        return self.high[i] if self.high[i] >= 0 else self.low[i] + offset - self.at[i]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The image of `[start, end)`.

        Raises:
            ValueError: `0 <= start <= end` does not hold.
        """
        if not 0 <= start <= end:
            raise ValueError(f"[{start}, {end}) is not a span: offsets count from 0 and start comes first")
        first = self._first(start)
        return first, max(first, self._last(end))

    def then(self, following: OffsetMap) -> OffsetMap:
        """This map and then `following`."""
        if following.identical:
            return self
        if self.identical:
            return following
        segments: list[tuple[int, int, int]] = []
        ends = (*self.at[1:], None)
        for at, end, low, high in zip(self.at, ends, self.low, self.high, strict=True):
            if high >= 0:
                segments.append((at, following._first(low), following._last(high)))
                continue
            segments.append((at, *following._segment(low)))
            i = bisect_right(following.at, low)
            while i < len(following.at) and (end is None or following.at[i] - low + at < end):
                segments.append((following.at[i] - low + at, following.low[i], following.high[i]))
                i += 1
        return self._of_segments(segments)

    def _segment(self, offset: int) -> tuple[int, int]:
        """`low` and `high` of the segment at `offset`, cut to begin there."""
        i = bisect_right(self.at, offset) - 1
        return (self.low[i], self.high[i]) if self.high[i] >= 0 else (self.low[i] + offset - self.at[i], -1)

    def blocks(self) -> tuple[Block, ...]:
        """The parts of the domain that do not keep their length, with what they became."""
        found: list[Block] = []
        image = 0
        ends = (*self.at[1:], self.at[-1])
        for at, end, low, high in zip(self.at, ends, self.low, self.high, strict=True):
            if low > image:
                found.append(Block(at, at, image, low))
            if high >= 0:
                found.append(Block(at, end, low, max(low, high)))
            image = max(low, high) if high >= 0 else low + end - at
        return tuple(found)
