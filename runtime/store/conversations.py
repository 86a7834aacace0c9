"""Durable effects of a conversation's turn: its history, its state, and what goes out.

Held by tests/unit/runtime/test_local_cell.py, tests/unit/actors/test_records.py, tests/unit/actors/test_session.py and
tests/unit/runtime/test_outbox.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, insert, update

from runtime.actor import Turn, TurnFacts
from runtime.store import outbox
from runtime.store.dialect import upsert_once
from runtime.store.tables import conversations, history


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchConversation:
    """Make the conversation if it is new, and note that something happened in it."""

    conversation_id: str
    channel: str
    customer_id: str = ""
    customer_name: str = ""
    reply_to: Mapping[str, object] | None = None  # where the customer's message came from; None: as before

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        values = {
            "tenant_id": facts.tenant,
            "conversation_id": self.conversation_id,
            "channel": self.channel,
            "state": "assistant",
            "created_at": facts.now,
            "updated_at": facts.now,
            "customer_id": self.customer_id,
            "customer_name": self.customer_name,
            "reply_to": json.dumps(self.reply_to, ensure_ascii=False) if self.reply_to else "",
        }
        connection.execute(_TOUCH(connection), values)


def _touch(insert: Any) -> Any:
    """What is known of the customer already is not overwritten by nothing."""

    def known(name: str) -> Any:
        return case((insert.excluded[name] != "", insert.excluded[name]), else_=conversations.c[name])

    return insert.on_conflict_do_update(
        index_elements=["tenant_id", "conversation_id"],
        set_={
            "updated_at": insert.excluded.updated_at,
            "customer_id": known("customer_id"),
            "customer_name": known("customer_name"),
            "reply_to": known("reply_to"),
        },
    )


_TOUCH = upsert_once(conversations, _touch)
_APPEND = insert(history)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldConversation:
    """Who has the conversation from now on (``state``: assistant, human or closed), and whether its customer waits for
    a person: since now, or since before."""

    conversation_id: str
    state: str
    waiting: bool = False

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        since = func.coalesce(conversations.c.waiting_since, facts.now) if self.waiting else None
        mine = conversations.c.tenant_id == facts.tenant, conversations.c.conversation_id == self.conversation_id
        connection.execute(update(conversations).where(*mine).values(state=self.state, waiting_since=since))


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendHistory:
    """One line of the conversation. ``answer``, of an ``assistant``'s line, is what the turn announces as ``done``,
    kept whole for those who ask later."""

    conversation_id: str
    author: str
    text: str
    answer: Mapping[str, object] | None = None

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        values = {
            "tenant_id": facts.tenant,
            "conversation_id": self.conversation_id,
            "author": self.author,
            "text": self.text,
            "message_id": facts.message_id,
            "turn_id": facts.turn_id,
            "answer": None if self.answer is None else json.dumps(self.answer, ensure_ascii=False),
            "created_at": facts.now,
        }
        connection.execute(_APPEND, values)


def answer_with(turn: Turn, answer: Mapping[str, object], *, conversation_id: str, text: str) -> None:
    """Answer the turn's message: those who watch are told ``answer`` as ``done`` once the turn is committed, and those
    who ask later, even of another process, the same. ``text`` is the line that the conversation's history shows."""
    turn.effect(AppendHistory(conversation_id=conversation_id, author="assistant", text=text, answer=answer))
    turn.announce("done", answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOut:
    """The turn's one reply, to be sent by the tenant's outbox until ``ttl_s`` have passed. ``delivered``: the channel's
    reader fetches it himself (web, API), so committing it is delivering it. ``draft``: a person decides whether it is
    sent (:mod:`runtime.store.drafts`)."""

    conversation_id: str
    channel: str
    body: Mapping[str, object]
    delivered: bool = False
    draft: bool = False
    ttl_s: float = 86_400.0

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        outbox.queue(
            connection,
            {
                "tenant_id": facts.tenant,
                "outbox_id": f"out_{facts.turn_id}",
                "conversation_id": self.conversation_id,
                "channel": self.channel,
                "turn_id": facts.turn_id,
                "body": json.dumps(self.body, ensure_ascii=False),
                "state": self._state,
                "due_at": facts.now,
                "created_at": facts.now,
                "updated_at": facts.now,
                "deadline": facts.now + self.ttl_s,
                "trace_id": facts.trace_id,
            },
        )

    @property
    def _state(self) -> str:
        if self.delivered:
            return outbox.SENT
        return outbox.DRAFT if self.draft else outbox.QUEUED
