"""Escalation's last step: a cell that is broken itself gives its process up, but not over and over."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select
from toys import LIMITS, SOON_S, FakeClock, House, Look, Write, envelope, until, within

from runtime.cell import Cell
from runtime.errors import DeadlineExceeded, Overloaded, RagleapError, Retryable, Unavailable
from runtime.journal import Journal
from runtime.limits import Limits
from runtime.store.tables import leases
from runtime.store.wall import ACROSS_TENANTS
from runtime.supervisor import TenantRestarts


def quarantine(restarts: TenantRestarts, *tenants: str, now: float) -> None:
    for tenant in tenants:
        while restarts.failed(tenant, "toy keeps crashing", now):
            pass


def test_one_tenant_in_quarantine_is_its_own_trouble_and_many_are_the_cells() -> None:
    restarts = TenantRestarts(Limits(cell_quarantines=2), now=0)
    quarantine(restarts, "a", "b", now=100)
    assert restarts.give_up(100) == ""

    quarantine(restarts, "c", now=200)

    assert "3 tenants are quarantined" in restarts.give_up(200)


def test_quarantines_that_are_far_apart_do_not_end_the_cell() -> None:
    restarts = TenantRestarts(Limits(cell_quarantines=2, restart_window_s=60), now=0)
    for n, tenant in enumerate("abcdef"):
        quarantine(restarts, tenant, now=1_000.0 * n)
        assert restarts.give_up(1_000.0 * n) == ""
    assert sorted(restarts.quarantined) == list("abcdef")


def test_a_process_that_has_just_begun_is_not_given_up() -> None:
    restarts = TenantRestarts(Limits(cell_quarantines=0, cell_life_s=60), now=1_000)
    quarantine(restarts, "a", now=1_001)

    assert restarts.give_up(1_059) == ""
    assert restarts.give_up(1_060) != ""


@pytest.mark.parametrize(
    ("then", "silent"),
    [
        (None, True),
        (DeadlineExceeded("no answer"), True),
        (Overloaded("too many wait"), True),
        (Retryable("the disk is full"), False),
    ],
)
def test_a_journal_is_broken_when_it_does_not_answer_and_not_when_it_refuses(
    then: RagleapError | None, silent: bool
) -> None:
    restarts = TenantRestarts(Limits(journal_silence_s=60), now=0)
    restarts.journal_failed(DeadlineExceeded("no answer"), began=100)
    if then is not None:
        restarts.journal_failed(then, began=130)

    assert restarts.give_up(159) == ""
    assert (restarts.give_up(160) == "the journal does not answer") == silent
    restarts.journal_answered()
    assert restarts.give_up(200) == ""


def test_an_upkeep_that_crashed_now_and_then_goes_on_and_one_that_keeps_crashing_ends_the_cell() -> None:
    restarts = TenantRestarts(Limits(cell_quarantines=2, restart_window_s=60), now=0)
    for n in range(5):
        restarts.crashed("its upkeep keeps crashing", 1_000.0 * n)
    assert restarts.give_up(5_000) == ""

    for n in range(3):
        restarts.crashed("its upkeep keeps crashing", 6_000.0 + n)
    assert restarts.give_up(6_002) == "its upkeep keeps crashing"


async def given_up(house: House, limits: Limits) -> tuple[Cell, list[str]]:
    """A cell on the house's database, and why it gave itself up."""
    reasons: list[str] = []
    house.limits = limits
    cell = await house.cell(give_up=reasons.append)
    return cell, reasons


async def test_a_cell_whose_tenants_keep_failing_gives_itself_up_once(house: House) -> None:
    limits = within(LIMITS, actor_restarts=0, tenant_restarts=0, cell_quarantines=1, cell_life_s=60)
    for tenant in ("b", "c"):
        await house.add_tenant(tenant)
    cell, reasons = await given_up(house, limits)
    house.stage.always["bad"] = lambda: RuntimeError("bug")
    house.clock.advance(60)

    for tenant in ("acme", "b"):
        assert reasons == []
        assert await cell.ask(envelope(Look(text="x"), house.clock, tenant="c")) == "saw x"
        with pytest.raises(RagleapError):
            await cell.ask(envelope(Write(text="bad"), house.clock, tenant=tenant))
        await until(lambda: len(cell.status()["quarantined"]) == 1 + (tenant == "b"))  # type: ignore[arg-type]  # noqa: B023

    await until(lambda: cell._upkeep[0].done())  # who would give it up once more
    assert len(reasons) == 1
    assert "toy keeps crashing" in reasons[0]


async def test_a_cell_under_whose_name_another_process_has_begun_refuses_and_gives_its_process_up_once(
    house: House,
) -> None:
    former, reasons = await given_up(house, within(LIMITS, cell_life_s=60))
    await former.ask(envelope(Look(text="x"), house.clock))
    newer = await house.cell()
    await until(lambda: former.status()["draining"] is True)
    with pytest.raises(Unavailable):
        await former.ask(envelope(Look(text="y"), house.clock))
    assert reasons == []

    house.clock.advance(60)

    await until(lambda: reasons != [])
    for _ in range(20):
        await asyncio.sleep(LIMITS.tick_s)
    assert reasons == ["another process has begun under its name"]
    assert await newer.ask(envelope(Look(text="z"), house.clock)) == "saw z"


class BrokenClock(FakeClock):
    """Fails as no clock should, while it is ``broken``: an exception that nobody has thought of."""

    broken = False

    def now(self) -> float:
        if self.broken:
            raise ZeroDivisionError
        return super().now()


async def test_a_bug_in_what_a_cell_does_for_itself_is_logged_and_ends_neither_its_upkeep_nor_its_leases(
    house: House, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = house.clock = BrokenClock()
    limits = within(LIMITS, lease_ttl_s=0.03, cell_life_s=600)
    cell, reasons = await given_up(house, limits)
    await cell.tenant("acme")
    clock.broken = True
    await until(lambda: crashed(cell) > 10)
    clock.broken = False

    house.stage.failures["x"] = [Retryable("not now")]
    await cell.accept([envelope(Write(text="x"), clock)])
    await house.stage.saw("started", "x")
    await until(lambda: cell.status()["counts"]["retries"] != {})  # type: ignore[index]
    clock.advance(100)
    await house.stage.saw("ended", "x")  # by its next try, which comes with a tick
    assert await renewed(journal, clock.now() + limits.lease_ttl_s)
    told = capsys.readouterr().out
    assert "what='upkeep'" in told
    assert "what='leasing'" in told
    assert reasons == []
    clock.advance(500)
    await until(lambda: reasons != [])
    assert "keeps crashing with ZeroDivisionError" in reasons[0]


async def renewed(journal: Journal, until_when: float) -> bool:
    """Return once the tenant's lease holds until then."""
    statement = select(leases.c.expires_at)
    async with asyncio.timeout(SOON_S):
        while await journal.read(lambda c: c.execute(statement).scalar(), tenant=ACROSS_TENANTS) != until_when:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return True


def crashed(cell: Cell) -> int:
    crashes = cell.status()["upkeep_crashes"]
    assert isinstance(crashes, int)
    return crashes
