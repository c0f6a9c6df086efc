"""The OpenAPI tool server and MCP over HTTP: the same tools, called as their clients call them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from serving import REGULATION, serving, upload

from api.keys import KeyRing
from kb import KnowledgeBase

TOOLS = {
    "search_passages",
    "search_rules",
    "get_provision",
    "list_documents",
    "verify_quote",
    "verify_number",
    "check_report",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(tmp_path_factory.mktemp("tools") / "kb", origins=frozenset({"https://chat.example"})) as client:
        assert upload(client, "办法.txt", REGULATION.encode()).status_code == 201
        yield client


def talk(url: str, work: Callable[[ClientSession], Awaitable[None]], key: str = "") -> None:
    """Connects the official client to `/mcp` and runs `work` in a session."""
    import httpx2

    async def run() -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            streamable_http_client(f"{url}/mcp", http_client=http) as streams,
            ClientSession(*streams[:2]) as session,
        ):
            await session.initialize()
            await work(session)

    asyncio.run(asyncio.wait_for(run(), 120))


def url_of(server: httpx.Client) -> str:
    return str(server.base_url).rstrip("/")


def test_mcp_tools_answer_with_structure_and_the_same_as_text(server: httpx.Client) -> None:
    async def work(session: ClientSession) -> None:
        listed = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert set(listed) == TOOLS | {"search", "fetch"}
        assert all(listed[name].output_schema for name in TOOLS)
        found = await session.call_tool("search_passages", {"query": "三级医院报销比例"})
        assert not found.is_error
        assert json.loads(found.content[0].text) == found.structured_content  # type: ignore[union-attr]
        hit = found.structured_content["hits"][0]
        assert REGULATION[hit["start"] : hit["end"]] == hit["quote"]
        assert hit["document"]["source"] == "办法.txt", "the server's folders are nobody's business"
        right = await session.call_tool("verify_number", {"number": "60%", "about": "三级医院住院报销比例"})
        wrong = await session.call_tool("verify_number", {"number": "65%", "about": "三级医院住院报销比例"})
        assert (right.structured_content["found"], wrong.structured_content["found"]) == (True, False)
        for tool, values in (("search_passages", {"query": ""}), ("get_provision", {"address": "某某法第九十九条"})):
            refused = await session.call_tool(tool, values)
            assert refused.is_error
            assert len(refused.content[0].text) > 20  # type: ignore[union-attr]

    talk(url_of(server), work)


def test_the_connector_form_finds_and_fetches(server: httpx.Client) -> None:
    async def work(session: ClientSession) -> None:
        found = await session.call_tool("search", {"query": "三级医院报销比例"})
        assert found.structured_content is None
        first = json.loads(found.content[0].text)["results"][0]  # type: ignore[union-attr]
        assert set(first) == {"id", "title", "url"}
        fetched = json.loads((await session.call_tool("fetch", {"id": first["id"]})).content[0].text)  # type: ignore[union-attr]
        assert set(fetched) == {"id", "title", "text", "url", "metadata"}
        assert "60%" in fetched["text"]
        assert server.get(first["url"]).status_code == 200
        assert (await session.call_tool("fetch", {"id": "nothing:1-x"})).is_error

    talk(url_of(server), work)


def test_mcp_shows_a_key_its_collections_only(tmp_path: Path) -> None:
    KnowledgeBase.open(tmp_path / "kb", create=True).close()
    ring = KeyRing(tmp_path / "kb")
    write, guest = ring.make("staff", "write", None), ring.make("guest", "read", ("public",))
    with serving(tmp_path / "kb") as client:
        client.headers["X-API-Key"] = write
        upload(client, "密.txt", REGULATION.encode(), "/api/documents?collection=closed")

        async def sees(session: ClientSession, count: int) -> None:
            assert (await session.call_tool("list_documents", {})).structured_content["total"] == count
            hits = (await session.call_tool("search_passages", {"query": "报销比例"})).structured_content["hits"]
            assert bool(hits) is bool(count)

        talk(url_of(client), lambda session: sees(session, 0), guest)
        talk(url_of(client), lambda session: sees(session, 1), write)
        assert client.post("/mcp", json={}, headers={"X-API-Key": ""}).status_code == 401


def test_mcp_refuses_foreign_origins_and_hosts(server: httpx.Client) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        assert server.post("/mcp", json={}, headers=headers).status_code == 403


def test_a_tool_server_describes_itself_and_nothing_that_writes(server: httpx.Client) -> None:
    schema = server.get("/tools/openapi.json").json()
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert {operation["operationId"] for operation in operations} == TOOLS
    assert all(operation["description"] for operation in operations)
    (base,) = schema["servers"]
    for path, body, key in (
        ("search_passages", {"query": "三级医院报销比例"}, "hits"),
        ("search_rules", {"indicator": "报销比例"}, "rules"),
        ("get_provision", {"address": "梅溪市城乡居民基本医疗保险办法第三条"}, "provisions"),
        ("list_documents", {}, "documents"),
        ("verify_quote", {"text": "定点医疗机构不得分解收费"}, "matches"),
        ("verify_number", {"number": "60%", "about": "三级医院报销比例"}, "numbers"),
        (
            "check_report",
            {"text": "梅溪市2024年报告\n三级医院住院报销比例为50%。总支出100万元，其中住院支出60万元，占70%。"},
            "findings",
        ),
    ):
        answer = server.post(f"{base['url']}/{path}", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()[key], path


def test_browsers_of_named_origins_alone_are_let_in(server: httpx.Client) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    friend = server.options("/tools/search_passages", headers={"Origin": "https://chat.example", **asked})
    assert friend.headers["access-control-allow-origin"] == "https://chat.example"
    stranger = server.options("/tools/search_passages", headers={"Origin": "https://evil.example", **asked})
    assert "access-control-allow-origin" not in stranger.headers
    body: dict[str, Any] = {"query": "报销比例"}
    sent = server.post("/tools/search_passages", json=body, headers={"Origin": "https://chat.example"})
    assert sent.status_code == 200
    assert server.post("/tools/search_passages", json=body, headers={"Origin": "null"}).status_code == 403
