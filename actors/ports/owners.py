"""Who speaks as the owner or as staff over a channel, as the door reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from runtime.principal import Role


class Registration(Protocol):
    """``role`` is owner or staff; ``added_at`` seconds since the epoch."""

    @property
    def kind(self) -> str: ...

    @property
    def identity(self) -> str: ...

    @property
    def role(self) -> Role: ...

    @property
    def added_at(self) -> float: ...


class Owners(Protocol):
    async def every(self, tenant: str) -> Sequence[Registration]:
        """The first registered first; their number is bounded."""
        ...

    async def of_kind(self, tenant: str, kind: str) -> Mapping[str, Role]:
        """Identity → role, of one kind of channel."""
        ...
