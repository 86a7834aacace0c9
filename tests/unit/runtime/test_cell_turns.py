"""Turns, supervision and the life of actors within a cell."""

from __future__ import annotations

import asyncio

import pytest
from toys import LIMITS, Forward, House, Look, WakingStage, Write, envelope, rest, told, until, within

from runtime.actor import RetryPolicy
from runtime.cell import Cell
from runtime.errors import (
    DeadlineExceeded,
    Forbidden,
    NotFound,
    Overloaded,
    RagleapError,
    Retryable,
    Terminal,
    Unavailable,
)

# A cell that neither renews its lease nor gives it back while a test lasts.
_HUNG = within(LIMITS, lease_ttl_s=300, drain_s=60)


async def test_a_question_is_answered_with_what_the_handler_returned(house: House) -> None:
    cell = await house.cell()

    assert await cell.ask(envelope(Look(text="x"), house.clock)) == "saw x"


async def test_the_effects_of_a_question_are_committed_before_its_reply(house: House) -> None:
    cell = await house.cell()

    await cell.ask(envelope(Write(text="x"), house.clock))

    assert await house.answers() == ["x"]
    assert await house.states() == {}  # a question itself is not journaled


async def test_read_only_turns_interleave_up_to_their_limit(house: House) -> None:
    house.limits = within(LIMITS, read_only_concurrency=3)
    cell = await house.cell()
    gate = house.stage.hold("x")
    asked = [asyncio.create_task(cell.ask(envelope(Look(text="x"), house.clock))) for _ in range(5)]

    await house.stage.saw("started", "x", times=3)
    await _turn_the_loop()
    assert house.stage.count("started", "x") == 3
    gate.set()

    assert await asyncio.gather(*asked) == ["saw x"] * 5


async def test_an_exclusive_turn_runs_alone(house: House) -> None:
    cell = await house.cell()
    gates = {text: house.stage.hold(text) for text in ("w1", "w2", "r")}
    tasks = [
        asyncio.create_task(cell.ask(envelope(body, house.clock)))
        for body in (Look(text="r"), Write(text="w1"), Look(text="r"), Write(text="w2"))
    ]
    await house.stage.saw("started", "r")
    await _turn_the_loop()
    assert house.stage.texts("started") == ["r"]  # the write waits for the reader, the second reader for the write
    gates["r"].set()
    await house.stage.saw("started", "w1")
    await _turn_the_loop()
    assert house.stage.texts("started") == ["r", "w1"]
    gates["w1"].set()
    gates["w2"].set()
    await asyncio.gather(*tasks)

    assert house.stage.texts("ended") == ["r", "w1", "r", "w2"]


async def test_different_actors_run_beside_each_other(house: House) -> None:
    cell = await house.cell()
    gate = house.stage.hold("slow")
    slow = asyncio.create_task(cell.ask(envelope(Write(text="slow"), house.clock, key="a")))
    await house.stage.saw("started", "slow")

    assert await cell.ask(envelope(Write(text="quick"), house.clock, key="b")) == "wrote quick"
    gate.set()
    await slow


async def test_an_actor_asks_its_sibling(house: House) -> None:
    cell = await house.cell()

    assert await cell.ask(envelope(Forward(text="x"), house.clock)) == "saw x"


async def test_a_question_has_a_deadline(house: House) -> None:
    cell = await house.cell()
    gate = house.stage.hold("x")

    with pytest.raises(DeadlineExceeded):
        await cell.ask(envelope(Look(text="x"), house.clock, deadline_s=0.02))
    with pytest.raises(DeadlineExceeded):
        await cell.ask(envelope(Look(text="y"), house.clock, deadline_s=0))
    gate.set()
    assert house.stage.count("started", "y") == 0


async def test_a_question_that_nobody_waits_for_any_more_is_not_begun(house: House) -> None:
    cell = await house.cell()
    gate = house.stage.hold("slow")
    slow = asyncio.create_task(cell.ask(envelope(Write(text="slow"), house.clock)))
    await house.stage.saw("started", "slow")
    with pytest.raises(DeadlineExceeded):
        await cell.ask(envelope(Write(text="left"), house.clock, deadline_s=0.02))
    gate.set()
    await slow
    await cell.ask(envelope(Look(text="after"), house.clock))

    assert house.stage.count("started", "left") == 0


async def test_a_turn_that_takes_too_long_is_cancelled(house: House) -> None:
    house.turn_limit_s = 0.2
    cell = await house.cell()
    house.stage.hold("x")

    with pytest.raises(DeadlineExceeded, match="turn"):
        await cell.ask(envelope(Write(text="x"), house.clock))
    # On a machine that is slow enough the limit strikes before the turn has come to its gate.
    assert house.stage.count("cancelled", "x") == house.stage.count("started", "x")
    assert house.stage.count("ended", "x") == 0
    assert await cell.ask(envelope(Look(text="y"), house.clock)) == "saw y"


async def test_an_actors_own_error_reaches_the_asker_and_a_crash_is_not_told_in_detail(house: House) -> None:
    cell = await house.cell()
    house.stage.failures["own"] = [Forbidden("not for you")]
    house.stage.failures["crash"] = [RuntimeError("secret detail")]

    with pytest.raises(Forbidden):
        await cell.ask(envelope(Look(text="own"), house.clock))
    with pytest.raises(Retryable) as crash:
        await cell.ask(envelope(Look(text="crash"), house.clock))
    assert "secret" not in str(crash.value)


async def test_what_nobody_can_handle_is_terminal(house: House) -> None:
    cell = await house.cell()

    with pytest.raises(Terminal, match="no actor kind"):
        await cell.ask(envelope(Look(text="x"), house.clock, kind="unknown"))
    with pytest.raises(Terminal, match="takes no"):
        await cell.ask(envelope("just text", house.clock))
    with pytest.raises(Terminal, match="not a durable message"):
        await cell.accept([envelope("just text", house.clock)])
    with pytest.raises(NotFound):
        await cell.ask(envelope(Look(text="x"), house.clock, tenant="nobody"))


async def test_a_crashed_instance_is_not_used_again(house: House) -> None:
    cell = await house.cell()
    house.stage.failures["x"] = [RuntimeError("bug")]
    with pytest.raises(Retryable):
        await cell.ask(envelope(Look(text="x"), house.clock))
    await cell.ask(envelope(Look(text="x"), house.clock))

    assert house.stage.count("activated", "main") == 2


async def test_readers_that_arrive_together_wake_their_actor_once(house: House) -> None:
    cell = await house.cell()
    await asyncio.gather(*(cell.ask(envelope(Look(text="x"), house.clock)) for _ in range(8)))

    assert house.stage.count("waking", "main") == 1


async def test_an_actor_that_could_not_wake_is_woken_again(house: House) -> None:
    stage = _waking(house)
    cell = await house.cell()
    stage.wakings = [Unavailable("the store is away")]
    with pytest.raises(Unavailable):
        await cell.ask(envelope(Look(text="x"), house.clock))

    assert await cell.ask(envelope(Look(text="x"), house.clock)) == "saw x"


async def test_an_instance_that_woke_too_late_for_its_turn_serves_the_next_one_and_is_thrown_away_once(
    house: House,
) -> None:
    stage = _waking(house)
    cell = await house.cell()
    slow = asyncio.Event()
    stage.wakings = [slow]
    with pytest.raises(DeadlineExceeded):
        await cell.ask(envelope(Look(text="x"), house.clock, deadline_s=0.02))
    slow.set()
    await stage.saw("activated", "main")
    await cell.ask(envelope(Look(text="x"), house.clock))
    assert stage.count("waking", "main") == 1
    stage.failures["x"] = [RuntimeError("bug")]
    with pytest.raises(Retryable):
        await cell.ask(envelope(Look(text="x"), house.clock))
    await cell.ask(envelope(Look(text="x"), house.clock))

    assert stage.count("waking", "main") == 2


async def test_an_idle_actor_is_put_to_sleep_and_wakes_again(house: House) -> None:
    cell = await house.cell()
    await cell.ask(envelope(Look(text="x"), house.clock))
    assert _actors(cell) == {"toy": 1}

    house.clock.advance(house.idle_s + 1)
    await house.stage.saw("passivated", "main")
    await until(lambda: _actors(cell) == {})

    assert await cell.ask(envelope(Look(text="x"), house.clock)) == "saw x"
    assert house.stage.count("activated", "main") == 2


async def test_a_message_that_comes_while_its_actor_goes_to_sleep_waits_for_that(house: House) -> None:
    cell = await house.cell()
    await cell.ask(envelope(Look(text="x"), house.clock))
    gate = house.stage.hold("passivate main")
    house.clock.advance(house.idle_s + 1)
    await house.stage.saw("passivating", "main")

    asked = asyncio.create_task(cell.ask(envelope(Look(text="y"), house.clock)))
    await _turn_the_loop()
    assert house.stage.count("waking", "main") == 1  # never two instances of one actor
    gate.set()

    assert await asked == "saw y"
    order = [event for event, text in house.stage.log if text == "main"]
    assert order == ["waking", "activated", "passivating", "passivated", "waking", "activated"]


async def test_an_actor_that_keeps_crashing_ends_its_tenant_which_starts_again_under_a_new_epoch(house: House) -> None:
    house.limits = within(LIMITS, actor_restarts=2)
    cell = await house.cell()
    house.stage.always["bad"] = lambda: RuntimeError("bug")
    await cell.ask(envelope(Look(text="fine"), house.clock, key="other"))
    for _ in range(3):
        with pytest.raises(Retryable):
            await cell.ask(envelope(Look(text="bad"), house.clock))

    assert await cell.ask(envelope(Look(text="fine"), house.clock)) == "saw fine"
    [tenant] = cell.status()["tenants"]  # type: ignore[misc]
    assert tenant["epoch"] == 2  # type: ignore[index]


async def test_a_tenant_that_keeps_failing_is_quarantined_and_its_neighbours_go_on(house: House) -> None:
    house.limits = within(LIMITS, actor_restarts=0, tenant_restarts=1)
    await house.add_tenant("neighbour")
    cell = await house.cell()
    house.stage.always["bad"] = lambda: RuntimeError("bug")
    neighbour = envelope(Write(text="fine"), house.clock, tenant="neighbour")
    for _ in range(2):
        with pytest.raises(Retryable):
            await cell.ask(envelope(Look(text="bad"), house.clock))
        await until(lambda: not _ended(cell))

    with pytest.raises(Unavailable, match="quarantined"):
        await cell.accept([envelope(Write(text="x"), house.clock)])
    await cell.accept([neighbour])
    await told(cell, neighbour.message_id, tenant="neighbour")
    assert await house.states() == {}  # refused before anything was committed
    assert list(cell.status()["quarantined"]) == ["acme"]  # type: ignore[call-overload]


async def test_a_tenant_in_trouble_does_not_hold_up_its_neighbours_retries(house: House) -> None:
    house.limits = within(LIMITS, actor_restarts=0, tenant_restarts=0)
    house.retry = RetryPolicy(first_s=10)
    await house.add_tenant("neighbour")
    cell = await house.cell()
    house.stage.always["bad"] = lambda: RuntimeError("bug")
    house.stage.failures["fine"] = [Retryable("not now")]
    message = envelope(Write(text="fine"), house.clock, tenant="neighbour")
    await cell.accept([envelope(Write(text="bad"), house.clock), message])
    await house.stage.saw("started", "fine")
    await until(lambda: bool(cell.status()["quarantined"]))
    await rest(cell)
    house.clock.advance(15)

    assert (await told(cell, message.message_id, tenant="neighbour"))[-1].data["answer"] == "fine"


async def test_a_drain_lets_running_turns_end_with_their_questions_and_releases_the_leases(house: House) -> None:
    cell = await house.cell()
    gate = house.stage.hold("asked")
    running = asyncio.create_task(cell.ask(envelope(Forward(text="asked"), house.clock)))
    await house.stage.saw("started", "asked")
    waiting = envelope(Write(text="waiting"), house.clock)
    await cell.accept([waiting])  # behind the running exclusive turn

    draining = asyncio.create_task(cell.drain())
    await _turn_the_loop()
    with pytest.raises(Unavailable):
        await cell.accept([envelope(Write(text="new"), house.clock)])
    gate.set()
    assert await running == "saw asked"
    await draining

    assert sorted(house.stage.texts("passivated")) == ["main", "other"]
    assert house.stage.count("started", "waiting") == 0
    successor = await house.successor("cell-1", of="cell-0")  # another cell need not wait for the lease to expire
    assert (await told(successor, waiting.message_id))[-1].data["answer"] == "waiting"


async def test_a_question_asked_by_a_running_turn_is_answered_during_a_drain(house: House) -> None:
    cell = await house.cell()
    gate = house.stage.hold("first")
    house.stage.hold("busy").set()
    first = asyncio.create_task(cell.ask(envelope(Write(text="first"), house.clock, key="other")))
    await house.stage.saw("started", "first")
    running = asyncio.create_task(cell.ask(envelope(Forward(text="late"), house.clock)))
    await house.stage.saw("started", "forward late")
    draining = asyncio.create_task(cell.drain())
    await _turn_the_loop()
    gate.set()

    assert (await first, await running) == ("wrote first", "saw late")
    await draining


async def test_a_drain_ends_what_does_not_end_by_itself(house: House) -> None:
    house.limits = within(LIMITS, drain_s=0.02)
    cell = await house.cell()
    house.stage.hold("endless")
    asked = asyncio.create_task(cell.ask(envelope(Look(text="endless"), house.clock)))
    await house.stage.saw("started", "endless")
    await cell.drain()

    with pytest.raises(Unavailable):
        await asked
    assert house.stage.count("cancelled", "endless") == 1


async def test_another_cell_has_to_wait_for_a_lease_and_takes_over_when_it_expires(house: House) -> None:
    house.limits = _HUNG
    cell = await house.cell()
    message = envelope(Write(text="x"), house.clock)
    house.stage.hold("x")
    await cell.accept([message])
    await house.stage.saw("started", "x")
    other = await house.successor("cell-1", of="cell-0")
    with pytest.raises(Unavailable):
        await other.ask(envelope(Look(text="y"), house.clock, key="other"))

    house.clock.advance(house.limits.lease_ttl_s + 1)
    assert await other.ask(envelope(Look(text="y"), house.clock, key="other")) == "saw y"
    house.stage.hold("x").set()
    await told(other, message.message_id)
    await house.stage.saw("ended", "x", times=2)

    assert await house.answers() == ["x"]


async def test_a_tenant_that_could_not_be_recovered_is_tried_again_without_a_caller(house: House) -> None:
    house.limits = _HUNG
    former = await house.cell("cell-0")
    house.stage.hold("x")
    message = envelope(Write(text="x"), house.clock)
    await former.accept([message])
    await house.stage.saw("started", "x")
    await house.successor("cell-1", of="cell-0")  # starts while the tenant is still held elsewhere

    house.clock.advance(2 * house.limits.lease_ttl_s)
    await house.stage.saw("started", "x", times=2)
    house.stage.hold("x").set()


async def test_a_dropped_tenant_is_forgotten(house: House) -> None:
    cell = await house.cell()
    await cell.ask(envelope(Look(text="x"), house.clock))
    await cell.drop("acme")

    assert house.stage.count("passivated", "main") == 1
    assert cell.status()["tenants"] == []
    with pytest.raises(Unavailable):
        cell.lease("acme")


async def test_too_many_questions_are_refused(house: House) -> None:
    house.limits = within(LIMITS, mailbox_capacity=10)
    cell = await house.cell()
    gate = house.stage.hold("x")
    asked = [
        asyncio.create_task(cell.ask(envelope(Write(text="x"), house.clock, message_id=f"q{n}"))) for n in range(20)
    ]
    await house.stage.saw("started", "x")
    gate.set()
    outcomes = await asyncio.gather(*asked, return_exceptions=True)

    assert sum(isinstance(outcome, Overloaded) for outcome in outcomes) == 10
    assert all(isinstance(outcome, str | RagleapError) for outcome in outcomes)


def _waking(house: House) -> WakingStage:
    assert isinstance(house.stage, WakingStage)
    return house.stage


def _actors(cell: Cell) -> object:
    [tenant] = cell.status()["tenants"]  # type: ignore[misc]
    return tenant["actors"]  # type: ignore[index]


def _ended(cell: Cell) -> bool:
    return any(supervisor.ended for supervisor in cell._tenancies.held.values())


async def _turn_the_loop() -> None:
    """Everything that can happen now, happens."""
    for _ in range(50):
        await asyncio.sleep(0)
