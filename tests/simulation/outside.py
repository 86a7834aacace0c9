"""The outside world: channels that take messages, over a network that loses and delays, and what has arrived there.

The channel ``told`` can be asked whether it has got a message, ``mute`` cannot tell. A request on its way arrives also
when the process that sent it is dead. Some messages the outside refuses, for now or for good; those it has not got.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from simulation.referee import Bench
from simulation.script import Network, Script
from simulation.store import Database
from simulation.virtual_loop import Process, VirtualLoop

from runtime.channel import Found, Outgoing, Outlet, Resolution
from runtime.errors import Overloaded, Retryable, Terminal

MOST_S = 9.0  # a request has arrived by then, or never will


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message at the outside."""

    tenant: str
    conversation_id: str
    outbox_id: str


class Outside:
    """Everything beyond the channels."""

    def __init__(
        self,
        script: Script,
        loop: VirtualLoop,
        random: Random,
        network: Callable[[], Network],
        bench: Bench,
        database: Database,
    ) -> None:
        """``network`` tells how it is now."""
        self.arrived: list[Arrival] = []
        self.troubled = True
        self.loop = loop
        self.bench = bench
        self.database = database
        self._script = script
        self._random = random
        self._network = network

    def outlets(self, process: Process) -> dict[str, Outlet]:
        """The channels of one process."""
        terms: dict[str, Any] = {
            "retry": self._script.retry,
            "call_s": self._script.call_s,
            "settle_s": MOST_S,
            "concurrency": self._script.calls_of_a_channel,
        }
        return {name: Outlet(channel=SimulatedChannel(name, process, self), **terms) for name in ("told", "mute")}

    def carry(self, what: str, deliver: Callable[[], object]) -> None:
        """Deliver it some time, or never."""
        network, random = self._network(), self._random
        if network.lost and random.random() < network.lost:
            self.bench.count(f"lost {what}")
            return
        delay = random.random() * network.delay_s
        if network.late and random.random() < network.late:
            delay += random.uniform(0.5, MOST_S - 1.0)
        self.loop.in_world_after(delay, deliver)

    def take(self, outgoing: Outgoing) -> str | Exception:
        """A message arrives; what the provider says to that."""
        refused = self._refusal()
        if refused is not None:
            self.bench.count("reply refused", f"{outgoing.outbox_id} {refused!r}")
            return refused
        self.arrived.append(
            Arrival(tenant=outgoing.tenant, conversation_id=outgoing.conversation_id, outbox_id=outgoing.outbox_id)
        )
        flagged = "flagged reply arrived" if outgoing.maybe_duplicate else "reply arrived"
        self.bench.count(flagged, f"{outgoing.outbox_id} {outgoing.conversation_id}")
        return f"p-{outgoing.outbox_id}"

    def find(self, channel: str, outgoing: Outgoing) -> Resolution | Exception:
        if self.troubled and self._random.random() < 0.1:
            return Retryable("It cannot be asked now.")
        found = Found.UNKNOWN
        if channel == "told":
            mine = (outgoing.tenant, outgoing.outbox_id)
            here = any((each.tenant, each.outbox_id) == mine for each in self.arrived)
            found = Found.SENT if here else Found.NOT_SENT
        self.bench.count(f"asked: {found}", outgoing.outbox_id)
        return Resolution(found=found, provider_id=f"p-{outgoing.outbox_id}" if found is Found.SENT else "")

    def _refusal(self) -> Exception | None:
        drawn = self._random.random() if self.troubled else 1.0
        if drawn < 0.08:
            return Retryable("The provider is down.", retry_after=self._random.choice((0.0, 2.0)))
        if drawn < 0.12:
            return Terminal("The number is blocked.")
        if drawn < 0.2:
            return Overloaded("Too many messages.", retry_after=self._random.uniform(0.2, 3.0))
        return None


class SimulatedChannel:
    """One channel as one process has it."""

    def __init__(self, name: str, process: Process, outside: Outside) -> None:
        self._name = name
        self._process = process
        self._outside = outside

    async def send(self, outgoing: Outgoing) -> str:
        outside = self._outside
        who = f"{self._process.name} {outgoing.outbox_id}"
        outside.bench.count("call", f"{who} try {outgoing.attempt}")
        told = "SELECT state, attempts, maybe_duplicate FROM outbox WHERE tenant_id = ? AND outbox_id = ?"
        row = outside.database.rows(told, outgoing.tenant, outgoing.outbox_id)
        if row != [("sending", outgoing.attempt, int(outgoing.maybe_duplicate))]:
            outside.bench.breach(f"{who} is called as try {outgoing.attempt} while its row says {row}")
        answer: str = await self._ask("call", lambda: outside.take(outgoing))
        return answer

    async def resolve(self, outgoing: Outgoing) -> Resolution:
        answer: Resolution = await self._ask("question", lambda: self._outside.find(self._name, outgoing))
        return answer

    async def _ask(self, what: str, handle: Callable[[], Any]) -> Any:
        outside = self._outside
        answered = outside.loop.create_future()

        def arrive() -> None:
            answer = handle()
            outside.carry(f"answer to a {what}", lambda: answered.done() or answered.set_result(answer))

        outside.carry(what, arrive)
        answer = await answered
        if isinstance(answer, Exception):
            raise answer
        return answer


def verdict(outside: Outside) -> list[str]:
    """What the outside has got must be what the outbox says, in its order, and nothing twice that is not flagged."""
    rows = outside.database.rows(
        "SELECT o.tenant_id, o.outbox_id, o.seq, o.state, o.maybe_duplicate, d.seq IS NOT NULL FROM outbox o"
        " LEFT JOIN dead_letters d ON d.tenant_id = o.tenant_id AND d.message_id = o.outbox_id AND d.kind = 'outbox'"
    )
    breaches, order = [], {(tenant, outbox_id): seq for tenant, outbox_id, seq, *_ in rows}
    times = Counter((arrival.tenant, arrival.outbox_id) for arrival in outside.arrived)
    for tenant, outbox_id, _, state, flagged, letter in rows:
        number = times[tenant, outbox_id]
        least = 1 if state == "sent" else 0
        most = 2 if flagged else least
        if state not in ("sent", "failed"):
            breaches.append(f"{outbox_id} is still {state}")
        elif not least <= number <= most:
            breaches.append(f"{outbox_id} is {state}{' and flagged' if flagged else ''} and arrived {number} times")
        if bool(letter) != (state == "failed"):
            breaches.append(f"{outbox_id} is {state} and has {'a' if letter else 'no'} dead letter")
    last: dict[tuple[str, str], int] = {}
    for arrival in outside.arrived:
        seq = order.get((arrival.tenant, arrival.outbox_id))
        conversation = (arrival.tenant, arrival.conversation_id)
        if seq is None:
            breaches.append(f"{arrival.outbox_id} arrived and is in no outbox")
        elif seq < last.get(conversation, 0):
            breaches.append(f"{arrival.outbox_id} arrived after a later one of {arrival.conversation_id}")
        else:
            last[conversation] = seq
    return breaches
