"""The ``drafts`` actor: one per tenant, where people decide on answers that wait for their approval.

Promises: a draft is decided on once; what was approved is sent once, by the outbox, to the address that it was written
for and no other.

Held by tests/integration/channels/test_mail.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from actors.inbound import MAX_TEXT
from actors.messages import DecideDraft, Draft, Drafts, ListDrafts
from runtime.actor import Actor, ActorContext, Turn, handles
from runtime.errors import Conflict, Invalid, NotFound
from runtime.journal import Journal
from runtime.principal import Role
from runtime.store import drafts
from runtime.store.drafts import DiscardDraft, DraftRow, ReleaseDraft, ReviseDraft
from runtime.store.outbox import DISCARDED, DRAFT, QUEUED

MOST = 200  # drafts in one answer


class DraftsActor(Actor):
    def __init__(self, context: ActorContext, *, journal: Journal) -> None:
        super().__init__(context)
        self._journal = journal

    @handles(ListDrafts, read_only=True)
    async def index(self, turn: Turn, message: ListDrafts) -> Drafts:
        turn.principal.require(Role.OWNER, Role.STAFF)
        tenant, limit = self.context.tenant, max(1, min(message.limit, MOST))
        found = await self._journal.read(
            partial(drafts.waiting, tenant=tenant, limit=limit, after=message.after), tenant=tenant
        )
        return Drafts(drafts=tuple(map(_shown, found)))

    @handles(DecideDraft)
    async def decide(self, turn: Turn, message: DecideDraft) -> Draft:
        """Raises NotFound; Conflict where somebody has decided already; Invalid for words that cannot be sent."""
        turn.principal.require(Role.OWNER, Role.STAFF)
        tenant, text = self.context.tenant, message.text.strip()
        row = await self._journal.read(partial(drafts.find, tenant=tenant, outbox_id=message.draft_id), tenant=tenant)
        if row is None:
            raise NotFound(f"There is no draft {message.draft_id[:80]!r}.", do="GET /v1/drafts lists those that wait.")
        if row.state != DRAFT:
            raise Conflict("Somebody has decided on this draft already.", do=f"It is {row.state}.")
        if len(text) > MAX_TEXT or (message.decision == "edit" and not text):
            raise Invalid(f"A draft's text must be 1 to {MAX_TEXT} characters.")
        if message.decision == "discard":
            turn.effect(DiscardDraft(outbox_id=row.outbox_id))
            return _shown(replace(row, state=DISCARDED))
        if text:
            row = replace(row, body=_reworded(row.body, text))
            turn.effect(ReviseDraft(outbox_id=row.outbox_id, body=row.body))
        if message.decision == "approve":
            turn.effect(ReleaseDraft(outbox_id=row.outbox_id))
            row = replace(row, state=QUEUED)
        return _shown(row)


def _reworded(body: Mapping[str, Any], text: str) -> dict[str, Any]:
    """With the sources that the new words still refer to."""
    cited = [each for each in body.get("citations") or () if f"[{each.get('n')}]" in text]
    return {**body, "text": text, "citations": cited}


def _shown(row: DraftRow) -> Draft:
    to = row.body.get("reply_to") or {}
    return Draft(
        draft_id=row.outbox_id,
        seq=row.seq,
        conversation_id=row.conversation_id,
        channel=row.channel,
        state=row.state,
        text=str(row.body.get("text", "")),
        to=str(to.get("address", "")),
        subject=str(to.get("subject", "")),
        created_at=row.created_at,
    )
