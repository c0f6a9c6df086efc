"""The training data as it lies in the data folder: statute articles, questions with their articles, text pairs."""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import opencc

from ingest.errors import FaduError

HELD_BACK = 308
SPLIT_SEED = 20240501
WRITTEN = Path(__file__).parent / "questions.tsv"
"""Questions written for training, article by article: the question, a tab, names of the articles that answer it,
separated by semicolons."""

_ARTICLE_NUMBER = re.compile(r"(?:第[〇零一二三四五六七八九十百千\d]+条(?:之[一二三四五六七八九十]+)?)+$")


class DataError(FaduError):
    """A data file is missing or malformed; the message names the file, and the line where there is one."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a statute: its law (and chapter, where known) as `title`, 第三条 as `label`, wording as `body`."""

    id: int
    title: str
    body: str
    label: str = ""

    @property
    def name(self) -> str:
        """Law and number: 劳动合同法第十条."""
        return self.title + self.label

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
    """The articles that questions are answered from.

    Raises:
        DataError: the file is missing or malformed, or two articles share an id.
    """
    path = data / "statutes.jsonl.gz"
    articles: dict[int, Article] = {}
    for number, row in enumerate(_json_lines(path), 1):
        found = row if isinstance(row, dict) else {}
        key, name, content = (found.get(slot) for slot in ("id", "name", "content"))
        if not (isinstance(key, int) and isinstance(name, str) and isinstance(content, str)) or key in articles:
            raise DataError(
                f"{path}: article {number}: give each an object with an id of its own (a whole number), a name and "
                "content (texts)"
            )
        title = _ARTICLE_NUMBER.sub("", name)
        articles[key] = Article(key, title, content, name[len(title) :])
    return list(articles.values())


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
    """Every question that has an answer, by id.

    Raises:
        DataError: a file is missing or malformed.
    """
    gold: dict[str, set[int]] = defaultdict(set)
    path = data / "qrels.tsv"
    for number, fields in _tab_lines(path, 4):
        if not fields[2].isdecimal() or not fields[3].isdecimal():
            raise DataError(f"{path}:{number}: write question id, 0, article id, 1 with tabs between")
        if int(fields[3]):
            gold[fields[0]].add(int(fields[2]))
    asked = {key: text for _, (key, text) in _tab_lines(data / "queries.tsv", 2)}
    return [Question(key, asked[key], frozenset(gold[key])) for key in sorted(asked.keys() & gold.keys())]


def read_written(articles: Sequence[Article]) -> list[Question]:
    """The questions written for this model, those whose articles are all among `articles`."""
    ids = {article.name: article.id for article in articles}
    rows = (line.split("\t") for line in WRITTEN.read_text(encoding="utf-8").splitlines())
    written = ((text, names.split(";")) for text, names in rows)
    return [
        Question(f"w{number}", text, frozenset(ids[name] for name in names))
        for number, (text, names) in enumerate(written)
        if ids.keys() >= set(names)
    ]


def read_pairs(data: Path) -> list[tuple[str, str]]:
    """Texts that mean or answer each other: policy questions with answers, sentences with paraphrases."""
    with gzip.open(data / "policy-qa.tsv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    pairs = [(row["question"], row["answer"]) for row in rows if row["question"] and row["answer"]]
    with gzip.open(data / "similar-pairs.tsv.gz", "rt", encoding="utf-8") as file:
        similar = [line.rstrip("\n").split("\t") for line in file]
    return pairs + [(row[0], row[1]) for row in similar if row[2] == "1"]


def _json_lines(path: Path) -> Iterator[Any]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    try:
                        yield json.loads(line)
                    except ValueError as error:
                        raise DataError(f"{path}:{number}: not an object in JSON ({error})") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 in gzip ({error})") from error


def _tab_lines(path: Path, width: int) -> Iterator[tuple[int, list[str]]]:
    """(line number, fields) of the lines that hold anything."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 ({error})") from error
    for number, line in enumerate(lines, 1):
        fields = line.split("\t")
        if line.strip() and len(fields) != width:
            raise DataError(f"{path}:{number}: {len(fields)} columns where {width} are wanted, with tabs between")
        if line.strip():
            yield number, fields
