"""Rows that mean nothing to anybody: the tenant acme's history as a place to write into."""

from __future__ import annotations

from sqlalchemy import Connection, insert, make_url, select

from runtime.journal import Journal
from runtime.store.tables import history


def note(text: str, connection: Connection) -> str:
    """One row of the tenant acme; the same text again is refused."""
    connection.execute(
        insert(history).values(
            tenant_id="acme", conversation_id="c", author="person", text=text, message_id=text, turn_id="", created_at=0
        )
    )
    return text


async def notes(journal: Journal) -> list[str]:
    """What was noted, in the order of the rows' numbers."""
    statement = select(history.c.text).order_by(history.c.seq)
    return await journal.read(lambda connection: list(connection.execute(statement).scalars()), tenant="acme")


def name_of(url: str) -> str:
    """The database's name."""
    return make_url(url).database or ""
