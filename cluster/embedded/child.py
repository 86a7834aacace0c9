"""A child process that is watched: started, probed until ready, restarted when it dies, stopped with its parent.

Promises: ``start`` returns only when the child answers its probe; a death is followed by a restart within the
policy's intensity; ``close`` leaves no process of the child's group; the child dies with its parent even where that
was killed by SIGKILL (see ``launch.py``). Start it from the thread that lives longest: the tie is to that thread.

Held by tests/integration/cluster/test_child.py and tests/unit/cluster/embedded/test_policy.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import structlog

from cluster.embedded.policy import RestartPolicy
from runtime.clock import Clock, SystemClock
from runtime.errors import Unavailable

_log = structlog.get_logger(__name__)
_LAUNCHER = Path(__file__).with_name("launch.py")
_LOG_BYTES = 4 * 1024 * 1024
_PROBE_EVERY_S = 0.1


class State(StrEnum):
    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting"  # dead, to be started again
    FAILED = "failed"  # died too often


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """What to run. ``probe`` says whether the child answers; it may raise while it does not.

    ``environment`` is added to the parent's. ``stop_signal`` asks the child to end; after ``grace_s`` it is killed.
    """

    name: str
    command: Sequence[str]
    probe: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    ready_s: float = 60.0
    grace_s: float = 10.0


class Child:
    """One watched child process."""

    def __init__(
        self, spec: ChildSpec, *, logs: Path, policy: RestartPolicy | None = None, clock: Clock | None = None
    ) -> None:
        self._spec = spec
        self._log_file = logs / f"{spec.name}.log"
        self._policy = policy or RestartPolicy()
        self._clock = clock or SystemClock()
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._deaths: deque[float] = deque(maxlen=64)
        self._ready = asyncio.Event()
        self.state = State.STOPPED
        self.restarts = 0
        self.deaths = 0
        self._changed = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The process that runs now, if one does."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Start the child and wait until it answers; raises Unavailable with the end of its log where it does not."""
        try:
            await self._launch()
        except BaseException:
            await self._end()
            self.state = State.STOPPED
            raise
        self._watcher = asyncio.create_task(self._watch(), name=f"watch {self._spec.name}")

    async def wait_ready(self, deadline_s: float) -> None:
        """Return once the child answers, also after a restart; raises Unavailable."""
        try:
            async with asyncio.timeout(deadline_s):
                await self._ready.wait()
        except TimeoutError as error:
            raise self._unavailable(f"is not ready after {deadline_s:.0f} s") from error

    async def died(self) -> None:
        """Return when the process that runs now has ended and its death was noticed."""
        seen = self.deaths
        while self.deaths == seen:
            self._changed.clear()
            await self._changed.wait()

    async def watch(self) -> None:
        """Return when the child is closed; raise Unavailable when it died too often."""
        if self._watcher is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(self._watcher)

    async def close(self) -> None:
        """Stop watching and stop the child: its signal, then SIGKILL to its whole group."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError, Unavailable):
                await self._watcher
            self._watcher = None
        await self._end()
        self.state = State.STOPPED

    async def _launch(self) -> None:
        self.state = State.STARTING
        self._ready.clear()
        command = [
            *(sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid())),
            *(f"{name}={value}" for name, value in self._spec.environment.items()),
            "--",
            *self._spec.command,
        ]
        with _open_log(self._log_file) as output:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._spec.directory,
                start_new_session=True,
            )
        await self._until_ready(self._process)
        self.state = State.READY
        self._ready.set()
        _log.info("child.ready", child=self._spec.name, pid=self._process.pid, restarts=self.restarts)

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(self._spec.ready_s):
                while process.returncode is None:
                    with contextlib.suppress(Exception):
                        if await self._spec.probe():
                            return
                    await asyncio.sleep(_PROBE_EVERY_S)
        except TimeoutError as error:
            raise self._unavailable(f"did not answer within {self._spec.ready_s:.0f} s") from error
        raise self._unavailable(f"ended at once with status {process.returncode}")

    async def _watch(self) -> None:
        while True:
            process = self._process
            if process is not None:
                status = await process.wait()
                self._ready.clear()
                self._deaths.append(self._clock.monotonic())
                self.deaths += 1
                self._changed.set()
                _log.warning("child.died", child=self._spec.name, status=status, deaths=self.deaths)
            self._kill_group()
            wait = self._policy.wait(self._deaths, self._clock.monotonic())
            if wait is None:
                self.state = State.FAILED
                raise self._unavailable("died too often and was not started again")
            self.state = State.WAITING
            await asyncio.sleep(wait)
            self.restarts += 1
            with contextlib.suppress(Unavailable):  # counted as a death when its process ends below
                await self._launch()
                continue
            await self._end()

    async def _end(self) -> None:
        process = self._process
        if process is None:
            return
        self._ready.clear()
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(self._spec.stop_signal)
            try:
                async with asyncio.timeout(self._spec.grace_s):
                    await process.wait()
            except TimeoutError:
                _log.warning("child.killed", child=self._spec.name, grace_s=self._spec.grace_s)
        self._kill_group()
        await process.wait()

    def _kill_group(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _unavailable(self, what: str) -> Unavailable:
        end = _tail(self._log_file)
        do = f"See {self._log_file}" + (f" (its last line: {end})" if end else "")
        return Unavailable(f"The {self._spec.name} process {what}.", do=f"{do}.", child=self._spec.name)


def _open_log(path: Path) -> contextlib.AbstractContextManager[int]:
    """The log opened for appending; one that has grown over its bound becomes ``NAME.log.1`` first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    return _closing(descriptor)


@contextlib.contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _tail(path: Path) -> str:
    """The last line that says something, for an error's text."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines()]
    except OSError:
        return ""
    return next((line[:200] for line in reversed(lines) if line), "")
