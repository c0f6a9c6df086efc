"""API keys of a knowledge base: made, listed, revoked; only their SHA-256 is kept.

A key is 256 bits of chance, so a plain hash of it cannot be turned round by guessing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import FaduError, StoreError

FILE = "keys.json"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept; `collections` is None for all."""

    name: str
    role: str
    collections: tuple[str, ...] | None
    digest: str
    created: str


class KeyRing:
    """The keys in a knowledge base's folder; a running server notices changes.

    Args:
        folder: the knowledge base's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._guard = threading.Lock()
        self._read: tuple[tuple[int, int], tuple[Key, ...]] | None = None

    def all(self) -> tuple[Key, ...]:
        """Every key, oldest first.

        Raises:
            StoreError: the file is damaged; nobody is let in then.
        """
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return ()
        stamp = (status.st_mtime_ns, status.st_ino)
        with self._guard:
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, self._load())
            return self._read[1]

    def make(self, name: str, role: str, collections: tuple[str, ...] | None) -> str:
        """Makes a key and returns it; it cannot be shown again.

        Raises:
            FaduError: there is a key of that name.
        """
        known = self.all()
        if any(key.name == name for key in known):
            raise FaduError(f"there is a key named {name!r}; revoke it first or choose another name")
        secret = f"fadu-{secrets.token_urlsafe(32)}"
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._save((*known, Key(name, role, collections, self.digest(secret.encode()), now)))
        return secret

    def revoke(self, name: str) -> bool:
        """Ends a key at once; false when there is none of that name."""
        known = self.all()
        left = tuple(key for key in known if key.name != name)
        self._save(left)
        return len(left) < len(known)

    @staticmethod
    def digest(key: bytes) -> str:
        """What is kept of a key."""
        return hashlib.sha256(key).hexdigest()

    @staticmethod
    def same(given: str, kept: str) -> bool:
        """Whether two digests are equal, in a time that does not tell where they differ."""
        return hmac.compare_digest(given, kept)

    def _load(self) -> tuple[Key, ...]:
        try:
            entries = json.loads(self._path.read_text(encoding="utf-8"))
            return tuple(
                Key(**entry | {"collections": None if entry["collections"] is None else tuple(entry["collections"])})
                for entry in entries
            )
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreError(f"{self._path}: the keys cannot be read ({error}); restore or remove the file") from error

    def _save(self, keys: tuple[Key, ...]) -> None:
        part = self._path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump([asdict(key) for key in keys], out, ensure_ascii=False, indent=1)
        os.replace(part, self._path)
