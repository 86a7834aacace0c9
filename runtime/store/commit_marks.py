"""What became of a commit whose answer was lost: each writer of the journal counts its transactions in a row of its
own, in the transaction itself, so the row tells afterwards.

PostgreSQL alone leaves such doubts. Its own number of a transaction does not do: a server that crashes may have given
out a number that is not in its log yet, and gives it to somebody else after its restart.

Held by tests/integration/journal/test_lost_server.py.
"""

from __future__ import annotations

import threading
import time

from sqlalchemy import Connection, Engine, delete
from sqlalchemy.exc import DBAPIError

from runtime.ids import new_id
from runtime.store.dialect import upsert
from runtime.store.postgres import lock_not_free, passing
from runtime.store.tables import commit_marks

FATE_S = 15.0  # how long the server may take to tell whether a transaction was committed
KEPT_S = 86_400.0  # a writer that has written nothing for so long is not in doubt any more


class CommitMarks:
    """One writer's. Not for two threads at once."""

    def __init__(self) -> None:
        self._writer = new_id("writer")

    def mark(self, connection: Connection) -> int | None:
        """Count the running transaction, last of all that is in it; None on SQLite, whose commits leave no doubt."""
        return self._count(connection, 1) if connection.dialect.name == "postgresql" else None

    def committed(self, engine: Engine, number: int) -> bool | None:
        """Whether the transaction of that number was committed, asked until the server can tell; None: it could not in
        time. Where the transaction still runs, its row is locked and this waits for it."""
        until, pause = time.monotonic() + FATE_S, threading.Event()
        while time.monotonic() < until:
            try:
                with engine.begin() as connection:
                    return self._count(connection, 0) >= number
            except DBAPIError as error:
                if not passing(error) and not lock_not_free(error):
                    return None
            pause.wait(0.1)
        return None

    def _count(self, connection: Connection, more: int) -> int:
        now = time.time()
        new = upsert(connection, commit_marks).values(writer=self._writer, number=more, written_at=now)
        statement = new.on_conflict_do_update(
            index_elements=["writer"], set_={"number": commit_marks.c.number + more, "written_at": now}
        )
        number: int = connection.execute(statement.returning(commit_marks.c.number)).scalar_one()
        if number == 1:
            connection.execute(delete(commit_marks).where(commit_marks.c.written_at < now - KEPT_S))
        return number
