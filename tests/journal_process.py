"""A process of its own with a journal, driven line by line: what a second cell, or a frozen one, does to the first.

Requests are JSON lines on its standard input, answers on its output: {"ok": value} or {"error": class name}.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import structlog
from sqlalchemy import Connection, func, insert, select

from runtime.errors import RagleapError
from runtime.journal import Journal, Lease
from runtime.store import leases, postgres
from runtime.store.tables import history

ROOT = Path(__file__).resolve().parents[1]
TENANT = "acme"


class JournalProcess:
    """The parent's side. ``cell`` is whose lease it takes."""

    def __init__(self, url: str, cell: str, *, idle_ms: int = postgres.IDLE_MS) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, url, cell, str(idle_ms)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def ask(self, action: str, **arguments: object) -> object:
        """Do it and wait for its answer."""
        self.tell(action, **arguments)
        return self.answer()

    def tell(self, action: str, **arguments: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([action, arguments]) + "\n")
        self._process.stdin.flush()

    def answer(self) -> object:
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        return told["ok"] if "ok" in told else told["error"]

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End it, frozen or not."""
        self._process.kill()
        self._process.communicate()


class _Child:
    def __init__(self, url: str, cell: str) -> None:
        self._journal = Journal(url)
        self._cell = cell
        self._lease: Lease | None = None

    async def acquire(self, now: float) -> list[int]:
        """[the new epoch, how many rows the tenant has at that moment]."""

        def apply(connection: Connection) -> list[int]:
            epoch = leases.acquire(connection, TENANT, self._cell, now, 15)
            return [epoch, connection.execute(select(func.count()).select_from(history)).scalar_one()]

        epoch, rows = await self._journal.write(apply, tenant=TENANT)
        self._lease = Lease(tenant=TENANT, cell=self._cell, epoch=epoch)
        return [epoch, rows]

    async def write(self, text: str) -> str:
        """One row under the lease."""
        assert self._lease is not None
        await self._journal.write(lambda connection: _add(connection, self._cell, text), lease=self._lease)
        return text

    async def flood(self) -> int:
        """Rows under the lease, many at once, until it is over; how many were acknowledged."""
        lease, acknowledged = self._lease, 0
        assert lease is not None
        while True:
            texts = [f"{acknowledged}:{n}" for n in range(8)]
            outcomes = await asyncio.gather(
                *(self._journal.write(lambda c, text=text: _add(c, self._cell, text), lease=lease) for text in texts),
                return_exceptions=True,
            )
            acknowledged += sum(not isinstance(outcome, BaseException) for outcome in outcomes)
            if any(isinstance(outcome, RagleapError) for outcome in outcomes):
                return acknowledged

    async def stop_inside(self, text: str) -> str:
        """Write a row, say so, and freeze before the transaction ends."""

        def apply(connection: Connection) -> None:
            _add(connection, self._cell, text)
            if not self._said:
                self._said = True
                _say({"ok": "inside"})
                signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)  # this thread goes no further

        self._said = False
        assert self._lease is not None
        await self._journal.write(apply, lease=self._lease)
        return text


def _add(connection: Connection, cell: str, text: str) -> None:
    connection.execute(
        insert(history).values(
            tenant_id=TENANT, conversation_id=cell, author="person", text=text, message_id=f"{cell} {text}",
            turn_id="", created_at=0,
        )
    )  # fmt: skip


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


async def _serve(child: _Child) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        action, arguments = json.loads(line)
        try:
            _say({"ok": await getattr(child, action)(**arguments)})
        except RagleapError as error:
            _say({"error": type(error).__name__})


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    postgres.IDLE_MS = int(sys.argv[3])
    asyncio.run(_serve(_Child(sys.argv[1], sys.argv[2])))
