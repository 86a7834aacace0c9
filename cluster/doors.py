"""The composition root of the gateway: what the HTTP application reaches the platform through, built in its replica."""

from __future__ import annotations

import hmac
import os
from collections.abc import Awaitable, Callable, Mapping

import anyio

from actors.api.door import Door
from actors.api.sessions import SessionTokens
from actors.channels.accounts import Accounts
from actors.egress import Egress
from actors.owners import RegisteredOwners
from actors.records import JournalRecords
from actors.stores.blobs import FileBlobs
from actors.tenancy import Credentials
from runtime import telemetry
from runtime.cell_client import RayCells
from runtime.client import Cells
from runtime.clock import SystemClock
from runtime.config import Settings
from runtime.errors import RagleapError, Unavailable
from runtime.journal import Journal
from runtime.routes import Routes
from runtime.sealing import Sealer, keys_in
from runtime.store import figures, placements
from runtime.store.wall import ACROSS_TENANTS

_READY_S = 3.0


async def build_door() -> Door:
    """The door of this process's settings. The journal is only read here; the cell is its writer."""
    settings = Settings.from_environment(os.environ)
    telemetry.configure(settings.log_level)
    clock = SystemClock()
    journal = Journal(settings.database_url, read_only=True)
    credentials = Credentials(journal, clock)
    inside = cells(settings, journal)
    return Door(
        cells=inside,
        records_for=lambda tenant: JournalRecords(tenant, journal),
        blobs_for=FileBlobs(settings.blobs_url).bound,
        authenticate=credentials.principal,
        operator=lambda key: is_operator(key, settings.operator_key),
        embed=credentials.embedded,
        inlets=Accounts(journal, Sealer(keys_in(settings.sealing_keys))),
        owners=RegisteredOwners(journal),
        sessions=SessionTokens(settings.session_secret.encode()),
        egress=Egress(allowed=settings.egress_allowed),
        ready=lambda: not_ready({"cell": lambda: _all_serve(inside)}),
        figures=lambda: journal.read(
            lambda connection: figures.read(connection, clock.now()), tenant=ACROSS_TENANTS, deadline_s=_READY_S
        ),
        settings=settings,
        clock=clock,
    )


def cells(settings: Settings, journal: Journal) -> Cells:
    """The way to the cells of this installation; ``journal`` tells which there are. Ray must be connected."""
    routes = Routes(lambda: journal.read(placements.load, tenant=ACROSS_TENANTS), SystemClock())
    return RayCells(routes, hold_s=settings.gateway_hold_s)


async def _all_serve(inside: Cells) -> None:
    """Raise Unavailable where a cell does not answer."""
    for name, reply in (await inside.administer_every("status", {}, deadline_s=_READY_S)).items():
        if "error" in reply:
            raise Unavailable(f"{name}: {reply['error']}")


def is_operator(key: str, expected: str) -> bool:
    """Compares in constant time; an installation without an operator's key has no operator."""
    return bool(expected) and hmac.compare_digest(key.encode(), expected.encode())


async def not_ready(checks: Mapping[str, Callable[[], Awaitable[object]]]) -> Mapping[str, str]:
    """Ask every part at once; returns those that do not answer in time, each with why."""
    missing: dict[str, str] = {}

    async def ask(name: str, check: Callable[[], Awaitable[object]]) -> None:
        try:
            with anyio.fail_after(_READY_S):
                await check()
        except TimeoutError:
            missing[name] = f"no answer within {_READY_S:.0f} s"
        except RagleapError as error:
            missing[name] = str(error)

    async with anyio.create_task_group() as together:
        for name, check in checks.items():
            together.start_soon(ask, name, check)
    return missing
