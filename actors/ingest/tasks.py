"""Several things at once, ended together: the first failure cancels the rest and comes out as itself."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def together(*work: Coroutine[Any, Any, None], until_first: Coroutine[Any, Any, None] | None = None) -> None:
    """Await all of ``work``; ``until_first`` runs beside it and is cancelled when the work is done.

    Raises the first failure itself, not a group around it: callers tell families of errors apart.
    """
    try:
        async with asyncio.TaskGroup() as group:
            beside = group.create_task(until_first) if until_first is not None else None
            tasks = [group.create_task(each) for each in work]
            for task in tasks:
                await task
            if beside is not None:
                beside.cancel()
    except BaseExceptionGroup as failures:
        first = _first(failures)
        raise first from first.__cause__


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
