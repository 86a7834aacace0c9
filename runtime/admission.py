"""The memory guard: a cell refuses new work before memory runs out, the least urgent first.

Promises: what is refused is refused before anything of it is stored, with the time to come back; batch work first, then
e-mail, then interactive work, voice last; work that was accepted goes on. Two things are looked at: what is left of the
machine's memory (or of the smallest cgroup around this process), and what this process may take by its settings.

Held by tests/unit/runtime/test_admission.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from runtime.clock import Clock
from runtime.errors import Overloaded
from runtime.message import Tier

FRESH_S = 0.5  # memory is looked at this often at most
RETRY_S = {Tier.VOICE: 1.0, Tier.INTERACTIVE: 2.0, Tier.EMAIL: 15.0, Tier.BATCH: 30.0}

# The part of the memory that may be taken when a tier's new work is still accepted.
BOUNDS = {Tier.BATCH: 0.85, Tier.EMAIL: 0.90, Tier.INTERACTIVE: 0.94, Tier.VOICE: 0.97}


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes: what this process takes (RSS), and how much is available of how much there is around it."""

    own: int
    available: int
    total: int

    def taken(self, own_limit: int) -> float:
        """The taken part of what is nearest to its end. ``own_limit`` 0: this process has no bound of its own."""
        around = 1.0 - self.available / self.total if self.total else 0.0
        return max(around, self.own / own_limit if own_limit else 0.0)


class Admission:
    """Decides for one cell. ``probe`` reads the memory."""

    def __init__(self, probe: Callable[[], Memory], clock: Clock, *, own_limit: int = 0) -> None:
        self._probe = probe
        self._clock = clock
        self._own_limit = own_limit
        self._memory = probe()
        self._taken = self._memory.taken(own_limit)
        self._looked = clock.monotonic()
        self.refused: Counter[str] = Counter()  # by tier

    def check(self, tier: Tier) -> None:
        """Raise Overloaded where new work of ``tier`` must wait outside."""
        now = self._clock.monotonic()
        if now - self._looked >= FRESH_S:
            self._look(now)
        if self._taken > BOUNDS[tier]:
            self.refused[tier.name.lower()] += 1
            raise Overloaded("Memory is short.", retry_after=RETRY_S[tier])

    def status(self) -> dict[str, object]:
        self._look(self._clock.monotonic())
        return {
            "own_bytes": self._memory.own,
            "available_bytes": self._memory.available,
            "total_bytes": self._memory.total,
            "refuses": [tier.name.lower() for tier in Tier if self._taken > BOUNDS[tier]],
            "refused": dict(self.refused),
        }

    def _look(self, now: float) -> None:
        self._memory = self._probe()
        self._taken = self._memory.taken(self._own_limit)
        self._looked = now


class SystemMemory:
    """The probe of a real process. ``cgroups`` are the folders of version 2 around it, the nearest first."""

    def __init__(self, cgroups: list[Path] | None = None) -> None:
        self._process = psutil.Process()
        self._cgroups = own_cgroups() if cgroups is None else cgroups

    def __call__(self) -> Memory:
        machine = psutil.virtual_memory()
        available, total = machine.available, machine.total
        for folder in self._cgroups:
            found = of_cgroup(folder)
            if found is not None and found[0] < available:
                available, total = found
        return Memory(own=self._process.memory_info().rss, available=available, total=total)


def own_cgroups(root: Path = Path("/sys/fs/cgroup"), told: Path = Path("/proc/self/cgroup")) -> list[Path]:
    """The folders of this process's cgroup (version 2) and those around it; a container shows its own as the root."""
    try:
        path = next(line[3:] for line in told.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return []
    own = root / path.strip("/")
    return [
        folder for folder in (own, *own.parents) if folder.is_relative_to(root) and (folder / "memory.max").exists()
    ]


def of_cgroup(folder: Path) -> tuple[int, int] | None:
    """(available, total) bytes; None where it has no bound. Pages of files that nobody uses count as available
    (https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files)."""
    try:
        limit = (folder / "memory.max").read_text().strip()
        if limit == "max":
            return None
        used = int((folder / "memory.current").read_text())
        statistics = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return None
    idle = int(statistics.get("inactive_file", 0))
    return max(0, int(limit) - max(0, used - idle)), int(limit)
