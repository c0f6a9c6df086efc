"""The training data as it lies in the data folder: statute articles, questions with their articles, text pairs."""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import opencc

HELD_BACK = 308
SPLIT_SEED = 20240501

_ARTICLE_NUMBER = re.compile(r"(?:第[〇零一二三四五六七八九十百千\d]+条(?:之[一二三四五六七八九十]+)?)+$")


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a statute: its law (and chapter, where known) as `title`, 第三条 as `label`, wording as `body`."""

    id: int
    title: str
    body: str
    label: str = ""

    @property
    def text(self) -> str:
        """What is embedded of an article."""
        return f"{self.title}\n{self.body}"


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the ids of the articles that answer it."""

    id: str
    text: str
    gold: frozenset[int]


def retrieval_folder(data: Path) -> Path:
    """The folder with the retrieval files, given it or the data folder that holds it."""
    return data / "retrieval" if (data / "retrieval").is_dir() else data


def read_statutes(data: Path) -> list[Article]:
    """The articles that questions are answered from."""
    articles = []
    for row in _json_lines(data / "statutes.jsonl.gz"):
        title = _ARTICLE_NUMBER.sub("", row["name"])
        articles.append(Article(row["id"], title, row["content"], row["name"][len(title) :]))
    return articles


def read_background(data: Path) -> list[Article]:
    """Further statute articles, PRC and Taiwan, in simplified characters; ids count from 0 and mean nothing."""
    to_simplified = opencc.OpenCC("t2s").convert
    titles = [
        (f"{row['law']} {row['chapter'] or ''}", row["text"]) for row in _json_lines(data / "prc-articles.jsonl.gz")
    ]
    titles += [
        (to_simplified(row["law"]), to_simplified(row["text"])) for row in _json_lines(data / "tw-articles.jsonl.gz")
    ]
    return [Article(index, title, body) for index, (title, body) in enumerate(titles) if len(body) >= 12]


def read_questions(data: Path) -> tuple[list[Question], list[Question]]:
    """The lay legal questions, shuffled by a fixed seed: those to train on and the 308 held back."""
    questions = read_all_questions(data)
    random.Random(SPLIT_SEED).shuffle(questions)
    return questions[HELD_BACK:], questions[:HELD_BACK]


def read_all_questions(data: Path) -> list[Question]:
    """Every question that has an answer, by id."""
    gold: dict[str, set[int]] = defaultdict(set)
    for line in (data / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        question, _, article, _ = line.split("\t")
        gold[question].add(int(article))
    rows = (line.split("\t") for line in (data / "queries.tsv").read_text(encoding="utf-8").splitlines())
    asked = (Question(key, text, frozenset(gold[key])) for key, text in rows if key in gold)
    return sorted(asked, key=lambda q: q.id)


def read_pairs(data: Path) -> list[tuple[str, str]]:
    """Texts that mean or answer each other: policy questions with answers, sentences with paraphrases."""
    with gzip.open(data / "policy-qa.tsv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    pairs = [(row["question"], row["answer"]) for row in rows if row["question"] and row["answer"]]
    with gzip.open(data / "similar-pairs.tsv.gz", "rt", encoding="utf-8") as file:
        similar = [line.rstrip("\n").split("\t") for line in file]
    return pairs + [(row[0], row[1]) for row in similar if row[2] == "1"]


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
