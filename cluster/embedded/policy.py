"""When a dead child is started again: how long to wait, and when to stop trying. Decides without I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """At most ``most`` restarts within ``within_s`` seconds, each waiting twice as long as the one before.

    Intensity rather than a lifetime count, as in OTP's supervisors (https://www.erlang.org/doc/system/sup_princ.html).
    """

    most: int = 6
    within_s: float = 60.0
    first_wait_s: float = 0.2
    longest_wait_s: float = 5.0

    def wait(self, deaths: Sequence[float], now: float) -> float | None:
        """Seconds to wait before the next start, or None to give up. ``deaths``: when the child died, this one last."""
        recent = sum(1 for died in deaths if now - died <= self.within_s)
        if recent > self.most:
            return None
        return min(self.longest_wait_s, self.first_wait_s * 2.0 ** max(0, recent - 1))
