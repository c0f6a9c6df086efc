"""A text, what became of it, and the offsets between the two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ingest.normalize.offsets import Block, OffsetMap
from ingest.records import Repair


@dataclass(frozen=True, slots=True)
class Edit:
    """`text[start:end]` becomes `new`, as one indivisible block."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Step:
    """One named transformation of a text, ready to be replayed.

    Attributes:
        name: the step's name, `script:t2s` for a conversion by a configuration.
        text: the whole text after the step.
        blocks: where the text changed other than character for character, sorted, in offsets of the step's
            input and output. Everything between two blocks keeps its length.
        repairs: damage mended, in offsets of the step's input.
    """

    name: str
    text: str
    blocks: tuple[Block, ...] = ()
    repairs: tuple[Repair, ...] = ()


def step_from_edits(name: str, text: str, edits: Sequence[Edit], repairs: tuple[Repair, ...] = ()) -> Step | None:
    """The step that makes `edits` in `text`, or None when there are none.

    Args:
        name: the step's name.
        text: the step's input.
        edits: sorted and disjoint.
        repairs: what the edits mended, in offsets of `text`.

    Raises:
        ValueError: the edits overlap or leave the text.
    """
    if not edits:
        return None
    pieces: list[str] = []
    blocks: list[Block] = []
    done = shift = 0
    for edit in edits:
        if not done <= edit.start <= edit.end <= len(text):
            raise ValueError(f"step {name}: edit {edit} overlaps the one before it or leaves the text of {len(text)}")
        pieces += text[done : edit.start], edit.new
        done = edit.end
        at = edit.start + shift
        shift += len(edit.new) - (edit.end - edit.start)
        if not len(edit.new) == edit.end - edit.start == 1:
            blocks.append(Block(edit.start, edit.end, at, at + len(edit.new)))
    pieces.append(text[done:])
    return Step(name, "".join(pieces), tuple(blocks), repairs)


@dataclass(frozen=True, slots=True)
class AlignedText:
    """A source, the text a chain of steps made of it, and the way between their offsets.

    A span that touches a changed block maps to the whole block on the other side: the smallest span that
    produced it. A span inside an unchanged region maps exactly. Characters deleted at the edge of a span are
    left out of its source, those deleted inside it are covered. A span of inserted text maps to the empty span
    where it was put in. An empty span inside a block maps to the block, elsewhere to the point where the
    character after it begins. Both maps are monotone, and mapping through a chain of steps is mapping through
    each in turn.

    >>> aligned = AlignedText.of("甲&nbsp;乙")
    >>> aligned = aligned.apply(step_from_edits("entities", aligned.text, [Edit(1, 7, " ")]))
    >>> aligned.text, aligned.to_source(1, 3), aligned.from_source(3, 4)
    ('甲 乙', (1, 8), (1, 2))
    """

    source: str
    text: str
    steps: tuple[Step, ...] = ()
    repairs: tuple[Repair, ...] = ()
    _back: OffsetMap = field(default_factory=OffsetMap, repr=False)
    _forth: OffsetMap = field(default_factory=OffsetMap, repr=False)

    @classmethod
    def of(cls, text: str) -> AlignedText:
        """`text` unchanged."""
        return cls(text, text)

    def apply(self, step: Step) -> AlignedText:
        """This text after one more step, made of `self.text`.

        Raises:
            ValueError: the step's blocks do not account for the length of its text.
        """
        grown = sum((b.new_end - b.new_start) - (b.end - b.start) for b in step.blocks)
        if len(step.text) != len(self.text) + grown:
            raise ValueError(
                f"step {step.name} was made of another text: {len(self.text)} + {grown} is not {len(step.text)}"
            )
        repairs = self.repairs
        if step.repairs:
            repairs = tuple(sorted(repairs + tuple(self._sourced(r) for r in step.repairs), key=lambda r: r.start))
        if not step.blocks:
            return replace(self, text=step.text, steps=(*self.steps, step), repairs=repairs)
        return AlignedText(
            self.source,
            step.text,
            (*self.steps, step),
            repairs,
            OffsetMap.of([block.turned() for block in step.blocks]).then(self._back),
            self._forth.then(OffsetMap.of(step.blocks)),
        )

    def _sourced(self, repair: Repair) -> Repair:
        start, end = self.to_source(repair.start, repair.end)
        return replace(repair, start=start, end=end, quote=self.source[start:end])

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """The span of `source` that produced `text[start:end]`."""
        return self._back.span(start, end)

    def from_source(self, start: int, end: int) -> tuple[int, int]:
        """The span of `text` that `source[start:end]` became."""
        return self._forth.span(start, end)

    def to_source_many(self, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """`to_source` of every span, in order."""
        if self._back.identical:
            return list(spans)
        span = self._back.span
        return [span(start, end) for start, end in spans]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The changed blocks from `source` to `text`; a conversion that keeps lengths has none."""
        return self._forth.blocks()
