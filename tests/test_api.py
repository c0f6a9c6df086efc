"""The HTTP API over a real server on the loopback interface."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from serving import REGULATION, serving, upload

from api.library import safe_name


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server with one document in it and a limit of 200 kB."""
    with serving(tmp_path_factory.mktemp("api") / "kb", max_upload=200_000) as client:
        answer = upload(client, "办法.txt", REGULATION.encode("gb18030"))
        assert answer.status_code == 201, answer.text
        assert answer.json()["outcome"] == "added"
        yield client


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert set(problem) == {"code", "message", "detail", "limit"}
    assert problem["code"] == code
    return problem


def document_of(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/documents", params={"document": "梅溪市"}).json()["items"][0]
    return found


def test_search_quotes_the_original(client: httpx.Client) -> None:
    found = client.get("/api/search", params={"q": "三級醫院報銷比例"}).json()
    hit = found["hits"][0]
    assert REGULATION[hit["start"] : hit["end"]] == hit["quote"]
    assert "60%" in hit["quote"]
    text = client.get(f"/api/documents/{hit['document']['id']}/text").json()["text"]
    assert text == REGULATION
    assert all(one["document"]["source"] == "办法.txt" for one in (*found["hits"], *found["rules"]))


def test_rules_and_figures_are_paged(client: httpx.Client) -> None:
    everything = client.get("/api/rules").json()
    assert everything["total"] == len(everything["items"]) >= 3
    page = client.get("/api/rules", params={"limit": 1, "offset": 1}).json()
    assert page["total"] == everything["total"]
    assert page["items"] == everything["items"][1:2]
    assert client.get("/api/figures", params={"kind": "percent"}).status_code == 200


def test_a_document_and_its_provisions(client: httpx.Client) -> None:
    document = document_of(client)
    got = client.get(f"/api/documents/{document['id']}").json()
    assert got["title"] == "梅溪市城乡居民基本医疗保险办法"
    provisions = client.get(f"/api/documents/{document['id']}/provisions").json()["items"]
    assert "第二条" in {provision["label"] for provision in provisions}


def test_uploading_again_replaces_or_leaves(client: httpx.Client) -> None:
    first = upload(client, "另一.txt", REGULATION.encode())
    assert first.json()["outcome"] == "added"
    assert upload(client, "另一.txt", REGULATION.encode()).json()["outcome"] == "unchanged"
    changed = upload(client, "另一.txt", REGULATION.replace("60%", "65%").encode())
    assert changed.json()["outcome"] == "replaced"
    identity = changed.json()["document"]["id"]
    assert identity == first.json()["document"]["id"]
    assert "65%" in client.get("/api/search", params={"q": "三级医院报销比例", "document": identity}).text
    assert client.delete(f"/api/documents/{identity}").status_code == 204
    assert_problem(client.get(f"/api/documents/{identity}"), 404, "not_found")


def test_work_on_text_that_is_not_stored(client: httpx.Client) -> None:
    found = client.post("/api/extract", json={"text": REGULATION}).json()
    assert {"60", "75"} <= {rule.get("value") for rule in found["rules"]}
    same = upload(client, "x.txt", REGULATION.encode(), "/api/extract/file").json()
    assert same["rules"] == found["rules"]
    normalized = client.post("/api/normalize", json={"text": "報銷比例７０％"}).json()
    assert normalized["text"] == "报销比例70%"


def test_verify_knows_quotes_from_inventions(client: httpx.Client) -> None:
    sentence = "参保人员在三级医院住院的，报销比例为60%"
    assert client.post("/api/verify", json={"text": sentence}).json()["verified"] is True
    assert client.post("/api/verify", json={"text": sentence.replace("60", "65")}).json()["verified"] is False


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/api/search", {}),
        ("/api/search", {"q": ""}),
        ("/api/search", {"q": "x", "k": "many"}),
        ("/api/search", {"q": "x", "nonsense": "1"}),
        ("/api/rules", {"limit": "0"}),
        ("/api/rules", {"as_of": "yesterday"}),
    ],
)
def test_invalid_requests_say_where(client: httpx.Client, path: str, params: dict[str, str]) -> None:
    problem = assert_problem(client.get(path, params=params), 422, "invalid")
    assert problem["detail"][0]["where"].startswith("query")


@pytest.mark.parametrize("query", ['"', "a-b", "NEAR(", "50%", "'; DROP TABLE versions;--", "\x00", "*", "😀" * 500])
def test_query_syntax_is_just_text(client: httpx.Client, query: str) -> None:
    assert client.get("/api/search", params={"q": query}).status_code == 200
    assert client.get("/", params={"q": query}).status_code == 200
    assert client.get("/api/rules", params={"region": query[:200]}).status_code == 200


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("a.exe", b"MZ", 415, "unsupported_type"),
        ("a.txt", b"", 422, "invalid"),
        ("a.pdf", b"%PDF-1.7\n", 422, "invalid"),
        ("a.docx", b"PK\x03\x04nothing", 422, "invalid"),
        ("a.txt", bytes(range(256)) * 40, 422, "invalid"),
    ],
)
def test_uploads_that_are_no_documents(client: httpx.Client, name: str, data: bytes, status: int, code: str) -> None:
    before = client.get("/api/documents").json()["total"]
    assert_problem(upload(client, name, data), status, code)
    assert upload(client, name, data, "/api/extract/file").status_code == status
    assert client.get("/api/documents").json()["total"] == before


def test_a_removed_upload_leaves_no_file(tmp_path: Path) -> None:
    with serving(tmp_path / "kb") as client:
        identity = upload(client, "办法.txt", REGULATION.encode()).json()["document"]["id"]
        assert (tmp_path / "kb" / "uploads" / "办法.txt").exists()
        assert client.delete(f"/api/documents/{identity}").status_code == 204
        assert not list((tmp_path / "kb" / "uploads").iterdir())
        assert upload(client, "办法.txt", REGULATION.encode()).json()["outcome"] == "added"


@pytest.mark.parametrize("name", ["../../x.txt", "a\x00b.txt", "\x80\xff.txt", "。" * 400 + ".txt"])
def test_strange_file_names_are_only_names(client: httpx.Client, name: str) -> None:
    answer = upload(client, name, REGULATION.encode())
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:
        client.delete(f"/api/documents/{answer.json()['document']['id']}")


def test_malformed_bodies_are_refused(client: httpx.Client) -> None:
    for body, kind in ((b"\xff\xfe{", "application/json"), (b"--x\r\n\xff", "multipart/form-data; boundary=x")):
        for path in ("/api/documents", "/api/verify", "/api/extract"):
            answer = client.post(path, content=body, headers={"Content-Type": kind})
            assert answer.status_code in (400, 422), (path, kind, answer.text)
            assert set(answer.json()) == {"code", "message", "detail", "limit"}
    lone = client.post("/api/verify", content=b'{"text": "\\ud800"}', headers={"Content-Type": "application/json"})
    assert lone.status_code == 422


def test_too_large_is_413_with_its_limit(client: httpx.Client) -> None:
    problem = assert_problem(upload(client, "a.txt", "字".encode() * 100_000), 413, "too_large")
    assert problem["limit"] == 200_000

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 10_000

    streamed = client.post("/api/verify", content=chunks(), headers={"Content-Type": "application/json"})
    assert_problem(streamed, 413, "too_large")


def test_foreign_hosts_and_origins_are_refused(client: httpx.Client) -> None:
    assert_problem(client.get("/api/rules", headers={"Host": "evil.example"}), 403, "forbidden")
    answer = client.post("/api/verify", json={"text": "x"}, headers={"Origin": "https://evil.example"})
    assert_problem(answer, 403, "forbidden")
    assert (
        "access-control-allow-origin"
        not in client.get("/api/rules", headers={"Origin": "https://evil.example"}).headers
    )


def test_key_is_needed_where_one_is_set(tmp_path: Path) -> None:
    with serving(tmp_path / "kb", api_key="密钥-1") as client:
        assert_problem(client.get("/api/documents"), 401, "unauthorized")
        assert_problem(client.get("/"), 401, "unauthorized")
        for headers in ({"X-API-Key": "密钥-1".encode()}, {"Authorization": "Bearer 密钥-1".encode()}):
            assert client.get("/api/documents", headers=headers).status_code == 200
        assert_problem(client.get("/api/documents", headers={"X-API-Key": "other"}), 401, "unauthorized")
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/", auth=("anyone", "密钥-1")).status_code == 200


def test_health_and_readiness(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json()["status"] == "ready"
    assert_problem(client.get("/nowhere"), 404, "not_found")
    assert_problem(client.put("/api/rules"), 405, "method_not_allowed")


@pytest.mark.parametrize(("document", "least"), [("/openapi.json", 15), ("/tools/openapi.json", 7)])
def test_every_operation_is_documented(client: httpx.Client, document: str, least: int) -> None:
    """People read the descriptions, and models that are given the operations as tools read nothing else."""
    schema = client.get(document).json()
    operations = [op for path in schema["paths"].values() for op in path.values()]
    identities = [op["operationId"] for op in operations]
    assert len(set(identities)) == len(identities) >= least
    for op in operations:
        asked = {parameter["name"]: parameter for parameter in op.get("parameters", [])}
        for name in re.findall(r"#/components/schemas/([^\"]+)", json.dumps(op.get("requestBody", {}))):
            asked |= schema["components"]["schemas"][name]["properties"]
        assert [name for name, said in asked.items() if not said.get("description")] == [], op["operationId"]
        assert op["summary"]
        assert op["description"]
        for status, answer in op["responses"].items():
            if status >= "400":
                described = answer["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
                assert described in ("Problem", "OpenAIError", "DifyError"), op["operationId"]


def test_examples_are_of_the_form_they_illustrate(client: httpx.Client) -> None:
    """Every operation with a body shows one, in its request, its parameters or its answer, and true to its schema."""
    document = client.get("/openapi.json").json()
    binary = {"get_document_file", "export_tables", "delete_document"}
    for path in document["paths"].values():
        for op in path.values():
            answers = [answer for status, answer in op["responses"].items() if status < "300"]
            bodies = [body for answer in answers for body in answer.get("content", {}).items()]
            references = re.findall(r"#/components/schemas/([^\"]+)", json.dumps(op.get("requestBody", {})))
            shown = [
                op.get("parameters", []),
                *(document["components"]["schemas"][name] for name in references),
                bodies,
            ]
            assert op["operationId"] in binary or '"example' in json.dumps(shown), op["operationId"]
            for media_type, body in bodies:
                if media_type == "application/json" and "example" in body:
                    schema = body["schema"] | {"components": document["components"]}
                    jsonschema.validate(body["example"], schema, jsonschema.Draft202012Validator)


def test_documentation_needs_no_network(client: httpx.Client) -> None:
    page = client.get("/docs").text
    assert "https://" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"/static/swagger/{asset}" in page
        assert len(client.get(f"/static/swagger/{asset}").content) > 10_000


def test_page_shows_hits_and_escapes_everything(client: httpx.Client) -> None:
    page = client.get("/", params={"q": "三级医院报销比例"})
    assert "60%" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script>" not in client.get("/", params={"q": "<script>alert(1)</script>"}).text


def test_writing_while_another_process_writes_is_503(client: httpx.Client, tmp_path: Path) -> None:
    from kb import KnowledgeBase

    with serving(tmp_path / "kb") as other:
        with KnowledgeBase.open(tmp_path / "kb", write=True):
            answer = upload(other, "办法.txt", REGULATION.encode())
            assert_problem(answer, 503, "locked")
            assert answer.headers["retry-after"]
        assert upload(other, "办法.txt", REGULATION.encode()).status_code == 201


def test_uploads_at_the_same_time_make_one_document(client: httpx.Client) -> None:
    answers: list[httpx.Response] = []

    def send() -> None:
        answers.append(upload(client, "同时.txt", REGULATION.encode()))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.json()["outcome"] for answer in answers) == ["added"] + ["unchanged"] * 7
    (identity,) = {answer.json()["document"]["id"] for answer in answers}
    client.delete(f"/api/documents/{identity}")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("C:\\docs\\通知.txt", "通知.txt"),  # a Windows client may send the whole path
        ("....", "document"),  # nothing is left
        (".htaccess", "htaccess"),  # never a hidden file
        ("a" * 300 + ".pdf", "a" * 200 + ".pdf"),  # file systems end at 255 bytes
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert json.dumps(safe)


def test_a_cursor_goes_on_where_the_page_ended(client: httpx.Client) -> None:
    everything = client.get("/api/rules").json()["items"]
    seen: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/rules", params=params).json()
        seen += page["items"]
        cursor = page["next"]
        if len(seen) == 2:  # what is added before the place where the cursor stands moves nothing
            upload(client, "a.txt", REGULATION.replace("梅溪市", "阿城市").encode())
    identity = client.get("/api/documents", params={"document": "阿城市"}).json()["items"][0]["id"]
    client.delete(f"/api/documents/{identity}")
    assert [rule for rule in seen if rule["document"]["id"] != identity] == everything
    for path, cursor in (("/api/rules", "x"), ("/api/figures", "MTpub25l"), ("/api/documents", "%")):
        assert_problem(client.get(path, params={"cursor": cursor}), 422, "invalid_query")


def test_an_answer_the_client_has_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/api/search", params={"q": "报销比例"})
    tag = {"If-None-Match": first.headers["etag"]}
    again = client.get("/api/search", params={"q": "报销比例"}, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/search", params={"q": "分解收费"}, headers=tag).status_code == 200
    identity = upload(client, "标签.txt", REGULATION.encode()).json()["document"]["id"]
    assert client.get("/api/search", params={"q": "报销比例"}, headers=tag).status_code == 200
    client.delete(f"/api/documents/{identity}")


def test_long_answers_are_compressed(client: httpx.Client) -> None:
    assert client.get("/api/rules", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"


def test_the_original_file_comes_back_byte_for_byte(client: httpx.Client) -> None:
    answer = client.get(f"/api/documents/{document_of(client)['id']}/file")
    assert answer.content == REGULATION.encode("gb18030")
    assert answer.headers["content-disposition"].startswith("attachment")


def test_facets_provisions_tables_comparison_and_export(client: httpx.Client) -> None:
    facets = client.get("/api/facets").json()
    assert {"value": "reimbursement_ratio", "count": 2} in facets["rules"]["indicator"]
    (hit,) = client.get("/api/provisions", params={"address": "梅溪市城乡居民基本医疗保险办法第三条"}).json()["items"]
    assert "不得分解收费" in hit["quote"]
    table = client.get("/api/table", params={"measure": "报销比例"}).json()
    assert set(table["columns"]) == {"三级医院", "二级医院"}
    first = document_of(client)["id"]
    changed = upload(client, "比.txt", REGULATION.replace("60%", "65%").encode()).json()["document"]["id"]
    compared = client.get("/api/compare", params={"a": first, "b": changed}).json()
    assert [(pair["old"]["value"], pair["new"]["value"]) for pair in compared["changed"]] == [("60", "65")]
    assert client.get("/api/conflicts").json()["total"] >= 1
    assert client.delete(f"/api/documents/{changed}").status_code == 204
    book = client.get("/api/export")
    assert book.content.startswith(b"PK")
    lines = client.get("/api/export", params={"file": "csv"})
    assert lines.headers["content-type"] == "application/zip"


def test_metrics_count_requests_by_route(client: httpx.Client) -> None:
    client.get(f"/api/documents/{document_of(client)['id']}")
    told = client.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain")
    assert 'fadu_requests_total{method="GET",route="/api/documents/{id}",status="200"}' in told.text
    assert "fadu_documents" in told.text
