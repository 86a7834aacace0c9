"""Waiting for what tells nobody when it changes: processes of the machine, rows that another process writes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

_LOOK_S = 0.05


async def until(condition: Callable[[], bool], limit_s: float, what: str) -> None:
    """Return once ``condition`` holds (looked at in a thread); fails with ``what`` after ``limit_s``."""
    end = time.monotonic() + limit_s
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < end, f"waited {limit_s:.0f} s for {what}"
        await asyncio.sleep(_LOOK_S)
