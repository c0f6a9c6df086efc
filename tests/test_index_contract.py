"""One contract for every vector index; and the derived indexes in step with the store whatever happened to them."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
import pytest

from ingest.errors import StoreError
from ingest.records import DocumentInfo, Extraction
from kb import KnowledgeBase, dense
from kb.chroma import ChromaIndex
from kb.chroma_place import FOLDER as CHROMA
from kb.chroma_place import ChromaPlace
from kb.dense import DenseSearch
from kb.lexical import FOLDER as LEXICAL
from kb.lexical import LexicalIndex
from kb.passages import Passage
from kb.scope import Scope, Scopes
from kb.store import Store, document_id
from kb.types import EVERYTHING
from kb.vector import ScanIndex

DIMENSION = 16
pytestmark = pytest.mark.filterwarnings(  # Chroma's HTTP client leaves a connection of its own open
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)


def unit(count: int, seed: int = 7) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def chroma_server(tmp_path_factory):
    """The port of a Chroma server in a process of its own."""
    port = free_port()
    command = [Path(sys.executable).with_name("chroma"), "run", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--path", tmp_path_factory.mktemp("chroma-server")]
    server = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert server.poll() is None, "the Chroma server ended"
            assert time.monotonic() < until, "the Chroma server does not answer"
            time.sleep(0.1)
    yield port
    server.terminate()
    server.wait()
    for found in gc.get_objects():
        if issubclass(type(found), httpx.Client):  # isinstance would ask objects that warn at being asked
            found.close()  # Chroma's client leaves connections of its own open


@pytest.fixture(params=["scan", "chroma", "chroma server"])
def index(request, tmp_path):
    if request.param == "scan":
        made = ScanIndex(DIMENSION)
    elif request.param == "chroma":
        made = ChromaIndex.on_disk(tmp_path / "chroma")
    else:
        made = ChromaIndex.on_server("127.0.0.1", request.getfixturevalue("chroma_server"))
        made.delete(sorted(made.ids()))
    yield made
    made.close()


def test_an_empty_index_finds_nothing(index):
    assert index.search(unit(1)[0], 5) == []
    assert index.ids() == set()
    index.delete([1, 2])


def test_the_nearest_come_first_with_their_cosine(index):
    vectors = unit(300)
    index.upsert(range(1000, 1300), vectors)
    found = 0
    for query in unit(20, seed=8):
        cosines = vectors @ query
        hits = index.search(query, 10)
        assert [s for _, s in hits] == sorted((s for _, s in hits), reverse=True)
        assert all(abs(cosines[i - 1000] - s) < 1e-4 for i, s in hits)
        found += len({i for i, _ in hits} & {1000 + int(i) for i in np.argsort(-cosines)[:10]})
    assert found >= 0.95 * 200


def test_at_most_all_are_found(index):
    index.upsert([3, 4], unit(2))
    assert {i for i, _ in index.search(unit(1)[0], 50)} == {3, 4}
    assert index.search(unit(1)[0], 0) == []


def test_upsert_replaces_and_delete_takes_out(index):
    first, second = unit(2)
    index.upsert([1, 2], np.stack([first, second]))
    index.upsert([2], first[np.newaxis])
    assert index.ids() == {1, 2}
    assert index.search(second, 2)[0][1] == pytest.approx(float(first @ second), abs=1e-4)
    index.delete([1, 99])
    assert index.ids() == {2}
    assert [i for i, _ in index.search(first, 5)] == [2]


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path, create=True, write=True)
    opened.use_embedder("random", DIMENSION)
    yield opened
    opened.close()


def put(store: Store, name: str, words: list[str]) -> None:
    """A document with one passage a word list, its vectors drawn from its name."""
    text = "\n".join(words)
    at = 0
    passages = []
    for line in words:
        passages.append(Passage("", "", at, at + len(line), name, line))
        at += len(line) + 1
    info = DocumentInfo(id="", source="", sha256=name, length=len(text))
    vectors = unit(len(words), seed=sum(map(ord, text)))
    store.save(name, Extraction(text=text, document=info), passages, vectors)


def words_found(store: Store, lexical: LexicalIndex, query: str) -> list[str]:
    ids = [i for i, _ in lexical.search(query, 10, Scopes(store).of(EVERYTHING, store.generation))]
    return [passage.text_s for _, _, passage in store.passages(ids)]


def test_the_lexical_index_follows_every_change(tmp_path, store):
    lexical = LexicalIndex(tmp_path / LEXICAL)
    assert lexical.search("报销", 5) == []
    put(store, "甲", ["住院报销比例", "缴费基数"])
    assert lexical.generation is None
    lexical.catch_up(store)
    assert lexical.generation == store.generation == 1
    assert words_found(store, lexical, "报销比例是多少") == ["住院报销比例"]
    assert words_found(store, lexical, "甲") == ["住院报销比例", "缴费基数"]
    put(store, "甲", ["门诊报销比例"])
    put(store, "乙", ["报销"])
    assert LexicalIndex(tmp_path / LEXICAL).generation == 1
    lexical.catch_up(store)
    assert words_found(store, lexical, "报销比例") == ["门诊报销比例", "报销"]
    assert lexical.count() == 4
    store.remove(document_id("甲"))
    lexical.catch_up(store)
    assert words_found(store, lexical, "报销比例") == ["报销"]
    assert lexical.count() == 1


def test_characters_most_passages_hold_are_looked_for_only_where_nothing_else_is_asked(tmp_path, store, monkeypatch):
    """They cost the most and tell the least; a query of nothing else still finds, and quoted words need them all."""
    put(store, "甲", ["人员的报销", "人员的费率"])
    lexical = LexicalIndex(tmp_path / LEXICAL)
    lexical.catch_up(store)
    assert words_found(store, lexical, "的报销") == ["人员的报销", "人员的费率"]
    monkeypatch.setattr("kb.lexical._COMMON_FROM", 0)
    assert words_found(store, lexical, "的报销") == ["人员的报销"]
    assert words_found(store, lexical, "人，的") == ["人员的报销", "人员的费率"]
    assert [i for i, _ in lexical.search("人员的报销", 10, every=True)] == [1]


@pytest.mark.parametrize("most", [0, 4_000])
def test_lexical_search_looks_only_where_it_is_told(tmp_path, store, monkeypatch, most):
    monkeypatch.setattr("kb.lexical._MOST", most)
    put(store, "甲", ["报销比例", "报销"])
    put(store, "乙", ["报销比例"])
    lexical = LexicalIndex(tmp_path / LEXICAL)
    lexical.catch_up(store)
    assert {i for i, _ in lexical.search("报销", 10, Scope(np.array([1, 2])))} == {1, 2}
    assert {i for i, _ in lexical.search("报销", 10, Scope(np.array([2, 3])))} == {2, 3}
    assert lexical.search("报销", 10, Scope(np.array([], dtype=np.int64))) == []
    assert lexical.search("，。", 10) == []


def garble(file: Path) -> None:
    """Other bytes in the middle of a file, its size and time as before."""
    data, times = bytearray(file.read_bytes()), file.stat()
    for at in range(len(data) // 2, min(len(data), len(data) // 2 + 8)):
        data[at] ^= 0x5A
    file.write_bytes(data)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


SPOILED = {
    "deleted": Path.unlink,
    "garbled": garble,
    "cut off": lambda file: os.truncate(file, file.stat().st_size - 1),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
@pytest.mark.parametrize("pattern", ["meta.json", "*.idx", "*.fast", "*.term", "*.store"])
def test_a_damaged_lexical_index_is_noticed_and_rebuilt(tmp_path, store, pattern, spoil):
    """Whichever file it is; what is damaged finds nothing rather than something wrong."""
    put(store, "甲", ["报销比例", "缴费基数"])
    LexicalIndex(tmp_path / LEXICAL).catch_up(store)
    (file,) = (tmp_path / LEXICAL).glob(pattern)
    spoil(file)
    lexical = LexicalIndex(tmp_path / LEXICAL)
    assert (lexical.generation, lexical.search("报销", 1), lexical.count(), lexical.ids()) == (None, [], 0, set())
    put(store, "乙", ["报销"])
    lexical.catch_up(store)
    assert words_found(store, lexical, "报销") == ["报销", "报销比例"]
    assert lexical.ids() == {1, 2, 3}


def test_a_lexical_index_that_cannot_be_written_says_so(tmp_path, store):
    put(store, "甲", ["报销比例"])
    (tmp_path / LEXICAL).write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"could not be written .* what was stored is safe.*doctor --repair"):
        LexicalIndex(tmp_path / LEXICAL).catch_up(store)


@pytest.fixture(params=["disk", "server"])
def place(request, store):
    """Where Chroma lies: beside the base, and on a server of its own."""
    if request.param == "disk":
        return ChromaPlace(store.folder)
    return ChromaPlace(store.folder, ("127.0.0.1", request.getfixturevalue("chroma_server"), False))


def chroma_ids(place: ChromaPlace, store: Store) -> set[int]:
    index = place.open(store)
    assert index is not None
    with_ids = index.ids()
    index.close()
    return with_ids


def test_chroma_holds_exactly_the_current_passages(store, place):
    put(store, "甲", ["一", "二"])
    assert place.catch_up(store)
    assert not place.catch_up(store)
    assert chroma_ids(place, store) == {1, 2}
    put(store, "甲", ["三"])
    put(store, "乙", ["四"])
    assert place.generation == 1
    place.catch_up(store)
    assert chroma_ids(place, store) == {3, 4} == store.current_passage_ids()
    store.remove(document_id("乙"))
    place.catch_up(store)
    assert chroma_ids(place, store) == {3}


def spoil_vectors(index: ChromaIndex) -> None:
    index.upsert(sorted(index.ids()), unit(len(index.ids()), seed=99))


def spoil_ids(index: ChromaIndex) -> None:
    index.delete([1])


@pytest.mark.parametrize("spoil", [spoil_vectors, spoil_ids])
def test_a_chroma_that_answers_wrongly_is_rebuilt(store, place, spoil):
    put(store, "甲", ["一", "二", "三"])
    place.catch_up(store)
    index = place.open(store)
    spoil(index)
    index.close()
    assert place.open(store) is None
    assert place.generation is None
    place.catch_up(store)
    assert chroma_ids(place, store) == {1, 2, 3}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_damaged_segment_of_chroma_is_noticed_and_rebuilt(store, spoil):
    """Chroma itself goes on counting what it has lost."""
    store.use_embedder("random", DIMENSION)
    put(store, "甲", [f"第{i}条" for i in range(1_200)])  # fewer are kept in Chroma's SQLite
    place = ChromaPlace(store.folder)
    place.catch_up(store)
    (file,) = (store.folder / CHROMA).rglob("data_level0.bin")
    spoil(file)
    assert ChromaPlace(store.folder).open(store) is None
    assert ChromaPlace(store.folder).generation is None
    place.catch_up(store)
    assert len(chroma_ids(place, store)) == 1_200


def test_opening_and_asking_chroma_leaves_its_files_as_they_are(store):
    put(store, "甲", [f"第{i}条" for i in range(1_200)])
    place = ChromaPlace(store.folder)
    place.catch_up(store)
    for _ in range(3):
        index = place.open(store)
        assert index is not None
        assert len(index.search(unit(1)[0], 10)) == 10
        index.close()


def test_an_interrupted_chroma_is_rebuilt_beside_a_reader_that_holds_the_old_one(store, place):
    put(store, "甲", ["一", "二"])
    place.catch_up(store)
    held = place.open(store)
    (store.folder / CHROMA / "stamp.json").unlink()
    assert place.open(store) is None
    place.catch_up(store)
    assert chroma_ids(place, store) == {1, 2}
    held.close()


def test_a_server_keeps_one_collection_a_base(store, chroma_server, tmp_path_factory):
    """A rebuilt index takes the former one's place; another base on the same server keeps its own."""
    at = ("127.0.0.1", chroma_server, False)
    other = Store.open(tmp_path_factory.mktemp("other"), create=True, write=True)
    other.use_embedder("random", DIMENSION)
    put(other, "丙", ["五", "六", "七"])
    ChromaPlace(other.folder, at).catch_up(other)
    put(store, "甲", ["一", "二"])
    place = ChromaPlace(store.folder, at)
    place.catch_up(store)
    index = place.open(store)
    before = index._client.count_collections()
    place.catch_up(store, rebuild=True)
    assert index._client.count_collections() == before
    index.close()
    assert chroma_ids(ChromaPlace(other.folder, at), other) == {1, 2, 3}
    other.close()


def test_a_server_that_is_not_there_is_named(store):
    put(store, "甲", ["一"])
    with pytest.raises(StoreError, match=r"127.0.0.1:1: Chroma failed .*the exact scan answers"):
        ChromaPlace(store.folder, ("127.0.0.1", 1, False)).catch_up(store)


@pytest.mark.parametrize("setting", ["localhost:8000", "ftp://host", "http://", "http://host:port", "http://host/path"])
def test_a_setting_that_is_no_address_is_refused(tmp_path, monkeypatch, setting):
    monkeypatch.setenv("FADU_CHROMA", setting)
    with pytest.raises(StoreError, match="no address of a Chroma server; write http://HOST:PORT"):
        KnowledgeBase.open(tmp_path / "kb", create=True)


def test_what_was_made_on_disk_is_made_anew_on_a_server(store, chroma_server):
    put(store, "甲", ["一", "二"])
    ChromaPlace(store.folder).catch_up(store)
    place = ChromaPlace(store.folder, ("127.0.0.1", chroma_server, False))
    assert place.generation is None
    place.catch_up(store)
    assert chroma_ids(place, store) == {1, 2}
    assert ChromaPlace(store.folder).generation is None


def nearest(dense: DenseSearch, store: Store, query: np.ndarray, k: int) -> list[tuple[int, float]]:
    return dense.search(query, k, state=store.state)


def test_a_resident_process_asks_chroma_while_it_is_in_step_and_scans_otherwise(store, place, monkeypatch):
    monkeypatch.setattr(dense, "CHROMA_FROM", 2)
    put(store, "甲", ["一", "二", "三"])
    resident, one_shot = DenseSearch(store, place, resident=True), DenseSearch(store, place, resident=False)
    _, (query, *_) = store.vectors([2])
    expected = nearest(one_shot, store, query, 3)
    for backend in ("scan", "chroma"):
        found = nearest(resident, store, query, 3)
        assert resident.backend == backend
        assert [i for i, _ in found] == [i for i, _ in expected]
        place.catch_up(store)
        resident.warm()
    put(store, "乙", ["四"])
    assert {i for i, _ in nearest(resident, store, query, 9)} == {1, 2, 3, 4}
    assert resident.backend == "scan"
    shutil.rmtree(store.folder / CHROMA)
    assert len(nearest(resident, store, query, 9)) == 4
    assert one_shot.backend == "scan"
    resident.close()
    one_shot.close()


def test_a_chroma_that_fails_while_it_is_asked_is_no_longer_believed(store, monkeypatch):
    """As when its server goes away: the scan answers the same question, and the index is made anew."""
    monkeypatch.setattr(dense, "CHROMA_FROM", 2)
    put(store, "甲", ["一", "二", "三"])
    place = ChromaPlace(store.folder)
    place.catch_up(store)
    resident = DenseSearch(store, place, resident=True)
    resident.warm()
    nearest(resident, store, unit(1)[0], 3)
    assert resident.backend == "chroma"
    resident._chroma._client.delete_collection("passages")
    assert len(nearest(resident, store, unit(1)[0], 3)) == 3
    assert (resident.backend, place.generation) == ("scan", None)
    resident.close()


def test_the_scan_follows_every_change_and_looks_only_where_it_is_told(store):
    put(store, "甲", ["一", "二"])
    place = ChromaPlace(store.folder)
    held = DenseSearch(store, place, resident=False)
    query = unit(1)[0]
    assert {i for i, _ in nearest(held, store, query, 9)} == {1, 2}
    put(store, "乙", ["三", "四"])
    assert {i for i, _ in nearest(held, store, query, 9)} == {1, 2, 3, 4}
    within = np.array([2, 3, 77])
    assert {i for i, _ in held.search(query, 9, Scope(within), state=store.state)} == {2, 3}
    assert held.search(query, 9, Scope(within[:0]), state=store.state) == []
    store.remove(document_id("甲"))
    assert {i for i, _ in nearest(held, store, query, 9)} == {3, 4}
    fresh = DenseSearch(store, place, resident=False)
    assert nearest(fresh, store, query, 9) == nearest(held, store, query, 9)


def test_a_first_look_along_fewer_directions_finds_the_nearest_with_their_exact_scores():
    random = np.random.default_rng(5)
    vectors = (random.standard_normal((24_000, 256)) * np.linspace(3, 0.3, 256)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    exact, coarse = ScanIndex(256), ScanIndex(256, coarse=True)
    for index in (exact, coarse):
        index.fill(range(1, 22_001), vectors[:22_000])
        index.upsert(range(22_001, 24_001), vectors[22_000:])  # what came later has outlines too
        index.delete(range(500, 700))
    within = np.arange(1, 24_000, 2)
    for query in vectors[[7, 600, 23_990]]:
        for where in (None, within):
            expected, found = exact.search(query, 10, where), coarse.search(query, 10, where)
            assert [i for i, _ in found] == [i for i, _ in expected]
            assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-5)
