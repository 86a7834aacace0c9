"""A conversation: a message is one turn, a turn that answers has one reply, all of it committed together."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select
from toys import LIMITS, FakeClock, House, envelope, told, until

from actors.inbound import Attachment, Content
from actors.messages import (
    Answer,
    AskSet,
    CancelRemind,
    Citation,
    Customer,
    Found,
    Hear,
    Manner,
    Note,
    Remind,
    ReminderSet,
    Reminding,
    Say,
    Search,
    SetAnswer,
    Status,
)
from actors.records import JournalRecords
from actors.session import PATIENT_TRIES, Lines, SessionActor
from runtime.actor import Actor, ActorContext, Kind, RetryPolicy, Turn, handles
from runtime.cell import Cell
from runtime.codec import Codec
from runtime.errors import Forbidden, Invalid, NotFound, Retryable
from runtime.journal import Journal
from runtime.message import Envelope
from runtime.principal import Role
from runtime.store.tables import conversations, history, outbox
from runtime.store.wall import ACROSS_TENANTS


class Retrieval(Actor):
    """Finds nothing, quickly."""

    @handles(Search, read_only=True)
    async def search(self, turn: Turn, message: Search) -> Found:
        return Found(results=())

    @handles(AskSet, read_only=True)
    async def ask_set(self, turn: Turn, message: AskSet) -> SetAnswer:
        return SetAnswer(planned=True)


@dataclass
class Echo:
    """A composer that repeats the question and remembers what it was given."""

    asked: list[tuple[str, Lines, str | None]] = field(default_factory=list)
    manners: list[Manner] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    ask_set: Callable[[AskSet], Awaitable[SetAnswer]] | None = None
    planned: list[bool] = field(default_factory=list)
    patience: list[bool] = field(default_factory=list)

    async def compose(
        self,
        question: str,
        *,
        context: Lines = (),
        as_of: str | None = None,
        manner: Manner = Manner(),
        patient: bool = True,
        emit: Callable[[str, dict[str, object]], None] | None = None,
    ) -> Answer:
        self.asked.append((question, tuple(context), as_of))
        self.manners.append(manner)
        self.patience.append(patient)
        if emit is not None:
            emit("token", {"text": question})
        assert self.ask_set is not None
        self.planned.append((await self.ask_set(AskSet(question=question))).planned)
        if self.failures:
            raise self.failures.pop(0)
        citation = Citation(n=1, document_id="d1", chunk_id="c1", quote=question)
        return Answer(status=Status.ANSWERED, text=f"You said {question}. [1]", citations=(citation,))


@dataclass
class Talk:
    cell: Cell
    journal: Journal
    clock: FakeClock
    echo: Echo

    def say(self, text: str, **about: object) -> Envelope:
        fields: dict[str, object] = {"conversation_id": "c1", "channel": "web", **about}
        said = Say(text=text, **fields)  # type: ignore[arg-type]
        return envelope(said, self.clock, kind="session", key=said.conversation_id)

    async def hear(self, text: str, content: Content = Content.TEXT, **about: object) -> Envelope:
        """A customer's message over a channel is accepted."""
        said = Hear(
            text=text,
            conversation_id="telegram-ch_1:5",
            channel="telegram",
            channel_id="ch_1",
            content=content,
            customer=Customer(id="telegram:5", name="Ada"),
            reply_to={"chat_id": "5"},
            **about,  # type: ignore[arg-type]
        )
        message = envelope(said, self.clock, kind="session", key=said.conversation_id)
        customer = replace(message.principal, role=Role.CUSTOMER, identity="telegram:5")
        message = replace(message, principal=customer, sender=said.conversation_id)
        await self.cell.accept([message])
        return message

    def running(self) -> bool:
        return bool(self.cell.status()["tenants"][0]["running"])  # type: ignore[index]

    async def tell(self, text: str, **about: object) -> dict[str, object]:
        message = self.say(text, **about)
        await self.cell.accept([message])
        return dict((await told(self.cell, message.message_id))[-1].data)


@pytest.fixture
async def talk(house: House, journal: Journal, clock: FakeClock) -> AsyncIterator[Talk]:
    echo = Echo()

    def composer(
        search: Callable[[Search], Awaitable[Found]], ask_set: Callable[[AskSet], Awaitable[SetAnswer]]
    ) -> Echo:
        echo.ask_set = ask_set
        return echo

    def session(context: ActorContext) -> SessionActor:
        return SessionActor(context, composer_for=composer, records=JournalRecords(context.tenant, journal))

    cell = Cell(
        "cell-0",
        kinds={
            "session": Kind(actor=SessionActor, make=session, retry=RetryPolicy(tries=8, first_s=1.0)),
            "retrieval": Kind(actor=Retrieval),
        },
        journal=journal,
        codec=Codec([Say, Hear, Note]),
        clock=clock,
        random=random.Random(7),
        limits=LIMITS,
    )
    await cell.start()
    yield Talk(cell, journal, clock, echo)
    await cell.drain()


async def test_an_answer_is_announced_whole_and_kept_in_the_history(talk: Talk) -> None:
    done = await talk.tell("hello")

    assert (done["status"], done["answer"], done["conversation_id"]) == ("answered", "You said hello. [1]", "c1")
    assert done["citations"] == [{"n": 1, "document_id": "d1", "chunk_id": "c1", "quote": "hello", "title": ""}]
    lines = await JournalRecords("acme", talk.journal).history("c1")
    assert [(line.author, line.text) for line in lines] == [("customer", "hello"), ("assistant", "You said hello. [1]")]
    assert lines[1].answer == done


async def test_a_turn_has_exactly_one_reply_delivered_where_the_reader_fetches_it_himself(talk: Talk) -> None:
    await talk.tell("hello")
    await talk.tell("hello", conversation_id="c2", channel="whatsapp")

    rows = await talk.journal.read(
        lambda c: c.execute(select(outbox).order_by(outbox.c.seq)).all(), tenant=ACROSS_TENANTS
    )
    # This cell has no such channel, so its outbox may have given the second one up by now.
    assert [(row.channel, row.state == "sent") for row in rows] == [("web", True), ("whatsapp", False)]


async def test_the_conversation_so_far_is_given_to_the_composer_unless_the_caller_gave_it_whole(talk: Talk) -> None:
    await talk.tell("one")
    await talk.tell("two", as_of="2026-01-31")
    await talk.tell("three", context=(("user", "given"),))

    assert [asked[1] for asked in talk.echo.asked] == [
        (),
        (("user", "one"), ("assistant", "You said one. [1]")),
        (("user", "given"),),
    ]
    assert talk.echo.asked[1][2] == "2026-01-31"


async def test_what_was_said_to_staff_is_no_context_of_a_customers_turn(talk: Talk) -> None:
    for role, text in ((Role.OWNER, "secret"), (Role.CUSTOMER, "one"), (Role.CUSTOMER, "two"), (Role.OWNER, "three")):
        message = talk.say(text)
        await talk.cell.accept([replace(message, principal=replace(message.principal, role=role))])
        await told(talk.cell, message.message_id)

    of_one, of_two, of_three = (asked[1] for asked in talk.echo.asked[1:])
    assert of_one == ()
    assert of_two == (("user", "one"), ("assistant", "You said one. [1]"))
    assert len(of_three) == 6


async def test_the_wanted_manner_survives_the_journal(talk: Talk) -> None:
    manner = Manner(instructions="In rhyme.", max_tokens=50, temperature=0.7)
    await talk.tell("one", manner=manner)
    await talk.tell("two")
    assert talk.echo.manners == [manner, Manner()]


async def test_a_customer_is_noted_with_the_conversation_and_not_forgotten_by_a_message_without_one(talk: Talk) -> None:
    await talk.tell("one", customer=Customer(id="cust_1", name="Ann"))
    await talk.tell("two")

    row = await talk.journal.read(lambda c: c.execute(select(conversations)).one(), tenant=ACROSS_TENANTS)
    assert (row.customer_id, row.customer_name, row.channel) == ("cust_1", "Ann", "web")


async def test_an_answer_that_failed_leaves_nothing_and_is_made_anew(talk: Talk) -> None:
    talk.echo.failures = [Retryable("the model is down")]
    message = talk.say("hello")
    await talk.cell.accept([message])
    reader = talk.cell.events("acme", message.message_id)
    assert (await anext(reader)).event == "token"
    await reader.aclose()
    lines = await talk.journal.read(lambda c: c.execute(select(history.c.text)).all(), tenant=ACROSS_TENANTS)
    assert lines == []
    await until(lambda: not talk.running())
    talk.clock.advance(100)
    events = await told(talk.cell, message.message_id)

    assert [event.event for event in events][-3:] == ["reset", "token", "done"]
    assert len(await JournalRecords("acme", talk.journal).history("c1")) == 2
    assert talk.echo.patience == [True, True]


async def test_a_session_waits_for_what_is_down_a_few_tries_and_then_makes_do_without(talk: Talk) -> None:
    talk.echo.failures = [Retryable("the search is down")] * (PATIENT_TRIES - 1)
    message = talk.say("hello")
    await talk.cell.accept([message])
    for tries in range(1, PATIENT_TRIES):
        await until(lambda tries=tries: len(talk.echo.patience) == tries and not talk.running())  # type: ignore[misc]
        talk.clock.advance(20)
    events = await told(talk.cell, message.message_id)

    assert events[-1].event == "done"
    assert talk.echo.patience == [True] * (PATIENT_TRIES - 1) + [False]


@pytest.mark.parametrize(
    ("role", "planned"),
    [(Role.OWNER, True), (Role.STAFF, True), (Role.CUSTOMER, False), (Role.ANONYMOUS, False)],
)
async def test_only_owners_and_staff_are_told_about_sets_of_customers(talk: Talk, role: Role, planned: bool) -> None:
    message = talk.say("Which customers complained?")
    await talk.cell.accept([replace(message, principal=replace(message.principal, role=role))])
    await told(talk.cell, message.message_id)

    assert talk.echo.planned == [planned]


async def remind(
    talk: Talk, message: str, *, conversation: str = "c1", role: Role = Role.OWNER, **about: object
) -> object:
    fields: dict[str, object] = {"name": "weekly", "channel": "api", "reminder_id": "rem_1", **about}
    body = Remind(message=message, conversation_id=conversation, **fields)  # type: ignore[arg-type]
    asked = envelope(body, talk.clock, kind="session", key=conversation)
    return await talk.cell.ask(replace(asked, principal=replace(asked.principal, role=role)))


async def lines(talk: Talk, number: int, conversation: str = "c1") -> list[tuple[str, str]]:
    """The conversation's lines, once there are so many."""
    records = JournalRecords("acme", talk.journal)
    async with asyncio.timeout(10):
        while len(found := await records.history(conversation)) < number:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return [(line.author, line.text) for line in found]


async def test_a_reminders_question_is_answered_at_its_time_in_its_conversation(talk: Talk) -> None:
    made = await remind(talk, "how are sales?", cron="0 9 * * MON")
    assert isinstance(made, ReminderSet)
    talk.clock.at = made.next_at + 1

    assert await lines(talk, 2) == [("customer", "how are sales?"), ("assistant", "You said how are sales?. [1]")]
    [known] = await JournalRecords("acme", talk.journal).reminders()
    assert (known.name, known.message, known.note, known.actor_key) == ("weekly", "how are sales?", False, "c1")
    assert known.last_at is not None
    assert known.next_at > known.last_at


async def test_a_note_is_said_as_it_stands_and_is_no_context_of_a_customers_turn(talk: Talk) -> None:
    made = await remind(talk, "Call the supplier.", kind=Reminding.NOTE, at=talk.clock.now() + 60)
    assert isinstance(made, ReminderSet)
    talk.clock.advance(61)

    assert await lines(talk, 1) == [("assistant", "Call the supplier.")]
    message = talk.say("hello")
    await talk.cell.accept([replace(message, principal=replace(message.principal, role=Role.CUSTOMER))])
    await told(talk.cell, message.message_id)
    assert talk.echo.asked == [("hello", (), None)]
    assert await JournalRecords("acme", talk.journal).reminders() == []


async def test_only_owners_and_staff_set_reminders_and_only_known_ones_are_cancelled(talk: Talk) -> None:
    with pytest.raises(Forbidden):
        await remind(talk, "x", role=Role.CUSTOMER, at=talk.clock.now() + 60)
    with pytest.raises(Invalid):
        await remind(talk, "x", cron="every day")
    await remind(talk, "x", cron="0 9 * * *")

    async def cancel(name: str, conversation: str) -> object:
        return await talk.cell.ask(envelope(CancelRemind(name=name), talk.clock, kind="session", key=conversation))

    for name, conversation in (("weekly", "c2"), ("daily", "c1")):
        with pytest.raises(NotFound):
            await cancel(name, conversation)
    await cancel("weekly", "c1")
    assert await JournalRecords("acme", talk.journal).reminders() == []


async def test_a_message_over_a_channel_is_answered_to_the_address_that_came_with_it(talk: Talk) -> None:
    message = await talk.hear("Do you ship?")
    await told(talk.cell, message.message_id)

    (row,) = await talk.journal.read(lambda connection: connection.execute(select(outbox)).all(), tenant=ACROSS_TENANTS)
    body = json.loads(row.body)
    assert (row.channel, row.conversation_id) == ("telegram", "telegram-ch_1:5")
    assert (body["channel_id"], body["reply_to"]) == ("ch_1", {"chat_id": "5"})
    assert body["text"] == "You said Do you ship?. [1]"
    assert body["citations"][0]["quote"] == "Do you ship?"


async def test_a_message_without_words_is_acknowledged_and_nothing_is_searched(talk: Talk) -> None:
    message = await talk.hear("", Content.MEDIA, attachments=(Attachment(kind="voice", reference="f"),))
    done = (await told(talk.cell, message.message_id))[-1].data

    assert (done["status"], talk.echo.asked) == ("clarify", [])
    lines = await JournalRecords("acme", talk.journal).history("telegram-ch_1:5")
    assert lines[0].text == "(a voice message)"


async def test_what_nobody_waits_for_is_noted_and_not_answered(talk: Talk) -> None:
    await talk.hear("two cups", Content.EDIT)
    await talk.hear("👍", Content.REACTION)
    last = await talk.hear("And now?")
    await told(talk.cell, last.message_id)

    lines = await JournalRecords("acme", talk.journal).history("telegram-ch_1:5")
    assert [line.text for line in lines if line.author == "customer"] == [
        "(edited) two cups",
        "(reacted) 👍",
        "And now?",
    ]
    assert [question for question, _, _ in talk.echo.asked] == ["And now?"]
    rows = await talk.journal.read(lambda connection: connection.execute(select(outbox)).all(), tenant=ACROSS_TENANTS)
    assert len(rows) == 1
