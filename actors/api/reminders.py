"""/v1/reminders: what the assistant does by itself at a time, or by a cron expression, in an owner's conversation.

A reminder belongs to a conversation (``session_id``; "reminders" where none is given). When it comes, the assistant
answers ``message`` there as if the owner had just asked it (``kind: question``), or says it as it stands (``note``);
both are lines of the conversation's history.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from actors.api.auth import IdempotencyKey, Owner, TheDoor, TheTrace
from actors.api.chat import API, MAX_MESSAGE
from actors.api.door import READ_DEADLINE_S, within
from actors.api.naming import check_name, chosen_id, conversation_of, session_of
from actors.messages import CancelRemind, Remind, ReminderCancelled, ReminderSet, Reminding
from actors.ports import ReminderRecord
from runtime.address import ActorId
from runtime.clock import iso
from runtime.errors import Invalid
from runtime.ids import new_id
from runtime.schedule import MAX_CRON

DEFAULT_SESSION = "reminders"
SESSION = "session"  # the kind of actor whose reminders are conversations'
_LATE_S = 60.0  # a time that has just passed is meant to be now; clocks differ


class ReminderIn(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    name: str = Field(min_length=1, max_length=128)
    message: str = Field(min_length=1, max_length=MAX_MESSAGE)
    kind: Literal["question", "note"] = "question"
    at: AwareDatetime | None = None
    cron: str = Field(default="", max_length=MAX_CRON, description="Five fields, or six with seconds in front")
    timezone: str = Field(default="UTC", max_length=64, description="IANA name, for example Europe/Berlin")
    session_id: str = DEFAULT_SESSION


class ReminderOut(BaseModel):
    reminder_id: str
    name: str
    session_id: str
    conversation_id: str
    kind: str
    message: str
    at: str | None
    cron: str
    timezone: str
    next_at: str
    last_at: str | None
    created_at: str


class RemindersOut(BaseModel):
    reminders: list[ReminderOut]


class SetOut(BaseModel):
    reminder_id: str
    name: str
    session_id: str
    next_at: str


class CancelledOut(BaseModel):
    name: str
    session_id: str
    cancelled: bool = True


def router() -> APIRouter:
    api = APIRouter(tags=["reminders"])

    @api.get("/v1/reminders")
    async def index(door: TheDoor, owner: Owner) -> RemindersOut:
        """Every reminder of the tenant's conversations, the next one first.

        What other parts of the assistant do by the clock (a database's schema is read again) is theirs to show.
        """
        async with within(READ_DEADLINE_S, "The journal"):
            found = await door.records_for(owner.tenant).reminders()
        return RemindersOut(reminders=[_shown(record) for record in found if record.kind == SESSION])

    @api.post("/v1/reminders", status_code=201)
    async def create(
        body: ReminderIn, door: TheDoor, owner: Owner, trace: TheTrace, idempotency_key: IdempotencyKey
    ) -> SetOut:
        """Set a reminder; one of the same name in the same session is replaced."""
        at = body.at.timestamp() if body.at else None
        if at is not None and at < door.clock.now() - _LATE_S:
            raise Invalid(f"{iso(at)} has passed.", do="Give a time to come.")
        conversation = conversation_of(API, check_name(body.session_id, "session_id"))
        remind = Remind(
            name=body.name,
            message=body.message,
            conversation_id=conversation,
            channel=API,
            reminder_id=chosen_id("rem", owner, idempotency_key),
            kind=Reminding(body.kind),
            at=at,
            cron=body.cron,
            timezone=body.timezone,
        )
        to = ActorId(owner.tenant, SESSION, conversation)
        asked = door.envelope(to, remind, principal=owner, trace=trace, message_id=new_id("in"))
        made = await door.ask(asked, ReminderSet)
        return SetOut(
            reminder_id=made.reminder_id, name=body.name, session_id=body.session_id, next_at=iso(made.next_at)
        )

    @api.delete("/v1/reminders/{name}")
    async def cancel(
        name: str, door: TheDoor, owner: Owner, trace: TheTrace, session_id: Annotated[str, Query()] = DEFAULT_SESSION
    ) -> CancelledOut:
        """Forget a reminder; what it has begun already goes on."""
        to = ActorId(owner.tenant, SESSION, conversation_of(API, check_name(session_id, "session_id")))
        asked = door.envelope(to, CancelRemind(name=name), principal=owner, trace=trace, message_id=new_id("in"))
        await door.ask(asked, ReminderCancelled)
        return CancelledOut(name=name, session_id=session_id)

    return api


def _shown(record: ReminderRecord) -> ReminderOut:
    return ReminderOut(
        reminder_id=record.reminder_id,
        name=record.name,
        session_id=session_of(record.actor_key),
        conversation_id=record.actor_key,
        kind="note" if record.note else "question",
        message=record.message,
        at=record.at,
        cron=record.cron,
        timezone=record.timezone,
        next_at=record.next_at,
        last_at=record.last_at,
        created_at=record.created_at,
    )
