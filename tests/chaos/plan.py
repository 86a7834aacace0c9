"""What is struck next, how, and at which moment: drawn from a seed, within what the restart policy allows. Pure."""

from __future__ import annotations

import random
from collections import defaultdict, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cluster.embedded.policy import RestartPolicy

LEASE_S = 15.0  # runtime.limits: a cell that is frozen for longer has lost its tenants to whoever wants them


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """A process by its readable name. Those with the same ``bound`` share one restart intensity."""

    name: str
    weight: int
    bound: str = ""


VICTIMS = (
    Victim(name="cell", weight=20),
    Victim(name="gateway replica", weight=12),
    Victim(name="models replica", weight=8),
    Victim(name="ingest worker", weight=12),
    Victim(name="document parser", weight=2),
    Victim(name="graph store", weight=8, bound="graph store"),
    Victim(name="vector store", weight=8, bound="vector store"),
    Victim(name="haproxy", weight=5),
    Victim(name="serve proxy manager", weight=5),
    Victim(name="serve controller", weight=5),
    Victim(name="serve fallback proxy", weight=2),
    Victim(name="ray gcs", weight=8, bound="ray"),
    Victim(name="raylet", weight=5, bound="ray"),
    Victim(name="ray agent", weight=1, bound="ray"),  # the raylet ends itself with it
    Victim(name="ray runtime env agent", weight=1, bound="ray"),
    Victim(name="up", weight=2),  # its operator's supervisor starts it again
)
DATABASE = Victim(name="database server", weight=5)  # one of its backends: it restarts itself
PAUSE = "cell, paused"
PAUSE_LONG = "cell, paused beyond its lease"


def bound(name: str) -> str:
    """Whose restart intensity that victim counts for, if any."""
    return next((victim.bound for victim in VICTIMS if victim.name == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """``pause_s`` 0 is a kill -9, else SIGSTOP for so long. ``in_flight``: not before a turn runs. ``after_s``: how
    much later than that. ``patient``: not before what was struck last is back."""

    victim: str
    which: int = 0  # of several processes by that name
    pause_s: float = 0.0
    in_flight: bool
    after_s: float
    patient: bool

    @property
    def name(self) -> str:
        """What the report calls it."""
        if not self.pause_s:
            return self.victim
        return PAUSE_LONG if self.pause_s > LEASE_S else PAUSE


class Plan:
    """Blows without end. The same seed and the same processes there draw the same ones."""

    def __init__(self, seed: int, victims: Sequence[Victim], policy: RestartPolicy, *, several_cells: bool) -> None:
        self._random = random.Random(f"blows {seed}")
        self._victims = victims
        self._most = policy.most - 1  # one less than is allowed: an innocent death must not be the last straw
        self._within_s = policy.within_s
        self._struck: Mapping[str, deque[float]] = defaultdict(lambda: deque(maxlen=64))
        self._several_cells = several_cells

    def next(self, there: Collection[str], now: float) -> Blow | None:
        """A blow at one of the processes that are ``there``; None where none of them may be struck now."""
        allowed = [victim for victim in self._victims if victim.name in there and self._within_bound(victim, now)]
        if not allowed:
            return None
        victim = self._random.choices(allowed, [victim.weight for victim in allowed])[0]
        return Blow(
            victim=victim.name,
            which=self._random.randrange(12),
            pause_s=self._pause() if victim.name == "cell" and self._random.random() < 0.35 else 0.0,
            in_flight=self._random.random() < 0.8,
            after_s=self._random.choice((0.0, self._random.uniform(0, 0.1), self._random.uniform(0, 3))),
            patient=self._random.random() < 0.7,
        )

    def struck(self, name: str, now: float) -> None:
        """Count what died: by us, or in a boot that we broke."""
        for victim in self._victims:
            if victim.name == name and victim.bound:
                self._struck[victim.bound].append(now)

    def _within_bound(self, victim: Victim, now: float) -> bool:
        recent = sum(1 for at in self._struck[victim.bound] if now - at <= self._within_s)
        return not victim.bound or recent < self._most

    def _pause(self) -> float:
        if self._several_cells and self._random.random() < 0.5:
            return self._random.uniform(LEASE_S + 3, LEASE_S + 8)
        return self._random.uniform(0.3, 6)
