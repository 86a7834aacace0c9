"""What one reader may find of a tenant's live documents, and how a store is asked for no others. Pure.

Promise: ``live`` holds nothing that the reader may not be given text of; whoever filters by it, filters by audience.

Held by tests/unit/actors/retrieval/test_visible.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actors.audience import Audience
from actors.ports import DocumentScope, LiveDocument, VectorFilter

MAX_NAMED = 1_000  # documents named in one query; where both sides are more, results are filtered after they are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """``scope`` narrows what stores read to what may be seen, so that hidden documents crowd nothing out."""

    live: Mapping[str, LiveDocument]
    scope: DocumentScope

    def filter(self, asked: Sequence[str]) -> VectorFilter:
        """For a search of the documents ``asked`` (none named: of all)."""
        if asked:
            return VectorFilter(document_ids=frozenset(asked) & self.live.keys())
        return VectorFilter(document_ids=self.scope.only, never_ids=self.scope.never)


def visible(live: Mapping[str, LiveDocument], reader: Audience) -> Visible:
    """The part of ``live`` that ``reader`` may see."""
    if reader is Audience.STAFF:
        return Visible(live=live, scope=DocumentScope())
    seen = {name: document for name, document in live.items() if reader.reads(document.audience)}
    if len(seen) == len(live):
        return Visible(live=live, scope=DocumentScope())
    hidden = live.keys() - seen.keys()
    if len(seen) <= min(len(hidden), MAX_NAMED):
        return Visible(live=seen, scope=DocumentScope(only=frozenset(seen)))
    if len(hidden) <= MAX_NAMED:
        return Visible(live=seen, scope=DocumentScope(never=frozenset(hidden)))
    return Visible(live=seen, scope=DocumentScope(only=frozenset(seen)) if len(seen) <= MAX_NAMED else DocumentScope())
