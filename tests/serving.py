"""A real server on the loopback interface, for tests of what it answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api import create_app

REGULATION = """梅溪市城乡居民基本医疗保险办法

第一条　为规范基本医疗保险管理，制定本办法。
第二条　参保人员在三级医院住院的，报销比例为60%；在二级医院住院的，报销比例为75%。
第三条　定点医疗机构不得分解收费。
第四条　本办法自2024年1月1日起施行。
"""


@contextmanager
def serving(kb: Path, **settings: Any) -> Iterator[httpx.Client]:
    """A client of a server that runs in a thread of its own."""
    server = uvicorn.Server(uvicorn.Config(create_app(kb, **settings), port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive()


def upload(client: httpx.Client, name: str, data: bytes, path: str = "/api/documents") -> httpx.Response:
    """Sends one file."""
    return client.post(path, files={"file": (name, data)})
