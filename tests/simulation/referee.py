"""What must never be, checked while it happens: breaches are collected with their time, never raised into the runtime.

Within a process at most one instance of an actor is awake, an exclusive turn is alone, nothing runs on an instance
that was put to sleep, and no turn begins after its message's deadline.
"""

from __future__ import annotations

from collections import Counter
from random import Random

from simulation.players import Player
from simulation.store import Watch
from simulation.virtual_loop import Process, VirtualLoop

from runtime.actor import Turn


class Bench:
    """Where the referees of all processes report to."""

    def __init__(self, loop: VirtualLoop, random: Random, *, waking_fails: float, waking_slow: float) -> None:
        self.loop = loop
        self.random = random
        self.waking_fails = waking_fails
        self.waking_slow = waking_slow
        self.breaches: list[str] = []
        self.tally: Counter[str] = Counter()
        self.trace: list[tuple[float, str]] = []
        self.watch = Watch()
        self._referees: dict[str, ProcessReferee] = {}

    def breach(self, what: str) -> None:
        self.breaches.append(what)
        self.note(f"BREACH: {what}")

    def note(self, what: str) -> None:
        self.trace.append((self.loop.time(), what))

    def count(self, what: str, of: str = "") -> None:
        self.tally[what] += 1
        self.trace.append((self.loop.time(), f"{what} {of}"))

    def referee(self, process: Process) -> ProcessReferee:
        found = self._referees.get(process.name)
        if found is None:
            found = self._referees[process.name] = ProcessReferee(self, process)
        return found


class ProcessReferee:
    """Watches the actors of one process."""

    def __init__(self, bench: Bench, process: Process) -> None:
        self._bench = bench
        self._process = process
        self._running: dict[str, list[tuple[Player, bool]]] = {}
        self._awake: dict[str, Player] = {}
        self._asleep: set[int] = set()
        self._players: list[Player] = []  # kept, so that their ids stay theirs

    def activated(self, player: Player) -> None:
        self._players.append(player)
        key = str(player.context.id)
        if key in self._awake:
            self._breach(player, "wakes while another instance of it is awake")
        self._awake[key] = player
        self._bench.count("activated", self._of(player))

    def asleep(self, player: Player) -> None:
        self._asleep.add(id(player))
        if any(running is player for running, _ in self._running.get(str(player.context.id), ())):
            self._breach(player, "was put to sleep in a turn")
        self._bench.count("passivated", self._of(player))

    def gone(self, player: Player) -> None:
        key = str(player.context.id)
        if self._awake.get(key) is player:
            del self._awake[key]

    def began(self, player: Player, turn: Turn, *, read_only: bool) -> None:
        key = str(player.context.id)
        running = self._running.setdefault(key, [])
        if running and (not read_only or any(not reading for _, reading in running)):
            self._breach(player, "has an exclusive turn beside another turn")
        if id(player) in self._asleep:
            self._breach(player, "has a turn after it was put to sleep")
        if player.context.clock.now() > turn.envelope.deadline:
            self._breach(player, f"begins {turn.message_id} after its deadline")
        running.append((player, read_only))
        self._bench.count("turn" if turn.attempt == 1 else "another try", f"{self._of(player)} {turn.message_id}")

    def ended(self, player: Player, turn: Turn, *, read_only: bool) -> None:
        self._running[str(player.context.id)].remove((player, read_only))

    def moment(self, most_s: float) -> float:
        return self._bench.random.random() * most_s

    def waking_s(self) -> float:
        return self.moment(8.0 if self._bench.random.random() < self._bench.waking_slow else 0.2)

    def waking_fails(self) -> bool:
        return bool(self._bench.waking_fails) and self._bench.random.random() < self._bench.waking_fails

    def _of(self, player: Player) -> str:
        return f"{self._process.name} {player.context.id}"

    def _breach(self, player: Player, what: str) -> None:
        self._bench.breach(f"{self._of(player)} {what}")
