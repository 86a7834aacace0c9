"""The live databases of tenants as the journal keeps them, with their URLs opened for those who connect.

Promises: a URL is sealed before it is written, and opened only as its tenant's own; SQLite files are a tenant's own, in
the folder that bears its id.

Held by tests/integration/database/test_databases_api.py.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from actors.addresses import networks as networks_of
from actors.database.answer import Caps
from actors.database.dialects import Family
from actors.database.facts import DatabaseFacts
from actors.database.reader import Reader
from actors.database.route import Route
from actors.database.target import target_of
from runtime.errors import Invalid, RagleapError
from runtime.journal import Journal
from runtime.sealing import Sealer
from runtime.store import databases
from runtime.store.databases import DatabaseRow, purpose_of

SETTING = "RAGLEAP_DATABASE_NETWORKS"
_FACTS: TypeAdapter[DatabaseFacts] = TypeAdapter(DatabaseFacts)


class KeptDatabases:
    """``networks``: those that URLs may lead into though they are not public, with commas between them. ``files``: the
    folder with a folder of SQLite files for each tenant; "": none are read."""

    def __init__(self, journal: Journal, sealer: Sealer, *, networks: str = "", files: str = "") -> None:
        self._journal = journal
        self._sealer = sealer
        self._route = Route(networks_of(networks, SETTING))
        self._files = Path(files) if files else None

    async def row(self, tenant: str, name: str) -> DatabaseRow:
        """Raises NotFound."""
        return await self._journal.read(partial(databases.get, tenant=tenant, name=name), tenant=tenant)

    async def rows(self, tenant: str) -> list[DatabaseRow]:
        return await self._journal.read(partial(databases.every, tenant=tenant), tenant=tenant)

    def sealed(self, tenant: str, name: str, url: str) -> str:
        return self._sealer.seal(url, tenant=tenant, purpose=purpose_of(name))

    def url(self, row: DatabaseRow) -> str:
        """Raises Terminal where no key opens it."""
        return self._sealer.open(row.sealed_url, tenant=row.tenant, purpose=purpose_of(row.name))

    def reader(self, tenant: str, url: str, caps: Caps) -> Reader:
        """Connects to nothing yet. Raises Invalid."""
        folder = None if self._files is None else self._files / tenant
        return Reader(target_of(url, sqlite_folder=folder), caps, route=self._route)


def facts_json(facts: DatabaseFacts) -> str:
    return _FACTS.dump_json(facts).decode()


def facts_of(row: DatabaseRow) -> DatabaseFacts | None:
    """What was read of the schema; None: nothing yet, or by another version."""
    try:
        return _FACTS.validate_json(row.facts) if row.facts else None
    except ValidationError:
        return None


def allowed_of(row: DatabaseRow) -> tuple[str, ...]:
    return tuple(json.loads(row.allowed))


def shown(url: str) -> str:
    """The URL without its password and options; SQLite's file as it was named."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return ""
    return parsed.set(password=None, query={}).render_as_string()


def family_of(row: DatabaseRow) -> Family:
    """Raises Invalid for a kind that this version does not know."""
    try:
        return Family(row.family)
    except ValueError as error:
        raise Invalid(f"This version reads no databases of the kind {row.family!r}.") from error


def shown_of(kept: KeptDatabases, row: DatabaseRow) -> str:
    """As :func:`shown`; "" where the URL can't be opened any more."""
    try:
        return shown(kept.url(row))
    except RagleapError:
        return ""
