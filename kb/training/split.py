"""What a model was trained on, as fingerprints beside its weights, so that a benchmark can leave it out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from kb.training.corpus import Article, Question

FILE = "trained.json"


@dataclass(frozen=True, slots=True)
class Trained:
    """Fingerprints of what a model learned from.

    Attributes:
        questions: all questions.
        articles: articles that answer a question somebody asked.
        written: articles that answer a question written for training.
    """

    questions: frozenset[str]
    articles: frozenset[str]
    written: frozenset[str] = frozenset()

    @classmethod
    def of(cls, labelled: Sequence[Question], written: Sequence[Question], articles: Sequence[Article]) -> Trained:
        """What learning from these questions over these articles leaves behind."""
        golds = ({article for question in group for article in question.gold} for group in (labelled, written))
        asked, drafted = (frozenset(fingerprint(a.name) for a in articles if a.id in gold) for gold in golds)
        return cls(frozenset(fingerprint(question.text) for question in [*labelled, *written]), asked, drafted)

    @classmethod
    def read(cls, folder: Path) -> Trained:
        """What the model in `folder` was trained on."""
        held = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return cls(*(frozenset(held[field.name]) for field in fields(cls)))

    def write(self, folder: Path) -> None:
        """Writes it beside the weights."""
        held = {field.name: sorted(getattr(self, field.name)) for field in fields(self)}
        (folder / FILE).write_text(json.dumps(held, separators=(",", ":")) + "\n", encoding="utf-8")

    def held_back(self, questions: Iterable[Question]) -> list[Question]:
        """The questions the model never saw."""
        return [question for question in questions if fingerprint(question.text) not in self.questions]

    def unseen(
        self, questions: Iterable[Question], articles: Sequence[Article], *, written: bool = False
    ) -> list[Question]:
        """The questions none of whose articles answered one that somebody asked and the model saw.

        Args:
            questions: those to choose from.
            articles: the articles they are about.
            written: whether questions written for training count as well.
        """
        fingerprints = self.articles | self.written if written else self.articles
        known = {a.id for a in articles if fingerprint(a.name) in fingerprints}
        return [question for question in questions if not question.gold & known]


def fingerprint(text: str) -> str:
    """Eight hex digits of the SHA-256 of a text without blanks at its ends."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:8]
