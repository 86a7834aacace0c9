"""kill -9 for the processes of a running stack, one after the other, at moments told by a seed and by the work done."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from running_stack import RunningStack
from waiting import until

_BACK_S = 90.0
_PROGRESS_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One process that was killed, how much work was done and open then, and after how long it was back."""

    name: str
    done: int
    open: int
    back_s: float


class Killer:
    """``work``: (what is done, what is still open), as counted now."""

    def __init__(self, stack: RunningStack, seed: int, work: Callable[[], tuple[int, int]]) -> None:
        self._stack = stack
        self._random = random.Random(seed)
        self._work = work

    async def kill_in_turn(self, names: Sequence[str]) -> list[Kill]:
        """Each of ``names`` once, in an order of the seed; the next only when the last is back and work went on."""
        order = list(names)
        self._random.shuffle(order)
        kills = []
        for name in order:
            await self._progress(self._random.randint(1, 4))
            kills.append(await self._kill(name))
        return kills

    async def _progress(self, number: int) -> None:
        """Wait until ``number`` more pieces of work are done."""
        goal = self._work()[0] + number
        await until(lambda: self._work()[0] >= goal, _PROGRESS_S, f"{number} more documents")

    async def _kill(self, name: str) -> Kill:
        before = await self._there(name, other_than=0)
        done, left = self._work()
        os.kill(before, signal.SIGKILL)
        began = time.monotonic()
        await self._there(name, other_than=before)
        return Kill(name=name, done=done, open=left, back_s=round(time.monotonic() - began, 1))

    async def _there(self, name: str, *, other_than: int) -> int:
        """The process's pid, once it runs under another than the former one."""
        found: list[int] = []

        def look() -> bool:
            pid = self._stack.processes().get(name, 0)
            if pid and pid != other_than:
                found.append(pid)
            return bool(found)

        await until(look, _BACK_S, name)
        return found[0]
