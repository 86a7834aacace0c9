"""How many times a tenant's documents have changed in this process: what caches of them compare against."""

from __future__ import annotations

from collections import Counter


class Changes:
    """A counter per tenant. Whoever commits a change of what is live bumps it afterwards."""

    def __init__(self) -> None:
        self._generations: Counter[str] = Counter()

    def generation(self, tenant: str) -> int:
        return self._generations[tenant]

    def bump(self, tenant: str) -> None:
        self._generations[tenant] += 1
