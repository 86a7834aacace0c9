"""What the door reads of the durable state, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from actors.audience import Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord:
    """A document as its owner sees it. ``state``: queued, running, ready, failed or deleting."""

    document_id: str
    title: str
    filename: str
    media_type: str
    size: int
    state: str
    version: int  # the live version where there is one, else the newest
    pages: int
    chunks: int
    entities: int
    error: str
    created_at: str
    updated_at: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    audience: Audience | None = None  # None: nobody said, and it is not ingested yet


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRecord:
    """Where a chunk stands: code-point offsets into the parsed text that ``parsed_key`` names among the blobs."""

    document_id: str
    chunk_id: str
    version: int
    ordinal: int
    start: int
    end: int
    page: int | None
    heading: str
    parsed_key: str
    title: str
    audience: Audience = Audience.STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """``state``: queued, running, done or failed; ``done`` of ``total`` within ``stage``."""

    job_id: str
    document_id: str
    state: str
    stage: str
    done: int
    total: int
    error: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """A message and what became of it. ``state``: pending, done or dead; ``answer`` (JSON of Answer) once done."""

    message_id: str
    conversation_id: str
    state: str
    text: str
    answer: Mapping[str, object] | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRecord:
    """One line of a conversation. ``author``: customer, assistant or person."""

    seq: int
    author: str
    text: str
    message_id: str  # the message that this line is, or answers
    answer: Mapping[str, object] | None
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """What became of a line that was sent out. ``state``: queued, sent, delivered, read or failed; ``reason``, the
    provider's where it told one, says why it failed or was not sent yet. ``maybe_duplicate``: it may have arrived
    twice."""

    state: str
    at: str
    reason: str
    maybe_duplicate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRecord:
    conversation_id: str
    channel: str
    state: str  # assistant, human or closed
    customer_id: str
    customer_name: str
    created_at: str
    updated_at: str
    last_text: str
    waiting_since: str | None = None  # the customer waits for a person
    reply_to: Mapping[str, object] = field(default_factory=dict)  # where the customer's last message came from


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRecord:
    """A reminder of the actor ``kind``/``actor_key``: once ``at`` a time, or by ``cron`` in ``timezone``. ``message``
    and ``note`` (said as it stands, not answered) are a conversation's; another actor's are its own affair."""

    reminder_id: str
    name: str
    kind: str
    actor_key: str
    message: str
    note: bool
    at: str | None
    cron: str
    timezone: str
    next_at: str
    last_at: str | None
    created_at: str


class Records(Protocol):
    """What one tenant's journal tells readers. Reads only; raises NotFound for what this tenant does not have."""

    async def documents(self, *, limit: int = 200, after: str = "") -> list[DocumentRecord]: ...

    async def document(self, document_id: str) -> DocumentRecord: ...

    async def chunk(self, document_id: str, chunk_id: str) -> ChunkRecord: ...

    async def job(self, job_id: str) -> JobRecord: ...

    async def message(self, message_id: str) -> MessageRecord: ...

    async def conversations(self, *, limit: int = 50, before: str = "") -> list[ConversationRecord]: ...

    async def conversation(self, conversation_id: str) -> ConversationRecord: ...

    async def history(self, conversation_id: str, *, limit: int = 200, before_seq: int = 0) -> list[HistoryRecord]: ...

    async def deliveries(self, conversation_id: str, first_seq: int, last_seq: int) -> dict[int, DeliveryRecord]:
        """By the line's ``seq``, of the lines between these two that were sent out and are not forgotten yet."""
        ...

    async def lines_after(self, conversation_id: str, seq: int, *, limit: int = 200) -> list[HistoryRecord]:
        """The first ``limit`` lines after ``seq``."""

    async def reminders(self) -> list[ReminderRecord]:
        """All of the tenant's, the next one first; their number is bounded."""
        ...
