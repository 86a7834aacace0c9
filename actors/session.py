"""The ``session`` actor: one per conversation. A message is one turn; a turn that answers has one reply.

What the person said, what was answered and the reply commit together with the message's "done" mark; only then is
``done`` announced to those who watch. A conversation's reminders are the session's own: it asks itself, or says what it
was told to say, at the times that the owner has set. A customer's turn is never told of what was said to the
business's own people in the same conversation. While a person of the business has the conversation
(:mod:`actors.holder`) what the customer writes is heard and not answered.

Held by tests/unit/actors/test_session.py and tests/integration/channels/test_hand_over.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Literal, Protocol

from actors.audience import Audience, audience_of
from actors.compose.person_wanted import person_wanted
from actors.compose.received import acknowledged, line_of
from actors.holder import Holder, when_customer_writes, when_person_writes
from actors.inbound import wants_answer
from actors.messages import (
    Answer,
    AskSet,
    CancelRemind,
    Customer,
    Found,
    HandedOver,
    HandOver,
    Hear,
    Manner,
    Note,
    PersonSays,
    Remind,
    ReminderCancelled,
    ReminderSet,
    Reminding,
    Say,
    Search,
    SetAnswer,
    Status,
)
from actors.ports import Records
from runtime.actor import Actor, ActorContext, Turn, handles
from runtime.errors import Forbidden, NotFound
from runtime.principal import Role
from runtime.reminders import CancelReminder, SetReminder
from runtime.schedule import Schedule
from runtime.store.conversations import AppendHistory, HoldConversation, SendOut, TouchConversation, answer_with

CONTEXT_LINES = 10
PATIENT_TRIES = 5  # tries of a turn in which a part of the search that is down is waited for
_TOLD_TO = "told_to"  # kept with an answer: the side that it was made for
PULLED = frozenset({"web", "api"})  # channels whose reader fetches the answer itself
PASSED_ON = "I am passing this on to a person of our team, who will answer you here."


Lines = tuple[tuple[Literal["user", "assistant"], str], ...]


class Composes(Protocol):
    """The composer, as a session needs it: a grounded answer, shown piece by piece through ``emit``."""

    async def compose(
        self,
        question: str,
        *,
        context: Lines = (),
        as_of: str | None = None,
        manner: Manner = Manner(),
        patient: bool = True,
        emit: Callable[[str, Mapping[str, object]], Awaitable[None] | None] | None = None,
    ) -> Answer: ...


ComposerFor = Callable[[Callable[[Search], Awaitable[Found]], Callable[[AskSet], Awaitable[SetAnswer]]], Composes]


class SessionActor(Actor):
    """Takes one message at a time and has it answered by the composer."""

    def __init__(self, context: ActorContext, *, composer_for: ComposerFor, records: Records) -> None:
        super().__init__(context)
        self._composer_for = composer_for
        self._records = records
        self._held: Holder | None = None  # as it was committed; None: not read yet

    @handles(Say)
    async def say(self, turn: Turn, message: Say) -> None:
        if not await self._answers(turn, message, message.text):
            return
        context = message.context
        if context is None:
            context = await self._recent(message.conversation_id, audience_of(turn.principal))
        composer = self._composer(turn)
        answer = await composer.compose(
            message.text,
            context=context,
            as_of=message.as_of,
            manner=message.manner,
            patient=_patient(turn),
            emit=turn.emit,
        )
        self._heard(turn, message, message.text, message.customer)
        self._reply(turn, message, answer)

    @handles(Hear)
    async def hear(self, turn: Turn, message: Hear) -> None:
        """A message over a channel. A correction, a reaction or a withdrawal is a line of the history and no more."""
        line = line_of(message.content, message.text, message.attachments)
        if not wants_answer(message.content):
            self._heard(turn, message, line, message.customer)
            return
        if not await self._answers(turn, message, line):
            return
        if message.text.strip():
            context = await self._recent(message.conversation_id, audience_of(turn.principal))
            answer = await self._composer(turn).compose(
                message.text, context=context, patient=_patient(turn), emit=turn.emit
            )
        else:
            answer = Answer(status=Status.CLARIFY, text=acknowledged(message.attachments))
        self._heard(turn, message, line, message.customer)
        self._reply(turn, message, answer)

    def _composer(self, turn: Turn) -> Composes:
        reader = audience_of(turn.principal)

        async def search(body: Search) -> Found:
            found: Found = await turn.ask("retrieval", body)
            return found

        async def ask_set(body: AskSet) -> SetAnswer:
            if reader is not Audience.STAFF:
                return SetAnswer(planned=False)  # it would list the business's customers
            answer: SetAnswer = await turn.ask("retrieval", body)
            return answer

        return self._composer_for(search, ask_set)

    @handles(Note)
    async def note(self, turn: Turn, message: Note) -> None:
        """The assistant says something that nobody has asked for just now."""
        answer = Answer(status=Status.ANSWERED, text=message.text)
        turn.effect(TouchConversation(conversation_id=message.conversation_id, channel=message.channel))
        self._reply(turn, message, answer)

    @handles(Remind)
    async def remind(self, turn: Turn, message: Remind) -> ReminderSet:
        turn.principal.require(Role.OWNER, Role.STAFF)
        schedule = Schedule(at=message.at, cron=message.cron, timezone=message.timezone)
        said = Note if message.kind is Reminding.NOTE else Say
        turn.effect(
            SetReminder(
                name=message.name,
                schedule=schedule,
                body=said(text=message.message, conversation_id=message.conversation_id, channel=message.channel),
                reminder_id=message.reminder_id,
            )
        )
        return ReminderSet(reminder_id=message.reminder_id, next_at=schedule.first(self.context.clock.now()))

    @handles(CancelRemind)
    async def cancel_remind(self, turn: Turn, message: CancelRemind) -> ReminderCancelled:
        turn.principal.require(Role.OWNER, Role.STAFF)
        mine = (turn.envelope.to.kind, self.context.id.key, message.name)
        if all((known.kind, known.actor_key, known.name) != mine for known in await self._records.reminders()):
            raise NotFound(
                f"This conversation has no reminder {message.name[:80]!r}.", do="GET /v1/reminders lists them."
            )
        turn.effect(CancelReminder(name=message.name))
        return ReminderCancelled(name=message.name)

    @handles(PersonSays)
    async def person_says(self, turn: Turn, message: PersonSays) -> None:
        """Goes to where the customer's last message came from, and nowhere else. Raises NotFound."""
        turn.principal.require(Role.OWNER, Role.STAFF)
        conversation = await self._records.conversation(message.conversation_id)
        turn.effect(AppendHistory(conversation_id=message.conversation_id, author="person", text=message.text))
        turn.effect(
            SendOut(
                conversation_id=message.conversation_id,
                channel=conversation.channel,
                body={"text": message.text, "message_ids": [turn.message_id], **conversation.reply_to},
                delivered=conversation.channel in PULLED,
            )
        )
        self._hold(turn, message.conversation_id, when_person_writes(Holder(conversation.state)))

    @handles(HandOver)
    async def hand_over(self, turn: Turn, message: HandOver) -> HandedOver:
        """Raises Forbidden where a customer asks for anything but a person, and NotFound."""
        customer = audience_of(turn.principal) is not Audience.STAFF
        if customer and message.to is not Holder.HUMAN:
            raise Forbidden("A customer can only ask for a person.", do="Use the tenant's API key.")
        if customer:
            turn.effect(TouchConversation(conversation_id=message.conversation_id, channel=message.channel))
        else:
            await self._records.conversation(message.conversation_id)
        self._hold(turn, message.conversation_id, message.to, waiting=customer)
        return HandedOver(holder=message.to)

    async def _answers(self, turn: Turn, message: Say | Hear, line: str) -> bool:
        """Whether the assistant is to answer; where not, the turn is complete."""
        held = await self._holder(message.conversation_id)
        now = when_customer_writes(held)
        if now is Holder.HUMAN:
            self._heard(turn, message, line, message.customer, Answer(status=Status.HANDOFF, text=""))
            self._hold(turn, message.conversation_id, now, waiting=True)
            return False
        if audience_of(turn.principal) is not Audience.STAFF and person_wanted(message.text):
            self._heard(turn, message, line, message.customer)
            self._reply(turn, message, Answer(status=Status.HANDOFF, text=PASSED_ON))
            self._hold(turn, message.conversation_id, Holder.HUMAN, waiting=True)
            return False
        if now is not held:
            self._hold(turn, message.conversation_id, now)
        return True

    async def _holder(self, conversation_id: str) -> Holder:
        if self._held is None:
            try:
                self._held = Holder((await self._records.conversation(conversation_id)).state)
            except NotFound:
                self._held = Holder.ASSISTANT
        return self._held

    def _hold(self, turn: Turn, conversation_id: str, holder: Holder, *, waiting: bool = False) -> None:
        turn.effect(HoldConversation(conversation_id=conversation_id, state=holder, waiting=waiting))
        self._held = None  # until it is committed nobody knows which; the next turn reads it

    def _heard(
        self, turn: Turn, message: Say | Hear, line: str, customer: Customer | None, answer: Answer | None = None
    ) -> None:
        """``answer``: what those who watch are told, of a message that is not replied to."""
        turn.effect(
            TouchConversation(
                conversation_id=message.conversation_id,
                channel=message.channel,
                customer_id=customer.id if customer else "",
                customer_name=customer.name if customer else "",
                reply_to=_address(message),
            )
        )
        done = None if answer is None else self._done(turn, message, answer)
        turn.effect(AppendHistory(conversation_id=message.conversation_id, author="customer", text=line, answer=done))
        if done is not None:
            turn.announce("done", done)

    def _done(self, turn: Turn, message: Say | Hear | Note, answer: Answer) -> dict[str, object]:
        done = done_data(answer, message.conversation_id, turn.message_id)
        done[_TOLD_TO] = str(audience_of(turn.principal))
        return done

    def _reply(self, turn: Turn, message: Say | Hear | Note, answer: Answer) -> None:
        done = self._done(turn, message, answer)
        answer_with(turn, done, conversation_id=message.conversation_id, text=answer.text)
        bound = _address(message)
        if bound:
            bound["citations"] = [asdict(citation) for citation in answer.citations]
        turn.effect(
            SendOut(
                conversation_id=message.conversation_id,
                channel=message.channel,
                body={"text": answer.text, "message_ids": [turn.message_id], **bound},
                delivered=message.channel in PULLED,
                draft=isinstance(message, Hear) and message.held,
            )
        )

    async def _recent(self, conversation_id: str, reader: Audience) -> Lines:
        """The conversation's last lines, oldest first; for a customer, those that were said to customers."""
        lines = await self._records.history(conversation_id, limit=CONTEXT_LINES)
        if reader is not Audience.STAFF:
            told = {line.message_id for line in lines if (line.answer or {}).get(_TOLD_TO) == Audience.PUBLIC}
            lines = [line for line in lines if line.message_id in told or line.author == "person"]
        return tuple(("user" if line.author == "customer" else "assistant", line.text) for line in lines)


def _address(message: Say | Hear | Note) -> dict[str, object]:
    """Where an answer goes: back to where the message came from. Empty where its reader fetches it."""
    if not isinstance(message, Hear):
        return {}
    return {"channel_id": message.channel_id, "reply_to": dict(message.reply_to)}


def _patient(turn: Turn) -> bool:
    return turn.attempt < PATIENT_TRIES


def done_data(answer: Answer, conversation_id: str, message_id: str) -> dict[str, object]:
    """The ``done`` event's data: the whole answer, as it is also kept in the history."""
    return {
        "status": str(answer.status),
        "answer": answer.text,
        "citations": [asdict(citation) for citation in answer.citations],
        "conversation_id": conversation_id,
        "message_id": message_id,
    }
