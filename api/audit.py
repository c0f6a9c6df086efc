"""The audit log: every change of the knowledge base over HTTP, one JSON line each, in `audit.jsonl`."""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = "audit.jsonl"


class AuditLog:
    """Appends to the log of a knowledge base.

    Args:
        folder: the knowledge base's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._guard = threading.Lock()

    def write(self, who: str, action: str, **facts: Any) -> None:
        """Notes that somebody did something.

        Args:
            who: name of the key.
            action: `upload`, `added`, `replaced`, `unchanged`, `refused`, `removed`.
            facts: what it was done to.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "who": who, "action": action, **facts}, ensure_ascii=False)
        with self._guard:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, f"{line}\n".encode("utf-8", "backslashreplace"))
            finally:
                os.close(descriptor)

    def last(self, count: int) -> list[dict[str, Any]]:
        """The newest entries, newest first."""
        try:
            with self._path.open(encoding="utf-8") as lines:
                kept = deque(lines, maxlen=count)
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in reversed(kept)]
