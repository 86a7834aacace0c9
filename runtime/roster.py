"""The actors of one tenant that are in memory: made when a message comes, put to sleep when idle, ended together.

Held by tests/unit/runtime/test_cell_turns.py and tests/unit/runtime/test_cell_figures.py.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping

from runtime.activation import Activation, Entry, Owner, refuse
from runtime.actor import Kind
from runtime.address import ActorId
from runtime.clock import Clock
from runtime.errors import Terminal
from runtime.journal import Journal
from runtime.limits import Limits
from runtime.mailbox import Mailbox, Room
from runtime.supervisor import Intensities

MOVING = "The tenant is being moved or stopped."


class Roster:
    """``owner`` is the tenant's supervisor."""

    def __init__(self, owner: Owner, kinds: Mapping[str, Kind], journal: Journal, clock: Clock, limits: Limits) -> None:
        self._owner = owner
        self._kinds = kinds
        self._journal = journal
        self._clock = clock
        self._limits = limits
        self._room = Room(limits.tenant_capacity)
        self._actors: dict[tuple[str, str], Activation] = {}
        self._intensities = Intensities(limit=limits.actor_restarts, window_s=limits.restart_window_s)

    def find(self, kind: str, key: str) -> Activation | None:
        return self._actors.get((kind, key))

    def activation(self, actor_id: ActorId) -> Activation:
        """The actor's, made if it is not in memory. Raises Terminal for a kind that there is not."""
        key = (actor_id.kind, actor_id.key)
        activation = self._actors.get(key)
        if activation is None:
            kind = self._kinds.get(actor_id.kind)
            if kind is None:
                raise Terminal(f"There is no actor kind {actor_id.kind!r}.")
            mailbox: Mailbox[Entry] = Mailbox(
                capacity=self._limits.mailbox_capacity, readers=self._limits.read_only_concurrency, room=self._room
            )
            activation = Activation(actor_id, kind, self._owner, self._journal, self._clock, mailbox)
            self._actors[key] = activation
        return activation

    def crashed(self, actor_id: ActorId) -> bool:
        """Count a crash of the actor. False: it crashes too often to be made anew once more."""
        return self._intensities.failed((actor_id.kind, actor_id.key), self._clock.monotonic())

    def any_expired(self, now: float) -> bool:
        """Whether an actor has been idle for its kind's time."""
        return any(activation.expired(now) for activation in self._actors.values())

    async def passivate_idle(self, now: float) -> None:
        """Free the memory of actors that have been idle for their kind's time."""
        for key, activation in list(self._actors.items()):
            if activation.expired(now):
                await activation.passivate()
                if activation.mailbox.idle and self._actors.get(key) is activation:
                    del self._actors[key]
        self._intensities.forget_calm(now)

    async def stop(self, *, grace_s: float) -> None:
        """End running turns and put every actor to sleep. What had not started is let go of; questions from outside are
        refused, those of turns that still run are answered."""
        for activation in self._actors.values():
            for entry in activation.mailbox.clear(keep=lambda entry: entry.sibling):
                refuse(entry, MOVING)
        loop = asyncio.get_running_loop()
        until = loop.time() + grace_s
        while running := [task for activation in self._actors.values() for task in activation.tasks]:
            if loop.time() >= until:
                break
            await asyncio.wait(running, timeout=until - loop.time(), return_when=asyncio.FIRST_COMPLETED)
        actors, self._actors = list(self._actors.values()), {}
        await asyncio.gather(*(activation.stop() for activation in actors))
        for activation in actors:
            for entry in activation.mailbox.clear():
                refuse(entry, MOVING)

    def numbers(self) -> dict[str, dict[str, int]]:
        """By kind: how many ``actors`` there are, and how many messages are ``waiting`` and ``running``."""
        actors: Counter[str] = Counter()
        waiting: Counter[str] = Counter()
        running: Counter[str] = Counter()
        for (kind, _), activation in self._actors.items():
            actors[kind] += 1
            waiting[kind] += len(activation.mailbox)
            running[kind] += activation.mailbox.running
        return {"actors": dict(actors), "waiting": dict(+waiting), "running": dict(+running)}


def together(rosters: Iterable[Roster]) -> dict[str, dict[str, int]]:
    """The numbers of several tenants: actors, waiting and running → kind → number."""
    numbers: dict[str, Counter[str]] = {}
    for roster in rosters:
        for what, by_kind in roster.numbers().items():
            numbers.setdefault(what, Counter()).update(by_kind)
    return {what: dict(by_kind) for what, by_kind in numbers.items()}
