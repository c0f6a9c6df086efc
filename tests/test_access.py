"""Keys, roles and collections over HTTP, and from the command line that makes the keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from serving import REGULATION, serving, upload

from api.cli import main
from api.keys import KeyRing
from kb import KnowledgeBase

SECRET = REGULATION.replace("梅溪市", "青石市").replace("60%", "58%")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("access") / "kb"
    KnowledgeBase.open(folder, create=True).close()
    ring = KeyRing(folder)
    return {
        "folder": str(folder),
        "admin": ring.make("root", "admin", None),
        "staff": ring.make("staff", "write", ("public", "internal")),
        "guest": ring.make("guest", "read", ("public",)),
    }


@pytest.fixture(scope="module")
def client(keys: dict[str, str]) -> Iterator[httpx.Client]:
    with serving(Path(keys["folder"])) as client:
        client.headers["X-API-Key"] = keys["staff"]
        assert upload(client, "公开.txt", REGULATION.encode(), "/api/documents?collection=public").status_code == 201
        assert upload(client, "内部.txt", SECRET.encode(), "/api/documents?collection=internal").status_code == 201
        yield client


def as_guest(keys: dict[str, str]) -> dict[str, str]:
    return {"X-API-Key": keys["guest"]}


def test_without_a_key_nothing_but_health_is_answered(client: httpx.Client, keys: dict[str, str]) -> None:
    for path in ("/api/documents", "/api/search?q=x", "/metrics", "/", "/api/jobs"):
        assert client.get(path, headers={"X-API-Key": ""}).status_code == 401, path
        assert client.get(path, headers={"X-API-Key": "fadu-wrong"}).status_code == 401, path
    assert client.get("/healthz", headers={"X-API-Key": ""}).status_code == 200
    bearer = {"X-API-Key": "", "Authorization": f"Bearer {keys['guest']}"}
    assert client.get("/api/documents", headers=bearer).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/search?q=青石市三级医院报销比例",
        "/api/rules",
        "/api/figures",
        "/api/documents",
        "/api/facets",
        "/api/conflicts",
        "/api/table?measure=报销比例",
        "/api/provisions?address=青石市城乡居民基本医疗保险办法第二条",
        "/api/export?file=jsonl",
        "/",
        "/rules",
        "/documents",
    ],
)
def test_a_guest_sees_nothing_of_another_collection(client: httpx.Client, keys: dict[str, str], path: str) -> None:
    answer = client.get(path, headers=as_guest(keys))
    assert answer.status_code == 200, answer.text
    for secret in ("58%", "青石市城乡"):
        assert secret not in answer.text.replace("q=青石市", "").replace("青石市城乡居民基本医疗保险办法第二条", "")


def test_ids_quotes_and_questions_do_not_reach_another_collection(client: httpx.Client, keys: dict[str, str]) -> None:
    (secret,) = client.get("/api/documents", params={"document": "青石市"}).json()["items"]
    assert secret["collection"] == "internal"
    for path in ("", "/text", "/file", "/provisions", "/versions"):
        assert client.get(f"/api/documents/{secret['id']}{path}").status_code == 200
        assert client.get(f"/api/documents/{secret['id']}{path}", headers=as_guest(keys)).status_code == 404
    (public,) = client.get("/api/documents", params={"document": "梅溪市"}).json()["items"]
    query = {"a": public["id"], "b": secret["id"]}
    assert client.get("/api/compare", params=query).status_code == 200
    assert client.get("/api/compare", params=query, headers=as_guest(keys)).status_code == 404
    quote = {"text": "参保人员在三级医院住院的，报销比例为58%"}
    assert client.post("/api/verify", json=quote).json()["verified"] is True
    assert client.post("/api/verify", json=quote, headers=as_guest(keys)).json()["verified"] is False
    asked = {"question": "青石市三级医院住院报销比例是多少"}
    assert "58%" in client.post("/api/ask", json=asked).json()["text"]
    assert client.post("/api/ask", json=asked, headers=as_guest(keys)).json()["supported"] is False


def test_roles(client: httpx.Client, keys: dict[str, str]) -> None:
    guest = as_guest(keys)
    sent = client.post("/api/documents", files={"file": ("新.txt", REGULATION.encode())}, headers=guest)
    assert (sent.status_code, sent.json()["code"]) == (403, "forbidden")
    (public,) = client.get("/api/documents", params={"document": "梅溪市"}).json()["items"]
    assert client.delete(f"/api/documents/{public['id']}", headers=guest).status_code == 403
    page = client.post("/documents", files={"files": ("新.txt", REGULATION.encode())}, headers=guest)
    assert page.status_code == 403 or "may look" in page.text or "新.txt" in page.text
    assert client.get("/api/documents", headers=guest).json()["total"] == 1
    elsewhere = upload(client, "x.txt", REGULATION.encode(), "/api/documents?collection=other")
    assert elsewhere.status_code == 403
    assert upload(client, "x.txt", REGULATION.encode()).status_code == 422, "two collections: one must be named"
    assert client.get("/api/audit").status_code == 403


def test_the_audit_log_names_who_wrote_what(client: httpx.Client, keys: dict[str, str]) -> None:
    entries = client.get("/api/audit", headers={"X-API-Key": keys["admin"]}).json()["items"]
    told = {(entry["who"], entry["action"], entry.get("name")) for entry in entries}
    assert {("staff", "upload", "公开.txt"), ("staff", "added", "公开.txt"), ("staff", "added", "内部.txt")} <= told


def test_keys_are_kept_as_hashes_and_revoked_at_once(keys: dict[str, str], client: httpx.Client) -> None:
    kept = (Path(keys["folder"]) / "keys.json").read_text(encoding="utf-8")
    assert keys["guest"] not in kept
    assert {entry["name"] for entry in json.loads(kept)} == {"root", "staff", "guest"}
    ring = KeyRing(Path(keys["folder"]))
    short = ring.make("short", "read", None)
    assert client.get("/api/documents", headers={"X-API-Key": short}).status_code == 200
    assert ring.revoke("short")
    assert client.get("/api/documents", headers={"X-API-Key": short}).status_code == 401


def test_keys_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kb = ["--kb", str(tmp_path / "kb")]
    KnowledgeBase.open(tmp_path / "kb", create=True).close()
    assert main(["keys", "list", *kb]) == 0
    assert main(["keys", "make", "阅览", "--collection", "public", *kb]) == 0
    assert main(["keys", "make", "阅览", *kb]) == 1  # the name is taken
    assert main(["keys", "list", *kb]) == 0
    told = capsys.readouterr()
    assert "public" in told.out
    assert "fadu-" in told.out
    assert main(["keys", "revoke", "阅览", *kb]) == 0
    assert main(["keys", "revoke", "阅览", *kb]) == 2
