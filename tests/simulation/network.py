"""The faulty network between senders and cells: calls are delayed, doubled or lost, and so are their answers.

A caller hears of a cell that is down as of one that does not answer; which of its calls were handled it cannot know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from simulation.cells import Incarnation
from simulation.referee import Bench
from simulation.script import Network
from simulation.virtual_loop import VirtualLoop

from runtime.cell import Cell
from runtime.errors import RagleapError, Unavailable

Call = Callable[[Cell], Awaitable[Any]]


class Wire:
    """Carries calls to whatever incarnation of a cell is the newest when they arrive."""

    def __init__(self, loop: VirtualLoop, random: Random, bench: Bench, network: Network) -> None:
        self.network = network  # replaced by a good one at the end of the trouble
        self.newest: dict[str, Incarnation] = {}
        self._loop = loop
        self._random = random
        self._bench = bench

    async def call(self, cell: str, call: Call, *, patience_s: float) -> Any:
        """The cell's answer. Raises what it raised, or Unavailable where none came in time."""
        answered: asyncio.Future[Any] = self._loop.create_future()
        self._carry("request", lambda: self._arrive(cell, call, answered))
        try:
            async with asyncio.timeout(patience_s):
                answer = await answered
        except TimeoutError as error:
            raise Unavailable("No answer came.", retry_after=0.2) from error
        if isinstance(answer, RagleapError):
            raise answer
        return answer

    def _arrive(self, cell: str, call: Call, answered: asyncio.Future[Any]) -> None:
        def reply(answer: Any) -> None:
            self._carry("reply", lambda: answered.done() or answered.set_result(answer))

        incarnation = self.newest.get(cell)
        if incarnation is None or incarnation.process.dead:
            reply(Unavailable(f"{cell} is restarting.", retry_after=0.3))
        else:
            incarnation.answer(call, reply)

    def _carry(self, what: str, deliver: Callable[[], object]) -> None:
        """Deliver it from the world, some times, after some time."""
        network, random = self.network, self._random
        copies = 1
        if network.lost and random.random() < network.lost:
            self._bench.count(f"lost {what}")
            return
        if network.doubled and random.random() < network.doubled:
            self._bench.count(f"doubled {what}")
            copies = 2
        for _ in range(copies):
            delay = random.random() * network.delay_s
            if network.late and random.random() < network.late:
                delay += random.uniform(0.5, 8.0)
            self._loop.in_world_after(delay, deliver)
