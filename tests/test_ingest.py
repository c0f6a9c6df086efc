"""Taking files in: what is new, changed, unchanged or refused; in one process, several, or a killed one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from kb_samples import DOCUMENTS, HEALTH_AMENDED, write_documents

from ingest.errors import ReadError, StoreError
from kb import KnowledgeBase
from kb.chroma_place import ChromaPlace
from kb.ingestion import prepare
from kb.types import Refusal


@pytest.fixture
def documents(tmp_path):
    return write_documents(tmp_path)


def names(sources):
    return [os.path.basename(source) for source in sources]


def test_new_unchanged_changed(tmp_path, documents):
    events = []
    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        report = kb.ingest([documents], progress=events.append)
        assert names(report.added) == sorted(DOCUMENTS)
        assert report.unchanged == report.replaced == report.refused == ()
        assert [(e.outcome, e.done, e.total) for e in events] == [("added", i, 3) for i in (1, 2, 3)]
        before = (tmp_path / "kb" / "fadu.sqlite").read_bytes(), kb.documents()
        assert names(kb.ingest([documents]).unchanged) == sorted(DOCUMENTS)
        assert ((tmp_path / "kb" / "fadu.sqlite").read_bytes(), kb.documents()) == before
        (documents / "职工医保办法.txt").write_text(HEALTH_AMENDED, encoding="utf-8")
        report = kb.ingest([documents, documents / "职工医保办法.txt"])
        assert names(report.replaced) == ["职工医保办法.txt"]
        assert len(report.unchanged) == 2
        generation = kb._store.generation
    assert ChromaPlace(tmp_path / "kb").generation == generation == 4


def test_a_document_keeps_its_id_over_versions_and_places_it_is_named_from(tmp_path, documents, monkeypatch):
    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        kb.ingest([documents])
        ids = {row.source: row.id for row in kb.documents()}
        monkeypatch.chdir(documents)
        assert len(kb.ingest(["."]).unchanged) == 3
        assert {row.source: row.id for row in kb.documents()} == ids


BAD = {
    "empty.txt": b"",
    "blank.txt": b" \n\n ",
    "binary.txt": bytes(range(256)) * 20,
    "broken.pdf": b"%PDF-1.7\n1 0 obj\n<<",
    "broken.docx": b"PK\x03\x04 no archive",
}


def test_what_cannot_be_read_is_refused_with_its_reason_and_the_rest_goes_in(tmp_path, documents):
    for name, data in BAD.items():
        (documents / name).write_bytes(data)
    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        report = kb.ingest([documents])
        assert names(report.added) == sorted(DOCUMENTS)
        assert names(r.source for r in report.refused) == sorted(BAD)
        assert all(r.reason and "\n" not in r.reason and "fadu failed" not in r.reason for r in report.refused)
        assert len(kb.documents()) == 3


def test_a_file_gone_bad_leaves_its_good_version_in_place(tmp_path, documents):
    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        kb.ingest([documents])
        before = kb.documents()
        (documents / "工作总结.txt").write_bytes(b"")
        assert names(r.source for r in kb.ingest([documents]).refused) == ["工作总结.txt"]
        assert kb.documents() == before


def test_a_missing_path_stops_everything_before_it_begins(tmp_path, documents):
    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        with pytest.raises(ReadError, match="no such file or folder"):
            kb.ingest([documents, tmp_path / "none"])
        assert kb.documents() == []


def test_a_reader_may_not_ingest(tmp_path, documents):
    KnowledgeBase.open(tmp_path / "kb", create=True, write=True).close()
    with KnowledgeBase.open(tmp_path / "kb") as kb, pytest.raises(StoreError, match="write=True to ingest"):
        kb.ingest([documents])


def test_several_processes_store_the_same_in_the_same_order(tmp_path, documents):
    (documents / "empty.txt").write_bytes(b"")
    found = []
    for jobs in (1, 2):
        with KnowledgeBase.open(tmp_path / f"kb{jobs}", create=True, write=True) as kb:
            report = kb.ingest([documents], jobs=jobs)
            extractions = [kb.extraction(row.id) for row in kb.documents()]
            found.append((report, extractions, kb._store.passages(range(1, 100))))
    assert found[0] == found[1]


def test_a_failure_of_fadu_itself_is_a_refusal(monkeypatch, tmp_path):
    def broken(source):
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("kb.ingestion.extract", broken)
    (tmp_path / "a.txt").write_text("第一条 甲。", encoding="utf-8")
    refusal = prepare(str(tmp_path / "a.txt"))
    assert isinstance(refusal, Refusal)
    assert "ZeroDivisionError: of all things" in refusal.reason


KILLED = """
import os, signal, sys
from kb import KnowledgeBase

if __name__ == "__main__":
    with KnowledgeBase.open(sys.argv[1], create=True, write=True) as kb:
        kb.ingest([sys.argv[2]], progress=lambda event: print(event.done, flush=True))
"""


def test_a_killed_ingestion_leaves_a_good_base_that_goes_on(tmp_path, documents):
    for i in range(80):
        (documents / f"{i:03}.txt").write_text(f"第{i}号通知\n\n第一条 比例为{i}%。\n", encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "kb"), str(documents)], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert any(line == "10\n" for line in child.stdout)
        child.send_signal(signal.SIGKILL)
    with KnowledgeBase.open(tmp_path / "kb") as kb:
        stored = len(kb.documents())
        assert 10 <= stored < 83
        assert kb.search("比例为7%").hits
        assert [p.part for p in kb.doctor()] == ["chroma"]
    with KnowledgeBase.open(tmp_path / "kb", write=True) as kb:
        report = kb.ingest([documents])
        assert (len(report.unchanged), len(report.added)) == (stored, 83 - stored)
        assert kb.doctor() == []


def test_ingesting_again_is_quick(tmp_path, documents):
    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        kb.ingest([documents])
    started = time.perf_counter()
    with KnowledgeBase.open(tmp_path / "kb", write=True) as kb:
        kb.ingest([documents])
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("resident", [False, True])
def test_an_open_reader_sees_what_a_writer_adds_and_takes_away(tmp_path, documents, monkeypatch, resident):
    monkeypatch.setattr("kb.dense.CHROMA_FROM", 1)
    with KnowledgeBase.open(tmp_path / "kb", create=True, resident=resident) as reader:
        assert reader.search("最高支付限额").hits == ()
        with ThreadPoolExecutor(4) as threads:
            for expected in (400000, 500000):
                health = documents / "职工医保办法.txt"
                health.write_text(HEALTH_AMENDED.replace("400000", str(expected)), encoding="utf-8")
                with KnowledgeBase.open(tmp_path / "kb", write=True) as kb:
                    kb.ingest([documents])
                for result in threads.map(reader.search, ["最高支付限额"] * 8):
                    assert f"{expected}元" in result.hits[0].quote
            with KnowledgeBase.open(tmp_path / "kb", write=True) as kb:
                for row in kb.documents():
                    kb.remove(row.id)
            assert reader.search("最高支付限额").hits == ()
