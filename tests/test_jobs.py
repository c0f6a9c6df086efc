"""Ingestion jobs: archives, progress events, what is resumed, and uploads at the same time."""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import REGULATION, serving, upload

from api.audit import AuditLog
from api.jobs import Jobs
from api.library import Library
from api.parsing import Parsers
from ingest.errors import ReadError


def archive_of(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def events_of(client: httpx.Client, job: str, last: str = "") -> list[tuple[str, dict[str, Any]]]:
    headers = {"Last-Event-ID": last} if last else {}
    with client.stream("GET", f"/api/jobs/{job}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text())
    events = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        events.append((fields["event"], json.loads(fields["data"])))
    return events


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(tmp_path_factory.mktemp("jobs") / "kb") as client:
        yield client


def test_an_archive_gives_a_document_for_each_file_and_tells_each(client: httpx.Client) -> None:
    files = {"甲/办法.txt": REGULATION, "乙.txt": REGULATION.replace("60%", "65%"), "坏.pdf": "%PDF-1.7\n"}
    answer = upload(client, "文件.zip", archive_of(files))
    assert answer.status_code == 202
    job = answer.json()["id"]
    told = events_of(client, job)
    assert [name for name, _ in told] == ["progress", "progress", "progress", "end"]
    end = told[-1][1]
    assert (end["state"], end["done"], end["total"]) == ("done", 3, 3)
    outcomes = {taken["name"]: taken["outcome"] for taken in end["files"]}
    assert outcomes == {"文件.zip!/乙.txt": "added", "文件.zip!/坏.pdf": "refused", "文件.zip!/甲/办法.txt": "added"}
    refused = next(taken for taken in end["files"] if taken["outcome"] == "refused")
    assert refused["reason"]
    assert "jobs" not in refused["reason"], "the server's folders are nobody's business"
    assert [name for name, _ in events_of(client, job, last="2")] == ["progress", "end"]
    assert client.get(f"/api/jobs/{job}").json() == end
    assert client.get("/api/jobs").json()["items"][0]["id"] == job


def test_several_files_are_one_job(client: httpx.Client) -> None:
    files = [("files", (f"{n}.txt", REGULATION.replace("第三条", f"第三条　{n}").encode())) for n in range(3)]
    started = client.post("/api/jobs", files=files)
    assert started.status_code == 202
    assert {taken["outcome"] for _, e in events_of(client, started.json()["id"])[:-1] for taken in [e["file"]]} == {
        "added"
    }


def test_an_unknown_job_is_404(client: httpx.Client) -> None:
    assert client.get("/api/jobs/none").json()["code"] == "not_found"
    assert client.get("/api/jobs/none/events").status_code == 404


def test_sixteen_same_uploads_make_one_document(client: httpx.Client) -> None:
    answers: list[httpx.Response] = []
    threads = [
        threading.Thread(target=lambda: answers.append(upload(client, "同时.txt", REGULATION.encode())))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.json()["outcome"] for answer in answers) == ["added"] + ["unchanged"] * 15
    assert len({answer.json()["document"]["id"] for answer in answers}) == 1
    found = client.get("/api/documents", params={"document": "同时.txt"}).json()
    assert [document["version"] for document in found["items"]] == [1]


def test_a_job_laid_down_is_carried_out_by_the_next_server(tmp_path: Path) -> None:
    library = Library(tmp_path / "kb")
    library.close()
    place = tmp_path / "kb" / "jobs"
    idle = Jobs(
        place, library.writer, library.kb.known_hash, Parsers(1), 0, AuditLog(tmp_path)
    )  # no thread works: as if cut off
    job = idle.begin([("办法.txt", REGULATION.encode())], tmp_path / "kb" / "uploads")
    assert not job.left
    with serving(tmp_path / "kb") as client:
        end = events_of(client, job.order.id)[-1][1]
        assert end["state"] == "done"
        assert end["files"][0]["outcome"] == "added"
        assert not list(place.iterdir())
        identity = end["files"][0]["document"]["id"]
        assert upload(client, "办法.txt", REGULATION.encode()).json()["document"]["id"] == identity


def test_what_takes_too_long_costs_its_process_alone() -> None:
    parsers = Parsers(1, seconds=4)
    assert parsers.run(pow, 2, 10, name="a") == 1024
    with pytest.raises(ReadError, match=r"b: reading it took more than 4 seconds"):
        parsers.run(time.sleep, 60, name="b")
    assert parsers.run(pow, 2, 10, name="c") == 1024
    parsers.stop()


def test_a_process_that_dies_is_a_refusal() -> None:
    import os

    parsers = Parsers(1)
    with pytest.raises(ReadError, match="ended the process"):
        parsers.run(os._exit, 1, name="a")
    assert parsers.run(pow, 2, 10, name="b") == 1024
    parsers.stop()
