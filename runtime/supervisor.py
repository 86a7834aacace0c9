"""Restart intensity, as in OTP's supervisors: at most ``limit`` restarts within ``window_s``, then escalate
(https://www.erlang.org/doc/system/sup_princ.html#maximum-restart-intensity)."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable


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
