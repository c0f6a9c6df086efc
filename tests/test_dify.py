"""Dify's External Knowledge API, called as Dify calls it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from serving import REGULATION, serving, upload

from api.dify import Condition, meets
from api.keys import KeyRing
from kb import KnowledgeBase
from kb.types import DocumentRow

TRADITIONAL = "離島勞工互助保險條例\n\n第1條　為保障離島勞工，制定本條例。\n第2條　住院給付比例為百分之八十。\n"
DOCUMENT = DocumentRow(
    "0123456789ab", "/kb/uploads/办法.txt", "", title="梅溪市办法", region="梅溪市", effective="2024-01-01", version=2
)


class Dify:
    """A caller shaped like Dify's: appends `/retrieval`, sends the key as a bearer, drops what is None."""

    def __init__(self, client: httpx.Client, key: str) -> None:
        self.client = client
        self.key = key

    def ask(self, query: str, knowledge: str = "all", *, condition: Any = None, **setting: Any) -> httpx.Response:
        body: dict[str, Any] = {
            "retrieval_setting": {"top_k": 5, "score_threshold": 0.0} | setting,
            "query": query,
            "knowledge_id": knowledge,
        }
        if condition is not None:
            body["metadata_condition"] = condition
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        return self.client.post("/dify/retrieval", json=body, headers=headers)

    def records(self, query: str, knowledge: str = "all", **more: Any) -> list[dict[str, Any]]:
        answer = self.ask(query, knowledge, **more)
        assert answer.status_code == 200, answer.text
        records: list[dict[str, Any]] = answer.json()["records"]
        assert isinstance(records, list)
        for record in records:
            assert isinstance(record["content"], str)
            assert 0 <= record["score"] <= 1
            assert isinstance(record["metadata"]["document_id"], str)
            assert None not in record["metadata"].values()
            assert not {"score", "title", "dataset_id", "dataset_name"} & set(record["metadata"])
        return records


@pytest.fixture(scope="module")
def dify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dify]:
    folder = tmp_path_factory.mktemp("dify") / "kb"
    KnowledgeBase.open(folder, create=True).close()
    ring = KeyRing(folder)
    write, guest = ring.make("staff", "write", None), ring.make("dify", "read", ("default", "island"))
    with serving(folder) as client:
        client.headers["X-API-Key"] = write
        upload(client, "办法.txt", REGULATION.encode())
        upload(client, "條例.txt", TRADITIONAL.encode(), "/api/documents?collection=island")
        upload(client, "密.txt", REGULATION.replace("梅溪", "青石").encode(), "/api/documents?collection=closed")
        del client.headers["X-API-Key"]
        yield Dify(client, guest)


def test_records_are_quotes_with_their_place(dify: Dify) -> None:
    first = dify.records("三級醫院住院報銷比例")[0]
    assert "60%" in first["content"]
    assert first["title"] == "《梅溪市城乡居民基本医疗保险办法》第二条"
    assert REGULATION[first["metadata"]["start"] : first["metadata"]["end"]] == first["content"]


def test_settings(dify: Dify) -> None:
    assert len(dify.records("报销比例", top_k=1)) == 1
    assert dify.records("报销比例", top_k=None, score_threshold=None)
    scores = [record["score"] for record in dify.records("报销比例")]
    assert all(record["score"] >= scores[0] for record in dify.records("报销比例", score_threshold=scores[0]))
    assert dify.records("梅溪市城乡居民基本医疗保险办法第三条", score_threshold=1.0)[0]["score"] == 1


def test_a_knowledge_id_is_a_collection_the_key_may_see(dify: Dify) -> None:
    assert {r["metadata"]["collection"] for r in dify.records("比例", "island")} == {"island"}
    assert {r["metadata"]["collection"] for r in dify.records("比例")} == {"default", "island"}
    for unknown in ("closed", "nonsense"):
        answer = dify.ask("比例", unknown)
        assert (answer.status_code, answer.json()["error_code"]) == (404, 2001)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"conditions": [{"name": "region", "comparison_operator": "is", "value": "梅溪市"}]}, {"default"}),
        (
            {"conditions": [{"name": ["region", "document_name"], "comparison_operator": "contains", "value": "離島"}]},
            {"island"},
        ),
        ({"logical_operator": None, "conditions": []}, {"default", "island"}),
        (
            {
                "logical_operator": "or",
                "conditions": [
                    {"name": "region", "comparison_operator": "is", "value": "梅溪市"},
                    {"name": "document_name", "comparison_operator": "end with", "value": "条例"},
                ],
            },
            {"default", "island"},
        ),
        (
            {
                "logic": "or",  # RAGFlow's spelling
                "conditions": [
                    {"name": "region", "comparison_operator": "is", "value": "梅溪市"},
                    {"name": "document_name", "comparison_operator": "end with", "value": "条例"},
                ],
            },
            {"default", "island"},
        ),
        ({"conditions": [{"name": "region", "comparison_operator": "is", "value": "无此地"}]}, set()),
    ],
)  # fmt: skip
def test_metadata_conditions_narrow(dify: Dify, condition: dict[str, Any], found: set[str]) -> None:
    assert {r["metadata"]["collection"] for r in dify.records("比例", condition=condition)} == found


@pytest.mark.parametrize(
    ("name", "operator", "value", "holds"),
    [
        ("region", "contains", "梅溪", True),
        ("region", "not contains", "梅溪", False),
        ("region", "start with", "梅", True),
        ("region", "end with", "市", True),
        ("region", "is", "梅溪市", True),
        ("region", "is not", "梅溪市", False),
        ("region", "in", ["梅溪市", "青石市"], True),
        ("region", "not in", ["青石市"], True),
        ("issuer", "empty", None, True),
        ("region", "not empty", None, True),
        ("version", "=", 2, True),
        ("version", "≠", 2.0, False),
        ("version", ">", 1, True),
        ("version", "<", 10, True),  # 2 < 10 as numbers, not as text
        ("version", "≥", 2, True),
        ("version", "≤", 1, False),
        ("effective", "before", "2024-06-01", True),
        ("effective", "after", "2023-12-31", True),
        ("issuer", "is", "某局", False),  # what is not known is nothing
        ("issuer", "is not", "某局", True),
        ("issuer", "null", None, True),  # older spellings
        ("issuer", "not null", None, False),
    ],
)
def test_operators(name: str, operator: str, value: Any, holds: bool) -> None:
    assert meets(DOCUMENT, [Condition((name,), operator, value)], every=True) is holds


def test_errors_have_difys_codes(dify: Dify) -> None:
    missing = dify.client.post("/dify/retrieval", json={})
    assert (missing.status_code, missing.json()["error_code"]) == (401, 1001)
    wrong = Dify(dify.client, "fadu-wrong").ask("比例")
    assert (wrong.status_code, wrong.json()["error_code"]) == (401, 1002)
    assert dify.ask("").json().keys() == {"error_code", "error_msg"}
    headers = {"Authorization": f"Bearer {dify.key}"}
    assert dify.client.get("/dify/retrieval/health", headers=headers).json() == {"status": "ok"}
