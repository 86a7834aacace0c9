"""The way in of a channel, as the door sees it: an account whose webhooks can be told from forged ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from actors.inbound import Received


class Inlet(Protocol):
    """One registered account. ``verified_by`` is what a principal from it says."""

    @property
    def tenant(self) -> str: ...

    @property
    def channel_id(self) -> str: ...

    @property
    def verified_by(self) -> str: ...

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """The answer to the provider's verification request; None where it is not the provider's."""
        ...

    def genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the provider has sent ``body``. Names of ``headers`` are looked up without regard to their case."""
        ...

    def read(self, body: bytes) -> Received:
        """What a genuine body says. Raises Invalid where it is no JSON object."""
        ...


class Registered(Protocol):
    """What may be shown of a channel."""

    @property
    def channel_id(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> Mapping[str, str]: ...

    @property
    def created_at(self) -> float: ...


class Inlets(Protocol):
    async def rows(self, tenant: str) -> Sequence[Registered]:
        """The tenant's channels, the oldest first."""
        ...

    async def find(self, kind: str, channel_id: str) -> Inlet | None:
        """The account with this webhook address; None where there is none of that kind."""
        ...
