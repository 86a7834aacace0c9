"""/v1/drafts: answers that wait until a person approves, changes or discards them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from actors.api.auth import Owner, TheDoor, TheTrace
from actors.api.door import Door
from actors.inbound import MAX_TEXT
from actors.messages import DecideDraft, Draft, Drafts, ListDrafts
from runtime.address import ActorId
from runtime.clock import iso
from runtime.ids import new_id
from runtime.message import Trace
from runtime.principal import Principal

Decision = Literal["approve", "edit", "discard"]


class DraftOut(BaseModel):
    draft_id: str
    conversation_id: str
    channel: str
    state: str
    text: str
    to: str
    subject: str
    created_at: str


class DraftsOut(BaseModel):
    """``next``: what `after` is to be for those that come after these; null at the end."""

    drafts: list[DraftOut]
    next: int | None


class WordsIn(BaseModel):
    text: str = Field(min_length=1, max_length=MAX_TEXT)


class ApprovalIn(BaseModel):
    text: str = Field(default="", max_length=MAX_TEXT, description="The words to send instead of the draft's")


def router() -> APIRouter:
    api = APIRouter(tags=["drafts"])

    @api.get("/v1/drafts")
    async def index(
        door: TheDoor,
        owner: Owner,
        trace: TheTrace,
        limit: Annotated[int, Query(ge=1, le=200)] = 100,
        after: Annotated[int, Query(ge=0)] = 0,
    ) -> DraftsOut:
        """The drafts that wait, the oldest first."""
        ask = ListDrafts(limit=limit, after=after)
        to = ActorId(owner.tenant, "drafts")
        asked = door.envelope(to, ask, principal=owner, trace=trace, message_id=new_id("in"))
        found = (await door.ask(asked, Drafts)).drafts
        return DraftsOut(drafts=list(map(_shown, found)), next=found[-1].seq if len(found) == limit else None)

    @api.post("/v1/drafts/{draft_id}/approve")
    async def approve(
        draft_id: str, door: TheDoor, owner: Owner, trace: TheTrace, body: ApprovalIn | None = None
    ) -> DraftOut:
        """Have it sent, once; with other words where they are given."""
        return await _decide(door, owner, trace, draft_id, "approve", body.text if body else "")

    @api.patch("/v1/drafts/{draft_id}")
    async def edit(draft_id: str, body: WordsIn, door: TheDoor, owner: Owner, trace: TheTrace) -> DraftOut:
        """Change its words; it goes on waiting."""
        return await _decide(door, owner, trace, draft_id, "edit", body.text)

    @api.post("/v1/drafts/{draft_id}/discard")
    async def discard(draft_id: str, door: TheDoor, owner: Owner, trace: TheTrace) -> DraftOut:
        """It is never sent."""
        return await _decide(door, owner, trace, draft_id, "discard")

    return api


async def _decide(
    door: Door, owner: Principal, trace: Trace, draft_id: str, decision: Decision, text: str = ""
) -> DraftOut:
    ask = DecideDraft(draft_id=draft_id, decision=decision, text=text)
    to = ActorId(owner.tenant, "drafts")
    asked = door.envelope(to, ask, principal=owner, trace=trace, message_id=new_id("in"))
    return _shown(await door.ask(asked, Draft))


def _shown(draft: Draft) -> DraftOut:
    return DraftOut(
        draft_id=draft.draft_id,
        conversation_id=draft.conversation_id,
        channel=draft.channel,
        state=draft.state,
        text=draft.text,
        to=draft.to,
        subject=draft.subject,
        created_at=iso(draft.created_at),
    )
