"""Which cell serves which tenant: rendezvous hashing over the cells, with pinned overrides. Pure.

Every process that knows the same cells and pins comes to the same answer without asking anybody. A cell that is added
takes over only the tenants that it wins, and one that leaves gives up only its own (highest random weight: Thaler and
Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM Transactions on Networking 6(1), 1998).
The directory says who *should* serve; the lease says who does.

Held by tests/unit/runtime/test_directory.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """``cells`` take any tenant; ``dedicated`` ones only those that are pinned to them. ``pins``: tenant → cell."""

    cells: tuple[str, ...]
    dedicated: frozenset[str] = frozenset()
    pins: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every cell that serves."""
        return (*self.cells, *sorted(self.dedicated))

    def cell_of(self, tenant: str) -> str:
        """The cell that should serve ``tenant``. A pin to a cell that is leaving counts for nothing."""
        pinned = self.pins.get(tenant, "")
        if pinned in self.cells or pinned in self.dedicated:
            return pinned
        return rendezvous(tenant, self.cells or self.names)


def rendezvous(tenant: str, cells: Iterable[str]) -> str:
    """The cell with the greatest weight for ``tenant``; the same on every machine. ``cells`` must not be empty."""
    return max(cells, key=lambda cell: (_weight(tenant, cell), cell))


def _weight(tenant: str, cell: str) -> bytes:
    return blake2b(f"{cell}\0{tenant}".encode(), digest_size=8).digest()
