"""One tenant's journal as readers see it (``ports.Records``)."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from actors.audience import Audience
from actors.delivery import fate_of
from actors.messages import Note
from actors.ports import (
    ChunkRecord,
    ConversationRecord,
    DeliveryRecord,
    DocumentRecord,
    HistoryRecord,
    JobRecord,
    MessageRecord,
    ReminderRecord,
)
from runtime.clock import iso
from runtime.errors import NotFound
from runtime.journal import Journal
from runtime.store import reminders
from runtime.store.inbox import outcome
from runtime.store.library import audience_of
from runtime.store.reminders import ReminderRow
from runtime.store.tables import chunks, conversations, document_versions, documents, history, inbox, jobs, outbox

T = TypeVar("T")


class JournalRecords:
    """Reads for one tenant. What another tenant has does not exist here."""

    def __init__(self, tenant: str, journal: Journal) -> None:
        self._tenant = tenant
        self._journal = journal

    async def documents(self, *, limit: int = 200, after: str = "") -> list[DocumentRecord]:
        statement = (
            _document_select(self._tenant)
            .where(documents.c.document_id > after)
            .order_by(documents.c.document_id)
            .limit(limit)
        )
        return await self._journal.read(
            lambda connection: [_document(row) for row in connection.execute(statement)], tenant=self._tenant
        )

    async def document(self, document_id: str) -> DocumentRecord:
        statement = _document_select(self._tenant).where(documents.c.document_id == document_id)
        row = await self._journal.read(lambda connection: connection.execute(statement).first(), tenant=self._tenant)
        return _document(self._found(row, "document", document_id))

    async def chunk(self, document_id: str, chunk_id: str) -> ChunkRecord:
        statement = (
            select(
                chunks,
                document_versions.c.parsed_key,
                document_versions.c.title,
                audience_of(document_versions).label("audience"),
            )
            .join(
                document_versions,
                and_(
                    document_versions.c.tenant_id == chunks.c.tenant_id,
                    document_versions.c.document_id == chunks.c.document_id,
                    document_versions.c.version == chunks.c.version,
                ),
            )
            .join(
                documents,
                and_(
                    documents.c.tenant_id == chunks.c.tenant_id,
                    documents.c.document_id == chunks.c.document_id,
                    documents.c.live_version == chunks.c.version,  # replaced or deleted text is not read any more
                ),
            )
            .where(
                chunks.c.tenant_id == self._tenant,
                chunks.c.document_id == document_id,
                chunks.c.chunk_id == chunk_id,
            )
        )
        row = self._found(
            await self._journal.read(lambda connection: connection.execute(statement).first(), tenant=self._tenant),
            "chunk",
            chunk_id,
        )
        return ChunkRecord(
            document_id=row.document_id,
            chunk_id=row.chunk_id,
            version=row.version,
            ordinal=row.ordinal,
            start=row.start,
            end=row.end,
            page=row.page,
            heading=row.heading,
            parsed_key=row.parsed_key,
            title=row.title,
            audience=Audience(row.audience) if row.audience else Audience.STAFF,
        )

    async def job(self, job_id: str) -> JobRecord:
        statement = select(jobs).where(jobs.c.tenant_id == self._tenant, jobs.c.job_id == job_id)
        row = self._found(
            await self._journal.read(lambda connection: connection.execute(statement).first(), tenant=self._tenant),
            "job",
            job_id,
        )
        return JobRecord(
            job_id=row.job_id,
            document_id=row.document_id,
            state=row.state,
            stage=row.stage,
            done=row.done,
            total=row.total,
            error=row.error,
            created_at=iso(row.created_at),
            updated_at=iso(row.updated_at),
        )

    async def message(self, message_id: str) -> MessageRecord:
        def read(connection: Connection) -> MessageRecord | None:
            where = and_(inbox.c.tenant_id == self._tenant, inbox.c.message_id == message_id)
            row = connection.execute(select(inbox.c.actor_key, inbox.c.body).where(where)).first()
            found = outcome(connection, self._tenant, message_id)
            if row is None or found is None:
                return None
            return MessageRecord(
                message_id=message_id,
                conversation_id=row.actor_key,
                state=found.state,
                text=str(json.loads(row.body)[1].get("text", "")),
                answer=json.loads(found.answer) if found.answer else None,
                error=found.error,
            )

        return self._found(await self._journal.read(read, tenant=self._tenant), "message", message_id)

    async def conversations(self, *, limit: int = 50, before: str = "") -> list[ConversationRecord]:
        statement = _conversation_select(self._tenant)
        if before:
            edge = select(conversations.c.updated_at).where(
                conversations.c.tenant_id == self._tenant, conversations.c.conversation_id == before
            )
            at, columns = edge.scalar_subquery(), conversations.c
            same_moment = and_(columns.updated_at == at, columns.conversation_id < before)
            statement = statement.where(or_(columns.updated_at < at, same_moment))
        newest_first = (conversations.c.updated_at.desc(), conversations.c.conversation_id.desc())
        statement = statement.order_by(*newest_first).limit(limit)
        return await self._journal.read(
            lambda connection: [_conversation(row) for row in connection.execute(statement)], tenant=self._tenant
        )

    async def conversation(self, conversation_id: str) -> ConversationRecord:
        statement = _conversation_select(self._tenant).where(conversations.c.conversation_id == conversation_id)
        row = await self._journal.read(lambda connection: connection.execute(statement).first(), tenant=self._tenant)
        return _conversation(self._found(row, "conversation", conversation_id))

    async def history(self, conversation_id: str, *, limit: int = 200, before_seq: int = 0) -> list[HistoryRecord]:
        """The newest ``limit`` lines before ``before_seq`` (0: the end), oldest first."""
        columns = history.c
        statement = select(history).where(columns.tenant_id == self._tenant, columns.conversation_id == conversation_id)
        if before_seq:
            statement = statement.where(columns.seq < before_seq)
        statement = statement.order_by(columns.seq.desc()).limit(limit)
        rows = await self._journal.read(lambda connection: connection.execute(statement).all(), tenant=self._tenant)
        return [_line(row) for row in reversed(rows)]

    async def lines_after(self, conversation_id: str, seq: int, *, limit: int = 200) -> list[HistoryRecord]:
        columns = history.c
        statement = (
            select(history)
            .where(columns.tenant_id == self._tenant, columns.conversation_id == conversation_id, columns.seq > seq)
            .order_by(columns.seq)
            .limit(limit)
        )
        rows = await self._journal.read(lambda connection: connection.execute(statement).all(), tenant=self._tenant)
        return [_line(row) for row in rows]

    async def deliveries(self, conversation_id: str, first_seq: int, last_seq: int) -> dict[int, DeliveryRecord]:
        statement = (
            select(history.c.seq, outbox)
            .join(outbox, and_(outbox.c.tenant_id == history.c.tenant_id, outbox.c.turn_id == history.c.turn_id))
            .where(
                history.c.tenant_id == self._tenant,
                history.c.conversation_id == conversation_id,
                history.c.seq.between(first_seq, last_seq),
                history.c.author != "customer",
            )
        )
        rows = await self._journal.read(lambda connection: connection.execute(statement).all(), tenant=self._tenant)
        return {row[0]: _delivery(row) for row in rows}

    async def reminders(self) -> list[ReminderRecord]:
        rows = await self._journal.read(
            lambda connection: reminders.every(connection, self._tenant), tenant=self._tenant
        )
        return [_reminder(row) for row in rows]

    def _found(self, value: T | None, what: str, name: str) -> T:
        if value is None:
            raise NotFound(f"There is no {what} {name[:80]!r}.", do="Check the id.", tenant=self._tenant)
        return value


def _document_select(tenant: str) -> Select[Any]:
    """A document with the version that its owner should see, and how the newest one fares."""
    shown = document_versions.alias("shown")
    newest = document_versions.alias("newest")
    return (
        select(
            documents.c.document_id,
            documents.c.live_version,
            documents.c.state.label("document_state"),
            documents.c.created_at,
            documents.c.updated_at,
            shown.c.version,
            shown.c.title,
            shown.c.filename,
            shown.c.media_type,
            shown.c.size,
            shown.c.pages,
            shown.c.chunks,
            shown.c.entities,
            shown.c.metadata.label("about"),
            audience_of(shown).label("audience"),
            newest.c.state.label("newest_state"),
            newest.c.error.label("newest_error"),
        )
        .join(
            shown,
            and_(
                shown.c.tenant_id == documents.c.tenant_id,
                shown.c.document_id == documents.c.document_id,
                shown.c.version == func.coalesce(documents.c.live_version, documents.c.newest_version),
            ),
        )
        .join(
            newest,
            and_(
                newest.c.tenant_id == documents.c.tenant_id,
                newest.c.document_id == documents.c.document_id,
                newest.c.version == documents.c.newest_version,
            ),
        )
        .where(documents.c.tenant_id == tenant)
    )


def _document(row: Row[Any]) -> DocumentRecord:
    return DocumentRecord(
        document_id=row.document_id,
        title=row.title or row.filename,
        filename=row.filename,
        media_type=row.media_type,
        size=row.size,
        state=_document_state(row.document_state, row.newest_state, live=row.live_version is not None),
        version=row.version,
        pages=row.pages,
        chunks=row.chunks,
        entities=row.entities,
        error=row.newest_error,
        created_at=iso(row.created_at),
        updated_at=iso(row.updated_at),
        metadata=json.loads(row.about),
        audience=Audience(row.audience) if row.audience else None,
    )


def _document_state(document: str, newest: str, *, live: bool) -> str:
    """The newest version's fate decides, but a document that can be found stays ready when its replacement failed."""
    if document == "deleting":
        return "deleting"
    if newest in ("queued", "running"):
        return newest
    return "ready" if live else "failed"


def _conversation_select(tenant: str) -> Select[Any]:
    last = (
        select(history.c.text)
        .where(
            history.c.tenant_id == conversations.c.tenant_id,
            history.c.conversation_id == conversations.c.conversation_id,
        )
        .order_by(history.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(conversations, last.label("last_text")).where(conversations.c.tenant_id == tenant)


def _conversation(row: Row[Any]) -> ConversationRecord:
    return ConversationRecord(
        conversation_id=row.conversation_id,
        channel=row.channel,
        state=row.state,
        waiting_since=None if row.waiting_since is None else iso(row.waiting_since),
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        created_at=iso(row.created_at),
        updated_at=iso(row.updated_at),
        last_text=row.last_text or "",
        reply_to=json.loads(row.reply_to) if row.reply_to else {},
    )


def _line(row: Row[Any]) -> HistoryRecord:
    return HistoryRecord(
        seq=row.seq,
        author=row.author,
        text=row.text,
        message_id=row.message_id,
        answer=json.loads(row.answer) if row.answer else None,
        created_at=iso(row.created_at),
    )


def _delivery(row: Row[Any]) -> DeliveryRecord:
    fate = fate_of(
        state=row.state,
        kept=row.delivery,
        error=row.error,
        maybe_duplicate=bool(row.maybe_duplicate),
        updated_at=row.updated_at,
    )
    return DeliveryRecord(state=fate.state, at=iso(fate.at), reason=fate.reason, maybe_duplicate=fate.maybe_duplicate)


def _reminder(row: ReminderRow) -> ReminderRecord:
    said, fields = json.loads(row.body)
    return ReminderRecord(
        reminder_id=row.reminder_id,
        name=row.name,
        kind=row.kind,
        actor_key=row.actor_key,
        message=str(fields.get("text", "")),
        note=said == Note.__name__,
        at=None if row.at is None else iso(row.at),
        cron=row.cron,
        timezone=row.timezone,
        next_at=iso(row.due_at),
        last_at=None if row.fired_at is None else iso(row.fired_at),
        created_at=iso(row.created_at),
    )
