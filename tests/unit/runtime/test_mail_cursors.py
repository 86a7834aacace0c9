"""How far mailboxes were read."""

from __future__ import annotations

from functools import partial

from runtime.journal import Journal
from runtime.store import mail
from runtime.store.mail import Cursor


async def test_a_cursor_is_a_mailboxs_own_and_its_counts_add_up(database: str) -> None:
    journal = Journal(database)
    read = Cursor(validity=4_000_000_000, last_uid=3, came_at=5.0, counts={"messages": 2, "bulk": 1})
    for last_uid in (3, 9):
        cursor = Cursor(validity=read.validity, last_uid=last_uid, came_at=5.0, counts=read.counts)
        await journal.write(
            partial(mail.keep, tenant="acme", channel_id="ch", folder="INBOX", read=cursor, now=1.0), tenant="acme"
        )

    async def of(tenant: str, folder: str = "INBOX") -> Cursor | None:
        return await journal.read(partial(mail.cursor, tenant=tenant, channel_id="ch", folder=folder), tenant=tenant)

    assert await of("acme") == Cursor(
        validity=4_000_000_000, last_uid=9, came_at=5.0, counts={"messages": 4, "bulk": 2}
    )
    assert await of("rival") is None
    assert await of("acme", "Sent") is None
    journal.close()
