"""An asyncio event loop on virtual time: no threads, no sockets, no waiting; the same seed gives the same run.

Several *processes* share it. Each has a queue of ready callbacks of its own, first in, first out, as asyncio promises
within one loop; which process goes next is drawn from the seed. Whatever a process starts (tasks, timers, callbacks)
belongs to it through a context variable, so that a process can be killed between any two awaits or paused and resumed
as a whole. Time passes a little with every callback and jumps to the next timer when nothing is ready.
"""

from __future__ import annotations

import asyncio
import heapq
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from random import Random
from typing import Any

_PROCESS: ContextVar[Process] = ContextVar("process")


class Process:
    """A simulated operating-system process: what it runs, and whether it still does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.dead = False
        self.paused = False
        self.ready: deque[events.Handle] = deque()
        self._tasks: list[SimulatedTask] = []
        self._swept = 64
        self.fuse: int | None = None  # killed after so many callbacks more
        self.on_fuse: Callable[[], None] = lambda: None

    def began(self, task: SimulatedTask) -> None:
        self._tasks.append(task)
        if len(self._tasks) >= self._swept:
            self._tasks = self.tasks
            self._swept = 64 + 2 * len(self._tasks)

    @property
    def tasks(self) -> list[SimulatedTask]:
        """Its tasks that have not ended."""
        return [task for task in self._tasks if not task.done()]

    @property
    def runnable(self) -> bool:
        return bool(self.ready) and not self.dead and not self.paused


class SimulatedTask(asyncio.Task[Any]):
    """A task whose hash is its number: sets of tasks are then walked in the same order in every run."""

    def __init__(self, coro: Coroutine[Any, Any, Any], number: int, **kwargs: Any) -> None:
        self.number = number
        super().__init__(coro, **kwargs)

    def __hash__(self) -> int:
        return self.number


class Deadlock(Exception):
    """Nothing is ready and no timer is set: nothing will ever happen again."""


class VirtualLoop(asyncio.BaseEventLoop):
    """See the module. ``disk`` draws how long a step of ``run_in_executor`` takes."""

    def __init__(self, random: Random, disk: Callable[[], float]) -> None:
        super().__init__()
        self.world = Process("world")
        self.steps = 0
        self._random = random
        self._disk = disk
        self._now = 0.0
        self._timers: list[tuple[float, float, int, events.TimerHandle, Process]] = []
        self._runnable: list[Process] = []  # processes with something ready, in the order in which they got it
        self._count = 0
        self.set_task_factory(self._make_task)

    # --------------------------------------------------------------------- asyncio's own interface

    def time(self) -> float:
        return self._now

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> events.Handle:
        handle = events.Handle(callback, args, self, context)
        process = _PROCESS.get(self.world) if context is None else context.get(_PROCESS, self.world)
        self._make_ready(process, handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> events.TimerHandle:
        timer = events.TimerHandle(when, callback, args, self, context)
        process = _PROCESS.get(self.world) if context is None else context.get(_PROCESS, self.world)
        self._count += 1
        # Timers of the same time go in drawn order.
        heapq.heappush(self._timers, (when, self._random.random(), self._count, timer, process))
        return timer

    def run_in_executor(self, executor: object, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """``func`` runs whole, at some drawn time from now; its outcome is told some time after that."""
        future: asyncio.Future[Any] = self.create_future()

        def run() -> None:
            if future.cancelled():
                return
            try:
                value, problem = func(*args), None
            except Exception as error:
                value, problem = None, error
            self.call_later(self._disk(), tell, value, problem)

        def tell(value: Any, problem: Exception | None) -> None:
            if future.cancelled():
                return
            if problem is None:
                future.set_result(value)
            else:
                future.set_exception(problem)

        self.call_later(self._disk(), run)
        return future

    # --------------------------------------------------------------------- processes

    def spawn(self, process: Process, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start a task that belongs to ``process``, with everything that it will start."""
        context = copy_context()
        context.run(_PROCESS.set, process)
        return self.create_task(coroutine, context=context)

    def in_world_after(self, delay: float, callback: Callable[[], object]) -> None:
        """Call ``callback`` from within no process, after ``delay`` seconds."""
        self.call_later(delay, callback, context=Context())

    def kill(self, process: Process) -> None:
        """Nothing of ``process`` runs any more. Its tasks are kept: freed, their ``finally`` blocks would run."""
        process.dead = True

    def resume(self, process: Process) -> None:
        process.paused = False
        if process.ready and process not in self._runnable:
            self._runnable.append(process)

    def bury(self, processes: list[Process]) -> None:
        """Let go of every task of ``processes``: at the very end, when nothing that they do counts any more."""
        events._set_running_loop(self)
        try:
            self._cancel_all(processes)
        except Deadlock:
            return  # what is left waits for nothing that could still come
        finally:
            events._set_running_loop(None)

    def _cancel_all(self, processes: list[Process]) -> None:
        for _ in range(50):
            left = [task for process in processes for task in process.tasks]
            if not left:
                return
            for process in processes:
                process.dead = process.paused = False
                process.fuse = None
                self.resume(process)
            for task in left:
                task.cancel()
            until = self._now + 60.0
            while (self._runnable or self._timers) and self._now < until and any(not task.done() for task in left):
                self._run_once()

    # --------------------------------------------------------------------- inside

    def _make_task(self, loop: object, coro: Any, **kwargs: Any) -> SimulatedTask:
        self._count += 1
        context = kwargs.get("context")
        process = _PROCESS.get(self.world) if context is None else context.get(_PROCESS, self.world)
        task = SimulatedTask(coro, self._count, loop=self, **kwargs)
        process.began(task)
        return task

    def _make_ready(self, process: Process, handle: events.Handle) -> None:
        process.ready.append(handle)
        if len(process.ready) == 1 and not process.paused and not process.dead:
            self._runnable.append(process)

    def _run_once(self) -> None:
        self._wake_timers()
        if not self._runnable:
            return
        index = int(self._random.random() * len(self._runnable))
        process = self._runnable[index]
        handle = process.ready.popleft() if process.runnable else None
        if not process.runnable:
            del self._runnable[index]
        if handle is None or handle._cancelled:
            return
        self._now += self._random.random() * 1e-4
        self.steps += 1
        handle._run()
        if process.fuse is not None:
            process.fuse -= 1
            if process.fuse <= 0:
                process.fuse = None
                process.on_fuse()

    def _wake_timers(self) -> None:
        """Timers whose time has come become ready; with nothing ready, time jumps to the next one."""
        timers = self._timers
        while timers and (timers[0][3]._cancelled or timers[0][4].dead):
            heapq.heappop(timers)
        if not any(process.runnable for process in self._runnable):
            if not timers:
                if self._stopping:
                    return
                raise Deadlock
            self._now = max(self._now, timers[0][0])
        while timers and timers[0][0] <= self._now:
            _, _, _, timer, process = heapq.heappop(timers)
            if not timer._cancelled and not process.dead:
                self._make_ready(process, timer)

    def _timer_handle_cancelled(self, handle: events.TimerHandle) -> None:
        """Cancelled timers are skipped when their turn comes."""

    def _write_to_self(self) -> None:
        """There is no selector to wake."""
