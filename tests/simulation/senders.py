"""Senders: they tell a cell their messages until they have a receipt, with the same ids, and some watch the answer.

What they are promised is checked as they hear it: an accepted message is in the store, a duplicate is answered with the
first one's id, the events of an answer are numbered upwards and end with ``done``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from random import Random

from simulation.cells import WALL
from simulation.network import Wire
from simulation.players import Peek, Play
from simulation.referee import Bench
from simulation.script import Planned, Script, Sender
from simulation.store import Database

from runtime.address import ActorId
from runtime.cell import Cell
from runtime.errors import Fenced, Moved, Overloaded, RagleapError, Retryable
from runtime.message import Envelope, Receipt, StreamEvent, Trace
from runtime.principal import Principal, Role


@dataclass
class Post:
    """What the senders share."""

    script: Script
    wire: Wire
    bench: Bench
    database: Database
    random: Random
    acknowledged: dict[tuple[str, str], float] = field(default_factory=dict)
    troubled: bool = True
    last: dict[str, str] = field(default_factory=dict)  # tenant → the cell that answered last

    def cell(self, tenant: str) -> str:
        if tenant not in self.last or (self.script.wandering and self.random.random() < self.script.wandering):
            self.last[tenant] = self.random.choice(self.script.cells)
        return self.last[tenant]


class Correspondent:
    """One sender of the script, at work."""

    def __init__(self, sender: Sender, post: Post) -> None:
        self._sender = sender
        self._post = post

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for message in self._sender.messages:
                await asyncio.sleep(message.pause_s)
                sending = group.create_task(self._send(message))
                if not message.at_once:
                    await asyncio.wait([sending])

    async def _send(self, message: Planned) -> None:
        if message.asks:
            await self._ask(message)
        envelope = self._envelope(message)
        if not await self._tell(envelope, message, first=envelope.message_id):
            self._post.bench.count("given up", envelope.message_id)
            return
        if message.again:
            other = "" if message.again == "same" else "_again"
            again = self._envelope(message, suffix=other)
            await self._tell(again, message, first=envelope.message_id)
        if message.watched:
            await self._watch(envelope.message_id, message)

    async def _ask(self, message: Planned) -> None:
        """A question is answered in time, or its asker is told that it is not."""
        bench = self._post.bench
        question = replace(
            self._envelope(message),
            message_id=f"ask_{message.number}",
            body=Peek(number=message.number, steps=("quick",)),
            deadline=WALL + asyncio.get_running_loop().time() + 5.0,
        )
        try:
            answer = await self._post.wire.call(
                self._post.cell(self._sender.tenant), lambda cell: cell.ask(question), patience_s=60.0
            )
        except (Retryable, Overloaded, Fenced):
            bench.count("unanswered question", question.message_id)
        except RagleapError as error:
            bench.breach(f"{question.message_id} was refused: {error!r}")
        else:
            bench.count("answered question", question.message_id)
            if answer != f"played {message.number}":
                bench.breach(f"{question.message_id} was answered {answer!r}")

    async def _tell(self, envelope: Envelope, message: Planned, *, first: str) -> bool:
        """Send until there is a receipt. False: the sender has given up."""
        bench, tenant = self._post.bench, self._sender.tenant
        for _ in range(message.tries):
            cell = self._post.cell(tenant)
            bench.count("sent", f"{envelope.message_id} to {cell}")
            try:
                receipts = await self._post.wire.call(cell, self._accept(envelope), patience_s=message.impatient_s)
            except (Retryable, Overloaded, Fenced) as error:
                bench.count(f"sender heard {type(error).__name__}")
                wait = getattr(error, "retry_after", 0.3)
                if isinstance(error, Moved):
                    self._post.last[tenant] = error.cell
                elif not isinstance(error, Overloaded):
                    self._post.last.pop(tenant, None)
                await asyncio.sleep(min(wait, 2.0) * (0.5 + self._post.random.random()))
            except RagleapError as error:
                bench.breach(f"{envelope.message_id} was refused: {error!r}")
                return False
            else:
                self._check_receipt(receipts, first)
                return True
        return False

    def _accept(self, envelope: Envelope):  # type: ignore[no-untyped-def]
        """The call, some of whose callers leave before it is answered, as a worker of Ray is cancelled."""
        leaves_after = None
        if self._post.troubled and self._post.random.random() < self._post.script.cancelling:
            leaves_after = self._post.random.random() * 0.02

        async def accept(cell: Cell) -> list[Receipt]:
            if leaves_after is None:
                return await cell.accept([envelope])
            task = asyncio.get_running_loop().create_task(cell.accept([envelope]))
            _, waiting = await asyncio.wait([task], timeout=leaves_after)
            if waiting:
                self._post.bench.count("caller left", envelope.message_id)
                task.cancel()
                await asyncio.wait([task])
                raise Retryable("The caller has left.")
            return task.result()

        return accept

    def _check_receipt(self, receipts: list[Receipt], first: str) -> None:
        bench, tenant = self._post.bench, self._sender.tenant
        if len(receipts) != 1 or receipts[0].message_id != first:
            bench.breach(f"the receipt of {first} says {receipts}")
            return
        bench.count(str(receipts[0].verdict), first)
        self._post.acknowledged.setdefault((tenant, first), asyncio.get_running_loop().time())
        known = "SELECT 1 FROM inbox WHERE tenant_id = ? AND message_id = ?"
        if not self._post.database.rows(known, tenant, first):
            bench.breach(f"{first} was acknowledged ({receipts[0].verdict}) and is not in the store")

    async def _watch(self, message_id: str, message: Planned) -> None:
        """Read the answer's events as a reader does that comes back until ``done``."""
        bench, tenant, seen = self._post.bench, self._sender.tenant, 0
        done: StreamEvent | None = None
        while done is None:

            async def read(cell: Cell, after: int = seen) -> list[StreamEvent]:
                return [event async for event in cell.events(tenant, message_id, after_seq=after)]

            try:
                events = await self._post.wire.call(self._post.cell(tenant), read, patience_s=25.0)
            except (Retryable, Overloaded, Fenced):
                self._post.last.pop(tenant, None)
                await asyncio.sleep(0.5 + self._post.random.random())
                continue
            except RagleapError as error:
                bench.breach(f"the answer to {message_id} was refused: {error!r}")
                return
            for event in events:
                if done is not None:
                    bench.breach(f"{message_id} has {event.event} after done")
                if event.seq < seen or (event.seq == seen and event.event != "done"):
                    bench.breach(f"{message_id} has event {event.seq} after {seen}")
                seen = max(seen, event.seq)
                done = event if event.event == "done" else None
        bench.count("watched to its end", message_id)
        state = self._post.database.rows(
            "SELECT state FROM inbox WHERE tenant_id = ? AND message_id = ?", tenant, message_id
        )
        expected = {"answer": message.number} if state == [("done",)] else None
        if state == [("pending",)] or (expected is not None and done.data != expected):
            bench.breach(f"{message_id} is {state} and its watcher was told {dict(done.data)}")

    def _envelope(self, message: Planned, suffix: str = "") -> Envelope:
        sender = self._sender
        body = (Peek if message.read_only else Play)(number=message.number, steps=message.steps, told=message.watched)
        return Envelope(
            message_id=f"msg_{message.number}{suffix}",
            to=ActorId(sender.tenant, "player", sender.actor),
            principal=Principal(tenant=sender.tenant, role=Role.OWNER, identity="k", verified_by="api-key"),
            body=body,
            trace=Trace(trace_id="0" * 31 + "1", span_id="0" * 15 + "1"),
            deadline=WALL + asyncio.get_running_loop().time() + message.ttl_s,
            tier=sender.tier,
            sender=sender.name,
            dedupe_key=f"key_{message.number}" if message.again == "another" else "",
        )
