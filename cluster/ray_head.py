"""Ray under watch: started by ``ray_boot``, a killed GCS put back beside the living rest, anything worse started anew.

Bounded as in OTP: too many deaths in a minute and :meth:`RayHead.watch` raises Unavailable. Never ``ray stop``, which
reaches other people's Ray on the same machine: what is ended is what was started here, by pid.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from cluster import process_tree
from cluster.embedded.policy import RestartPolicy
from cluster.process_tree import Process
from runtime.errors import Unavailable

_log = structlog.get_logger(__name__)
_ROOT = Path(__file__).resolve().parents[1]
_BOOT_S = 180.0
_STOP_GRACE_S = 3.0
_EVENT_BYTES = 256 * 1024
_GCS, _RAYLET = "gcs_server", "raylet"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadPlan:
    """What ``ray_boot`` is told. ``environment`` is that of every Ray process."""

    config: Path  # serve_config.yaml
    host: str
    http_port: int
    gcs_port: int
    dashboard_port: int
    dashboard: bool
    cpus: int
    ray_dir: Path
    object_store_bytes: int
    environment: Mapping[str, str]

    def line(self) -> bytes:
        told = {name: getattr(self, name) for name in self.__slots__ if name != "environment"}
        return (json.dumps(told, default=str) + "\n").encode()


class RayHead:
    """One node's Ray, its cell and its Serve applications."""

    def __init__(self, plan: HeadPlan, *, logs: Path, say: Callable[[str], None], policy: RestartPolicy) -> None:
        self._plan = plan
        self._logs = logs
        self._say = say
        self._policy = policy
        self._deaths: deque[float] = deque(maxlen=64)
        self._watched: dict[str, Process] = {}
        self._gcs_command: list[str] = []
        self._boot: asyncio.subprocess.Process | None = None
        self._started = {_RAYLET: asyncio.Event(), _GCS: asyncio.Event()}  # in the boot that runs
        self.address = ""
        self.restarts = 0

    async def start(self, stores_ready: asyncio.Event) -> None:
        """Return when everything runs; raises Unavailable. The cell waits for ``stores_ready``."""
        (self._plan.ray_dir / "gcs").mkdir(exist_ok=True, mode=0o700)
        try:
            async with asyncio.timeout(_BOOT_S):
                await self._boot_or_death(stores_ready)
        except TimeoutError as error:
            raise Unavailable(f"Ray did not come up within {_BOOT_S:.0f} s.", do=f"See {self._log_file}.") from error
        finally:
            await self._end_boot()

    async def watch(self, stores_ready: asyncio.Event) -> None:
        """Keep it running until cancelled; raises Unavailable when it dies too often."""
        while True:
            died = await self._death()
            self._deaths.append(time.monotonic())
            wait = self._policy.wait(self._deaths, time.monotonic())
            _log.warning("ray.died", process=died, deaths=len(self._deaths))
            if wait is None:
                raise Unavailable(f"Ray's {died} died too often.", do=f"See {self._plan.ray_dir}/session_latest/logs.")
            await asyncio.sleep(wait)
            self.restarts += 1
            if died == _GCS and process_tree.running(self._watched[_RAYLET]):
                self._say("Ray's GCS died; it is started again with its state.")
                self._restart_gcs()
                continue
            self._say("Ray died; it is started anew.")
            await asyncio.to_thread(self.stop)
            self._clear()
            try:
                await self.start(stores_ready)
            except Unavailable as error:  # half of it may run; with nothing left to watch it counts as one more death
                _log.error("ray.start_failed", error=str(error))
                await asyncio.to_thread(self.stop)

    def stop(self) -> None:
        """End every process of Ray's, gently where it lets itself. Blocking.

        By their mark, not by descent: what a killed raylet leaves is nobody's child any more, and HAProxy would go on
        holding the ports that its successor needs.
        """
        token = self._plan.environment[process_tree.RAY_MARK]
        process_tree.end(process_tree.marked(token, mark=process_tree.RAY_MARK), grace_s=_STOP_GRACE_S)
        self._watched.clear()

    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self._watched.items()}

    @property
    def _log_file(self) -> Path:
        return self._logs / "ray_boot.log"

    async def _boot_or_death(self, stores_ready: asyncio.Event) -> None:
        """Raise Unavailable as soon as Ray dies under the boot, which itself would look for it for a minute."""
        for started in self._started.values():
            started.clear()
        boot = asyncio.create_task(self._run_boot(stores_ready))
        death = asyncio.create_task(self._death(booting=True))
        try:
            await asyncio.wait({boot, death}, return_when=asyncio.FIRST_COMPLETED)
            if not boot.done():
                self._kill_boot()
                raise Unavailable(f"Ray's {death.result()} died while Ray was starting.", do=f"See {self._log_file}.")
            boot.result()
        finally:
            for task in (boot, death):
                task.cancel()
            await asyncio.gather(boot, death, return_exceptions=True)

    async def _run_boot(self, stores_ready: asyncio.Event) -> None:
        with self._log_file.open("ab") as log:
            boot = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cluster.ray_boot"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=_ROOT,
                env=dict(self._plan.environment),
                limit=_EVENT_BYTES,
                start_new_session=True,  # Ctrl-C is for `ragleap up` alone
            )
        self._boot = boot
        assert boot.stdin is not None and boot.stdout is not None  # noqa: PT018
        boot.stdin.write(self._plan.line())
        await boot.stdin.drain()
        go = asyncio.create_task(_send_when(stores_ready, boot.stdin))
        try:
            while line := await boot.stdout.readline():
                if self._take(line):
                    return
        finally:
            go.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await go
        raise Unavailable("Ray did not start.", do=f"See {self._log_file}.")

    def _take(self, line: bytes) -> bool:
        try:
            event = json.loads(line)
        except ValueError:  # something in the boot printed
            return False
        match event["event"]:
            case "process":
                self._remember(event["name"], event["pid"])
            case "ray":
                self.address = str(event["address"])
                self._say("Ray's head runs")
            case "progress":
                self._say(str(event["text"]))
            case "failed":
                raise Unavailable(str(event["text"]), do=f"See {self._log_file}.")
        return bool(event["event"] == "ready")

    def _remember(self, name: str, pid: int) -> None:
        if process := process_tree.find(pid):
            self._watched[name] = process
        if name == _GCS:
            self._gcs_command = process_tree.command(pid)
        self._started[name].set()

    async def _death(self, *, booting: bool = False) -> str:
        """The name of the first watched process that ends. What a boot has not started yet counts from its start."""
        ends = {name: asyncio.create_task(self._end(name, booting=booting)) for name in (_RAYLET, _GCS)}
        try:
            await asyncio.wait(ends.values(), return_when=asyncio.FIRST_COMPLETED)
            return next(name for name, end in ends.items() if end.done())
        finally:
            for end in ends.values():
                end.cancel()
            await asyncio.gather(*ends.values(), return_exceptions=True)

    async def _end(self, name: str, *, booting: bool) -> None:
        if booting:
            await self._started[name].wait()
        process = self._watched.get(name)
        if process is None or not process_tree.running(process):
            return
        try:
            descriptor = os.pidfd_open(process.pid)
        except ProcessLookupError:
            return
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)

    def _restart_gcs(self) -> None:
        with (self._logs / "gcs.log").open("ab") as log:
            gcs = subprocess.Popen(
                self._gcs_command,
                env=dict(self._plan.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if process := process_tree.find(gcs.pid):
            self._watched[_GCS] = process

    async def _end_boot(self) -> None:
        if self._boot is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5.0):
                await self._boot.wait()
        self._kill_boot()
        await self._boot.wait()
        self._boot = None

    def _kill_boot(self) -> None:
        if self._boot is not None and self._boot.returncode is None:
            self._boot.kill()

    def _clear(self) -> None:
        """A new head starts from nothing: what must last is in the journal, not in Ray."""
        shutil.rmtree(self._plan.ray_dir, ignore_errors=True)
        self._plan.ray_dir.mkdir(mode=0o700)


async def _send_when(ready: asyncio.Event, out: asyncio.StreamWriter) -> None:
    await ready.wait()
    out.write(b"go\n")
    await out.drain()
