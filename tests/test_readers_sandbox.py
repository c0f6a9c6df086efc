"""Untrusted files: whatever a file does to its reader is one refusal, and the next document is read."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from documents import W, make_docx, make_xlsx, make_zip, paragraph, read_or_none
from pdf_writer import write_pdf

from ingest.errors import ReadError
from ingest.readers import find_files, read, sandbox
from kb import KnowledgeBase

GOOD = make_docx(paragraph("第一条 内容在这里写明。"))

ATTACK = """
import sys; sys.path[:] = sys.argv[1:]
import ctypes, os, socket, subprocess, sys, time, urllib.request
from ingest.readers import worker
reads = worker.read_here
def attacked(data, name):
    if name == "good.docx":
        return reads(data, name)
    {attack}
worker.read_here = attacked
worker.serve()
"""
"""A worker whose parser falls to its document."""


@pytest.fixture
def attack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Makes readers do what `attack` says; returns the reason of the refusal."""
    sandbox._end_all()

    def run(attack: str) -> str:
        monkeypatch.setattr(sandbox, "_START", ATTACK.format(attack=attack))
        with pytest.raises(ReadError) as caught:
            read(GOOD, name="a.docx")
        assert "\n" not in str(caught.value)
        assert caught.value.source == "a.docx"
        assert caught.value.advice
        assert read(GOOD, name="good.docx").text == "第一条 内容在这里写明。\n"
        return caught.value.reason

    yield run
    sandbox._end_all()


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        ("ctypes.string_at(0)", "reading it crashed or ran out of memory (SIGSEGV)"),
        ("os.abort()", "reading it crashed or ran out of memory (SIGABRT)"),
        ("os.kill(os.getpid(), 9)", "reading it crashed or ran out of memory (SIGKILL)"),
        ("os._exit(3)", "reading it crashed or ran out of memory (exit status 3)"),
        ("raise ValueError('two\\nlines' * 1000)", "its reader failed on it (ValueError: two lines"),
        ("raise RecursionError", "its reader failed on it (RecursionError"),
        ("bytearray(2 << 30)", "reading it takes more than 1 GB of memory"),
        ("socket.socket()", "its reader failed on it (PermissionError: documents have no network"),
        ("urllib.request.urlopen('http://127.0.0.1:1/')", "documents have no network"),
        ("print('noise', flush=True); os.write(2, b'noise'); input()", "its reader failed on it (EOFError"),
        ("open('big', 'wb').truncate(1 << 40)", "its reader failed on it (OSError"),
    ],
)
def test_what_a_file_does_to_its_reader_is_a_refusal(
    harm: str, reason: str, attack: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert reason in attack(harm)


def test_a_reader_that_hangs_is_ended_with_what_it_started(
    attack: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "TIME_LIMIT", 1.0)
    monkeypatch.chdir(tmp_path)
    start = "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    harm = f"{start}; open('pid', 'w').write(str(p.pid)); time.sleep(600)"
    assert attack(harm) == "reading it took more than 1 seconds"
    assert not _lives(int((tmp_path / "pid").read_text()))


def test_pages_recognised_give_more_time(attack: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.readers import ocr

    monkeypatch.setattr(sandbox, "TIME_LIMIT", 0.7)
    monkeypatch.setattr(ocr, "PAGE_SECONDS", 0.5)
    harm = "[(worker.ocr.before_page(), time.sleep(0.4)) for _ in range(4)]; raise ValueError('in time')"
    assert "in time" in attack(harm)


def test_a_tired_worker_does_not_cost_a_good_document() -> None:
    read(GOOD, name="a.docx")
    os.kill(sandbox._idle[-1]._process.pid, signal.SIGKILL)
    assert read(GOOD, name="a.docx").text


def test_workers_are_warm_replaced_and_one_for_each_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_DOCUMENTS", 3)
    sandbox._end_all()
    seen = []
    for _ in range(4):
        read(GOOD, name="a.docx")
        seen.append([worker._process.pid for worker in sandbox._idle])
    assert seen[0] == seen[1] != seen[3]
    assert seen[2] == []
    threads = [threading.Thread(target=read, args=(GOOD,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(sandbox._idle) <= 3


def _read_in_process(answers: multiprocessing.Queue[str]) -> None:
    answers.put(read(GOOD, name="a.docx").text)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_daemonic_and_forked_processes_read_too(method: str) -> None:
    read(GOOD, name="a.docx")
    context = multiprocessing.get_context(method)
    answers = context.Queue()
    process = context.Process(target=_read_in_process, args=(answers,), daemon=True)
    process.start()
    assert answers.get(timeout=60) == "第一条 内容在这里写明。\n"
    process.join()
    assert process.exitcode == 0
    assert read(GOOD, name="a.docx").text


def test_no_worker_outlives_its_parent_and_scripts_need_no_main_guard() -> None:
    code = (
        f"from ingest.readers import read, sandbox; read({GOOD!r}, name='a.docx');"
        "print(sandbox._idle[0]._process.pid, flush=True); import os; os.kill(os.getpid(), 9)"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    deadline = time.monotonic() + 10
    while _lives(int(done.stdout)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(int(done.stdout))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


# Files built to do harm, each read within the limits or refused


def _deflated(data: bytes, times: int, *, header: bool = False) -> bytes:
    """`data` so many times over, packed without packing it so often."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (
        (b"\x78\xda" if header else b"") + (packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)) * times + b"\3\0"
    )


def pdf_bomb() -> bytes:
    """A page whose drawing commands, packed twice, are 4 GB of blanks in 4 KB or so."""
    body = zlib.compress(_deflated(b" " * (1 << 24), 256, header=True), 9)
    head = f"<< /Filter [/FlateDecode /FlateDecode] /Length {len(body)} >>\nstream\n".encode()
    page = write_pdf([[(50, 700, "第一条 内容在这里写明")]])
    start = page.index(b"8 0 obj")
    return page[:start] + b"8 0 obj\n" + head + body + b"\nendstream\nendobj\n" + page[page.index(b"9 0 obj") :]


def lying_zip() -> bytes:
    """A Word file whose directory states 100 bytes for a part that unpacks to 600 MB."""
    body = _deflated(b" " * (1 << 20), 600)
    name = b"word/document.xml"
    sizes = struct.pack("<III", 0, len(body), 100)
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 0) + sizes + struct.pack("<HH", len(name), 0) + name
    entry = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0) + sizes
    entry += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local) + len(body), 0)
    return local + body + entry + end


def png_bomb() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    head = struct.pack("!IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def diagonal_xlsx() -> bytes:
    """A small workbook whose cells share no row and no column."""

    def fill(book: object) -> None:
        for place in range(1, 5_000):
            book.active.cell(place, place, "甲")  # type: ignore[attr-defined]

    return make_xlsx(fill)


def deep_docx() -> bytes:
    depth = 20_000
    body = "<w:sdt>" * depth + paragraph("深处") + "</w:sdt>" * depth
    return make_docx(body)


def entity_xlsx() -> bytes:
    with zipfile.ZipFile(io.BytesIO(make_xlsx())) as file:
        members = {name: file.read(name) for name in file.namelist()}
    entities = b"".join(
        b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 10 if c > 97 else b"x" * 10) for c in range(97, 107)
    )
    sheet = members["xl/worksheets/sheet1.xml"].replace(b"<worksheet", b"<!DOCTYPE x [" + entities + b"]><worksheet", 1)
    return make_zip({**members, "xl/worksheets/sheet1.xml": sheet.replace(b"</sheetData>", b"&j;</sheetData>")})


HOSTILE: dict[str, Callable[[], bytes]] = {
    "bomb.pdf": pdf_bomb,
    "bomb.docx": lambda: make_zip({"word/document.xml": b" " * 50_000_000}),
    "lying.docx": lying_zip,
    "bomb.tiff": png_bomb,
    "deep.html": lambda: b"<html><body>" + b"<div>" * 20_000 + "<p>深处的内容".encode(),
    "deep-tables.html": lambda: b"<html><body>" + b"<table><tr><td>" * 20_000 + "深处".encode(),
    "comment.html": lambda: "<html><body><p>第一条 内容<!--".encode() + b"-" * 5_000_000 + b"--></body></html>",
    "open-comment.html": lambda: "<html><body><p>第一条 内容<!--".encode() + b"<!--" * 1_250_000,
    "attributes.html": lambda: b"<html><p " + b"a='b' " * 500_000 + ">第一条 内容".encode(),
    "spans.html": lambda: b"<table>" + b"<tr><td colspan=9999 rowspan=9999>x<td>y" * 3000 + b"</table>",
    "deep.docx": deep_docx,
    "far.xlsx": lambda: make_xlsx(lambda book: book.active.__setitem__("XFD1048576", "远处")),
    "diagonal.xlsx": diagonal_xlsx,
    "entities.xlsx": entity_xlsx,
    "entities.docx": lambda: make_zip({"word/document.xml": f'<!DOCTYPE d [<!ENTITY a "a">]><d xmlns="{W}">&a;</d>'}),
    "encrypted.pdf": lambda: write_pdf([[(50, 700, "密文")]], encrypted=True),
    "truncated.pdf": lambda: write_pdf([[(50, 700, "第一条")]])[:600],
    "truncated.docx": lambda: GOOD[: len(GOOD) // 2],
    "many.docx": lambda: make_zip({**{f"x/{i}": b"" for i in range(11_000)}, "word/document.xml": b"<x/>"}),
    "quote.csv": lambda: ('甲,乙\n丙,"' + "丁,戊\n" * 400_000).encode(),
    "nested.zip": lambda: make_zip({"a.zip": make_zip({"a.txt": "第一条 内容"})}),
    "outside.zip": lambda: make_zip({"../a.txt": "第一条 内容"}),
    "bomb.zip": lambda: make_zip({"a.txt": b" " * 50_000_000}),
    "blank.ofd": lambda: make_zip({"OFD.xml": "<OFD><DocBody><DocRoot>../../etc/passwd</DocRoot></DocBody></OFD>"}),
}
READ = {"comment.html", "open-comment.html", "attributes.html", "far.xlsx"}
"""Those that hold something, which is read."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for name, build in HOSTILE.items():
        (folder / name).write_bytes(build())
    for name in ("好.docx", "好.txt"):
        (folder / name).write_bytes(GOOD if name.endswith("docx") else "第一条 内容在这里写明。".encode())
    return folder


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_read_or_refused_within_the_limits(name: str, hostile: Path) -> None:
    started = time.monotonic()
    (file,) = find_files([hostile / name])
    source = read_or_none(file)
    assert time.monotonic() - started < 20
    assert (source is not None) == (name in READ)


def test_a_folder_of_hostile_files_does_not_harm_the_others(hostile: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "api.cli", "ingest", hostile, "--kb", tmp_path / "kb", "--jobs", "2"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    refused = [line.split(": ")[0].rpartition("/")[2] for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert "fadu failed" not in done.stderr
    assert set(refused) == {"a.zip" if name == "nested.zip" else name for name in HOSTILE.keys() - READ}
    with KnowledgeBase.open(tmp_path / "kb") as kb:
        assert {Path(row.source).name for row in kb.documents()} == READ | {"好.docx", "好.txt"}
