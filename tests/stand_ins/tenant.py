"""What the stand-in for the platform keeps of one tenant, and the records and blobs that it hands out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from actors import ports
from actors.messages import Remind, Reminding, SubmitDocument
from runtime.clock import iso
from runtime.errors import NotFound
from runtime.message import StreamEvent

Key = TypeVar("Key")
Value = TypeVar("Value")

NOW = "2026-05-04T10:00:00.000Z"


@dataclass
class Tenant:
    """Everything that the stand-in keeps for one tenant."""

    name: str
    key: str
    embed_key: str
    documents: dict[str, ports.DocumentRecord] = field(default_factory=dict)
    chunks: dict[tuple[str, str], ports.ChunkRecord] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    jobs: dict[str, ports.JobRecord] = field(default_factory=dict)
    messages: dict[str, ports.MessageRecord] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    events: dict[str, list[StreamEvent]] = field(default_factory=dict)
    conversations: dict[str, ports.ConversationRecord] = field(default_factory=dict)
    history: dict[str, list[ports.HistoryRecord]] = field(default_factory=dict)
    reminders: dict[tuple[str, str], ports.ReminderRecord] = field(default_factory=dict)


class StandInRecords:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    async def documents(self, *, limit: int = 200, after: str = "") -> list[ports.DocumentRecord]:
        return [found for name, found in sorted(self._tenant.documents.items()) if name > after][:limit]

    async def document(self, document_id: str) -> ports.DocumentRecord:
        return _get(self._tenant.documents, document_id)

    async def chunk(self, document_id: str, chunk_id: str) -> ports.ChunkRecord:
        return _get(self._tenant.chunks, (document_id, chunk_id))

    async def job(self, job_id: str) -> ports.JobRecord:
        return _get(self._tenant.jobs, job_id)

    async def message(self, message_id: str) -> ports.MessageRecord:
        return _get(self._tenant.messages, message_id)

    async def conversations(self, *, limit: int = 50, before: str = "") -> list[ports.ConversationRecord]:
        newest = sorted(self._tenant.conversations.values(), key=lambda found: found.updated_at, reverse=True)
        edge = self._tenant.conversations[before].updated_at if before else "9"
        return [found for found in newest if found.updated_at < edge][:limit]

    async def conversation(self, conversation_id: str) -> ports.ConversationRecord:
        return _get(self._tenant.conversations, conversation_id)

    async def history(
        self, conversation_id: str, *, limit: int = 200, before_seq: int = 0
    ) -> list[ports.HistoryRecord]:
        lines = self._tenant.history.get(conversation_id, [])
        return [line for line in lines if not before_seq or line.seq < before_seq][-limit:]

    async def deliveries(self, conversation_id: str, first_seq: int, last_seq: int) -> dict[int, ports.DeliveryRecord]:
        return {}

    async def lines_after(self, conversation_id: str, seq: int, *, limit: int = 200) -> list[ports.HistoryRecord]:
        return [line for line in self._tenant.history.get(conversation_id, []) if line.seq > seq][:limit]

    async def reminders(self) -> list[ports.ReminderRecord]:
        return list(self._tenant.reminders.values())


class StandInBlobs:
    def __init__(self, blobs: dict[str, bytes]) -> None:
        self._blobs = blobs

    async def put(self, key: str, data: bytes) -> None:
        self._blobs[key] = data

    async def get(self, key: str) -> bytes:
        return _get(self._blobs, key)

    async def delete(self, prefix: str) -> int:
        gone = [key for key in self._blobs if key.startswith(prefix)]
        for key in gone:
            del self._blobs[key]
        return len(gone)


def reminder_of(remind: Remind) -> ports.ReminderRecord:
    return ports.ReminderRecord(
        reminder_id=remind.reminder_id,
        name=remind.name,
        kind="session",
        actor_key=remind.conversation_id,
        message=remind.message,
        note=remind.kind is Reminding.NOTE,
        at=None if remind.at is None else iso(remind.at),
        cron=remind.cron,
        timezone=remind.timezone,
        next_at=NOW,
        last_at=None,
        created_at=NOW,
    )


def document_of(submitted: SubmitDocument, version: int) -> ports.DocumentRecord:
    return ports.DocumentRecord(
        document_id=submitted.document_id,
        title=submitted.title or submitted.filename,
        filename=submitted.filename,
        media_type=submitted.media_type,
        size=submitted.size,
        state="queued",
        version=version,
        pages=0,
        chunks=0,
        entities=0,
        error="",
        created_at=NOW,
        updated_at=NOW,
        metadata=submitted.metadata,
        audience=submitted.audience,
    )


def _get(things: Mapping[Key, Value], key: Key) -> Value:
    try:
        return things[key]
    except KeyError as error:
        raise NotFound(f"There is no {key!r}.") from error
