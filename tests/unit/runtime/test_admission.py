"""The memory guard: new work is refused before memory runs out, the least urgent first."""

from __future__ import annotations

from pathlib import Path

import pytest
from toys import FakeClock, House, Look, Write, envelope

from runtime.admission import FRESH_S, Admission, Memory, SystemMemory, of_cgroup, own_cgroups
from runtime.errors import Overloaded
from runtime.message import Tier

GB = 2**30


class Machine:
    """A machine of 4 GB whose memory a test fills."""

    def __init__(self) -> None:
        self.taken = 0.5
        self.own = GB // 4
        self.looks = 0

    def __call__(self) -> Memory:
        self.looks += 1
        return Memory(own=self.own, available=int(4 * GB * (1 - self.taken)), total=4 * GB)


def refuses(admission: Admission, clock: FakeClock) -> list[Tier]:
    clock.advance(FRESH_S)
    refused = []
    for tier in Tier:
        try:
            admission.check(tier)
        except Overloaded:
            refused.append(tier)
    return refused


def test_the_less_urgent_are_refused_first_and_voice_last(clock: FakeClock) -> None:
    machine = Machine()
    admission = Admission(machine, clock)

    seen = []
    for taken in (0.8, 0.87, 0.92, 0.96, 0.99, 0.5):
        machine.taken = taken
        seen.append(refuses(admission, clock))

    every = [Tier.VOICE, Tier.INTERACTIVE, Tier.EMAIL, Tier.BATCH]
    assert seen == [[], every[3:], every[2:], every[1:], every, []]


def test_a_process_that_nears_its_own_bound_refuses_though_the_machine_has_memory(clock: FakeClock) -> None:
    machine = Machine()
    admission = Admission(machine, clock, own_limit=GB)
    assert refuses(admission, clock) == []

    machine.own = int(0.92 * GB)

    assert refuses(admission, clock) == [Tier.EMAIL, Tier.BATCH]
    assert admission.status()["refuses"] == ["email", "batch"]


def test_memory_is_looked_at_now_and_then_and_not_for_each_message(clock: FakeClock) -> None:
    machine = Machine()
    admission = Admission(machine, clock)
    for _ in range(1_000):
        admission.check(Tier.BATCH)

    assert machine.looks == 1


async def test_a_cell_without_memory_stores_nothing_new_says_when_to_come_back_and_ends_what_it_has(
    house: House,
) -> None:
    machine = Machine()
    cell = await house.cell(admission=Admission(machine, house.clock))
    await cell.accept([envelope(Write(text="before"), house.clock, message_id="before", tier=Tier.BATCH)])
    machine.taken = 0.86
    house.clock.advance(FRESH_S)

    with pytest.raises(Overloaded) as refused:
        await cell.accept([envelope(Write(text="batch"), house.clock, tier=Tier.BATCH)])
    assert refused.value.retry_after >= 10
    with pytest.raises(Overloaded):
        await cell.ask(envelope(Look(text="batch"), house.clock, tier=Tier.BATCH))
    assert await cell.ask(envelope(Look(text="person"), house.clock)) == "saw person"

    await house.stage.saw("ended", "before")
    assert set(await house.states()) == {"before"}
    assert cell.status()["memory"]["refused"] == {"batch": 2}  # type: ignore[index]


def test_the_probe_reads_this_process_and_this_machine() -> None:
    found = SystemMemory()()

    assert 1_000_000 < found.own < found.total
    assert 0 < found.available <= found.total
    assert 0 < found.taken(0) < 1


def cgroup(folder: Path, limit: str, current: int, inactive: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{current}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {inactive}\n")
    return folder


def test_the_smallest_cgroup_around_the_process_counts(tmp_path: Path) -> None:
    outer = cgroup(tmp_path / "slice", str(GB), GB - 5_000, 1_000)
    inner = cgroup(tmp_path / "slice" / "unit", "max", 10, 0)
    (tmp_path / "cgroup").write_text("1:cpu:/\n0::/slice/unit\n")
    folders = own_cgroups(tmp_path, tmp_path / "cgroup")
    assert folders == [inner, outer]

    found = SystemMemory(folders)()

    assert (found.available, found.total) == (6_000, GB)
    assert of_cgroup(inner) is None
    assert of_cgroup(tmp_path / "none") is None
