"""The store: what goes in comes out, history stays, one writer, nothing half-done, nothing foreign touched."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text as sql

from ingest.errors import LockedError, QueryError, StoreError
from ingest.records import (
    Arithmetic,
    Boilerplate,
    Citation,
    Coverage,
    Cue,
    DocumentInfo,
    Extraction,
    Figure,
    Missing,
    Part,
    Provision,
    Quantity,
    Repair,
    Rule,
    Scope,
)
from kb import KnowledgeBase, migrations
from kb.passages import Passage
from kb.store import DATABASE, LOCK, Store, document_id
from kb.types import Filters

TEXT = "導航 第一條 費率為８%，逾期加收萬分之五。"
CUE = Cue(9, 10, "為", "comparator")
FULL = Extraction(
    text=TEXT,
    document=DocumentInfo(
        id="x",
        source="x",
        sha256="ab" * 32,
        title="保險辦法",
        encoding="big5",
        script="hant",
        kind="regulation",
        effective="2020-01-01",
        amended=("2021-05-01", "2022-06"),
        length=len(TEXT),
    ),
    parts=(Part(3, len(TEXT), "保險辦法"),),
    boilerplate=(Boilerplate(0, 3, "navigation"),),
    repairs=(Repair(0, 2, "導航", "导航", "table", 0.75, inferred=True),),
    provisions=(Provision("第一條", "第一條", "第一條", "", 3, len(TEXT)),),
    quantities=(Quantity(10, 12, "８%", "percent", "8", "%", approx=True, cues=(CUE,), confidence=0.5),),
    figures=(Figure(10, 12, "８%", "percent", "8", "%", high="9", change="down", versus="上年", cues=(CUE,)),),
    rules=(
        Rule(
            10,
            12,
            "８%",
            "standard",
            "==",
            "percent",
            "8",
            unit="%",
            indicator="contribution_rate",
            scope=Scope(scheme="勞工保險", condition="逾期"),
            exceptions=("但書", "另有規定"),
            cues=(CUE,),
            confidence=0.25,
        ),
        Rule(13, 15, "逾期", "prohibition"),
    ),
    citations=(Citation(3, 6, "第一條", article="1", refers_to="本法"),),
    missing=(Missing(7, 9, "費率"),),
    arithmetic=(Arithmetic(10, "８%", (10, 18), "o1 / o2", "7.9", "8", consistent=False),),
    coverage=Coverage(len(TEXT) - 3, 3),
)
PASSAGES = (Passage("第一條", "第一條", 3, len(TEXT), "保险办法", "第一条 费率为8%"),)
VECTORS = np.array([[0.6, 0.8]], dtype=np.float32)


def put(store: Store, source: str = "/a.txt", extraction: Extraction = FULL) -> None:
    store.save(source, extraction, PASSAGES, VECTORS)


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path, create=True, write=True)
    opened.use_embedder("tiny", 2)
    yield opened
    opened.close()


def test_every_record_comes_back_exactly(store):
    put(store)
    key = store.version_key(document_id("/a.txt"))
    back = store.extraction(key)
    assert back.document.id == document_id("/a.txt")
    assert back.document.source == "/a.txt"
    for name in FULL.__slots__:
        if name != "document":
            assert getattr(back, name) == getattr(FULL, name), name
    assert back.document.amended == FULL.document.amended
    (row,) = store.passages([1])
    assert row == (1, key, PASSAGES[0])
    ids, vectors = store.vectors([1, 99])
    assert ids == [1]
    np.testing.assert_allclose(vectors, VECTORS, atol=1e-3)


@pytest.mark.parametrize("number", ["9" * 30, "2"])
def test_a_version_there_is_not_has_no_key(store, number):
    """However large its number is."""
    put(store)
    assert store.version_key(f"{document_id('/a.txt')}@{number}") is None


def test_a_snapshot_sees_one_state_whatever_is_written_meanwhile(tmp_path, store):
    """A search asks many times; what it remembers must belong to the state it began in; other threads see theirs."""
    put(store)
    reader = Store.open(tmp_path)
    identity = document_id("/a.txt")
    seen = []
    with reader.snapshot():
        before = reader.state
        store.remove(identity)
        other = threading.Thread(target=lambda: seen.append(reader.version_key(identity)))
        other.start()
        other.join()
        with reader.snapshot():
            assert (reader.state, reader.version_key(identity)) == (before, 1)
        assert reader.version_key(identity) == 1
    assert (reader.version_key(identity), seen) == (None, [None])
    reader.close()


def test_a_new_version_keeps_the_old_one_as_history(tmp_path, store):
    put(store)
    changed = Extraction(text="第二版", document=DocumentInfo(id="x", source="x", sha256="cd" * 32, length=3))
    row = store.save("/a.txt", changed, (), VECTORS[:0])
    assert (row.version, row.current, row.replaced_by) == (2, True, None)
    store.close()
    with KnowledgeBase.open(tmp_path) as kb:
        first, second = kb.versions(row.id)
        assert (first.version, first.current, first.replaced_by) == (1, False, f"{row.id}@2")
        assert second.sha256 == "cd" * 32
        assert (kb.text(row.id), kb.text(f"{row.id}@1")) == ("第二版", TEXT)
        assert [d.version for d in kb.documents()] == [2]
        assert len(kb.rules()) == 0
        assert len(kb.rules(Filters(document=f"{row.id}@1"))) == 2


def test_removing_takes_the_history_along_and_ids_are_never_given_twice(tmp_path, store):
    put(store)
    put(store)
    generation = store.generation
    assert store.remove(document_id("/a.txt"))
    assert not store.remove(document_id("/a.txt"))
    assert store.generation == generation + 1
    for table in ("documents", "versions", "texts", "provisions", "passages", "embeddings", "rules", "others"):
        with store.reading() as connection:
            assert connection.execute(sql(f"select count(*) from {table}")).scalar() == 0, table
    put(store)
    assert store.current_passage_ids() == {3}
    assert store.changed_since(generation) == ([3], [1, 2])
    store.close()
    with KnowledgeBase.open(tmp_path) as kb, pytest.raises(QueryError, match="no document 'none'"):
        kb.document("none")


def test_a_failing_document_leaves_nothing_behind(store):
    with pytest.raises(ValueError, match="1 passages came with 0 vectors"):
        store.save("/a.txt", FULL, PASSAGES, VECTORS[:0])
    assert store.generation == 0
    assert store.known_hash("/a.txt") is None


def test_vectors_of_two_models_are_never_mixed(store):
    store.use_embedder("tiny", 2)
    with pytest.raises(StoreError, match=r"made by tiny .* not by other .* doctor --repair"):
        store.use_embedder("other", 2)


def test_a_reader_cannot_write(tmp_path, store):
    store.close()
    reader = Store.open(tmp_path)
    with pytest.raises(StoreError, match="opened for reading"):
        put(reader)
    reader.close()


def test_a_missing_base_is_said_to_be_missing_and_not_made(tmp_path):
    with pytest.raises(StoreError, match="no knowledge base here; make one with fadu ingest"):
        KnowledgeBase.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_base_cannot_be_made_where_a_file_is(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be opened"):
        KnowledgeBase.open(tmp_path / "file", create=True, write=True)


def damaged_bases() -> dict[str, bytes]:
    foreign = sqlite3.connect(":memory:")
    foreign.execute("create table t (a)")
    return {
        "not a knowledge base": b"PK\x03\x04" + b"\0" * 200,
        "not a knowledge base, or damaged": b"",
        "that fadu did not write": foreign.serialize(),
    }


@pytest.mark.parametrize(("message", "data"), damaged_bases().items())
@pytest.mark.parametrize("write", [False, True])
def test_what_is_no_base_is_refused_untouched(tmp_path, message, data, write):
    (tmp_path / DATABASE).write_bytes(data)
    with pytest.raises(StoreError, match=message):
        KnowledgeBase.open(tmp_path, create=True, write=write)
    left = files(tmp_path)
    left.pop(LOCK, None)
    assert left == {DATABASE: data}


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize(
    ("message", "spoil"),
    [
        ("cut off", lambda data: data[:-4096]),
        ("newer fadu .* pip install -U fadu", lambda data: data[:60] + (99).to_bytes(4, "big") + data[64:]),
        ("the knowledge base is damaged", lambda data: data[:100] + b"\xff" * 4000 + data[4100:]),
    ],
)
def test_a_cut_off_newer_or_damaged_base_is_refused_untouched(tmp_path, store, message, spoil, write):
    put(store)
    store.close()
    path = tmp_path / DATABASE
    data = spoil(path.read_bytes())
    path.write_bytes(data)
    with pytest.raises(StoreError, match=message):
        KnowledgeBase.open(tmp_path, write=write)
    assert path.read_bytes() == data


def test_damage_in_the_middle_is_reported_as_such(tmp_path, store):
    put(store)
    store.close()
    path = tmp_path / DATABASE
    data = path.read_bytes()
    path.write_bytes(data[:8192] + b"\xff" * (len(data) - 8192))
    with pytest.raises(StoreError, match=r"damaged|could not be read"), KnowledgeBase.open(tmp_path) as kb:
        kb.documents()


def test_an_older_base_is_migrated_by_the_writer_only(tmp_path, store, monkeypatch):
    put(store)
    store.close()
    newest = migrations.newest()
    added = migrations.Migration(
        newest + 1, "an index", lambda c: c.execute(sql("create index later on rules (value)"))
    )
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, added))
    with pytest.raises(StoreError, match="older fadu; run fadu doctor --repair"):
        Store.open(tmp_path)
    Store.open(tmp_path, write=True).close()
    reader = Store.open(tmp_path)
    with reader.reading() as connection:
        assert migrations.applied(connection) == newest + 1
        assert connection.execute(sql("select count(*) from schema_version")).scalar() == newest + 1
    assert reader.known_hash("/a.txt") == FULL.document.sha256
    reader.close()


HOLD = """
import sys
from pathlib import Path
from kb.store import Store
store = Store.open(Path(sys.argv[1]), write=True)
print("held", flush=True)
sys.stdin.readline()
store.close()
"""


def test_the_second_writer_is_refused_with_the_first_ones_id_and_readers_go_on(tmp_path, store):
    put(store)
    store.close()
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=f"process {other.pid} is writing .* try again"):
            Store.open(tmp_path, write=True)
        with KnowledgeBase.open(tmp_path) as kb:
            assert [d.title for d in kb.documents()] == ["保險辦法"]
        other.kill()
    Store.open(tmp_path, write=True).close()
    assert os.path.exists(tmp_path / LOCK)
