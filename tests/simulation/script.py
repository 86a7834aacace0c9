"""What happens in one run: drawn from the seed before it begins, so that a seed is a whole story.

Who sends what to whom and how its turns go, what the network and the disk do meanwhile, and when which cell is killed,
paused or drained.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from simulation.store import Faults

from runtime.actor import RetryPolicy
from runtime.limits import Limits
from runtime.message import Tier

LAST = ("ok", "ok", "ok", "slow", "ask", "notify", "quick", "remind", "reply", "reply", "reply")
TROUBLES = ("retry", "retry", "crash", "hang", "terminal", "late retry", "refused row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One message that a sender will send. ``steps``: how its turns go, one per try, the last one again and again."""

    number: int
    steps: tuple[str, ...]
    read_only: bool = False
    ttl_s: float = 60.0
    pause_s: float = 0.0  # before it is sent
    at_once: bool = False  # sent without waiting for the former one's receipt
    tries: int = 1_000  # then its sender gives up without having heard
    again: str = ""  # after its receipt it is told once more: under the "same" id or under "another" with its key
    impatient_s: float = 10.0  # how long one call is waited for
    watched: bool = False
    asks: bool = False  # its sender asks a question first


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    name: str
    tenant: str
    actor: str
    tier: Tier
    messages: tuple[Planned, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that is done to a cell at a time. ``steps``: only after it ran so many callbacks from then on."""

    at: float
    what: str  # kill, pause, usurp (paused, and a new incarnation beside it), drain, clock (set), move (a tenant to it)
    cell: str
    steps: int = 0
    for_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Chances per message on the way, and how long one takes at most."""

    lost: float = 0.0
    doubled: float = 0.0
    delay_s: float = 0.01
    late: float = 0.0  # arrives seconds later


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    tenants: tuple[str, ...]
    cells: tuple[str, ...]
    skews: dict[str, float]
    senders: tuple[Sender, ...]
    incidents: tuple[Incident, ...]
    bad_disk: tuple[tuple[float, float, Faults], ...]
    network: Network
    limits: Limits
    retry: RetryPolicy
    turn_limit_s: float
    idle_s: float
    active_s: float
    wandering: float  # chance that a call goes to another cell than the one that answered last
    call_s: float  # a call to a channel is given up after this
    calls_of_a_channel: int  # at once
    waking_fails: float = 0.0
    waking_slow: float = 0.0
    cancelling: float = 0.0  # chance that a cell's caller leaves before the answer
    disk: Faults = field(default_factory=Faults)


def draw(random: Random) -> Script:
    """The story of one seed."""
    active_s = random.uniform(6.0, 25.0)
    tenants = tuple(f"t{n}" for n in range(random.choice((1, 1, 2, 2, 3))))
    cells = tuple(f"cell-{n}" for n in range(random.choice((1, 1, 1, 2, 2, 3))))
    calm = random.random() < 0.1
    # Some stories are about one thing: actors that wake long after whoever woke them has left, and sleep at once.
    drowsy = random.random() < 0.15
    return Script(
        tenants=tenants,
        cells=cells,
        skews={cell: random.choice((0.0, random.uniform(-6.0, 6.0))) for cell in cells},
        senders=_senders(random, tenants, active_s, hurried=0.5 if drowsy else 0.1),
        incidents=() if calm else _incidents(random, cells, active_s),
        bad_disk=() if calm else _bad_disk(random, active_s),
        network=_network(random, calm),
        limits=_limits(random),
        retry=RetryPolicy(tries=random.randint(2, 4), first_s=random.uniform(0.3, 4.0)),
        turn_limit_s=8.0 if drowsy else random.uniform(2.0, 8.0),
        idle_s=0.5 if drowsy else random.choice((0.5, 2.0, 10.0, 300.0)),
        active_s=active_s,
        wandering=random.choice((0.0, 0.1, 0.3)) if len(cells) > 1 else 0.0,
        call_s=random.uniform(1.0, 4.0),
        calls_of_a_channel=random.choice((1, 2, 16)),
        waking_fails=random.choice((0.0, 0.0, 0.1)),
        waking_slow=0.6 if drowsy else random.choice((0.0, 0.0, 0.4)),
        cancelling=random.choice((0.0, 0.0, 0.05, 0.2)),
        disk=Faults(delay_s=random.choice((0.0005, 0.004, 0.05))),
    )


def _senders(random: Random, tenants: tuple[str, ...], active_s: float, *, hurried: float) -> tuple[Sender, ...]:
    """``hurried``: the chance that a message has little time."""
    senders, number = [], 0
    for index in range(random.randint(2, 5)):
        amount = random.randint(2, 8)
        pause_s = random.choice((0.05, active_s / amount))
        trouble, troubles = random.choice((0.05, 0.2, 0.5)), TROUBLES
        if random.random() < 0.1:
            trouble, troubles = 0.9, ("crash",)  # a bug in an actor, met again and again
        messages = []
        for _ in range(amount):
            ttl_s = random.uniform(0.3, 4.0) if random.random() < hurried else random.uniform(20.0, 90.0)
            messages.append(_message(random, number, trouble, troubles, pause_s, ttl_s))
            number += 1
        senders.append(
            Sender(
                name=f"s{index}",
                tenant=random.choice(tenants),
                actor=random.choice(("a", "a", "b")),
                tier=random.choice(list(Tier)),
                messages=tuple(messages),
            )
        )
    return tuple(senders)


def _message(
    random: Random, number: int, trouble: float, troubles: tuple[str, ...], pause_s: float, ttl_s: float
) -> Planned:
    steps = []
    while random.random() < trouble and len(steps) < 5:
        steps.append(random.choice(troubles))
    steps.append(random.choice(LAST))
    return Planned(
        number=number,
        steps=tuple(steps),
        read_only=random.random() < 0.1,
        ttl_s=ttl_s,
        pause_s=random.random() * pause_s,
        at_once=random.random() < 0.2,
        tries=random.choice((1, 2, 4)) if random.random() < 0.15 else 1_000,
        again=random.choice(("same", "another")) if random.random() < 0.15 else "",
        impatient_s=random.uniform(0.01, 0.3) if random.random() < 0.1 else random.uniform(2.0, 10.0),
        watched=random.random() < 0.2,
        asks=random.random() < 0.1,
    )


def _incidents(random: Random, cells: tuple[str, ...], active_s: float) -> tuple[Incident, ...]:
    found = []
    for _ in range(random.choice((0, 1, 2, 3, 5))):
        what = random.choice(("kill", "kill", "kill", "pause", "usurp", "drain", "clock", "move"))
        found.append(
            Incident(
                at=random.uniform(0.2, active_s),
                what=what,
                cell=random.choice(cells),
                steps=random.choice((0, random.randint(1, 60), random.randint(1, 400))),
                for_s=random.choice((random.uniform(0.1, 2.0), random.uniform(2.0, 25.0))),
            )
        )
    return tuple(sorted(found, key=lambda incident: incident.at))


def _bad_disk(random: Random, active_s: float) -> tuple[tuple[float, float, Faults], ...]:
    """Times from, to, and what the disk does then."""
    found = []
    for _ in range(random.choice((0, 0, 1, 2))):
        start = random.uniform(0.0, active_s)
        rate = random.choice((0.05, 0.3, 0.7))
        faults = Faults(
            commit_fails=random.choice((0.0, rate)),
            answer_lost=random.choice((0.0, rate / 2)),
            statement_fails=random.choice((0.0, 0.0, rate / 10)),
            slow=random.choice((0.0, 0.0, rate / 2)),
            stalled=random.random() < 0.08,
        )
        found.append((start, start + random.uniform(0.2, 6.0), faults))
    return tuple(sorted(found, key=lambda window: window[0]))


def _network(random: Random, calm: bool) -> Network:
    if calm:
        return Network()
    return Network(
        lost=random.choice((0.0, 0.05, 0.2)),
        doubled=random.choice((0.0, 0.1, 0.3)),
        delay_s=random.choice((0.001, 0.01, 0.3)),
        late=random.choice((0.0, 0.05, 0.25)),
    )


def _limits(random: Random) -> Limits:
    return Limits(
        mailbox_capacity=random.choice((3, 6, 20, 1_000)),
        read_only_concurrency=random.choice((1, 2, 8)),
        actor_restarts=random.choice((2, 5)),
        tenant_restarts=random.choice((2, 3)),
        restart_window_s=random.choice((3.0, 60.0)),
        lease_ttl_s=random.choice((5.0, 10.0, 15.0)),
        tick_s=random.choice((0.5, 1.0, 2.0)),
        drain_s=random.choice((1.0, 20.0)),
        subscription_s=random.choice((2.0, 20.0)),
        sends=random.choice((1, 3, 32)),
        tenant_capacity=random.choice((4, 12, 5_000)),
        own_turns=random.choice((0, 1, 8)),
        shared_turns=random.choice((1, 2, 64)),
        cell_quarantines=random.choice((0, 3)),
        cell_life_s=random.choice((5.0, 60.0)),
        journal_silence_s=random.choice((10.0, 60.0)),
    )
