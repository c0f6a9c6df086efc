"""The retrieval benchmark runs on any folder of its format, and says what is wrong with one that is not."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from kb.training.corpus import DataError, read_all_questions, read_statutes

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "retrieval.py"
ARTICLES = [
    (7, "海滨市渔民互助办法第一条", "渔民每月缴纳互助金五十元。"),
    (8, "海滨市渔民互助办法第四十条", "遭遇台风损失渔船的，\r\n\r\n一次给付八千元。"),
    (9, "海滨市渔民互助办法第九百条", "虚报损失的，追回所领款项。"),
    (11, "山林防火须知", "进入林区不得携带火种。"),
]
QUERIES = "a\t渔船被台风打坏了能拿多少钱\nb\t上山可以带打火机吗\nc\t没有答案的问题\n"
QRELS = "a\t0\t8\t1\na\t0\t9\t0\nb\t0\t11\t1\n"


def folder(place: Path, statutes: bytes | None = None, queries: str = QUERIES, qrels: str = QRELS) -> Path:
    rows = [json.dumps({"id": i, "name": n, "content": c}, ensure_ascii=False) for i, n, c in ARTICLES]
    data = statutes if statutes is not None else gzip.compress("\n\n".join(rows).encode())
    (place / "statutes.jsonl.gz").write_bytes(data)
    (place / "queries.tsv").write_text(queries, encoding="utf-8")
    (place / "qrels.tsv").write_text(qrels, encoding="utf-8")
    return place


def measured(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--data", str(data), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_folder_of_unknown_laws_and_questions_is_measured(tmp_path: Path) -> None:
    """Nothing but three files; an article far from the one before, one without a number, a question without answer."""
    done = measured(folder(tmp_path), "--json", "--kb", str(tmp_path / "kb"))
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert (figures["articles"], figures["questions"]) == (4, {"held_back": 2, "unseen": 2, "untouched": 2})
    for group in ("figures", "unseen", "untouched", "traditional"):
        assert list(figures[group]) == ["lexical", "dense", "fused", "reranked"]
        assert figures[group]["reranked"] == {"MRR@10": 1.0, "nDCG@10": 1.0, "R@10": 1.0, "R@100": 1.0}
    assert figures["latency_ms"].keys() == {"p50", "p90", "p95", "p99"}
    assert figures["memory_mb"] > 0
    assert figures["build"]["documents"] == 2
    (tmp_path / "other").mkdir()
    shorter = gzip.compress(b'{"id": 11, "name": "x", "content": "y"}')
    other = folder(tmp_path / "other", shorter, qrels="b\t0\t11\t1\n")
    refused = measured(other, "--kb", str(tmp_path / "kb"))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "a knowledge base of other documents" in refused.stderr


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"statutes": b"no gzip"}, r"statutes.jsonl.gz: cannot be read as UTF-8 in gzip"),
        ({"statutes": gzip.compress(b"{}" * 999)[:-9]}, r"statutes.jsonl.gz: cannot be read as UTF-8 in gzip"),
        ({"statutes": gzip.compress(b'{"id": 1,\n')}, r"statutes.jsonl.gz:1: not an object in JSON"),
        ({"statutes": gzip.compress(b'{"id": "1", "name": "x", "content": "y"}')}, r"article 1: give each an object"),
        ({"statutes": gzip.compress(b'{"id": 1, "name": "x", "content": "y"}\n' * 2)}, r"article 2: .* id of its own"),
        ({"queries": "a b\n"}, r"queries.tsv:1: 1 columns where 2"),
        ({"qrels": "a\t0\t8\t1\n\nb\t11\n"}, r"qrels.tsv:3: 2 columns where 4"),
        ({"qrels": "a\t0\tx\t1\n"}, r"qrels.tsv:1: write question id, 0, article id, 1"),
    ],
)
def test_a_malformed_file_is_named_with_its_line(tmp_path: Path, broken: dict[str, bytes | str], message: str) -> None:
    data = folder(tmp_path, **broken)
    with pytest.raises(DataError, match=message):
        _ = read_statutes(data), read_all_questions(data)


@pytest.mark.parametrize(
    ("qrels", "message"),
    [("a\t0\t5\t1\n", "1 ids of no article, 5 first"), ("z\t0\t8\t1\n", "no question with an article")],
)
def test_answers_that_are_not_there_are_named(tmp_path: Path, qrels: str, message: str) -> None:
    done = measured(folder(tmp_path, qrels=qrels))
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
