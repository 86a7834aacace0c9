"""What must hold when everything has come to rest, read from the store; the bounds, looked at all the time; and that
nothing is kept in memory when nothing is left to do."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from simulation.players import FIRING
from simulation.script import Script
from simulation.senders import Post
from simulation.store import Database

from runtime import streams
from runtime.activation import Activation
from runtime.cell import Cell
from runtime.outbox import HELD
from runtime.tenant import TenantSupervisor

SHORT_S = 10.0  # actors that sleep sooner than this are gone when everything has come to rest
SLACK_S = 0.5  # a turn that is interrupted at its deadline ends within this


def unfinished(database: Database) -> int:
    """Messages without an outcome, reminders that are still to come, and replies that are not sent."""
    counted = ("inbox WHERE state = 'pending'", "reminders", "outbox WHERE state IN ('queued', 'sending')")
    return sum(int(database.rows(f"SELECT count(*) FROM {what}")[0][0]) for what in counted)


def verdict(post: Post) -> list[str]:
    """Every promise that the store says was broken."""
    database = post.database
    breaches = list(post.bench.watch.broken)
    rows = database.rows("SELECT tenant_id, message_id, state, turn_id FROM inbox")
    found = {(tenant, message): (state, turn) for tenant, message, state, turn in rows}
    marks = database.rows("SELECT tenant_id, message_id, turn_id, ended_late_s, actor_key FROM simulated_effects")
    count = Counter((tenant, message) for tenant, message, *_ in marks)
    dead = set(database.rows("SELECT tenant_id, message_id FROM dead_letters"))

    for key in post.acknowledged:
        if key not in found:
            breaches.append(f"{key[1]} was acknowledged and is lost")
    for key, (state, turn) in found.items():
        if state == "pending":
            breaches.append(f"{key[1]} is still pending")
        if count[key] != (state == "done"):
            breaches.append(f"{key[1]} is {state} and has {count[key]} effects")
        if (key in dead) != (state == "dead"):
            breaches.append(f"{key[1]} is {state} and {'a' if key in dead else 'no'} dead letter")
        turns = {mark[2] for mark in marks if mark[:2] == key}
        if state == "done" and turns != {turn}:
            breaches.append(f"{key[1]} was closed by turn {turn}, its effects are of {turns}")
    for key, number in count.items():
        if number > 1 and not key[1].startswith("ask_"):  # a question that arrives twice is answered twice
            breaches.append(f"{key[1]} has {number} effects")
    for _, message, _, late, actor in marks:
        if actor == "must not be stored":
            breaches.append(f"an effect of a failed turn of {message} is stored")
        if late > SLACK_S:
            breaches.append(f"{message} was done {late:.1f} s after its deadline")
    return breaches + _disorder(database) + _reminders(database) + _replies(database)


def _reminders(database: Database) -> list[str]:
    """A reminder is set by a turn that is done and by no other, and it comes once."""
    breaches = []
    rows = [(json.loads(body)[1], state) for body, state in database.rows("SELECT body, state FROM inbox")]
    fired = Counter(body["number"] for body, _ in rows)
    for body, state in rows:
        set_ = state == "done" and body["steps"][-1] == "remind"
        if fired[FIRING + body["number"]] != set_:
            number = fired[FIRING + body["number"]]
            breaches.append(f"msg_{body['number']} is {state} and its reminder came {number} times")
    return breaches


def _replies(database: Database) -> list[str]:
    """A turn that is done and replies has one row in the outbox; no other turn has any."""
    queued = Counter(turn for (turn,) in database.rows("SELECT turn_id FROM outbox"))
    expected = Counter[str]()
    for body, state, turn in database.rows("SELECT body, state, turn_id FROM inbox"):
        if state == "done" and json.loads(body)[1]["steps"][-1] == "reply":
            expected[turn] += 1
    return [] if queued == expected else [f"the outbox has the turns {queued - expected}, misses {expected - queued}"]


def _disorder(database: Database) -> list[str]:
    """Effects of one sender at one actor that are not in the order in which its messages were accepted."""
    rows = database.rows(
        "SELECT i.tenant_id, i.actor_key, i.sender, i.message_id, min(e.seq) FROM inbox i JOIN simulated_effects e"
        " ON e.tenant_id = i.tenant_id AND e.message_id = i.message_id"
        " WHERE i.body LIKE '[\"Play\"%' GROUP BY i.seq ORDER BY i.seq"
    )
    breaches, last = [], {}
    for tenant, actor, sender, message, effect in rows:
        before, at = last.get((tenant, actor, sender), ("", 0))
        if effect < at:
            breaches.append(f"{message} of {sender} was accepted after {before} and done before it")
        else:
            last[tenant, actor, sender] = (message, effect)
    return breaches


def bounds(cell: Cell, script: Script) -> list[str]:
    """What is kept in memory is within its bounds. Looks inside, because nobody outside can see."""
    breaches = []
    for tenant, supervisor in cell._tenancies.held.items():
        for key, activation in supervisor.roster._actors.items():
            mailbox = activation.mailbox
            if not 0 <= mailbox._reserved + len(mailbox) <= script.limits.mailbox_capacity:
                breaches.append(f"the mailbox of {tenant}/{key} holds {len(mailbox)} + {mailbox._reserved}")
            if mailbox._running_readers > script.limits.read_only_concurrency:
                breaches.append(f"{tenant}/{key} runs {mailbox._running_readers} readers")
        sending = supervisor._outbox
        if len(sending._calls) > script.limits.sends:
            breaches.append(f"{len(sending._calls)} calls of {tenant} run at once")
        if len(sending._held) > HELD * script.limits.sends + script.limits.sends:
            breaches.append(f"{len(sending._held)} rows of {tenant} are held")
        waiting, room = [each.mailbox for each in supervisor.roster._actors.values()], supervisor.roster._room.taken
        number = sum(len(mailbox) + mailbox._reserved for mailbox in waiting)
        if number != room and not supervisor._stopping:  # its actors leave the roster before what they hold is let go
            breaches.append(f"{number} messages wait for {tenant}, in its room are {room}")
        if room > script.limits.tenant_capacity:
            breaches.append(f"more than {script.limits.tenant_capacity} messages wait for {tenant}")
    if cell._turns._used > script.limits.shared_turns:
        breaches.append(f"{cell._turns._used} turns hold shared places")
    kept = cell._streams
    open_ = sum(not stream.finished for stream in kept._streams.values())
    if len(kept._streams) > streams.KEPT + open_:
        breaches.append(f"{len(kept._streams)} streams are kept, {open_} are open")
    whole = sum(stream.finished and len(stream._events) > 1 for stream in kept._streams.values())
    if whole > streams.WHOLE:
        breaches.append(f"{whole} streams that have ended are kept whole")
    if not kept._whole.keys() <= kept._finished.keys() <= kept._streams.keys():
        breaches.append("what is kept of streams is not of one piece")
    if any(len(stream._events) > streams.RING for stream in kept._streams.values()):
        breaches.append("a stream is longer than its ring")
    return breaches


def left_over(cell: Cell, once: Iterable[TenantSupervisor], script: Script) -> list[str]:
    """What is still kept in memory of messages and actors, though nothing is left to do. ``once``: the supervisors that
    the cell has had. Looks inside, as ``bounds`` does."""
    found = {"shared places": cell._turns._used, "tenants in line": len(cell._turns._lining)}
    for supervisor in once:
        of = f"of {supervisor.lease.tenant} under epoch {supervisor.lease.epoch}"
        found[f"places in the room {of}"] = supervisor.roster._room.taken
        found[f"turns {of}"] = supervisor.share.running + supervisor.share.waiting
        found[f"deadlines {of}"] = len(supervisor.deadlines._slots)
        if supervisor not in cell._tenancies.held.values():
            found[f"actors {of}, which is over,"] = sum(map(_awake, supervisor.roster._actors.values()))
            continue
        if script.idle_s <= SHORT_S:
            found[f"actors {of}"] = len(supervisor.roster._actors)
        backlog, sending = supervisor._backlog, supervisor._outbox
        found[f"held messages {of}"] = len(backlog._held)
        found[f"waiting messages {of}"] = sum(map(len, backlog._waiting.values())) + backlog._waiting_for.total()
        found[f"actors that are behind {of}"] = len(backlog._behind)
        found[f"doubtful commits {of}"] = backlog.doubts
        found[f"replies {of}"] = len(sending._held) + len(sending._calls) + len(sending._settled)
        found[f"doubtful calls {of}"] = len(sending._doubts._doubts) + len(sending._doubts._asks)
    open_ = sum(not stream.finished for stream in cell._streams._streams.values())
    found["streams without an end"] = open_
    return [f"{number} {what} are left" for what, number in found.items() if number]


def _awake(activation: Activation) -> bool:
    return activation._actor is not None or activation._waking is not None or bool(activation.tasks)
