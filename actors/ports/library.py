"""Which versions of which documents are live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from actors.audience import Audience
from actors.ports.tables import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDocument:
    """A document that readers may see, with the one version that counts."""

    document_id: str
    version: int
    title: str
    media_type: str
    occurred_on: date | None = None
    audience: Audience = Audience.STAFF


class Library(Protocol):
    """One tenant's documents as the journal knows them: the truth about what is live."""

    async def live(self) -> Mapping[str, LiveDocument]:
        """document_id → its live version. Cheap: cached until the journal says that something changed."""
        ...

    async def catalogue(self) -> Catalogue: ...
