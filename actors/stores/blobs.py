"""Blobs through fsspec: a directory by default, any fsspec URL (s3://…) by configuration.

A tenant's blobs lie under its own id; keys are checked, so that none can leave it. A directory's file is written
beside its place and renamed into it: a reader never sees half of one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from pathlib import PurePosixPath
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from runtime.address import check_tenant
from runtime.errors import DeadlineExceeded, Invalid, NotFound, Retryable

_DEADLINE_S = 60.0


class FileBlobs:
    """One file system. ``bound`` gives a tenant's part of it."""

    def __init__(self, url: str) -> None:
        """``url``: a directory's path, ``file://…`` or any URL that fsspec knows."""
        self._files, self._root = fsspec.core.url_to_fs(url)

    def bound(self, tenant: str) -> TenantBlobs:
        """The blobs of ``tenant`` and of no other."""
        return TenantBlobs(self._files, f"{self._root}/{check_tenant(tenant)}")


class TenantBlobs:
    """One tenant's blobs (``actors.ports.Blobs``)."""

    def __init__(self, files: Any, root: str) -> None:
        self._files = files
        self._root = root

    async def put(self, key: str, data: bytes) -> None:
        await _bounded(self._put, self._path(key), data)

    async def get(self, key: str) -> bytes:
        """Raises NotFound where there is no such blob."""
        try:
            data: bytes = await _bounded(self._files.cat_file, self._path(key))
        except FileNotFoundError as error:
            raise NotFound(f"There is no blob {key}.") from error
        return data

    async def delete(self, prefix: str) -> int:
        """Remove every blob whose key starts with ``prefix``; "" means all. Returns how many there were."""
        return int(await _bounded(self._delete, self._path(prefix) if prefix else self._root + "/"))

    def _path(self, key: str) -> str:
        parts = PurePosixPath(key).parts
        if not parts or key.startswith("/") or ".." in parts or "\0" in key:
            raise Invalid(f"{key[:80]!r} is not a blob's key.")
        return f"{self._root}/{key}"

    def _put(self, path: str, data: bytes) -> None:
        folder, _, name = path.rpartition("/")
        self._files.makedirs(folder, exist_ok=True)
        if not isinstance(self._files, LocalFileSystem):
            self._files.pipe_file(path, data)
            return
        draft = f"{folder}/.{name[:80]}.{secrets.token_hex(4)}"
        with open(draft, "wb") as out:  # noqa: PTH123
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, path)  # noqa: PTH105

    def _delete(self, prefix: str) -> int:
        folder = prefix.rpartition("/")[0]
        found = [path for path in self._files.find(folder) if path.startswith(prefix)] if self._exists(folder) else []
        for path in found:
            with contextlib.suppress(FileNotFoundError):
                self._files.rm_file(path)
        if found and prefix.endswith("/") and isinstance(self._files, LocalFileSystem):
            self._files.rm(folder, recursive=True)
        return len(found)

    def _exists(self, folder: str) -> bool:
        return bool(self._files.exists(folder))


async def _bounded(call: Any, *arguments: object) -> Any:
    try:
        async with asyncio.timeout(_DEADLINE_S):
            return await asyncio.to_thread(call, *arguments)
    except FileNotFoundError:
        raise
    except TimeoutError as error:
        raise DeadlineExceeded(f"The blob store did not answer within {_DEADLINE_S:.0f} s.") from error
    except OSError as error:
        raise Retryable(f"The blob store failed: {error.strerror}.", do="Look at its disk and permissions.") from error
