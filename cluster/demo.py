"""The demo: a tenant with the sample business in it, made once and found again at every later start."""

from __future__ import annotations

from collections.abc import Callable

from cluster.data_dir import DataDir


async def show(url: str, data: DataDir, say: Callable[[str], None]) -> None:
    say(f"demo: not yet ({url} {data.path})")
