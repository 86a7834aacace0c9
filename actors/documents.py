"""The ``documents`` actor: one per tenant, the only one that makes, replaces and deletes its documents.

A submitted version is durable with its job before the caller hears of it; the same ``job_id`` again is the same
submission told twice, and a file that is live already, sent again, leaves everything as it is. Deleting hides the
document in the same commit that queues its collection.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select

from actors.changes import Changes
from actors.messages import DeleteDocument, DocumentAccepted, DocumentDeleted, SubmitDocument
from runtime.actor import Actor, ActorContext, Turn, handles
from runtime.errors import Conflict, NotFound
from runtime.ids import new_id
from runtime.journal import Journal
from runtime.principal import Role
from runtime.store.library import HideDocument, KeepVersion, QueueVersion
from runtime.store.tables import document_versions, documents

log = structlog.get_logger(__name__)


class DocumentsActor(Actor):
    """``queued`` is called after something was queued for the ingest worker."""

    def __init__(
        self, context: ActorContext, *, journal: Journal, changes: Changes, queued: Callable[[], None]
    ) -> None:
        super().__init__(context)
        self._journal = journal
        self._changes = changes
        self._queued = queued

    @handles(SubmitDocument)
    async def submit(self, turn: Turn, message: SubmitDocument) -> DocumentAccepted:
        """Queue a new version. The document's own id again means: replace it when the new version is ready."""
        turn.principal.require(Role.OWNER, Role.STAFF)
        place = await self._journal.read(
            lambda connection: self._place(connection, message), tenant=self.context.tenant
        )
        accepted = DocumentAccepted(
            document_id=message.document_id, job_id=message.job_id, version=place.version, unchanged=place.unchanged
        )
        if place.known:
            return accepted
        if place.unchanged:
            kept = KeepVersion(document_id=message.document_id, version=place.version, job_id=message.job_id)
            turn.effect(kept)
            log.info("document.unchanged", tenant=self.context.tenant, document=kept.document_id, version=kept.version)
            return accepted
        turn.effect(
            QueueVersion(
                document_id=message.document_id,
                version=place.version,
                job_id=message.job_id,
                blob_key=message.blob_key,
                filename=message.filename,
                media_type=message.media_type,
                sha256=message.sha256,
                size=message.size,
                title=message.title,
                metadata=message.metadata,
                audience=message.audience or place.given,
            )
        )
        turn.then(self._queued)
        return accepted

    @handles(DeleteDocument)
    async def delete(self, turn: Turn, message: DeleteDocument) -> DocumentDeleted:
        """Hide the document now, collect its traces after. Raises NotFound if there is none."""
        turn.principal.require(Role.OWNER, Role.STAFF)
        tenant = self.context.tenant
        state = await self._journal.read(
            lambda connection: connection.execute(
                select(documents.c.state).where(
                    documents.c.tenant_id == tenant, documents.c.document_id == message.document_id
                )
            ).scalar(),
            tenant=tenant,
        )
        if state is None:
            raise NotFound(f"There is no document {message.document_id!r}.", do="Check the id.", tenant=tenant)
        deleted = DocumentDeleted(document_id=message.document_id, job_id=new_id("job", now=self.context.clock.now()))
        turn.effect(HideDocument(document_id=message.document_id, job_id=deleted.job_id))
        turn.then(lambda: self._changes.bump(tenant))
        turn.then(self._queued)
        return deleted

    def _place(self, connection: Connection, message: SubmitDocument) -> _Place:
        """Where this submission stands among the document's versions.

        What was said of a document holds for what replaces it, until something else is said: a file that was kept for
        staff does not become public by being sent again. Deleting it forgets that.
        """
        columns = document_versions.c
        mine = columns.tenant_id == self.context.tenant
        again = connection.execute(
            select(columns.version, columns.document_id, columns.sha256).where(mine, columns.job_id == message.job_id)
        ).first()
        if again is not None:
            if (again.document_id, again.sha256) != (message.document_id, message.sha256):
                raise Conflict("This Idempotency-Key was used for another upload.", do="Use a new key for a new one.")
            return _Place(int(again.version), known=True)
        newest = connection.execute(
            select(document_versions, documents.c.state.label("document_state"), documents.c.live_version)
            .join(
                documents,
                (documents.c.tenant_id == columns.tenant_id) & (documents.c.document_id == columns.document_id),
            )
            .where(mine, columns.document_id == message.document_id)
            .order_by(columns.version.desc())
            .limit(1)
        ).first()
        if newest is None:
            return _Place(1)
        active = newest.document_state == "active"
        if active and newest.live_version == newest.version and _says_nothing_new(newest, message):
            return _Place(int(newest.version), unchanged=True)
        return _Place(int(newest.version) + 1, given=newest.audience_given if active else "")


@dataclass(frozen=True, slots=True)
class _Place:
    """The version that a submission is; whether it was told before, or is the file that is live already."""

    version: int
    known: bool = False
    unchanged: bool = False
    given: str = ""  # the audience that was given so far


def _says_nothing_new(live: Row[Any], message: SubmitDocument) -> bool:
    """Whether the same bytes come under the same name, with nothing said of them that was not said before."""
    return (
        (message.sha256, message.filename) == (live.sha256, live.filename)
        and message.title in ("", live.title)
        and (not message.metadata or dict(message.metadata) == json.loads(live.metadata))
        and (message.audience or "") in ("", live.audience_given)
    )
