"""One installation under fire: a stack on SQLite with one cell, or on PostgreSQL with two."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import psycopg
from chaos.plan import DATABASE, VICTIMS, Victim
from postgres_server import PostgresServer, programs
from running_stack import RunningStack
from stack_stores import StackStores
from waiting import until

from cluster import process_tree
from cluster.process_tree import Process

JOURNALS = ("sqlite", "postgresql")
_SHIFT_S = 300.0  # others are struck meanwhile


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

    async def shift(self, frozen_process: Process) -> None:
        """As an operator does where a cell does not answer: have its tenants served by the other one. While the door is
        away as well, he tries again. Where another blow ends the frozen cell first, there is nothing to do."""
        stores, silent = self.stores(), list[str]()

        def one_is_silent() -> bool:
            silent[:] = self._silent()
            return len(silent) == 1 or not process_tree.running(frozen_process)

        await until(one_is_silent, _SHIFT_S, "one silent cell")
        if len(silent) != 1:
            await stores.close()
            return
        [frozen] = silent
        [other] = {row["cell"] for row in stores.rows("SELECT cell FROM cells")} - {frozen}
        held = stores.rows(
            "SELECT tenant_id FROM leases WHERE cell = :cell AND expires_at > :now", cell=frozen, now=time.time()
        )
        for row in held:
            place = partial(self.stack.ragleap, "cell", "place", row["tenant_id"], other)
            await until(lambda place=place: place().returncode == 0, _SHIFT_S, f"{row} at {other}")
        mine = {row["tenant_id"] for row in held}
        leases = partial(stores.rows, "SELECT tenant_id FROM leases WHERE cell = :cell", cell=frozen)
        busy = {row["tenant_id"] for row in stores.rows("SELECT tenant_id FROM inbox WHERE state = 'pending'")}
        await until(lambda: not (mine & busy & {row["tenant_id"] for row in leases()}), _SHIFT_S, f"leases of {other}")
        await stores.close()

    def _silent(self) -> list[str]:
        """The cells that tell nothing; none while nobody can be asked."""
        told = self.stack.ragleap("status", "--json").stdout  # its exit status says that not all is well
        cells = json.loads(told)["cells"] if told else []
        return [str(cell["cell"]) for cell in cells if "pid" not in cell]

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
