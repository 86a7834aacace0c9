"""Bugs planted into the runtime, one at a time: mistakes that somebody could make. The simulation must find each.

A bug replaces one function of the runtime for as long as its test runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from runtime import doubts, group_commit, sending
from runtime.activation import Activation, Entry
from runtime.actor import Turn
from runtime.backlog import Backlog
from runtime.cell import Cell
from runtime.group_commit import GroupCommit
from runtime.mailbox import Mailbox
from runtime.message import Envelope, Receipt, Verdict
from runtime.outbox import Outbox
from runtime.store import inbox, leases, outbox
from runtime.store import tables as stored
from runtime.store.inbox import InboxRow
from runtime.store.outbox import OutboxRow
from runtime.streams import Stream
from runtime.tenant import TenantSupervisor
from runtime.turns import Turns

Replaced = tuple[object, str, Any]  # what, its attribute, and what it is instead


def acknowledge_before_commit() -> Replaced:
    accept = TenantSupervisor.accept

    async def hasty(self: TenantSupervisor, envelopes: list[Envelope]) -> list[Receipt]:
        self.__dict__.setdefault("_later", set()).add(asyncio.ensure_future(_quietly(accept(self, envelopes))))
        return [Receipt(verdict=Verdict.ACCEPTED, message_id=envelope.message_id) for envelope in envelopes]

    return TenantSupervisor, "accept", hasty


def no_epoch_check() -> Replaced:
    return group_commit, "check_lease", lambda connection, lease: None


def a_restarted_cell_keeps_its_epoch() -> Replaced:
    acquire = leases.acquire

    def lazy(connection: Connection, tenant: str, cell: str, now: float, ttl_s: float, **rest: Any) -> int:
        row = connection.execute(select(stored.leases).where(stored.leases.c.tenant_id == tenant)).first()
        if row is not None and row.cell == cell:
            return int(row.epoch)
        return acquire(connection, tenant, cell, now, ttl_s, **rest)

    return leases, "acquire", lazy


def a_lost_lease_is_renewed() -> Replaced:
    def renew(connection: Connection, held: Sequence[str], cell: str, now: float, ttl_s: float, **_: object) -> None:
        """Takes back what another cell has taken over, without a new epoch."""
        mine = or_(stored.leases.c.cell == cell, stored.leases.c.expires_at < now + ttl_s)
        connection.execute(update(stored.leases).where(mine).values(cell=cell, expires_at=now + ttl_s))

    return leases, "renew", renew


def no_dedupe() -> Replaced:
    accept = inbox.accept

    def forgetful(connection: Connection, row: InboxRow) -> Receipt:
        return accept(connection, replace(row, dedupe_key=None))

    return inbox, "accept", forgetful


def a_duplicate_is_not_answered_with_the_first_id() -> Replaced:
    accept = inbox.accept

    def vain(connection: Connection, row: InboxRow) -> Receipt:
        return Receipt(verdict=accept(connection, row).verdict, message_id=row.message_id)

    return inbox, "accept", vain


def effects_outside_the_transaction() -> Replaced:
    commit = Activation._commit

    async def loose(self: Activation, entry: Entry, turn: Turn) -> None:
        await commit(self, Entry(entry.envelope, entry.read_only), turn)
        turn.effects = []
        await commit(self, entry, turn)

    return Activation, "_commit", loose


def done_without_effects() -> Replaced:
    commit = Activation._commit

    async def loose(self: Activation, entry: Entry, turn: Turn) -> None:
        effects, turn.effects = turn.effects, []
        await commit(self, entry, turn)
        turn.effects = effects
        await commit(self, Entry(entry.envelope, entry.read_only), turn)

    return Activation, "_commit", loose


def a_failed_work_is_not_rolled_back() -> Replaced:
    def attempt(self: Any, connection: Connection, work: Any) -> Any:
        try:
            self._check(connection, work.lease)
            return work, work.run(connection), None
        except group_commit.OperationalError:
            raise
        except Exception as error:
            return work, None, group_commit.translated(error)

    return group_commit._Inside, "attempt", attempt


def a_mailbox_loses_its_wake_up() -> Replaced:
    pump = Activation._pump

    def sleepy(self: Activation) -> None:
        if asyncio.current_task() not in self._tasks:
            pump(self)

    return Activation, "_pump", sleepy


def a_mailbox_without_a_bound() -> Replaced:
    return Mailbox, "has_room", lambda self, tier: True


def an_exclusive_turn_beside_readers() -> Replaced:
    take = Mailbox.take

    def rude(self: Mailbox[Any]) -> Any:
        readers, self._running_readers = self._running_readers, 0
        try:
            return take(self)
        finally:
            self._running_readers += readers

    return Mailbox, "take", rude


def a_turns_place_is_never_given_back() -> Replaced:
    return Turns, "end", lambda self, share: None


def a_place_that_came_free_is_told_nobody() -> Replaced:
    return Turns, "_hand_out", lambda self: None


def a_retry_lets_later_messages_pass() -> Replaced:
    def put_back(self: TenantSupervisor, row: InboxRow, due_at: float) -> None:
        self._backlog.due_at(due_at)

    return TenantSupervisor, "_put_back", put_back


def retries_are_forgotten_at_recovery() -> Replaced:
    due = inbox.due

    def fresh(*arguments: Any) -> list[InboxRow]:
        return [row for row in due(*arguments) if not row.attempts]

    return inbox, "due", fresh


def recovery_waits_for_a_caller() -> Replaced:
    return inbox, "tenants_with_pending", lambda connection: []


def a_doubtful_commit_is_forgotten() -> Replaced:
    return Backlog, "doubt", lambda self, rows, now: None


def the_deadline_is_ignored() -> Replaced:
    return Turn, "remaining", lambda self: 1_000.0


def a_dead_letter_is_dropped() -> Replaced:
    def drop(connection: Connection, row: InboxRow, *, cause: str, now: float) -> bool:
        mine = (stored.inbox.c.tenant_id == row.tenant) & (stored.inbox.c.message_id == row.message_id)
        connection.execute(update(stored.inbox).where(mine).values(state=inbox.DEAD, error=cause))
        return True

    return inbox, "bury", drop


def an_actor_is_put_to_sleep_in_a_turn() -> Replaced:
    def expired(self: Activation, now: float) -> bool:
        return not self._paused and now - self.last_used >= self._kind.idle_s

    return Activation, "expired", expired


def an_actor_is_forgotten_while_it_wakes() -> Replaced:
    def expired(self: Activation, now: float) -> bool:
        return self.mailbox.idle and not self._paused and now - self.last_used >= self._kind.idle_s

    return Activation, "expired", expired


def a_caller_that_leaves_kills_the_writer() -> Replaced:
    def commit(self: GroupCommit, batch: list[Any]) -> Iterator[Any]:
        works = list(batch)
        while works:
            outcomes = self._transact(works)
            yield outcomes
            settled = {id(work) for work, _, _ in outcomes}
            works = [work for work in works if id(work) not in settled]

    return GroupCommit, "commit", commit


def a_failure_to_store_the_retry_loses_the_message() -> Replaced:
    failed = TenantSupervisor.failed

    async def careless(self: TenantSupervisor, entry: Entry, error: Exception, *, crashed: bool) -> None:
        put_back, self._put_back = self._put_back, lambda row, due_at: None  # type: ignore[method-assign]
        try:
            await failed(self, entry, error, crashed=crashed)
        finally:
            self._put_back = put_back  # type: ignore[method-assign]

    return TenantSupervisor, "failed", careless


def a_drain_leaves_its_upkeep_running() -> Replaced:
    drain = Cell.drain

    async def sloppy(self: Cell) -> None:
        self._upkeep = []
        await drain(self)

    return Cell, "drain", sloppy


def a_new_try_repeats_the_old_numbers() -> Replaced:
    begin = Stream.begin

    def again(self: Stream) -> None:
        begin(self)
        self._next = self._base + 1

    return Stream, "begin", again


def a_call_begins_without_its_mark() -> Replaced:
    claim = outbox.claim

    def unmarked(connection: Connection, tenant: str, **how: Any) -> Any:
        rows, more = claim(connection, tenant, **how)
        mine = stored.outbox.c.seq.in_([row.seq for row in rows])
        later = {"state": outbox.QUEUED, "due_at": how["now"] + 5.0}
        connection.execute(update(stored.outbox).where(mine).values(later))
        return rows, more

    return outbox, "claim", unmarked


def an_unknown_outcome_is_sent_again_without_a_flag() -> Replaced:
    unknown = sending.unknown

    def silent(row: OutboxRow, cause: str, moment: Any) -> Any:
        return replace(unknown(row, cause, moment), maybe_duplicate=False)

    return sending, "unknown", silent


def not_there_is_believed_while_the_call_may_still_arrive() -> Replaced:
    after_asking = sending.after_asking

    def hasty(*told: Any, final: bool) -> Any:
        return after_asking(*told, final=True)

    return doubts, "after_asking", hasty


def a_queued_reply_loses_its_wake_up() -> Replaced:
    return Outbox, "committed", lambda self, now: None


def queued_replies_wait_for_a_caller() -> Replaced:
    return outbox, "tenants_with_unsent", lambda connection: []


def calls_of_a_former_life_are_forgotten() -> Replaced:
    return outbox, "sending", lambda connection, tenant, besides=(): []


def a_reply_passes_one_that_is_tried_again() -> Replaced:
    columns = stored.outbox.c
    due = select(stored.outbox).where(
        columns.tenant_id == bindparam("tenant"),
        columns.state == outbox.QUEUED,
        columns.due_at <= bindparam("now"),
        columns.channel.not_in(bindparam("full", expanding=True)),
    )
    return outbox, "_DUE", due.order_by(columns.seq.desc()).limit(bindparam("most"))


def a_failed_reply_has_no_dead_letter() -> Replaced:
    return outbox, "_bury", lambda connection, tenant, failed, now: None


BUGS: tuple[Callable[[], Replaced], ...] = (
    acknowledge_before_commit,
    no_epoch_check,
    a_restarted_cell_keeps_its_epoch,
    a_lost_lease_is_renewed,
    no_dedupe,
    a_duplicate_is_not_answered_with_the_first_id,
    effects_outside_the_transaction,
    done_without_effects,
    a_failed_work_is_not_rolled_back,
    a_mailbox_loses_its_wake_up,
    a_mailbox_without_a_bound,
    an_exclusive_turn_beside_readers,
    a_turns_place_is_never_given_back,
    a_place_that_came_free_is_told_nobody,
    a_retry_lets_later_messages_pass,
    retries_are_forgotten_at_recovery,
    recovery_waits_for_a_caller,
    a_doubtful_commit_is_forgotten,
    the_deadline_is_ignored,
    a_dead_letter_is_dropped,
    an_actor_is_put_to_sleep_in_a_turn,
    an_actor_is_forgotten_while_it_wakes,
    a_caller_that_leaves_kills_the_writer,
    a_failure_to_store_the_retry_loses_the_message,
    a_drain_leaves_its_upkeep_running,
    a_new_try_repeats_the_old_numbers,
    a_call_begins_without_its_mark,
    an_unknown_outcome_is_sent_again_without_a_flag,
    not_there_is_believed_while_the_call_may_still_arrive,
    a_queued_reply_loses_its_wake_up,
    queued_replies_wait_for_a_caller,
    calls_of_a_former_life_are_forgotten,
    a_reply_passes_one_that_is_tried_again,
    a_failed_reply_has_no_dead_letter,
)


async def _quietly(accepting: Any) -> None:
    try:
        await accepting
    except Exception:
        return
