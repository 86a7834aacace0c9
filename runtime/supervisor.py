"""Restart intensity, as in OTP's supervisors: at most ``limit`` restarts within ``window_s``, then escalate
(https://www.erlang.org/doc/system/sup_princ.html#maximum-restart-intensity): actor → tenant → cell → Ray.

Held by tests/unit/runtime/test_supervisor.py, tests/unit/runtime/test_cell_turns.py and
tests/unit/runtime/test_cell_escalation.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

from runtime.errors import DeadlineExceeded, Overloaded, RagleapError
from runtime.limits import Limits


class RestartIntensity:
    """Counts failures in a sliding window. Decides, does nothing."""

    __slots__ = ("_failures", "_limit", "_window_s")

    def __init__(self, *, limit: int = 5, window_s: float = 60.0) -> None:
        self._limit = limit
        self._window_s = window_s
        self._failures: deque[float] = deque(maxlen=limit + 1)

    def failed(self, now: float) -> bool:
        """Record a failure at ``now`` (monotonic seconds). True: restart; False: too many, escalate."""
        self._failures.append(now)
        recent = sum(1 for when in self._failures if now - when <= self._window_s)
        return recent <= self._limit

    def calm(self, now: float) -> bool:
        """Whether no failure is recent enough to count."""
        return not self._failures or now - self._failures[-1] > self._window_s


class Intensities:
    """One :class:`RestartIntensity` for each key that has failed lately."""

    __slots__ = ("_known", "_limit", "_window_s")

    def __init__(self, *, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window_s = window_s
        self._known: dict[Hashable, RestartIntensity] = {}

    def failed(self, key: Hashable, now: float) -> bool:
        """As RestartIntensity's, for ``key``."""
        return self._known.setdefault(key, RestartIntensity(limit=self._limit, window_s=self._window_s)).failed(now)

    def forget_calm(self, now: float) -> None:
        for key in [key for key, intensity in self._known.items() if intensity.calm(now)]:
            del self._known[key]


class TenantRestarts:
    """What a cell makes of tenants that fail: start them again, quarantine them, or give itself up. Decides only.

    A cell in which more than ``cell_quarantines`` tenants were quarantined within the window, or whose own upkeep has
    crashed more often than that, or whose journal has not answered for ``journal_silence_s``, is taken to be broken
    itself: its process should end, and Ray makes another. It lives for at least ``cell_life_s`` before that, so a
    trouble that a new process brings along does not make it restart all the time.
    """

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self._began = now
        self._tenants = Intensities(limit=limits.tenant_restarts, window_s=self._window_s)
        self._cell = RestartIntensity(limit=limits.cell_quarantines, window_s=self._window_s)
        self._upkeep = RestartIntensity(limit=limits.cell_quarantines, window_s=self._window_s)
        self._silent_since: float | None = None
        self._hopeless = ""
        self.quarantined: dict[str, str] = {}  # tenant → why
        self.restarts = 0
        self.crashes = 0  # of the cell's own upkeep

    @property
    def _window_s(self) -> float:
        return 10 * self._limits.restart_window_s

    def failed(self, tenant: str, reason: str, now: float) -> bool:
        """Count a tenant's end. False: it is quarantined from here on."""
        self.restarts += 1
        if self._tenants.failed(tenant, now):
            return True
        self.quarantined[tenant] = reason
        if not self._cell.failed(now):
            self._hopeless = f"{len(self.quarantined)} tenants are quarantined, the last one because {reason}"
        return False

    def crashed(self, reason: str, now: float) -> None:
        """Count a crash of what the cell does for itself."""
        self.crashes += 1
        if not self._upkeep.failed(now):
            self._hopeless = reason

    def superseded(self) -> None:
        """Another process has begun under the cell's name. If that is its successor, this one is late to end; if it was
        its former self, frozen until now, Ray ends that one and would leave nobody: Ray makes the next."""
        self._hopeless = "another process has begun under its name"

    def journal_answered(self) -> None:
        self._silent_since = None

    def journal_failed(self, error: RagleapError, began: float) -> None:
        """A write that began at ``began`` failed. What the database refuses is an answer; a deadline that passed, or no
        room for one more write, is none."""
        if isinstance(error, DeadlineExceeded):
            self._silent_since = began if self._silent_since is None else self._silent_since
        elif not isinstance(error, Overloaded):
            self._silent_since = None

    def give_up(self, now: float) -> str:
        """Why this cell's process should end; "" as long as it should not."""
        if now - self._began < self._limits.cell_life_s:
            return ""
        silent = self._silent_since is not None and now - self._silent_since >= self._limits.journal_silence_s
        return "the journal does not answer" if silent else self._hopeless
