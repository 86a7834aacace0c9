"""The statements of live databases: one of each name, forgotten facts after a change, nothing of another tenant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runtime.errors import Conflict, NotFound
from runtime.journal import Journal
from runtime.store import databases
from runtime.store.databases import PER_TENANT, DatabaseRow


def row(name: str = "shop", *, tenant: str = "acme", sealed_url: str = "sealed") -> DatabaseRow:
    return DatabaseRow(
        tenant=tenant, name=name, family="postgres", sealed_url=sealed_url, allowed="[]", created_at=1.0
    )  # fmt: skip


async def put(journal: Journal, *rows: DatabaseRow) -> None:
    for each in rows:
        await journal.write(lambda c, each=each: databases.put(c, each, 2.0), tenant=each.tenant)  # type: ignore[misc]


async def names(journal: Journal, tenant: str = "acme") -> list[str]:
    return [found.name for found in await journal.read(lambda c: databases.every(c, tenant), tenant=tenant)]


async def test_a_database_is_found_by_its_name_and_by_its_tenant_alone(journal: Journal) -> None:
    await put(journal, row(), row(tenant="other", sealed_url="theirs"))

    assert await journal.read(lambda c: databases.get(c, "acme", "shop"), tenant="acme") == row()
    with pytest.raises(NotFound):
        await journal.read(lambda c: databases.get(c, "acme", "till"), tenant="acme")
    assert await journal.write(lambda c: databases.remove(c, "acme", "shop"), tenant="acme")
    assert (await names(journal), await names(journal, "other")) == ([], ["shop"])


async def test_a_changed_database_forgets_what_was_read_of_it(journal: Journal) -> None:
    await put(journal, row())
    assert await journal.write(lambda c: databases.keep_facts(c, row(), "{}", 3.0), tenant="acme")
    kept = await journal.read(lambda c: databases.get(c, "acme", "shop"), tenant="acme")
    assert kept == replace(row(), facts="{}", facts_at=3.0)

    await put(journal, row(sealed_url="another"))
    changed = await journal.read(lambda c: databases.get(c, "acme", "shop"), tenant="acme")
    assert (changed.facts, changed.facts_at) == ("", None)
    assert not await journal.write(lambda c: databases.keep_facts(c, row(), "{}", 4.0), tenant="acme")


async def test_a_tenant_has_a_bounded_number_of_databases(journal: Journal) -> None:
    await put(journal, *(row(f"d{number:02}") for number in range(PER_TENANT)))
    with pytest.raises(Conflict):
        await put(journal, row("one-more"))
    await put(journal, row("d00", sealed_url="changed"), row("d00", tenant="other"))
    assert len(await names(journal)) == PER_TENANT
