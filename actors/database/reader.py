"""Checked statements run on a live database, and nothing else does.

Promises: what runs is :class:`Checked`, in a read-only session (:mod:`engines`), with few connections, after the
database's own planner has said that it is not too costly; rows come as a stream and end at the caps, openly; whoever
asked has the answer or an error by the deadline, and the connection is cancelled and given back, or thrown away.

Held by tests/integration/database/test_reader.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from collections import defaultdict
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from actors.database.answer import Caps, Gathering, Rows
from actors.database.dialects import Family
from actors.database.engines import UNTIL, begin_reading, end_statement, open_reading
from actors.database.facts import DatabaseFacts
from actors.database.failures import translated
from actors.database.gate import Checked
from actors.database.introspect import SECONDS, read_facts
from actors.database.route import Route
from actors.database.target import Target
from runtime.errors import DeadlineExceeded, Invalid, Overloaded, Terminal

T = TypeVar("T")

_WAITING = 16
_GRACE_S = 2.0
_CONNECT_S = 8.0
_PAGE = 100


class TooCostly(Terminal):
    """The database's planner expects more work than one question may make."""

    kind = "too-costly"
    status = 422


class Reader:
    """One database. Threads do the waiting: as many as there are connections."""

    def __init__(self, target: Target, caps: Caps, *, connections: int = 2, route: Route | None = None) -> None:
        self._target = target
        self._route = route
        self.family = target.family
        self.caps = caps
        self._engine = open_reading(target, connections=connections, seconds=caps.seconds, route=route)
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="database-read")
        self._waiting = 0

    async def run(self, checked: Checked) -> Rows:
        """The rows. For a cut to be seen, the gate's ``rows`` is one more than the caps'.

        Raises TooCostly, DeadlineExceeded, Overloaded, Unavailable, Forbidden or Invalid, in one sentence each.
        """
        if checked.family is not self.family:
            raise Invalid(f"This statement is for {checked.family}, the database is {self.family}.")
        return await self.work(lambda connection: self._rows(connection, checked), self.caps.seconds)

    async def facts(self, allowed: Collection[str] = ()) -> DatabaseFacts:
        """What there is to be read, of the tables that ``allowed`` names, or all. Raises as :meth:`run` does."""
        return await self.work(lambda connection: read_facts(connection, self.family, allowed), SECONDS)

    async def work(self, do: Callable[[Connection], T], seconds: float) -> T:
        """``do`` on a connection that can only read, within ``seconds`` and the time that connecting takes."""
        if self._waiting >= _WAITING:
            raise Overloaded("Too many questions wait for this database.", retry_after=seconds)
        self._waiting += 1
        held: list[Any] = []
        running = asyncio.get_running_loop().run_in_executor(self._threads, self._do, do, seconds, held)
        running.add_done_callback(self._done)
        try:
            async with asyncio.timeout(seconds + _CONNECT_S + _GRACE_S):
                return await asyncio.shield(running)
        except TimeoutError as error:
            raise DeadlineExceeded(f"The database took longer than {seconds:.0f} s.", do="Ask for less.") from error
        finally:
            if not running.done():
                await asyncio.shield(asyncio.to_thread(self._cancel, held))

    def close(self) -> None:
        """Let go of every connection. Blocking; call it once, last."""
        self._threads.shutdown(cancel_futures=True)
        self._engine.dispose()

    # ------------------------------------------------------------------ in a thread

    def _done(self, running: asyncio.Future[Any]) -> None:
        self._waiting -= 1
        if not running.cancelled():
            running.exception()  # whoever asked may be gone

    def _do(self, do: Callable[[Connection], T], seconds: float, held: list[Any]) -> T:
        try:
            with self._engine.connect() as connection:
                held.append(connection.connection.driver_connection)
                try:
                    begin_reading(connection, self.family, seconds)
                    return do(connection)
                except BaseException:
                    connection.invalidate()  # a stream may be half read, a transaction half cancelled
                    raise
                finally:
                    held.clear()
                    if not connection.invalidated:
                        connection.info.pop(UNTIL, None)
                        connection.rollback()
        except SQLAlchemyError as error:
            raise translated(error, seconds) from error
        except UnicodeError as error:
            raise Invalid(
                "A text in the database is in another encoding than it says.", do="Ask without it."
            ) from error

    def _rows(self, connection: Connection, checked: Checked) -> Rows:
        self._guard(connection, checked.statement)
        streamed = connection.execution_options(stream_results=True, no_parameters=True, max_row_buffer=_PAGE)
        result = streamed.exec_driver_sql(checked.statement)
        gathering = Gathering(tuple(result.keys()), self.caps)
        while not gathering.full and (page := result.fetchmany(_PAGE)):
            gathering.add(page)
        if gathering.full and self.family is Family.MYSQL:
            self._cancel([connection.connection.driver_connection])  # else its driver reads the rest of the stream
            with contextlib.suppress(Exception):  # it tells that the statement was stopped
                result.cursor.close()
            connection.invalidate()
        else:
            result.close()
        return gathering.rows()

    def _guard(self, connection: Connection, statement: str) -> None:
        """Ask the planner first. SQLite's has no estimate to give: its clock alone stops it."""
        plain = connection.execution_options(no_parameters=True)
        if self.family is Family.POSTGRES:
            told = plain.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}").scalar_one()
            plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
            expected, most = float(plan["Total Cost"]), self.caps.cost
        elif self.family is Family.MYSQL:
            rows: dict[Any, float] = defaultdict(lambda: 1.0)
            for step in plain.exec_driver_sql(f"EXPLAIN {statement}").mappings():
                rows[step["id"]] *= max(1.0, float(step["rows"] or 1))
            expected, most = math.fsum(rows.values()), self.caps.examined
        else:
            return
        if expected > most:
            raise TooCostly(
                "The database expects this to be too much work.",
                do="Ask for less: a shorter time, a filter, fewer tables.",
            )

    def _cancel(self, held: list[Any]) -> None:
        """From another thread: stop what the connection is at."""
        for connection in list(held):
            with contextlib.suppress(Exception):
                if self.family is Family.POSTGRES:
                    connection.cancel_safe(timeout=_GRACE_S)
                elif self.family is Family.SQLITE:
                    connection.interrupt()
                else:
                    end_statement(self._target, connection.thread_id(), self._route)
