"""The web page on a real server over a real knowledge base, for its tests and its benchmark."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from api import create_app

ROOT = Path(__file__).parent.parent
AXE = ROOT / "build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
REPORT = ROOT / "corpus" / "reports" / "安澜市2023年度居民医保基金审计报告.txt"


@contextmanager
def serving_pages(kb: Path) -> Iterator[str]:
    """The address of a server that runs in a thread of its own."""
    server = uvicorn.Server(uvicorn.Config(create_app(kb), port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(15)


def chromium() -> str | None:
    """The path of a Chromium, None where there is none."""
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
