"""What is stored outlives its indexes: they may be damaged, refuse to be written, or lie where nothing can be."""

from __future__ import annotations

from pathlib import Path

import pytest
from kb_samples import write_documents

from ingest.errors import StoreError
from kb import KnowledgeBase

QUESTION = "三级医院支付比例"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A closed base of the sample documents."""
    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        kb.ingest([write_documents(tmp_path)])
        assert not kb.index_failure
    return tmp_path / "kb"


def test_a_damaged_index_is_rebuilt_before_a_command_answers(base: Path) -> None:
    next((base / "lexical").glob("*.idx")).unlink()
    with KnowledgeBase.open(base) as kb:
        result = kb.search(QUESTION)
        assert not result.degraded
        assert result.hits
        assert [p for p in kb.doctor() if p.part == "lexical"] == []


def test_a_server_answers_degraded_while_it_rebuilds(base: Path) -> None:
    next((base / "lexical").glob("*.idx")).unlink()
    with KnowledgeBase.open(base, resident=True) as kb:
        result = kb.search(QUESTION)
        assert result.hits
        kb.warm()
        assert not kb.search(QUESTION).degraded


def test_an_index_that_cannot_be_written_fails_neither_ingestion_nor_search(base: Path, tmp_path: Path) -> None:
    """A file where its folder should be, as on a full disk; it is written when there is room again."""
    new = tmp_path / "new.txt"
    new.write_text(
        "临江市护理补贴办法\n第一条 失能老人每月补贴三百元。\n第二条 本办法自发布之日起施行。\n", encoding="utf-8"
    )
    for file in (base / "lexical").iterdir():
        file.unlink()
    (base / "lexical").rmdir()
    (base / "lexical").write_text("")
    with KnowledgeBase.open(base, write=True) as kb:
        assert len(kb.ingest([new]).added) == 1
        assert "what was stored is safe" in kb.index_failure
        result = kb.search("失能老人补贴")
        assert result.degraded
        assert "失能老人" in result.hits[0].quote
        (problem,) = [p for p in kb.doctor(repair=True) if p.part == "lexical"]
        assert not problem.repaired
        assert "rebuilding failed" in problem.message
        (base / "lexical").unlink()
        assert all(problem.repaired for problem in kb.doctor(repair=True))
        assert kb.doctor() == []
        assert not kb.search("失能老人补贴").degraded


def test_a_base_where_nothing_can_be_written_is_searched_and_left_alone(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(base.rglob("*"))
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write everywhere
    with KnowledgeBase.open(base) as kb:
        result = kb.search(QUESTION)
        assert result.hits
        assert not result.degraded
        assert sorted(base.rglob("*")) == before


def test_the_second_writer_is_refused_at_once_and_told_who_writes(base: Path) -> None:
    with (
        KnowledgeBase.open(base, write=True),
        pytest.raises(StoreError, match=r"process \d+ is writing .* wait until it has finished"),
    ):
        KnowledgeBase.open(base, write=True)
