"""The tenant's files as they came."""

from __future__ import annotations

from typing import Protocol


class Blobs(Protocol):
    """Bytes by key for one tenant. Keys are relative, slash-separated paths made by us, never by a user."""

    async def put(self, key: str, data: bytes) -> None: ...

    async def get(self, key: str) -> bytes: ...

    async def delete(self, prefix: str) -> int:
        """Remove every blob whose key starts with ``prefix``; returns how many."""
        ...
