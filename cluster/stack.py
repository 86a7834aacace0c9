"""One RagLeap on one machine: what `ragleap up` starts, watches and stops again.

Promises: refusals come before anything is started; stores and Ray start at the same time; whatever dies is started
again within bounds, and where that fails everything is stopped and the reason raised; nobody else gets the door's port
while the door is away; after :meth:`Stack.stop` no process of it is left, whatever happened before.

Held by tests/e2e/test_up.py, tests/e2e/test_up_refusals.py and tests/unit/cluster/test_up.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from cluster import model_files, process_tree, serve_apps
from cluster.data_dir import DataDir
from cluster.embedded.policy import RestartPolicy
from cluster.embedded_parts import EmbeddedParts
from cluster.front_door import close_doors
from cluster.ports import Ports, claim_port, hold_port, is_free, plan_ports
from cluster.ray_environment import ray_environment
from cluster.ray_head import HeadPlan, RayHead
from cluster.reach_stores import reach_stores
from runtime.config import Settings
from runtime.errors import RagleapError
from runtime.sealing import keys_of_file

_log = structlog.get_logger(__name__)
_ROOT = Path(__file__).resolve().parents[1]
_OBJECT_STORE_BYTES = 78_643_200
_DOOR_S = 5.0  # answers are mostly there in one second; the cells wait for those that take longer
_FINISH_S = 35.0
_ORPHANS_EVERY_S = 5.0


class Stack:
    """Everything of one data directory. ``start`` once, ``watch`` until told to stop, ``stop`` always."""

    def __init__(
        self,
        settings: Settings,
        inherited: Mapping[str, str],
        *,
        say: Callable[[str], None],
        dashboard: bool = False,
        config: Path = serve_apps.CONFIG,
    ) -> None:
        self._data = DataDir(settings.data_dir)
        self._settings = settings
        self._inherited = inherited
        self._say = say
        self._dashboard = dashboard
        self._config = config
        self._stores_ready = asyncio.Event()
        self._stores: EmbeddedParts | None = None
        self._head: RayHead | None = None
        self._environment: dict[str, str] = {}
        self._hurry = asyncio.Event()
        self._held = contextlib.ExitStack()  # the ports that are ours also while nobody listens there
        self.ports: Ports | None = None

    @property
    def url(self) -> str:
        return f"http://{self._settings.host}:{self._settings.port}"

    @property
    def data(self) -> DataDir:
        return self._data

    @property
    def dashboard_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.dashboard}" if self.ports and self._dashboard else ""

    async def start(self) -> None:
        """Return when questions are answered. Raises Invalid, Conflict or Unavailable with one sentence each."""
        self._data.prepare()
        self._data.lock()
        process_tree.adopt_orphans()
        await asyncio.to_thread(self._sweep, "left behind by an earlier run")  # it may still hold the ports
        self._held.enter_context(hold_port(self._settings.host, self._settings.port))
        if self._settings.database_url:
            await asyncio.to_thread(_reach_database, self._settings.database_url)
        await asyncio.to_thread(reach_stores, self._settings, self._inherited)
        await asyncio.to_thread(_have_models, self._settings.models_dir, self._say)
        self.ports = plan_ports(self._settings.port, str(self._data.path), is_free)
        self._held.enter_context(claim_port(self.ports.claim))
        self._stores = EmbeddedParts(self._settings, self._data, say=self._say)
        self._settings = self._complete(self._stores)
        self._head = RayHead(self._plan(self.ports), logs=self._data.logs, say=self._say, policy=RestartPolicy())
        self._data.write_stack(self._told("starting"))
        async with asyncio.TaskGroup() as together:
            together.create_task(self._start_stores(self._stores))
            together.create_task(self._head.start(self._stores_ready))
        self._data.write_stack(self._told("running"))

    async def watch(self) -> None:
        """Keep everything running until cancelled; raises Unavailable where something died too often."""
        assert self._head is not None and self._stores is not None  # noqa: PT018
        async with asyncio.TaskGroup() as watchers:
            watchers.create_task(self._head.watch(self._stores_ready))
            watchers.create_task(self._stores.watch())
            watchers.create_task(_collect_orphans())

    async def stop(self) -> None:
        """Finish turns, then end every process. Safe at any point of a start."""
        with contextlib.suppress(RagleapError, OSError):
            await self._finish()
        if self._head is not None:
            await asyncio.to_thread(self._head.stop)
        if self._stores is not None:
            await self._stores.close()
        await asyncio.to_thread(self._sweep, "still there at the end")
        self._held.close()
        if self._data.owned:
            self._data.remove_temporary()
            self._data.forget_stack()
            self._data.unlock()

    def hurry(self) -> None:
        """Stop without waiting for what runs."""
        self._hurry.set()

    def pids(self) -> dict[str, int]:
        """The processes that are watched, by name."""
        head = self._head.pids() if self._head else {}
        return {"up": os.getpid(), **head, **(self._stores.pids() if self._stores else {})}

    async def _start_stores(self, stores: EmbeddedParts) -> None:
        await stores.start()
        self._stores_ready.set()

    def _complete(self, stores: EmbeddedParts) -> Settings:
        """The settings that every process of the stack sees: no empty address is left in them."""
        given = self._settings
        return stores.addressed(
            replace(
                given,
                data_dir=self._data.path,
                database_url=given.database_url or self._data.database_url,
                blobs_url=given.blobs_url or str(self._data.path / "blobs"),
                operator_key=given.operator_key or self._data.secret("operator.key"),
                session_secret=given.session_secret or self._data.secret("session.secret"),
                sealing_keys=given.sealing_keys or ",".join(keys_of_file(self._data.sealing_keys)),
                ray_address=f"127.0.0.1:{self.ports.gcs}" if self.ports else "",
            )
        )

    def _plan(self, ports: Ports) -> HeadPlan:
        ray_dir, proxy_dir = self._data.ray_dir(), self._data.proxy_dir()
        self._data.secret("ray.token")
        self._environment = ray_environment(
            self._inherited,
            self._settings,
            ports,
            ray_dir=ray_dir,
            proxy_dir=proxy_dir,
            token_file=self._data.run / "ray.token",
            mark=self._data.token,
        )
        return HeadPlan(
            config=self._config,
            host=self._settings.host,
            http_port=ports.http,
            gcs_port=ports.gcs,
            dashboard_port=ports.dashboard,
            dashboard=self._dashboard,
            cpus=max(2, os.cpu_count() or 2),
            ray_dir=ray_dir,
            object_store_bytes=_OBJECT_STORE_BYTES,
            environment=self._environment,
        )

    def _told(self, state: str) -> dict[str, object]:
        return {
            "state": state,
            "pid": os.getpid(),
            "url": self.url,
            "dashboard_url": self.dashboard_url,
            "ray_address": self._settings.ray_address,
            "processes": self.pids(),
            "since": time.time(),
        }

    async def _finish(self) -> None:
        """Answer what is under way, from the door inwards; bounded, and over at once where it is hurried."""
        if self._head is None or not self._head.pids():
            return
        self._say("Finishing what runs")
        finishing, hurried = asyncio.create_task(self._drain()), asyncio.create_task(self._hurry.wait())
        done, _ = await asyncio.wait({finishing, hurried}, timeout=_FINISH_S, return_when=asyncio.FIRST_COMPLETED)
        if finishing not in done:
            _log.warning("drain.abandoned", hurried=hurried in done)
        for task in (finishing, hurried):
            task.cancel()
        outcome, _ = await asyncio.gather(finishing, hurried, return_exceptions=True)
        if isinstance(outcome, Exception):
            _log.error("drain.failed", error=repr(outcome))

    async def _drain(self) -> None:
        """Callers get their answers or a 503; then the cells end the turns that run and give their leases back."""
        try:
            async with asyncio.timeout(_DOOR_S):
                await close_doors(Path(self._environment["RAY_SERVE_HAPROXY_SOCKET_PATH"]).parent)
        except (OSError, TimeoutError) as error:  # a long stream, say: its turn ends below
            _log.warning("drain.door", error=repr(error))
        driver = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cluster.ray_drain", self._settings.ray_address),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=_ROOT,
            env=self._environment,
            start_new_session=True,
        )
        try:
            await driver.wait()
        finally:
            if driver.returncode is None:
                driver.kill()
                await driver.wait()

    def _sweep(self, why: str) -> None:
        """End what carries this directory's mark."""
        if not self._data.owned:
            return
        if strays := process_tree.marked(self._data.token):
            _log.warning("processes.swept", why=why, pids=[stray.pid for stray in strays])
            process_tree.end(strays, grace_s=2.0)


def _reach_database(url: str) -> None:
    from runtime.store.database import reach  # here, because `up` does without it on SQLite, and it weighs 25 MB

    reach(url)


def _have_models(folder: Path, say: Callable[[str], None]) -> None:
    if not all(model_files.is_right(folder / file.target, file.sha256) for file in model_files.FILES):
        model_files.assemble(folder, say=say)


async def _collect_orphans() -> None:
    """Adopted processes that ended are collected; children that a task waits for have gone before the second look."""
    seen: set[int] = set()
    while True:
        await asyncio.sleep(_ORPHANS_EVERY_S)
        now = process_tree.zombies()
        process_tree.reap(seen & now)
        seen = now
