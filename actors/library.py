"""One tenant's documents as the journal knows them (``ports.Library``): what is live, and what is typed in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, and_, select

from actors.audience import Audience
from actors.ingest.ports import FoundJoin, LiveTable
from actors.ports import Catalogue, Join, LiveDocument
from runtime.journal import Journal
from runtime.store.library import audience_of
from runtime.store.tables import document_versions, documents, typed_sources

_TABLE: TypeAdapter[LiveTable] = TypeAdapter(LiveTable)
_JOIN: TypeAdapter[FoundJoin] = TypeAdapter(FoundJoin)


class JournalLibrary:
    """What is live, cached until ``generation`` (bumped by whoever changes the documents) moves on."""

    def __init__(self, tenant: str, journal: Journal, generation: Callable[[], int]) -> None:
        self._tenant = tenant
        self._journal = journal
        self._generation = generation
        self._live: tuple[int, Mapping[str, LiveDocument]] | None = None
        self._catalogue: tuple[int, Catalogue] | None = None

    async def live(self) -> Mapping[str, LiveDocument]:
        generation = self._generation()
        if self._live is None or self._live[0] != generation:
            self._live = (
                generation,
                await self._journal.read(lambda connection: live(connection, self._tenant), tenant=self._tenant),
            )
        return self._live[1]

    async def catalogue(self) -> Catalogue:
        generation = self._generation()
        if self._catalogue is None or self._catalogue[0] != generation:
            found = await self._journal.read(
                lambda connection: Catalogue(
                    types=tuple(table.type for table in live_tables(connection, self._tenant)),
                    joins=live_joins(connection, self._tenant),
                ),
                tenant=self._tenant,
            )
            self._catalogue = (generation, found)
        return self._catalogue[1]


def live(connection: Connection, tenant: str) -> dict[str, LiveDocument]:
    """Every live document of a tenant by id."""
    columns = document_versions.c
    rows = connection.execute(
        select(
            columns.document_id,
            columns.version,
            columns.title,
            columns.media_type,
            columns.occurred_on,
            audience_of(document_versions).label("audience"),
        )
        .join(documents, is_live())
        .where(columns.tenant_id == tenant)
    )
    return {
        row.document_id: LiveDocument(
            document_id=row.document_id,
            version=row.version,
            title=row.title,
            media_type=row.media_type,
            occurred_on=date.fromisoformat(row.occurred_on) if row.occurred_on else None,
            audience=Audience(row.audience) if row.audience else Audience.STAFF,
        )
        for row in rows
    }


def live_tables(connection: Connection, tenant: str) -> list[LiveTable]:
    """The typed sources of the tenant's live documents, in a stable order."""
    return [_TABLE.validate_json(body) for body in _sources(connection, tenant, "table")]


def live_joins(connection: Connection, tenant: str) -> tuple[Join, ...]:
    """The joins that hold: both their documents are live in the versions that they were found in."""
    versions = {document.document_id: document.version for document in live(connection, tenant).values()}
    holding = [
        found.join
        for found in found_joins(connection, tenant)
        if versions.get(found.document_id) == found.version
        and (not found.needs_document_id or versions.get(found.needs_document_id) == found.needs_version)
    ]
    return tuple(dict.fromkeys(holding))


def found_joins(connection: Connection, tenant: str) -> list[FoundJoin]:
    """Every join that was found in the tenant's live documents, also where the other document has changed since."""
    return [_JOIN.validate_json(body) for body in _sources(connection, tenant, "join")]


def _sources(connection: Connection, tenant: str, role: str) -> list[str]:
    columns = typed_sources.c
    statement = (
        select(columns.body)
        .join(
            documents,
            and_(
                documents.c.tenant_id == columns.tenant_id,
                documents.c.document_id == columns.document_id,
                documents.c.live_version == columns.version,
            ),
        )
        .where(columns.tenant_id == tenant, columns.role == role)
        .order_by(columns.document_id, columns.ordinal)
    )
    return list(connection.execute(statement).scalars())


def is_live() -> ColumnElement[bool]:
    """For a join of versions with their documents: the version is the one that readers see."""
    return and_(
        documents.c.tenant_id == document_versions.c.tenant_id,
        documents.c.document_id == document_versions.c.document_id,
        documents.c.live_version == document_versions.c.version,
    )
