"""What a model was trained on, as fingerprints beside its weights, so that a benchmark can leave it out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.training.corpus import Article, Question

FILE = "trained.json"


@dataclass(frozen=True, slots=True)
class Trained:
    """Fingerprints of the questions a model learned from and of the articles that answer them."""

    questions: frozenset[str]
    articles: frozenset[str]

    @classmethod
    def of(cls, questions: Iterable[Question], articles: Sequence[Article]) -> Trained:
        """What learning from these questions over these articles leaves behind."""
        asked = list(questions)
        gold = {article for question in asked for article in question.gold}
        return cls(
            frozenset(fingerprint(question.text) for question in asked),
            frozenset(fingerprint(a.title + a.label) for a in articles if a.id in gold),
        )

    @classmethod
    def read(cls, folder: Path) -> Trained:
        """What the model in `folder` was trained on."""
        held = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return cls(frozenset(held["questions"]), frozenset(held["articles"]))

    def write(self, folder: Path) -> None:
        """Writes it beside the weights."""
        held = {"questions": sorted(self.questions), "articles": sorted(self.articles)}
        (folder / FILE).write_text(json.dumps(held, separators=(",", ":")) + "\n", encoding="utf-8")

    def held_back(self, questions: Iterable[Question]) -> list[Question]:
        """The questions the model never saw."""
        return [question for question in questions if fingerprint(question.text) not in self.questions]

    def unseen(self, questions: Iterable[Question], articles: Sequence[Article]) -> list[Question]:
        """The questions none of whose articles answered one the model saw."""
        known = {a.id for a in articles if fingerprint(a.title + a.label) in self.articles}
        return [question for question in questions if not question.gold & known]


def fingerprint(text: str) -> str:
    """Eight hex digits of the SHA-256 of a text without blanks at its ends."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:8]
