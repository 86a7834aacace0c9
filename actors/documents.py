"""The ``documents`` actor: one per tenant, the only one that makes, replaces and deletes its documents.

A submitted version is durable with its job before the caller hears of it; the same ``job_id`` again is the same
submission told twice. Deleting hides the document in the same commit that queues its collection.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, select

from actors.changes import Changes
from actors.messages import DeleteDocument, DocumentAccepted, DocumentDeleted, SubmitDocument
from runtime.actor import Actor, ActorContext, Turn, handles
from runtime.errors import Conflict, NotFound
from runtime.ids import new_id
from runtime.journal import Journal
from runtime.principal import Role
from runtime.store.library import HideDocument, QueueVersion
from runtime.store.tables import document_versions, documents


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
        version, known, given = await self._journal.read(
            lambda connection: self._next_version(connection, message), tenant=self.context.tenant
        )
        accepted = DocumentAccepted(document_id=message.document_id, job_id=message.job_id, version=version)
        if known:
            return accepted
        turn.effect(
            QueueVersion(
                document_id=message.document_id,
                version=version,
                job_id=message.job_id,
                blob_key=message.blob_key,
                filename=message.filename,
                media_type=message.media_type,
                sha256=message.sha256,
                size=message.size,
                title=message.title,
                metadata=message.metadata,
                audience=message.audience or given,
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

    def _next_version(self, connection: Connection, message: SubmitDocument) -> tuple[int, bool, str]:
        """The version that this submission is, whether it has been queued before, and the audience given so far.

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
            return int(again.version), True, ""
        newest = connection.execute(
            select(columns.version, columns.audience_given, documents.c.state)
            .join(
                documents,
                (documents.c.tenant_id == columns.tenant_id) & (documents.c.document_id == columns.document_id),
            )
            .where(mine, columns.document_id == message.document_id)
            .order_by(columns.version.desc())
            .limit(1)
        ).first()
        if newest is None:
            return 1, False, ""
        return int(newest.version) + 1, False, newest.audience_given if newest.state == "active" else ""
