"""Durable effects on documents: a new version queued, a version made live, a document deleted.

One transaction flips what readers see: ``documents.live_version``. Everything else (vectors, graph, blobs) is a
projection that a "collect" job removes afterwards.

Held by tests/unit/actors/test_documents.py, tests/unit/actors/test_library.py and tests/unit/actors/test_jobs.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, FromClause, and_, delete, func, insert, select, update

from runtime.actor import TurnFacts
from runtime.errors import NotFound
from runtime.ids import new_id
from runtime.store.dialect import upsert
from runtime.store.tables import chunks, document_versions, documents, jobs, typed_sources


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueVersion:
    """A new version of a document, with the job that will ingest it. Applying it twice changes nothing."""

    document_id: str
    version: int
    job_id: str
    blob_key: str
    filename: str
    media_type: str
    sha256: str
    size: int
    title: str
    metadata: Mapping[str, str]
    audience: str = ""  # as it was given; "": it is found when the version is ingested

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        tenant = {"tenant_id": facts.tenant}
        times = {"created_at": facts.now, "updated_at": facts.now}
        connection.execute(
            upsert(connection, documents)
            .values(**tenant, document_id=self.document_id, newest_version=self.version, state="active", **times)
            .on_conflict_do_update(
                index_elements=["tenant_id", "document_id"],
                set_={"newest_version": self.version, "state": "active", "updated_at": facts.now},
            )
        )
        connection.execute(
            insert(document_versions).values(
                **tenant,
                document_id=self.document_id,
                version=self.version,
                job_id=self.job_id,
                blob_key=self.blob_key,
                filename=self.filename,
                media_type=self.media_type,
                sha256=self.sha256,
                size=self.size,
                title=self.title,
                metadata=json.dumps(dict(self.metadata), ensure_ascii=False),
                audience_given=self.audience,
                state="queued",
                **times,
            )
        )
        queue_job(
            connection, facts.tenant, "ingest", self.document_id, self.version, facts.now,
            job_id=self.job_id, trace_id=facts.trace_id,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepVersion:
    """The same file again: the version that is live stays, and the submission's job is done already."""

    document_id: str
    version: int
    job_id: str

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        queue_job(
            connection, facts.tenant, "ingest", self.document_id, self.version, facts.now,
            job_id=self.job_id, trace_id=facts.trace_id, state="done",
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HideDocument:
    """Nobody finds the document any more; every version that left traces gets a collect job."""

    document_id: str
    job_id: str

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        where = (documents.c.tenant_id == facts.tenant) & (documents.c.document_id == self.document_id)
        connection.execute(
            update(documents).where(where).values(live_version=None, state="deleting", updated_at=facts.now)
        )
        connection.execute(
            update(jobs)
            .where(
                jobs.c.tenant_id == facts.tenant,
                jobs.c.document_id == self.document_id,
                jobs.c.kind == "ingest",
                jobs.c.state.in_(("queued", "running")),
            )
            .values(state="failed", error="The document was deleted.", updated_at=facts.now)
        )
        versions = connection.execute(
            select(document_versions.c.version)
            .where(
                document_versions.c.tenant_id == facts.tenant,
                document_versions.c.document_id == self.document_id,
                document_versions.c.state != "collected",
            )
            .order_by(document_versions.c.version)
        ).scalars()
        for position, version in enumerate(versions):
            job_id = self.job_id if position == 0 else None
            queue_job(
                connection, facts.tenant, "collect", self.document_id, version, facts.now,
                job_id=job_id, trace_id=facts.trace_id,
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLive:
    """What ingestion found out about a version: rows for the journal, JSON where the journal need not understand."""

    pages: int
    entities: int
    relations: int
    parsed_key: str
    occurred_on: str | None
    title: str
    media_type: str
    chunks: Sequence[Mapping[str, object]]
    tables: Sequence[str]
    joins: Sequence[str]
    audience: str  # by what is in it; counts where none was given


def make_live(connection: Connection, tenant: str, document_id: str, version: int, found: MadeLive, now: float) -> bool:
    """Flip the document to ``version`` and queue the collection of the one before.

    False if a newer version exists or the document is being deleted: then this version is only collected.
    """
    document = connection.execute(
        select(documents).where(documents.c.tenant_id == tenant, documents.c.document_id == document_id)
    ).first()
    if document is None:
        raise NotFound(f"There is no document {document_id}.", tenant=tenant)
    if document.state != "active" or (document.live_version or 0) > version:
        _set_version(connection, tenant, document_id, version, state="superseded", updated_at=now)
        queue_job(connection, tenant, "collect", document_id, version, now)
        return False
    key = {"tenant_id": tenant, "document_id": document_id, "version": version}
    _forget_details(connection, tenant, document_id, version)
    if found.chunks:
        connection.execute(insert(chunks), [{**key, **chunk} for chunk in found.chunks])
    sources = [{**key, "role": "table", "ordinal": n, "body": body} for n, body in enumerate(found.tables)]
    sources += [{**key, "role": "join", "ordinal": n, "body": body} for n, body in enumerate(found.joins)]
    if sources:
        connection.execute(insert(typed_sources), sources)
    _set_version(
        connection, tenant, document_id, version,
        state="live", pages=found.pages, chunks=len(found.chunks), entities=found.entities, relations=found.relations,
        parsed_key=found.parsed_key, occurred_on=found.occurred_on, title=found.title, media_type=found.media_type,
        audience_found=found.audience, error="", updated_at=now,
    )  # fmt: skip
    connection.execute(
        update(documents)
        .where(documents.c.tenant_id == tenant, documents.c.document_id == document_id)
        .values(live_version=version, updated_at=now)
    )
    if document.live_version is not None and document.live_version != version:
        _set_version(connection, tenant, document_id, document.live_version, state="superseded", updated_at=now)
        queue_job(connection, tenant, "collect", document_id, document.live_version, now)
    return True


def version_failed(connection: Connection, tenant: str, document_id: str, version: int, error: str, now: float) -> None:
    """The version could not be ingested: say why, and collect what it may have left behind."""
    _set_version(connection, tenant, document_id, version, state="failed", error=error[:2000], updated_at=now)
    queue_job(connection, tenant, "collect", document_id, version, now)


def version_collected(connection: Connection, tenant: str, document_id: str, version: int, now: float) -> None:
    """Nothing of the version is left outside the journal; forget its details, and the document with its last one."""
    _forget_details(connection, tenant, document_id, version)
    row = connection.execute(select(document_versions.c.state).where(_version(tenant, document_id, version))).scalar()
    if row != "failed":
        _set_version(connection, tenant, document_id, version, state="collected", updated_at=now)
    document = connection.execute(
        select(documents.c.state).where(documents.c.tenant_id == tenant, documents.c.document_id == document_id)
    ).scalar()
    if document != "deleting":
        return
    left = connection.execute(
        select(jobs.c.job_id).where(
            jobs.c.tenant_id == tenant,
            jobs.c.document_id == document_id,
            jobs.c.kind == "collect",
            jobs.c.state.in_(("queued", "running")),
        )
    ).first()
    if left is None:
        for table in (document_versions, documents):
            connection.execute(delete(table).where(table.c.tenant_id == tenant, table.c.document_id == document_id))


def audience_of(versions: FromClause) -> ColumnElement[str]:
    """Who a row of document_versions (or an alias of it) is for: as given, else as found; "" where neither is known."""
    return func.coalesce(func.nullif(versions.c.audience_given, ""), versions.c.audience_found)


def queue_job(
    connection: Connection,
    tenant: str,
    kind: str,
    document_id: str,
    version: int,
    now: float,
    *,
    job_id: str | None = None,
    trace_id: str = "",
    state: str = "queued",
) -> None:
    connection.execute(
        upsert(connection, jobs)
        .values(
            tenant_id=tenant,
            job_id=job_id or new_id("job", now=now),
            kind=kind,
            document_id=document_id,
            version=version,
            state=state,
            stage=state,
            done=0,
            total=0,
            error="",
            attempts=0,
            due_at=now,
            worker="",
            trace_id=trace_id,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing()
    )


def _version(tenant: str, document_id: str, version: int) -> ColumnElement[bool]:
    columns = document_versions.c
    return and_(columns.tenant_id == tenant, columns.document_id == document_id, columns.version == version)


def _set_version(connection: Connection, tenant: str, document_id: str, version: int, **values: object) -> None:
    connection.execute(update(document_versions).where(_version(tenant, document_id, version)).values(**values))


def _forget_details(connection: Connection, tenant: str, document_id: str, version: int) -> None:
    for table in (chunks, typed_sources):
        connection.execute(
            delete(table).where(
                table.c.tenant_id == tenant, table.c.document_id == document_id, table.c.version == version
            )
        )
