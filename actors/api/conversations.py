"""/v1/conversations: the inbox, and one conversation with its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from actors.api import answers, citations
from actors.api.auth import Caller, Owner, TheDoor
from actors.api.chat import CitationOut
from actors.api.door import READ_DEADLINE_S, within
from actors.api.naming import conversation_of, session_of
from actors.ports import ConversationRecord, HistoryRecord, Records
from runtime.errors import Forbidden, NotFound
from runtime.principal import Principal, Role


class ConversationOut(BaseModel):
    conversation_id: str
    session_id: str
    channel: str
    state: str
    waiting_since: str | None = None
    customer_id: str
    customer_name: str
    created_at: str
    updated_at: str
    last_text: str


class ConversationsOut(BaseModel):
    conversations: list[ConversationOut]
    next: str | None = None


class DeliveryOut(BaseModel):
    state: str = Field(description="queued, sent, delivered, read or failed")
    at: str
    reason: str
    maybe_duplicate: bool


class LineOut(BaseModel):
    seq: int
    author: str
    text: str
    message_id: str
    created_at: str
    status: str | None = None
    citations: list[CitationOut] = []
    delivery: DeliveryOut | None = None  # of what was sent out, for the business's own people; None: forgotten by now


class ConversationLinesOut(ConversationOut):
    messages: list[LineOut]


def router() -> APIRouter:
    api = APIRouter(tags=["conversations"])

    @api.get("/v1/conversations")
    async def index(
        door: TheDoor, owner: Owner, limit: Annotated[int, Query(ge=1, le=200)] = 50, before: str = ""
    ) -> ConversationsOut:
        """The newest first. `next` is the `before` of the next page, where there is one."""
        async with within(READ_DEADLINE_S, "The journal"):
            found = await door.records_for(owner.tenant).conversations(limit=limit, before=before)
        return ConversationsOut(
            conversations=[ConversationOut(**_shown(record)) for record in found],
            next=found[-1].conversation_id if len(found) == limit else None,
        )

    @api.get("/v1/conversations/{conversation_id}")
    async def read(
        conversation_id: str,
        door: TheDoor,
        caller: Caller,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        before_seq: Annotated[int, Query(ge=0)] = 0,
    ) -> ConversationLinesOut:
        """A conversation and its last `limit` lines before `before_seq`, oldest first."""
        check_may_read(caller, conversation_id)
        records = door.records_for(caller.tenant)
        async with within(READ_DEADLINE_S, "The journal"):
            record = await records.conversation(conversation_id)
            lines = await records.history(conversation_id, limit=limit, before_seq=before_seq)
            told = await _deliveries(records, caller, conversation_id, lines)
        shown = [line_out(line).model_copy(update={"delivery": told.get(line.seq)}) for line in lines]
        return ConversationLinesOut(**_shown(record), messages=shown)

    return api


def only_conversation(caller: Principal) -> str | None:
    """The one conversation that ``caller`` may read, or None for an owner, who may read all of the tenant's."""
    if caller.role in (Role.OWNER, Role.STAFF):
        return None
    if caller.role is Role.ANONYMOUS:
        return conversation_of(citations.WEB, caller.identity)
    raise Forbidden("These credentials cannot read conversations.", do="Use the tenant's API key.")


async def _deliveries(
    records: Records, caller: Principal, conversation_id: str, lines: Sequence[HistoryRecord]
) -> dict[int, DeliveryOut]:
    """By the line's ``seq``. What a provider says of a person's telephone is the business's affair alone."""
    if only_conversation(caller) is not None or not lines:
        return {}
    found = await records.deliveries(conversation_id, lines[0].seq, lines[-1].seq)
    return {seq: DeliveryOut(**asdict(each)) for seq, each in found.items()}


def check_may_read(caller: Principal, conversation_id: str) -> None:
    """Raises NotFound where it is not the caller's: that it exists is not told."""
    if only_conversation(caller) not in (None, conversation_id):
        raise NotFound(f"There is no conversation {conversation_id[:80]!r}.")


def _shown(record: ConversationRecord) -> dict[str, Any]:
    known = asdict(record)
    del known["reply_to"]
    return {**known, "session_id": session_of(record.conversation_id)}


def line_out(record: HistoryRecord) -> LineOut:
    answer = answers.whole(record.answer, message_id=record.message_id, session_id="") if record.answer else {}
    return LineOut.model_validate(
        {
            "status": answer.get("status") or None,
            "citations": answer.get("citations") or [],
            "seq": record.seq,
            "author": record.author,
            "text": record.text,
            "message_id": record.message_id,
            "created_at": record.created_at,
        }
    )
