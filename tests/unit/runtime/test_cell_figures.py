"""What a cell tells its operator is what has happened in it, also as Prometheus metrics."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from toys import LIMITS, House, Look, Write, envelope, rest, until, within

from actors.api import cell_metrics
from runtime.actor import RetryPolicy
from runtime.cell import Cell
from runtime.errors import RagleapError, Terminal
from runtime.reminders import SetReminder
from runtime.schedule import Schedule
from runtime.store import figures
from runtime.store.figures import Figures
from runtime.store.wall import ACROSS_TENANTS


async def read(house: House) -> Figures:
    journal = house.journal()
    try:
        return await journal.read(lambda c: figures.read(c, house.clock.now()), tenant=ACROSS_TENANTS)
    finally:
        await asyncio.to_thread(journal.close)


def metrics(cell: Cell, found: Figures | None = None) -> dict[tuple[str, ...], float]:
    text = cell_metrics.text({"cell-0": cell.status()}, found).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_turns_failures_crashes_wakings_and_sleeps_are_counted_by_kind(house: House) -> None:
    house.retry, house.idle_s = RetryPolicy(tries=2, first_s=1.0, jitter=0.0), 10.0
    cell = await house.cell()
    house.stage.failures["no"] = [Terminal("never")]
    house.stage.failures["crash"] = [RuntimeError("bug")]
    await cell.ask(envelope(Look(text="x"), house.clock))
    for text in ("no", "crash"):
        with pytest.raises(RagleapError):
            await cell.ask(envelope(Look(text=text), house.clock))
    house.stage.always["bad"] = lambda: Terminal("never")
    house.stage.failures["again"] = [RuntimeError("bug")]
    await cell.accept([envelope(Write(text=text), house.clock, key=text) for text in ("bad", "again")])
    await until(lambda: cell.status()["counts"]["retries"] == {"toy": 1})  # type: ignore[index]
    house.clock.advance(2)
    await house.stage.saw("ended", "again")
    await until(lambda: cell.status()["counts"]["turns"] == {"toy": 2})  # type: ignore[index]
    await rest(cell)
    house.clock.advance(11)
    await until(lambda: metrics(cell).get(("ragleap_actors", "cell-0", "toy"), 0) == 0)

    told = metrics(cell)

    counted = {name: told.get((f"ragleap_{name}_total", "cell-0", "toy"), 0.0) for name in cell_metrics._COUNTS}
    assert counted["turns"] == 2
    assert counted["failures"] == 2
    assert counted["crashes"] == 2
    assert (counted["retries"], counted["dead_letters"]) == (1, 1)
    assert counted["activations"] == counted["passivations"] + counted["crashes"]
    assert told["ragleap_tenants", "cell-0"] == 1
    assert told["ragleap_lease_epoch_max", "cell-0"] == 1


async def test_what_waits_and_runs_now_is_told_by_kind(house: House) -> None:
    house.limits = within(LIMITS, own_turns=1, shared_turns=0)
    cell = await house.cell()
    house.stage.hold("held")
    await cell.accept([envelope(Write(text="held"), house.clock, key=key) for key in ("a", "a", "b")])
    await house.stage.saw("started", "held")
    house.clock.advance(42)

    told = metrics(cell, await read(house))

    assert told["ragleap_turns_running", "cell-0", "toy"] == 1
    assert told["ragleap_mailbox_waiting", "cell-0", "toy"] == 2
    assert told["ragleap_turns_waiting", "cell-0"] == 1  # one actor; the other's second message waits for its first
    assert told["ragleap_inbox_pending", "toy"] == 3
    assert told[("ragleap_inbox_oldest_seconds",)] == pytest.approx(42)


async def test_commits_are_told_by_their_seconds_and_how_many_works_each_held(house: House) -> None:
    cell = await house.cell()
    before = metrics(cell)
    await cell.accept([envelope(Write(text="x"), house.clock)])
    names = [f"ragleap_journal_commit_{what}_count" for what in ("seconds", "works")]
    # Whoever asked for a commit hears of it before it is counted.
    await until(lambda: all(metrics(cell)[name, "cell-0"] > before[name, "cell-0"] for name in names))

    told = metrics(cell)

    assert told["ragleap_journal_commit_works_sum", "cell-0"] >= told["ragleap_journal_commit_works_count", "cell-0"]
    assert told["ragleap_journal_commit_seconds_sum", "cell-0"] > before["ragleap_journal_commit_seconds_sum", "cell-0"]


async def test_quarantine_restarts_dead_letters_and_due_reminders_are_told(house: House) -> None:
    house.limits = within(LIMITS, actor_restarts=0, tenant_restarts=0)
    cell = await house.cell()
    house.stage.before["remind"] = lambda turn: turn.effect(
        SetReminder(name="r", schedule=Schedule(at=house.clock.now() + 1_000), body=Write(text="reminded"))
    )
    await cell.ask(envelope(Write(text="remind"), house.clock))
    house.stage.always["bad"] = lambda: Terminal("never")
    await cell.accept([envelope(Write(text="bad"), house.clock)])

    async def dead() -> int:
        return (await read(house)).dead_letters

    async with asyncio.timeout(10):
        while not await dead():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    house.stage.failures["crash"] = [RuntimeError("bug")]
    with pytest.raises(RagleapError):
        await cell.ask(envelope(Write(text="crash"), house.clock))
    await until(lambda: cell.status()["quarantined"] == {"acme": "toy keeps crashing"})
    house.clock.advance(1_001)

    told: dict[Any, float] = metrics(cell, await read(house))

    assert told["ragleap_tenants_quarantined", "cell-0"] == told["ragleap_tenant_quarantined", "cell-0", "acme"] == 1
    assert told["ragleap_tenant_restarts_total", "cell-0"] == 1
    assert told[("ragleap_dead_letters_waiting",)] == 1
    assert told[("ragleap_reminders_due",)] == 1
