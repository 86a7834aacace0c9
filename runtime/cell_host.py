"""A cell as a named, detached Ray actor: this is where the runtime's process begins.

Ray restarts the process when it dies (``max_restarts=-1``); the new incarnation calls its own ``recover``, which takes
up what the former one had accepted, and goes on trying until that works. Errors go back as values: a Ray task error
would wrap and print them.

Held by tests/integration/test_cell_over_ray.py.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import ray
import structlog

from runtime import heap
from runtime.cell import Cell
from runtime.errors import Invalid, RagleapError
from runtime.gathering import Reply
from runtime.message import Envelope, StreamEvent

NAMESPACE = "ragleap"
MAX_CONCURRENCY = 2_000
MAX_PENDING_CALLS = 4_000
RECOVER_S = 1.0
GAVE_UP = 70  # EX_SOFTWARE of sysexits.h

log = structlog.get_logger(__name__)

T = TypeVar("T")

Command = Callable[[Mapping[str, object]], Awaitable[Mapping[str, object]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """What the composition root builds into a cell's process.

    ``services`` are called by workers (``call``), ``commands`` by the operator (``administer``, which knows ``drain``
    by itself); ``background`` runs beside the cell until it is drained; ``close`` lets go of stores.
    """

    cell: Cell
    services: Mapping[str, object]
    commands: Mapping[str, Command]
    background: Sequence[Callable[[], Awaitable[None]]] = ()
    close: Sequence[Callable[[], Awaitable[None]]] = field(default=())


class CellHost:
    """The Ray actor. ``build`` gets its name, and runs once per incarnation, on the actor's own loop."""

    def __init__(self, name: str, build: Callable[[str], Awaitable[Hosted]]) -> None:
        self._name = name
        self._build = build
        self._starting: asyncio.Task[Hosted] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._drained = False
        # A fresh incarnation must recover by itself, even if nobody calls: so it calls itself.
        ray.get_runtime_context().current_actor.recover.remote()

    def __repr__(self) -> str:
        return self._name  # how the Ray dashboard and log prefixes call this actor

    async def recover(self) -> None:
        """Serve, whether or not anybody calls."""
        while not self._drained and await self.ready() is not True:  # noqa: ASYNC110 (nothing tells when it will work)
            await asyncio.sleep(RECOVER_S)

    async def ready(self) -> bool | RagleapError:
        """Whether the cell serves; an error says why it cannot."""
        outcome = await self._guard(self._hosted)
        return outcome if isinstance(outcome, RagleapError) else True

    async def accept_each(self, batches: Sequence[Sequence[Envelope]]) -> list[Reply] | RagleapError:
        """The batches of several callers, each with a reply of its own."""

        hosted = await self._guard(self._hosted)
        if isinstance(hosted, RagleapError):
            return hosted
        return list(await asyncio.gather(*(self._guard(partial(hosted.cell.accept, batch)) for batch in batches)))

    async def ask(self, envelope: Envelope) -> Any:
        async def ask() -> Any:
            return await (await self._hosted()).cell.ask(envelope)

        return await self._guard(ask)

    async def events(self, tenant: str, message_id: str, after_seq: int) -> AsyncIterator[StreamEvent | RagleapError]:
        try:
            cell = (await self._hosted()).cell
            async with aclosing(cell.events(tenant, message_id, after_seq=after_seq)) as events:
                async for event in events:
                    yield event
        except RagleapError as error:
            yield error
        except Exception as error:
            yield _failed(error)

    async def administer(self, command: str, arguments: Mapping[str, object]) -> Mapping[str, object] | RagleapError:
        if command == "drain":
            outcome = await self.drain()
            return outcome if isinstance(outcome, RagleapError) else {"drained": self._name}

        async def administer() -> Mapping[str, object]:
            handler = (await self._hosted()).commands.get(command)
            if handler is None:
                raise Invalid(f"There is no operator's command {command!r}.")
            return await handler(arguments)

        return await self._guard(administer)

    async def call(self, service: str, method: str, *arguments: object) -> Any:
        """A worker's call to one of the cell's services."""

        async def call() -> Any:
            found = None if method.startswith("_") else (await self._hosted()).services.get(service)
            handler = getattr(found, method, None)
            if handler is None:
                raise Invalid(f"There is no service {service}.{method}.")
            return await handler(*arguments)

        return await self._guard(call)

    async def drain(self) -> bool | RagleapError:
        """End running turns, release the leases, let go of the stores. The process is then killed by its caller."""

        async def drain() -> bool:
            if self._drained or self._starting is None:
                return True
            hosted = await self._hosted()
            self._drained = True
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await hosted.cell.drain()
            for close in hosted.close:
                await close()
            return True

        return await self._guard(drain)

    async def _hosted(self) -> Hosted:
        if self._starting is None:
            self._starting = asyncio.get_running_loop().create_task(self._start())
            self._starting.add_done_callback(self._started)
        return await asyncio.shield(self._starting)

    def _started(self, starting: asyncio.Task[Hosted]) -> None:
        """What failed for now (a store still starting) may work at the next call."""
        if starting.cancelled() or starting.exception() is not None:
            self._starting = None

    async def _start(self) -> Hosted:
        hosted = await self._build(self._name)
        try:
            await hosted.cell.start()
        except BaseException:
            for close in hosted.close:
                await close()
            raise
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(_forever(work)) for work in hosted.background]
        heap.settle()
        log.info("cell.ready", cell=self._name)
        return hosted

    async def _guard(self, call: Callable[[], Awaitable[T]]) -> T | RagleapError:
        try:
            return await call()
        except RagleapError as error:
            return error
        except Exception as error:
            return _failed(error)


def _failed(error: Exception) -> RagleapError:
    log.exception("cell.call_failed")
    return RagleapError(f"The cell failed: {type(error).__name__}.", do="The log has the cause.")


async def _forever(work: Callable[[], Awaitable[None]]) -> None:
    """See a background work to its end: one that fails is logged and begun again."""
    while True:
        try:
            await work()
            return
        except Exception:
            log.exception("cell.background_failed")
        await asyncio.sleep(1)


def end_process(reason: str) -> None:
    """End this process for good: Ray makes a new one, which takes up from the journal. A cell gives itself up so."""
    log.error("cell.process_ends", reason=reason)
    os._exit(GAVE_UP)


def start_cell(name: str, build: Callable[[str], Awaitable[Hosted]]) -> Any:
    """The handle of the cell's Ray actor, made if there is none of that name. Ray must be connected."""
    actor = ray.remote(CellHost).options(
        name=name,
        namespace=NAMESPACE,
        lifetime="detached",
        get_if_exists=True,
        max_restarts=-1,
        max_concurrency=MAX_CONCURRENCY,
        max_pending_calls=MAX_PENDING_CALLS,
        num_cpus=0,
    )
    return actor.remote(name, build)
