"""Reminders: durable messages that an actor sends to itself, at a time or by a cron expression.

    turn.effect(SetReminder(name="weekly", schedule=Schedule(cron="0 9 * * MON", timezone="Europe/Berlin"), body=...))
    turn.effect(CancelReminder(name="weekly"))

Promises: set and cancelled with the turn, or not at all; kept over restarts, and they wake what sleeps; each firing is
exactly one message in the actor's inbox, because it commits together with the reminder's moving on; what was missed
while nothing ran fires once, not once per missed time. Names are the actor's own: the same name again replaces. Firings
of one reminder are one sender's messages, so one that is tried again holds back the next. Waking is good to the
second or so: upkeep runs once a tick, and the next due time is kept in memory, so nothing is polled.

Held by tests/unit/runtime/test_reminders.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import TypeAlias, TypeVar

import structlog
from sqlalchemy import Connection

from runtime.actor import TurnFacts
from runtime.clock import iso
from runtime.errors import Invalid
from runtime.journal import Journal
from runtime.message import Tier, Trace
from runtime.schedule import Schedule
from runtime.store import inbox, reminders
from runtime.store.inbox import InboxRow
from runtime.store.reminders import ReminderRow

T = TypeVar("T")

Write: TypeAlias = Callable[[Callable[[Connection], int]], Awaitable[int]]

BATCH = 100  # reminders that fire in one transaction; the rest follow in the next tick
MAX_NAME = 128
TTL_S = 900.0
PUZZLED_S = 3_600.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReminder:
    """Effect: ``body`` (a durable message) will be sent to the turn's own actor, as whoever set it.

    ``reminder_id`` makes setting it twice harmless, also after it has fired; "" is a new one. A message that was sent
    may wait ``ttl_s`` for its turn. The turn fails with Conflict where the actor or the tenant has too many.
    """

    name: str
    schedule: Schedule
    body: object
    reminder_id: str = ""
    ttl_s: float = TTL_S
    tier: Tier = Tier.BATCH

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= MAX_NAME or not self.name.isprintable():
            raise Invalid(f"A reminder's name must be 1 to {MAX_NAME} printable characters.")

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        row = ReminderRow(
            tenant=facts.tenant,
            kind=facts.actor.kind,
            actor_key=facts.actor.key,
            name=self.name,
            reminder_id=self.reminder_id or f"rem_{_digest(facts.turn_id, self.name)[:26]}",
            at=self.schedule.at,
            cron=self.schedule.cron,
            timezone=self.schedule.timezone,
            body=facts.encode(self.body),
            principal=json.dumps(asdict(facts.principal)),
            tier=int(self.tier),
            ttl_s=self.ttl_s,
            due_at=self.schedule.first(facts.now),
            created_at=facts.now,
        )
        reminders.put(connection, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelReminder:
    """Effect: the reminder of that name at the turn's own actor is forgotten; none of that name is no failure. What
    it has sent already is on its way."""

    name: str

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        reminders.cancel(connection, facts.tenant, facts.actor.kind, facts.actor.key, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """What is to become of a reminder that is due: the message, and when it comes again (None: it is over).

    ``message`` is None where this version does not understand when it recurs: it is looked at again later.
    """

    reminder: ReminderRow
    message: InboxRow | None
    next_due_at: float | None


def fire(reminder: ReminderRow, now: float) -> Firing:
    """Decide. The message's id is the reminder's with its due time, so that this firing can't be stored twice."""
    try:
        schedule = Schedule(at=reminder.at, cron=reminder.cron, timezone=reminder.timezone)
        next_due_at = schedule.following(now)
    except Invalid as error:  # a time zone that this machine does not know (any more): it must not stop the others
        log.error("reminder.not_understood", tenant=reminder.tenant, name=reminder.name, error=str(error))
        return Firing(reminder=reminder, message=None, next_due_at=now + PUZZLED_S)
    message_id = f"{reminder.reminder_id}.{reminder.due_at:.0f}"
    digest = _digest(reminder.tenant, message_id)
    message = InboxRow(
        tenant=reminder.tenant,
        message_id=message_id,
        kind=reminder.kind,
        actor_key=reminder.actor_key,
        sender=f"reminder/{reminder.name}",
        tier=reminder.tier,
        dedupe_key=message_id,
        body=reminder.body,
        principal=reminder.principal,
        trace=json.dumps(asdict(Trace(trace_id=digest[:32], span_id=digest[32:48]))),
        accepted_at=now,
        deadline=now + reminder.ttl_s,
    )
    return Firing(reminder=reminder, message=message, next_due_at=next_due_at)


class Reminders:
    """One tenant's reminders in the cell that holds its lease: knows when the next one comes, and fires it."""

    __slots__ = ("_journal", "_next_due", "_tenant")

    def __init__(self, tenant: str, journal: Journal) -> None:
        self._tenant = tenant
        self._journal = journal
        self._next_due: float | None = 0.0  # not known yet: the first look tells

    def due(self, now: float) -> bool:
        """Whether it is worth looking: a reminder is due, or something was set or cancelled."""
        return self._next_due is not None and self._next_due <= now

    def changed(self) -> None:
        """A turn has set or cancelled something (or may have)."""
        self._next_due = 0.0

    async def send(self, now: float, write: Write) -> int:
        """Put what is due into the inbox; returns how many messages that are. ``write`` runs under the lease."""
        self._next_due = None
        try:
            rows = await self._read(lambda connection: reminders.due(connection, self._tenant, now, BATCH))
            firings = [fire(row, now) for row in rows]
            sent = await write(lambda connection: _store(connection, firings, now)) if firings else 0
            self._wait(await self._read(lambda connection: reminders.next_due(connection, self._tenant)))
        except BaseException:
            self._wait(now)
            raise
        for firing in firings:
            late = round(now - firing.reminder.due_at, 1)
            again = None if firing.next_due_at is None else iso(firing.next_due_at)
            log.info("reminder.fired", tenant=self._tenant, kind=firing.reminder.kind, late_s=late, next=again)
        return sent

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await self._journal.read(work, tenant=self._tenant)

    def _wait(self, until: float | None) -> None:
        if until is not None:
            self._next_due = until if self._next_due is None else min(self._next_due, until)


def _store(connection: Connection, firings: list[Firing], now: float) -> int:
    sent = 0
    for firing in firings:
        moved = reminders.move_on(connection, firing.reminder, next_due_at=firing.next_due_at, now=now)
        if moved and firing.message is not None:
            inbox.accept(connection, firing.message)
            sent += 1
    return sent


def _digest(*names: str) -> str:
    return hashlib.sha256("\0".join(names).encode()).hexdigest()
