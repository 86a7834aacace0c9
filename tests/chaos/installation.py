"""One installation under fire: a stack on SQLite with one cell, or on PostgreSQL with two."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg
from chaos.plan import DATABASE, VICTIMS, Victim
from postgres_server import PostgresServer, programs
from running_stack import RunningStack
from stack_stores import StackStores
from waiting import until

JOURNALS = ("sqlite", "postgresql")
_SHIFT_S = 90.0


class Installation:
    """Start it once, stop it once; ``remove`` what it has stored only where nobody will want to look."""

    def __init__(self, journal: str) -> None:
        self.journal = journal
        self.folder = Path(tempfile.mkdtemp(prefix=f"chaos-{journal}-"))
        self._server: PostgresServer | None = None
        settings: dict[str, str] = {}
        if journal != "sqlite":
            found = programs()
            assert found is not None, "PostgreSQL is not installed: Debian's package `postgresql` has it."
            self._server = PostgresServer(found, durable=True)
            self._server.start()
            self._database = self._server.make()
            settings = {"RAGLEAP_DATABASE_URL": self._server.url(self._database), "RAGLEAP_CELLS": "2"}
        self.stack = RunningStack(self.folder / "data", settings=settings)

    @property
    def several_cells(self) -> bool:
        return self._server is not None

    @property
    def victims(self) -> tuple[Victim, ...]:
        return (*VICTIMS, DATABASE) if self._server else VICTIMS

    def stores(self) -> StackStores:
        """A look into what is stored, past every wall."""
        past = self._server.url(self._database, role="admin") if self._server else ""
        return StackStores(self.stack.data_dir, past)

    def outside(self) -> Mapping[str, set[int]]:
        """The database's processes that serve this stack; none while it restarts itself."""
        if self._server is None:
            return {}
        try:
            backends = self._server.backends(self._database)
        except psycopg.OperationalError:
            return {}
        return {DATABASE.name: set(backends)} if backends else {}

    async def shift(self) -> None:
        """As an operator does where a cell does not answer: have its tenants served by the other one."""
        stores = self.stores()
        frozen = await asyncio.to_thread(self._silent)
        [other] = {row["cell"] for row in stores.rows("SELECT cell FROM cells")} - {frozen}
        held = "SELECT tenant_id FROM leases WHERE cell = :cell AND expires_at > :now"
        for row in stores.rows(held, cell=frozen, now=time.time()):
            placed = await asyncio.to_thread(self.stack.ragleap, "cell", "place", row["tenant_id"], other)
            assert placed.returncode == 0, placed.stderr
        await until(lambda: not stores.rows("SELECT 1 FROM leases WHERE cell = :cell", cell=frozen), _SHIFT_S, other)

    def _silent(self) -> str:
        """The cell that tells nothing."""
        [silent] = [str(cell["cell"]) for cell in self.stack.status() if "pid" not in cell]
        return silent

    def stop(self) -> int:
        """The exit status of `ragleap up`, once everything has ended."""
        try:
            return self.stack.stop()
        finally:
            self.end()

    def end(self) -> None:
        """At once, whatever runs."""
        self.stack.kill()
        if self._server is not None:
            self._server.stop()
            self._server = None
