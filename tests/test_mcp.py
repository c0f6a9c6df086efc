"""The MCP tools through the official client, over standard input and output."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

ROOT = Path(__file__).parent.parent
REGULATION = """梅溪市城乡居民基本医疗保险办法

第一条　为规范基本医疗保险管理，制定本办法。
第二条　参保人员在三级医院住院的，报销比例为60%；在二级医院住院的，报销比例为75%。
第三条　本办法自2024年1月1日起施行。
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mcp")
    (folder / "办法.txt").write_text(REGULATION, encoding="utf-8")
    command = [sys.executable, "-m", "api.cli", "ingest", folder / "办法.txt", "--kb", folder / "kb"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder / "kb"


def talk(base: Path, work: Callable[[ClientSession], Awaitable[None]]) -> None:
    """Starts `fadu mcp`, runs `work` in a session with it, ends it."""

    async def run() -> None:
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "api.cli", "mcp", "--kb", str(base)],
            cwd=ROOT,
            env=dict(os.environ),
        )
        async with stdio_client(server) as streams, ClientSession(*streams) as session:
            await session.initialize()
            await work(session)

    asyncio.run(asyncio.wait_for(run(), 120))


async def call(session: ClientSession, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await session.call_tool(tool, arguments)
    assert not result.is_error, result.content
    found: dict[str, Any] = json.loads(result.content[0].text)  # type: ignore[union-attr]
    assert result.structured_content == found
    return found


def test_tools_answer_with_quotes(base: Path) -> None:
    async def work(session: ClientSession) -> None:
        listed = await session.list_tools()
        names = {tool.name for tool in listed.tools}
        assert names == {
            "search_passages",
            "search_rules",
            "get_provision",
            "verify_quote",
            "list_documents",
            "check_report",
            "verify_number",
            "search",
            "fetch",
        }
        assert all(tool.description and tool.input_schema for tool in listed.tools)
        found = await call(session, "search_passages", query="三级医院报销比例", k=3)
        hit = found["hits"][0]
        assert REGULATION[hit["start"] : hit["end"]] == hit["quote"]
        assert {rule.get("value") for rule in (await call(session, "search_rules"))["rules"]} >= {"60", "75"}
        provision = await call(session, "get_provision", address="梅溪市城乡居民基本医疗保险办法第二条")
        assert "60%" in provision["provisions"][0]["quote"]
        assert (await call(session, "list_documents"))["total"] == 1
        sentence = "参保人员在三级医院住院的，报销比例为60%"
        assert (await call(session, "verify_quote", text=sentence))["verified"] is True
        assert (await call(session, "verify_quote", text=sentence.replace("60", "65")))["verified"] is False
        report = "梅溪市2024年报告\n参保人员在三级医院住院的，报销比例为50%。\n"
        assert "findings" in await call(session, "check_report", text=report)

    talk(base, work)


def test_bad_values_are_errors_the_model_can_read(base: Path) -> None:
    async def work(session: ClientSession) -> None:
        for tool, arguments in (
            ("search_passages", {"query": "x", "k": 0}),
            ("get_provision", {}),
            ("get_provision", {"address": "没有条文号"}),
            ("get_provision", {"address": "某某法第九十九条"}),
        ):
            result = await session.call_tool(tool, arguments)
            assert result.is_error
            text = getattr(result.content[0], "text", "")
            assert text.removeprefix(f"Error executing tool {tool}").strip(": "), "an error must say what is wrong"

    talk(base, work)
