"""Blows of a :class:`~chaos.plan.Plan` at the processes of a running stack, and how it came back from each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from chaos.plan import DATABASE, PAUSE_LONG, Blow, Plan, bound
from running_stack import RunningStack
from waiting import until

from cluster import process_tree
from cluster.embedded import probes
from cluster.process_tree import Process

_BACK_S = 300.0  # since Ray, which starts most of them, was last struck itself
_FLIGHT_S = 20.0
_TURNS_NEED = (
    "cell",
    "raylet",
    "ray agent",
    "ray runtime env agent",
    "up",
    DATABASE.name,
)  # while one is away, no turn runs
_UP = "up"
_DOOR = "haproxy"
_LOOK_S = 0.1


@dataclass(slots=True, kw_only=True)
class Struck:
    """One blow. ``in_flight``: the turns that it met. ``others_away``: something else was not back yet.

    ``back_s``: until another process was in its place. ``answers_s``: until a question that was asked after it was
    answered. ``troubles``: what callers met until the next one.
    """

    name: str
    at: float  # monotonic
    in_flight: int
    others_away: bool
    back_s: float = 0.0
    answers_s: float = 0.0
    troubles: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """What the assault sees of the load: the turns in flight that were accepted before a wall time, what callers met
    so far, and how long after a monotonic time a question asked later had its answer (None: not yet)."""

    in_flight: Callable[[float], int]
    troubles: Callable[[], Counter[str]]
    answers: Callable[[float], float | None]


class Assault:
    """``shift`` has the tenants of a frozen cell served by another one (where there are several). ``outside`` are the
    processes by name that may be struck and are none of the stack's."""

    def __init__(
        self,
        stack: RunningStack,
        plan: Plan,
        eyes: Eyes,
        *,
        shift: Callable[[Process], Awaitable[None]],
        outside: Callable[[], Mapping[str, set[int]]],
        tell: Callable[[Struck], None],
    ) -> None:
        self._stack = stack
        self._plan = plan
        self._eyes = eyes
        self._shift = shift
        self._outside = outside
        self._tell = tell
        self._away: Counter[str] = Counter()  # struck and not back
        self._ray_struck = 0.0  # when last

    async def strike(self, number: int) -> list[Struck]:
        """So many blows; returns when everything is back and answers. Raises AssertionError where that fails."""
        struck: list[Struck] = []
        met: list[Counter[str]] = []
        async with asyncio.TaskGroup() as returning:
            last: asyncio.Task[None] | None = None
            while len(struck) < number:
                if last is not None and self._away[_UP]:
                    await last  # before the draw: while it starts, it is all that there is to be drawn
                blow = await self._next()
                if last is not None and (blow.patient or blow.victim == _UP):
                    await last
                await self._moment(blow)
                if (pids := (await self._processes()).get(blow.victim)) is None:
                    continue  # another blow took it along
                troubles, pid = self._eyes.troubles(), sorted(pids)[blow.which % len(pids)]
                if (one := await self._hit(blow, pid)) is None:
                    continue  # it has just ended by itself
                met.append(troubles)
                struck.append(one)
                last = returning.create_task(self._return(struck[-1], blow, pid, pids))
        await until(lambda: self._eyes.answers(struck[-1].at) is not None, _BACK_S, "an answer")
        met.append(self._eyes.troubles())
        for one, before, after in zip(struck, met, met[1:], strict=False):
            one.troubles = after - before
            one.answers_s = self._eyes.answers(one.at) or 0.0
        return struck

    async def _next(self) -> Blow:
        while (blow := self._plan.next(set(await self._processes()), time.monotonic())) is None:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_S)
        return blow

    async def _processes(self) -> dict[str, set[int]]:
        assert self._stack.runs or self._away[_UP], "\n".join(["ragleap up has ended:", *self._stack.lines[-20:]])
        return {**await asyncio.to_thread(self._stack.pids), **await asyncio.to_thread(self._outside)}

    async def _moment(self, blow: Blow) -> None:
        """When the blow wants to be struck: once a turn runs (if one comes to run), or whenever."""
        end = time.monotonic() + _FLIGHT_S
        while blow.in_flight and time.monotonic() < end and not await self._in_flight(time.time()):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_S)
        await asyncio.sleep(blow.after_s)

    async def _in_flight(self, before: float) -> int:
        if any(self._away[name] for name in _TURNS_NEED):
            return 0
        return await asyncio.to_thread(self._eyes.in_flight, before)

    async def _hit(self, blow: Blow, pid: int) -> Struck | None:
        met = await self._in_flight(time.time()) if blow.victim == DATABASE.name else None  # nobody tells afterwards
        wall, at = time.time(), time.monotonic()
        try:
            os.kill(pid, signal.SIGSTOP if blow.pause_s else signal.SIGKILL)
        except ProcessLookupError:
            return None
        if not blow.pause_s:
            self._plan.struck(blow.victim, at)
        if blow.victim == _UP or bound(blow.victim) == "ray":
            self._ray_struck = at
        if met is None:
            met = await self._in_flight(wall)  # accepted before, and not done now
        others = self._away.total() > 0
        self._away[blow.victim] += 1
        return Struck(name=blow.name, at=at, in_flight=met, others_away=others)

    async def _return(self, one: Struck, blow: Blow, pid: int, former: set[int]) -> None:
        if blow.pause_s:
            await self._thaw(one, blow, pid)
        elif blow.victim == _UP:
            await asyncio.to_thread(self._stack.wait)
            await asyncio.to_thread(self._stack.start)
        else:
            while not await self._is_back(blow, pid, former):
                away_s = time.monotonic() - max(one.at, self._ray_struck)
                assert away_s < _BACK_S, f"{blow.victim} did not come back"
                await asyncio.sleep(_LOOK_S)
        self._away[blow.victim] -= 1
        one.back_s = time.monotonic() - one.at
        self._tell(one)

    async def _is_back(self, blow: Blow, pid: int, former: set[int]) -> bool:
        if (await self._processes()).get(blow.victim, set()) - former:
            return True
        if blow.victim != _DOOR or ((hit := process_tree.find(pid)) and hit.alive):
            return False
        # An earlier one, which ends the streams it has left, has its successor already; and where a new one dies
        # before it took over, the earlier one stays: the door tells.
        with contextlib.suppress(OSError):  # a probe that is late is a TimeoutError, which is one
            return await probes.accepts(self._stack.port)
        return False

    async def _thaw(self, one: Struck, blow: Blow, pid: int) -> None:
        """Let a frozen cell go on, after its time or once it has lost its tenants."""
        try:
            if one.name == PAUSE_LONG and (frozen := process_tree.find(pid)):
                await self._shift(frozen)
            await asyncio.sleep(max(0.0, one.at + blow.pause_s - time.monotonic()))
        finally:
            with contextlib.suppress(ProcessLookupError):  # another blow ended it
                os.kill(pid, signal.SIGCONT)
