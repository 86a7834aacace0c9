"""The second wall between tenants (PostgreSQL): what a statement without its tenant filter can see and do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from busy_journal import held, start
from postgres_server import PostgresServer
from sqlalchemy import Connection, delete, func, insert, select, text, update

from runtime.errors import Terminal
from runtime.journal import Journal, Lease
from runtime.store import leases
from runtime.store.database import migrate, open_engine
from runtime.store.tables import conversations, metadata
from runtime.store.wall import ACROSS_TENANTS, SETTING, enter

TENANTS = ("acme", "other")


@pytest.fixture
async def journal(walled: str) -> AsyncIterator[Journal]:
    """One conversation each of two tenants."""
    made = Journal(walled)
    for tenant in TENANTS:
        await made.write(lambda c, tenant=tenant: add(c, tenant), tenant=tenant)  # type: ignore[misc]
    yield made
    made.close()


@pytest.fixture
def connection(walled: str, journal: Journal) -> Iterator[Connection]:
    """A connection of the product's own role on which nobody has said a tenant."""
    engine = open_engine(walled, pool_size=1)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def add(connection: Connection, tenant: str, name: str = "c1") -> None:
    connection.execute(
        insert(conversations).values(
            tenant_id=tenant, conversation_id=name, channel="web", state="assistant", created_at=0, updated_at=0
        )
    )


def seen(connection: Connection) -> list[str]:
    """The owners of every conversation that a statement without any filter finds."""
    return list(connection.execute(select(conversations.c.tenant_id).order_by(conversations.c.tenant_id)).scalars())


async def test_a_read_that_leaves_the_tenant_filter_out_sees_only_its_own_tenants_rows(journal: Journal) -> None:
    assert await journal.read(seen, tenant="acme") == ["acme"]
    assert await journal.read(seen, tenant="other") == ["other"]
    assert await journal.read(seen, tenant="nobody") == []
    assert await journal.read(seen, tenant=ACROSS_TENANTS) == ["acme", "other"]


async def test_a_read_for_one_tenant_finds_nothing_of_another_also_when_it_asks_for_it(journal: Journal) -> None:
    theirs = select(func.count()).where(conversations.c.tenant_id == "other")
    assert await journal.read(lambda c: c.execute(theirs).scalar(), tenant="acme") == 0


async def test_a_change_that_leaves_the_tenant_filter_out_touches_only_its_own_tenants_rows(journal: Journal) -> None:
    closed = update(conversations).values(state="closed")
    assert await journal.write(lambda c: c.execute(closed).rowcount, tenant="acme") == 1
    assert await journal.write(lambda c: c.execute(delete(conversations)).rowcount, tenant="acme") == 1
    assert await journal.read(seen, tenant=ACROSS_TENANTS) == ["other"]


async def test_a_row_for_another_tenant_is_refused_and_none_can_be_given_away(journal: Journal) -> None:
    with pytest.raises(Terminal, match="row-level security"):
        await journal.write(lambda c: add(c, "other", "c2"), tenant="acme")
    with pytest.raises(Terminal, match="row-level security"):
        await journal.write(lambda c: c.execute(update(conversations).values(tenant_id="other")), tenant="acme")
    assert await journal.read(seen, tenant=ACROSS_TENANTS) == ["acme", "other"]


async def test_a_write_under_a_lease_is_held_to_the_leases_tenant(journal: Journal) -> None:
    epoch = await journal.write(lambda c: leases.acquire(c, "acme", "cell-0", 0.0, 15), tenant="acme")
    lease = Lease(tenant="acme", cell="cell-0", epoch=epoch)

    assert await journal.write(seen, lease=lease) == ["acme"]
    with pytest.raises(Terminal, match="row-level security"):
        await journal.write(lambda c: add(c, "other", "c2"), lease=lease)


async def test_works_of_several_tenants_in_one_commit_never_see_one_another(journal: Journal) -> None:
    def fails(connection: Connection) -> None:
        add(connection, "acme", "half")
        enter(connection, "other")  # as a work must not: its rollback takes it back
        raise KeyError("bug")

    async with held(journal):
        works = [
            asyncio.ensure_future(journal.write(seen, tenant="acme")),
            asyncio.ensure_future(journal.write(seen, tenant="other")),
            asyncio.ensure_future(journal.write(fails, tenant="acme")),
            asyncio.ensure_future(journal.write(seen, tenant="acme")),
            asyncio.ensure_future(journal.write(seen, tenant=ACROSS_TENANTS)),
            asyncio.ensure_future(journal.write(seen, tenant="other")),
        ]
        await start()
    outcomes = await asyncio.gather(*works, return_exceptions=True)

    assert isinstance(outcomes.pop(2), KeyError)
    assert outcomes == [["acme"], ["other"], ["acme"], ["acme", "other"], ["other"]]


async def test_what_a_work_sets_itself_does_not_reach_the_next_one(journal: Journal) -> None:
    async with held(journal):
        works = [
            asyncio.ensure_future(journal.write(lambda c: enter(c, ACROSS_TENANTS), tenant="acme")),
            asyncio.ensure_future(journal.write(seen, tenant="acme")),
        ]
        await start()

    assert (await asyncio.gather(*works))[1] == ["acme"]


def test_a_connection_that_says_no_tenant_sees_nothing_and_writes_nothing(connection: Connection) -> None:
    assert seen(connection) == []
    with pytest.raises(Exception, match="row-level security"):
        add(connection, "acme", "c2")


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_the_tenant_of_a_transaction_ends_with_it(connection: Connection, end: str) -> None:
    enter(connection, ACROSS_TENANTS)
    assert seen(connection) == ["acme", "other"]
    getattr(connection, end)()

    assert seen(connection) == []
    assert connection.execute(text("SELECT current_setting(:name, true)"), {"name": SETTING}).scalar() == ""


@pytest.mark.parametrize("tenant", ["", "*"])
async def test_what_is_no_tenants_id_is_refused(journal: Journal, tenant: str) -> None:
    with pytest.raises(Terminal, match="no tenant's id"):
        await journal.read(seen, tenant=tenant)
    with pytest.raises(Terminal, match="no tenant's id"):
        await journal.write(seen, tenant=tenant)


def test_every_table_with_a_tenant_is_behind_the_wall_for_its_owner_too(connection: Connection) -> None:
    rows = connection.execute(
        text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity")
    )
    policies = connection.execute(text("SELECT tablename, policyname FROM pg_policies"))

    expected = {table.name for table in metadata.tables.values() if "tenant_id" in table.columns}
    assert set(rows.scalars()) == expected
    assert {tuple(row) for row in policies} == {(t, p) for t in expected for p in ("own_rows", "across_tenants")}


def test_a_table_that_was_made_without_the_wall_gets_it_with_the_next_migration(
    walled: str, connection: Connection
) -> None:
    connection.execute(text("ALTER TABLE conversations DISABLE ROW LEVEL SECURITY"))
    connection.commit()
    assert seen(connection) == ["acme", "other"]
    connection.rollback()
    engine = open_engine(walled, pool_size=1)
    migrate(engine)
    engine.dispose()

    assert seen(connection) == []


@pytest.mark.parametrize("privilege", ["SUPERUSER", "BYPASSRLS"])
async def test_a_role_above_the_wall_is_refused(postgres: PostgresServer, walled: str, privilege: str) -> None:
    role = f"above_{privilege.lower()}"
    postgres.execute(f"CREATE ROLE {role} LOGIN {privilege}")
    url = walled.replace("ragleap@", f"{role}@")
    journal = Journal(url)
    with pytest.raises(Terminal, match="NOSUPERUSER NOBYPASSRLS"):
        await journal.read(seen, tenant="acme")
    with pytest.raises(Terminal, match="NOSUPERUSER NOBYPASSRLS"):
        await journal.write(seen, tenant="acme")
    journal.close()
    engine = open_engine(url, pool_size=1)
    with pytest.raises(Terminal, match="NOSUPERUSER NOBYPASSRLS"):
        migrate(engine)
    engine.dispose()


async def test_a_database_that_cannot_hold_every_text_is_refused(postgres: PostgresServer) -> None:
    postgres.execute("CREATE DATABASE ascii OWNER ragleap TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    engine = open_engine(postgres.url("ascii"), pool_size=1)
    with pytest.raises(Terminal, match="encoding is SQL_ASCII"):
        migrate(engine)
    engine.dispose()
